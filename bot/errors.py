"""Errors that a customer sees: a stable code for programs, a sentence in Chinese for people."""

from __future__ import annotations


class CustomerError(Exception):
    """Something the customer (or the channel on their behalf) did could not be accepted.

    Attributes:
        code: stable, machine-readable.
        message: natural Chinese that says what to do next.
        http_status: status for HTTP channels.
        retry: whether sending the very same thing again later can succeed.
    """

    code = "rejected"
    message = "这条消息没有发送成功，请稍后再试。"
    http_status = 400
    retry = False

    def __init__(self, message: str | None = None) -> None:
        super().__init__(self.code)
        if message is not None:
            self.message = message


class MessageTooLong(CustomerError):
    """Over the limit of one message."""

    code = "message_too_long"
    message = "这条消息太长了，请控制在2000字以内，或者分几条发送。"
    http_status = 413


class MessageEmpty(CustomerError):
    """Nothing readable is left of the message."""

    code = "message_empty"
    message = "没有看到文字内容，请输入您想咨询的问题。"
    http_status = 422


class UnknownChoice(CustomerError):
    """A quick reply that was never offered in this conversation."""

    code = "unknown_choice"
    message = "这个选项已经失效了，请直接输入您想咨询的问题。"
    http_status = 422


class TooManyMessages(CustomerError):
    """Over the rate that one customer may send at."""

    code = "too_many_messages"
    message = "您发送得太快了，请稍等几秒再发。"
    http_status = 429
    retry = True


class ServiceBusy(CustomerError):
    """The message could not be stored just now; nothing was accepted."""

    code = "service_busy"
    message = "系统正忙，这条消息还没有收到，请稍后重发。"
    http_status = 503
    retry = True


class FileTooLarge(CustomerError):
    """Over the size of one file."""

    code = "file_too_large"
    message = "文件太大了，请控制在5MB以内，图片可以压缩后再发。"
    http_status = 413


class FileKindRefused(CustomerError):
    """Neither a picture that browsers show nor a PDF."""

    code = "file_kind_refused"
    message = "只能发送图片（PNG、JPG、WebP、GIF）或PDF文件。"
    http_status = 415


class FilesNeedPerson(CustomerError):
    """A file for the bot, which cannot look at it."""

    code = "files_need_person"
    message = "小禾还看不懂图片和文件，说一声「转人工」，接通后就可以发给人工客服。"
    http_status = 409


class UnknownFile(CustomerError):
    """A file that is not there, or belongs to another conversation."""

    code = "unknown_file"
    message = "这个文件找不到了，请重新发送一次。"
    http_status = 404


class DeskError(Exception):
    """Something an agent (or a brand's own desk on their behalf) did could not be done.

    Attributes:
        code: stable, machine-readable.
        message: natural Chinese that says what to do next.
        http_status: status for HTTP.
    """

    code = "rejected"
    message = "这一步没有完成，请刷新后再试。"
    http_status = 400

    def __init__(self, message: str | None = None, code: str | None = None) -> None:
        super().__init__(code or self.code)
        if message is not None:
            self.message = message
        if code is not None:
            self.code = code


class DeskConflict(DeskError):
    """Somebody else was faster, or the conversation has moved on."""

    code = "conflict"
    message = "会话状态已经变化，请刷新后再试。"
    http_status = 409


class DeskForbidden(DeskError):
    """The agent may not do this."""

    code = "forbidden"
    message = "您没有权限进行这一步操作。"
    http_status = 403


class NotFound(DeskError):
    """No such conversation, agent, case or file (or none that this agent may see)."""

    code = "not_found"
    message = "没有找到这条记录。"
    http_status = 404


class DeskBusy(DeskError):
    """The database is away; nothing was changed."""

    code = "service_busy"
    message = "系统正忙，这一步还没有完成，请稍后再试。"
    http_status = 503
