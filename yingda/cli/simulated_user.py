"""What a simulated WeChat user can type, and how answers are shown to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

HELP = (
    "直接输入文字即发送。其他动作：\n"
    "  1 2 3…           点选上一条菜单消息的选项\n"
    "  /image           发图片\n"
    "  /voice [识别文字]  发语音（不写文字则由服务自己识别）\n"
    "  /video           发视频\n"
    "  /location 地点    发位置\n"
    "  /link 网址        分享链接\n"
    "  /subscribe [场景] 关注    /unsubscribe 取消关注    /scan 场景 扫码\n"
    "  /click KEY       点自定义菜单\n"
    "  //…              发送以 / 开头的文字；Ctrl-D 结束"
)


class Unknown(Exception):
    """No such action; the text says which there are."""


def read_line(line: str, package: Any, offered: Sequence[tuple[str, str]]) -> Any:
    """The message that a line stands for.

    Args:
        line: as typed.
        package: the simulated platform.
        offered: id and words of the options that can be tapped.

    Raises:
        Unknown: a command that does not exist.
    """
    if line.isascii() and line.isdecimal() and 0 < int(line) <= len(offered):
        option_id, words = offered[int(line) - 1]
        return package.text(words, menu_id=option_id)
    if not line.startswith("/"):
        return package.text(line)
    if line.startswith("//"):
        return package.text(line[1:])
    command, _, rest = line[1:].partition(" ")
    rest = rest.strip()
    actions = {
        "image": package.image,
        "voice": lambda: package.voice(rest or None),
        "video": package.video,
        "location": lambda: package.location(31.2304, 121.4737, rest or "上海市黄浦区"),
        "link": lambda: package.link("分享的页面", "", rest or "https://example.com/"),
        "subscribe": lambda: package.subscribe(rest or None),
        "unsubscribe": package.unsubscribe,
        "scan": lambda: package.scan(rest or "1"),
        "click": lambda: package.click(rest),
    }
    if command not in actions:
        raise Unknown(f"没有 /{command} 这个动作。{HELP}")
    return actions[command]()


def shown(delivery: Any) -> str:
    """A delivery's outcome, for a person."""
    retried = f"（微信重试了 {delivery.tries - 1} 次）" if delivery.tries > 1 else ""
    if delivery.notice:
        return f"微信：{delivery.notice}{retried}　原因：{delivery.why} {delivery.statuses}"
    reply = delivery.passive_reply
    if reply is None:
        return f"（服务已收到，稍后通过客服消息回复）{retried}"
    if reply.type == "news":
        text = "\n".join(
            f"【{article.get('Title', '')}】{article.get('Description', '')}\n"
            f"　　{article.get('Url', '')}"
            for article in reply.articles
        )
    else:
        text = reply.text or f"［{reply.type}］"
    return f"小禾：{text}{retried}"


def shown_later(sent: Any) -> str:
    """A customer-service message, for a person; options with the numbers to tap them by."""
    content = sent.body.get(sent.type, {})
    if sent.type == "msgmenu":
        options = [f"　　[{n}] {o['content']}" for n, o in enumerate(content["list"], 1)]
        return "\n".join([f"小禾：{content.get('head_content', '')}", *options])
    if sent.type == "news":
        article = content["articles"][0]
        words = f"【{article['title']}】{article.get('description', '')}"
        return f"小禾：{words}\n　　{article['url']}"
    return f"小禾：{sent.text or f'［{sent.type}］'}"


def written(line: str, delivery: Any, came: Sequence[Any]) -> dict[str, Any]:
    """A delivery's outcome and what came by the message API, for a script."""
    reply = delivery.passive_reply
    passive = None
    if reply is not None:
        passive = {"type": reply.type, "text": reply.text, "articles": list(reply.articles)}
    return {
        "line": line,
        "tries": delivery.tries,
        "statuses": list(delivery.statuses),
        "passive": passive,
        "messages": [
            {"type": sent.type, "text": sent.text, sent.type: sent.body.get(sent.type)}
            for sent in came
        ],
        "error": delivery.why,
    }
