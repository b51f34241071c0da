"""What the desk refuses beside `bot.errors`: log-ins, input, rates."""

from __future__ import annotations

from bot.errors import DeskError


class NotLoggedIn(DeskError):
    """No session, or one whose time is up."""

    code = "not_logged_in"
    message = "登录已过期，请重新登录。"
    http_status = 401


class WrongLogin(DeskError):
    """Login or password (or both) are wrong; which is not said."""

    code = "wrong_login"
    message = "账号或密码不对，请核对后再试。"
    http_status = 401


class CodeNeeded(DeskError):
    """The password was right; the second factor is missing."""

    code = "code_needed"
    message = "请输入动态验证码。"
    http_status = 401


class WrongCode(DeskError):
    """The second factor is wrong, or its code was used before."""

    code = "wrong_code"
    message = "动态验证码不对或已经用过，请等下一个验证码再试。"
    http_status = 401


class TooFast(DeskError):
    """Over a rate; ``retry_after`` is in seconds."""

    code = "too_many_requests"
    message = "操作得太频繁了，请稍等几秒再试。"
    http_status = 429

    def __init__(self, message: str | None = None, retry_after: int = 2) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooManyLogins(TooFast):
    """Too many failed log-ins of a login or an address."""

    code = "too_many_logins"

    def __init__(self, retry_after: int) -> None:
        minutes = max(1, -(-retry_after // 60))
        super().__init__(f"登录失败次数太多，请在 {minutes} 分钟后再试。", retry_after)


class BadInput(DeskError):
    """What was sent has not the form that it must have; ``message`` says which field."""

    code = "bad_input"
    message = "提交的内容不完整或格式不对，请检查后再试。"
    http_status = 422


class TooLarge(DeskError):
    """A body over its limit; it was not read."""

    code = "too_large"
    message = "提交的内容太大了。"
    http_status = 413


class ForeignOrigin(DeskError):
    """Another site's page tries to act in an agent's name."""

    code = "foreign_origin"
    message = "请求来源不对，请在客服工作台页面内操作。"
    http_status = 403


class ShopAway(DeskError):
    """The back office does not answer; nothing is known to have changed."""

    code = "shop_unavailable"
    message = "商城系统暂时没有响应，请稍后再试。"
    http_status = 503


class ShopSaysNo(DeskError):
    """The back office refused, in its own words."""

    code = "shop_refused"
    http_status = 409
