"""微信客服 of the fake platform: callbacks, fetching by cursor, states, codes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio
from aiohttp import web

from tests.fakes.receiver import Receiver, saying
from tests.fakes.wechat_platform import KfDesk, WeChatPlatform
from tests.fakes.wechat_platform.cipher import MessageCipher, signature
from tests.fakes.wechat_platform.messages import from_xml
from tests.support.clock import TestClock


class Desk:
    """The company's side: calls with a token, reads callbacks."""

    def __init__(self, platform: WeChatPlatform, receiver: Receiver, http: httpx.AsyncClient):
        self.platform, self.receiver, self.http = platform, receiver, http

    @property
    def kf(self) -> KfDesk:
        return self.platform.kf

    async def call(self, path: str, **body: Any) -> dict[str, Any]:
        account = self.kf.account
        params = {"corpid": account.corpid, "corpsecret": account.secret}
        token = (await self.http.get("/cgi-bin/gettoken", params=params)).json()["access_token"]
        answer = await self.http.post(
            f"/cgi-bin/kf/{path}", params={"access_token": token}, json=body
        )
        return dict(answer.json())

    def last_token(self) -> str:
        query, body = self.receiver.got[-1]
        account = self.kf.account
        encrypted = from_xml(body.decode())["Encrypt"]
        parts = (account.token, query["timestamp"], query["nonce"], encrypted)
        assert query["msg_signature"] == signature(*parts)
        inner = from_xml(MessageCipher(account.aes_key, account.corpid).decrypt(encrypted))
        assert (inner["Event"], inner["OpenKfId"]) == ("kf_msg_or_event", account.open_kfid)
        return inner["Token"]

    async def send(self, user: str, content: str = "好") -> int:
        kfid = self.kf.account.open_kfid
        answer = await self.call(
            "send_msg", touser=user, open_kfid=kfid, msgtype="text", text={"content": content}
        )
        return int(answer["errcode"])


@pytest_asyncio.fixture
async def desk(clock: TestClock) -> AsyncIterator[Desk]:
    async with Receiver(saying("")) as receiver:
        platform = WeChatPlatform(clock=clock, kf_webhook_url=receiver.url)
        platform.start()
        async with httpx.AsyncClient(base_url=platform.base_url, trust_env=False) as http:
            yield Desk(platform, receiver, http)
        platform.stop()


async def test_a_callback_has_only_a_token_with_which_messages_are_fetched(desk: Desk) -> None:
    await desk.kf.say("wm-1", "退货怎么办")
    assert b"\xe9\x80\x80" not in desk.receiver.got[0][1]
    got = await desk.call("sync_msg", token=desk.last_token())
    (message,) = got["msg_list"]
    assert (message["origin"], message["text"]["content"]) == (3, "退货怎么办")
    assert (message["external_userid"], got["has_more"]) == ("wm-1", 0)
    assert (await desk.call("sync_msg", token="ENCguess"))["errcode"] == 95007


async def test_pages_are_walked_by_cursor_and_nothing_comes_twice(desk: Desk) -> None:
    desk.kf.page_size = 2
    for number in range(5):
        await desk.kf.say("wm-1", str(number))
    token, cursor, seen, more = desk.last_token(), "", [], 1
    while more:
        got = await desk.call("sync_msg", token=token, cursor=cursor)
        cursor, more = got["next_cursor"], got["has_more"]
        seen += [message["text"]["content"] for message in got["msg_list"]]
    assert seen == ["0", "1", "2", "3", "4"]
    assert (await desk.call("sync_msg", token=token, cursor=cursor))["msg_list"] == []


async def test_old_messages_old_tokens_and_fetching_unasked_are_limited(
    desk: Desk, clock: TestClock
) -> None:
    await desk.kf.say("wm-1", "旧")
    token = desk.last_token()
    clock.advance(minutes=11)
    assert (await desk.call("sync_msg", token=token))["errcode"] == 95007
    codes = [(await desk.call("sync_msg"))["errcode"] for _ in range(6)]
    assert codes == [0] * 5 + [45009]
    clock.advance(days=3)
    assert (await desk.call("sync_msg"))["msg_list"] == []


async def test_five_answers_in_48_hours_and_only_while_a_bot_may_speak(
    desk: Desk, clock: TestClock
) -> None:
    assert await desk.send("wm-1") == 40003
    await desk.kf.say("wm-1", "你好")
    assert [await desk.send("wm-1") for _ in range(6)] == [0] * 5 + [95001]
    await desk.kf.say("wm-1", "在吗")
    clock.advance(hours=48, minutes=1)
    assert await desk.send("wm-1") == 95001
    await desk.kf.say("wm-1", "在吗")
    assert await desk.send("wm-1", "好" * 683) == 45002
    trans = {"open_kfid": desk.kf.account.open_kfid, "external_userid": "wm-1"}
    queued = await desk.call("service_state/trans", **trans, service_state=2)
    assert queued["errcode"] == 0 and queued["msg_code"]
    assert await desk.send("wm-1") == 95018


async def test_states_change_only_as_documented(desk: Desk) -> None:
    kfid = desk.kf.account.open_kfid
    who = {"open_kfid": kfid, "external_userid": "wm-1"}

    async def change(state: int, **more: str) -> int:
        return int(
            (await desk.call("service_state/trans", **who, service_state=state, **more))["errcode"]
        )

    await desk.kf.say("wm-1", "你好")
    assert (await desk.call("service_state/get", **who))["service_state"] == 0
    assert [await change(1), await change(3), await change(3, servicer_userid="li")] == [
        0,
        95016,
        0,
    ]
    state = await desk.call("service_state/get", **who)
    assert (state["service_state"], state["servicer_userid"]) == (3, "li")
    assert [await change(1), await change(4), await change(1)] == [95016, 0, 95016]
    await desk.kf.say("wm-1", "还有一个问题")
    assert (await desk.call("service_state/get", **who))["service_state"] == 0
    assert (await desk.call("service_state/get", open_kfid="wk-other"))["errcode"] == 95000


async def test_a_welcome_code_lasts_twenty_seconds_and_works_once(
    desk: Desk, clock: TestClock
) -> None:
    async def welcome(code: str) -> int:
        answer = await desk.call(
            "send_msg_on_event", code=code, msgtype="text", text={"content": "欢迎"}
        )
        return int(answer["errcode"])

    await desk.kf.enter("wm-1", scene="order_page")
    event = (await desk.call("sync_msg", token=desk.last_token()))["msg_list"][0]["event"]
    assert (event["event_type"], event["scene"]) == ("enter_session", "order_page")
    assert [await welcome(event["welcome_code"]), await welcome(event["welcome_code"])] == [
        0,
        40029,
    ]
    await desk.kf.enter("wm-1")
    assert desk.kf.log[-1]["event"]["welcome_code"] == ""  # greeted within 48 hours
    await desk.kf.enter("wm-2")
    clock.advance(seconds=21)
    assert await welcome(desk.kf.log[-1]["event"]["welcome_code"]) == 40029


async def test_wrong_credentials_and_revoked_tokens_are_named(desk: Desk) -> None:
    wrong = {"corpid": desk.kf.account.corpid, "corpsecret": "x"}
    assert (await desk.http.get("/cgi-bin/gettoken", params=wrong)).json()["errcode"] == 40001
    stale = await desk.http.post("/cgi-bin/kf/sync_msg", params={"access_token": "x"}, json={})
    assert stale.json()["errcode"] == 40014


async def test_the_callback_address_is_verified_by_decrypting(desk: Desk) -> None:
    account = desk.kf.account
    cipher = MessageCipher(account.aes_key, account.corpid)

    async def prove(request: web.Request, _body: bytes) -> web.Response:
        return web.Response(text=cipher.decrypt(request.query["echostr"]))

    async with Receiver(prove) as good:
        desk.kf.webhook_url = good.url
        assert await desk.kf.verify()
    async with Receiver(saying("")) as bad:
        desk.kf.webhook_url = bad.url
        assert not await desk.kf.verify()
