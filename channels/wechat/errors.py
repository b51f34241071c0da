"""What goes wrong between WeChat and us: requests refused, and WeChat's error codes explained."""

from __future__ import annotations

from dataclasses import dataclass


class Refused(Exception):
    """A request that does not come from WeChat, or cannot be read.

    Args:
        status: 403 for a wrong signature, 400 for what cannot be read, 413 for too much.
        why: for the log and the answer; plain words, nothing of the content.
    """

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True)
class Meaning:
    """What an error code means to us.

    Args:
        advice: Chinese, for the agent: what happened and what to do.
        final: sending the same again cannot help.
    """

    advice: str
    final: bool


class ApiError(Exception):
    """WeChat's API refused a call, or did not answer.

    Args:
        code: WeChat's ``errcode`` as text, or ``timeout``, ``network``, ``http_5xx``.
        uncertain: the call may have had its effect all the same.
    """

    def __init__(self, code: str, uncertain: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.uncertain = uncertain

    @property
    def final(self) -> bool:
        """Whether trying again cannot help."""
        return meaning_of(self.code).final


_LATER = "微信接口暂时不可用，系统会自动重发，请稍候查看是否送达。"
_SETUP = "公众号配置有误，请联系管理员检查接口设置；消息还没有送达，可改用电话联系客户。"
_CLOSED = "客户超过48小时没有发消息，微信不允许再主动回复；请改用电话、短信或App联系。"
_USED_UP = "这次会话的回复条数已用完，等客户再发一条消息后才能继续回复；着急请电话联系。"

MEANINGS: dict[str, Meaning] = {
    "-1": Meaning(_LATER, final=False),
    "timeout": Meaning(_LATER, final=False),
    "network": Meaning(_LATER, final=False),
    "40001": Meaning("公众号的接口凭证失效，系统正在更换，消息会自动重发。", final=False),
    "40014": Meaning("公众号的接口凭证失效，系统正在更换，消息会自动重发。", final=False),
    "42001": Meaning("公众号的接口凭证过期，系统正在更换，消息会自动重发。", final=False),
    "40003": Meaning("找不到这位客户的微信，可能已经注销；请改用电话联系。", final=True),
    "40013": Meaning(_SETUP, final=False),
    "40125": Meaning(_SETUP, final=False),
    "40164": Meaning("服务器地址不在公众号的IP白名单里，请联系管理员添加。", final=False),
    "40037": Meaning("模板消息的模板不存在，请联系管理员检查模板设置。", final=True),
    "43004": Meaning("客户没有关注公众号，无法发送；请改用电话或短信联系。", final=True),
    "43019": Meaning("客户在公众号的黑名单里，移出后才能发送。", final=True),
    "44003": Meaning("图文消息内容为空，请重新编辑后发送。", final=True),
    "44004": Meaning("消息内容为空，请重新编辑后发送。", final=True),
    "45002": Meaning("消息太长，请分成几条发送。", final=True),
    "45008": Meaning("图文消息内容太多，请精简后再发。", final=True),
    "45009": Meaning("今天的接口调用次数已用完，系统会稍后重发；着急请电话联系。", final=False),
    "45011": Meaning("发送太频繁，系统会稍后自动重发。", final=False),
    "45015": Meaning(_CLOSED, final=True),
    "45047": Meaning(_USED_UP, final=True),
    "45080": Meaning("“正在输入”提示没有发出，不影响消息。", final=True),
    "45081": Meaning("“正在输入”提示已经在显示，不影响消息。", final=True),
    "48001": Meaning("公众号没有客服消息接口的权限，只能等客户发消息时回复。", final=True),
    "48004": Meaning("公众号的接口被封禁，请管理员登录公众平台查看原因。", final=True),
    "48008": Meaning("公众号没有这个模板消息的权限，请管理员检查。", final=True),
    "50002": Meaning("公众号被限制，请管理员登录公众平台查看原因。", final=True),
    "50005": Meaning("客户没有关注公众号，无法发送；请改用电话或短信联系。", final=True),
    "95000": Meaning("客服账号不存在，请联系管理员检查微信客服设置。", final=True),
    "95001": Meaning(_USED_UP, final=True),
    "95002": Meaning(_CLOSED, final=True),
    "95013": Meaning("这次会话已经结束，等客户再次进入后才能回复。", final=True),
    "95016": Meaning("会话当前由企业微信的同事接待，请在企业微信里回复。", final=True),
    "95018": Meaning("会话当前的状态不能发送消息，请在企业微信里查看。", final=True),
}
"""Sources: 微信官方文档 · 公众号 · 全局返回码 and 客服消息; 企业微信开发者中心 · 全局错误码."""

_UNKNOWN = Meaning("微信没有接收这条消息，系统会自动重发；一直不成功请改用电话联系。", final=False)


def meaning_of(code: str) -> Meaning:
    """What an error code means, also one that we do not know."""
    return MEANINGS.get(code, _UNKNOWN)
