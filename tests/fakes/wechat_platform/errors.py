"""Error codes and their published words.

Sources: developers.weixin.qq.com, "全局错误码" and the error tables of each interface;
developer.work.weixin.qq.com, "全局错误码".
"""

from __future__ import annotations

from aiohttp import web

MEANINGS = {
    -1: "system error",
    0: "ok",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40025: "invalid sub button name size",
    40029: "invalid code",
    40037: "invalid template_id",
    40125: "invalid appsecret",
    40164: "invalid ip, not in whitelist",
    41001: "access_token missing",
    41005: "media data missing",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    44002: "empty post data",
    44004: "text empty",
    45002: "content size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45072: "invalid command",
    45080: "no message interaction with the user in the last 30 seconds",
    45081: "already in typing status",
    46003: "menu no exist",
    47001: "data format error",
    48001: "api unauthorized",
    95000: "invalid open_kfid",
    95001: "send msg count limit",
    95007: "invalid msg token",
    95016: "not allow to change session status",
    95018: "send msg session status invalid",
}


def failure(code: int) -> web.Response:
    """An error as both platforms write it (HTTP status 200)."""
    return web.json_response(
        {"errcode": code, "errmsg": f"{MEANINGS.get(code, 'error')} rid: fake"}
    )


def success(**more: object) -> web.Response:
    """``errcode`` 0 and whatever else."""
    return web.json_response({"errcode": 0, "errmsg": "ok"} | more)
