"""WeChat and WeCom as they behave towards a business, on loopback.

One `WeChatPlatform` is one official account (api.weixin.qq.com and the pushes to its webhook) and,
under `kf`, one company with 微信客服 accounts (qyapi.weixin.qq.com). What it does follows the
official documentation, failures included; where the documentation is silent, the docstring says
that it is our assumption. It shares no code with channels.wechat: cryptography is its own.

    platform = WeChatPlatform(webhook_url=f"{service}/wechat/default", mode="safe", clock=clock)
    platform.start()                                  # API at platform.base_url
    delivery = await platform.say("o-zhang", "退货怎么办")
    delivery.passive_reply.text                       # or platform.sent[-1]
    platform.stop()

`python -m tests.fakes.wechat_platform` runs it alone.
"""

from tests.fakes.wechat_platform.kf import KfDesk
from tests.fakes.wechat_platform.messages import (
    Message,
    click,
    image,
    link,
    location,
    scan,
    subscribe,
    text,
    unsubscribe,
    video,
    view,
    voice,
)
from tests.fakes.wechat_platform.platform import DEMO, Account, WeChatPlatform
from tests.fakes.wechat_platform.replies import BadReply, PassiveReply
from tests.fakes.wechat_platform.webhook import Delivery, HeldTimer, Push

__all__ = [
    "DEMO",
    "Account",
    "BadReply",
    "Delivery",
    "HeldTimer",
    "KfDesk",
    "Message",
    "PassiveReply",
    "Push",
    "WeChatPlatform",
    "click",
    "image",
    "link",
    "location",
    "scan",
    "subscribe",
    "text",
    "unsubscribe",
    "video",
    "view",
    "voice",
]
