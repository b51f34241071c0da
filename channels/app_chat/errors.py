"""What this channel refuses, with a stable code, and a sentence in Chinese for the customer."""

from __future__ import annotations

from bot.errors import CustomerError


class FrameTooLarge(CustomerError):
    """A frame or body over the size limit; its content was not read."""

    code = "frame_too_large"
    message = "这条内容太大了，请控制在2000字以内，或者分几条发送。"
    http_status = 413


class BadJson(CustomerError):
    """Not JSON, or not a JSON object."""

    code = "bad_json"
    message = "内容没有传完整，请重新发送一次。"
    http_status = 400


class BadFrame(CustomerError):
    """JSON of the wrong shape; ``detail`` names the fields at fault, never their values."""

    code = "bad_frame"
    message = "内容的格式不对，请刷新页面后重新发送。"
    http_status = 422

    def __init__(self, detail: str | None = None) -> None:
        super().__init__()
        self.detail = detail


class UnknownType(CustomerError):
    """A frame type that this protocol does not have."""

    code = "unknown_type"
    message = "这个操作暂时不支持，请刷新页面后再试。"


class BinaryFrame(CustomerError):
    """A binary frame: the protocol is text only."""

    code = "binary_not_supported"
    message = "这个操作暂时不支持，请刷新页面后再试。"


class HelloFirst(CustomerError):
    """The first frame of a socket was not a hello, or none came in time."""

    code = "hello_first"
    message = "连接还没有准备好，请刷新页面后再试。"


class TooManyBadFrames(CustomerError):
    """A client that keeps sending what cannot be read."""

    code = "too_many_bad_frames"
    message = "收到了太多无法识别的内容，连接已断开，请刷新页面后再试。"


class OriginNotAllowed(CustomerError):
    """The page is not one that may embed the chat."""

    code = "origin_not_allowed"
    message = "这个网站没有开通在线客服，请在官方页面联系我们。"
    http_status = 403


class TooManyConnections(CustomerError):
    """Over the number of sockets one visitor or one address may hold."""

    code = "too_many_connections"
    message = "您打开的聊天窗口太多了，请关掉几个再试。"
    http_status = 429
    retry = True


class TooManyRequests(CustomerError):
    """One visitor asks for history, marks as read or pings faster than people and clients do."""

    code = "too_many_requests"
    message = "操作得太频繁了，请稍等几秒再试。"
    http_status = 429
    retry = True


class AddressTooBusy(CustomerError):
    """One address sends more messages than a good many customers together."""

    code = "address_too_busy"
    message = "您所在的网络这会儿消息太多了，请稍等几秒再发。"
    http_status = 429
    retry = True


class TooManyFiles(CustomerError):
    """One visitor uploads faster than people do."""

    code = "too_many_files"
    message = "文件发得太快了，请稍等几秒再发。"
    http_status = 429
    retry = True


class TooManySessions(CustomerError):
    """One address asks for new sessions faster than people do."""

    code = "too_many_sessions"
    message = "访问得太频繁了，请稍等几秒再试。"
    http_status = 429
    retry = True


class InternalError(CustomerError):
    """Our fault, and no more is said about it."""

    code = "internal"
    message = "系统出了点小问题，请稍后再试一次。"
    http_status = 500
    retry = True


class TokenRefused(CustomerError):
    """A session or user token that does not hold; the client must get another one."""

    code = "unauthorized"
    http_status = 401


class SessionMissing(TokenRefused):
    """No session was given where one is needed."""

    code = "session_missing"
    message = "会话还没有建立，请刷新页面后再试。"


class SessionInvalid(TokenRefused):
    """Not a session of ours."""

    code = "session_invalid"
    message = "会话无法识别，请刷新页面后重新开始。"


class SessionExpired(TokenRefused):
    """A session of ours whose time is up."""

    code = "session_expired"
    message = "会话已过期，请刷新页面后重新开始。"


class UserTokenInvalid(TokenRefused):
    """Not signed by an app that we know."""

    code = "user_token_invalid"
    message = "登录信息无法验证，请重新登录后再来咨询。"


class UserTokenExpired(TokenRefused):
    """Signed by an app that we know, but its time is up."""

    code = "user_token_expired"
    message = "登录信息已过期，请刷新页面或重新登录后再来咨询。"
