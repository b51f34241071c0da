"""``yingda wechat simulate``: an engineer as a WeChat user, the test suite's platform between.

The platform (tests/fakes/wechat_platform) is a real server: it pushes what is typed to the
service's webhook, signed and encrypted, and shows what comes back passively or by the message API.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bot.settings import WeChatAccount
from yingda.cli.lines import read_lines
from yingda.cli.simulated_user import HELP, Unknown, read_line, shown, shown_later, written
from yingda.launcher import ROOT, LaunchError, Progress, configure
from yingda.launcher.connection import temporary_stack

ANSWER_WITHIN_S = 30.0
"""How long a script waits for an answer by the message API."""

QUIET_FOR_S = 1.5
"""After a message by the API, how long a script waits for another of the same answer."""


def run(
    *, mode: str | None, url: str | None, openid: str | None, account: str, port: int, as_json: bool
) -> None:
    """Chat until standard input ends.

    Raises:
        LaunchError: platform or service cannot be used; the text says what to do.
    """
    asyncio.run(_simulate(mode, url, openid or _new_user(), account, port, as_json))


async def _simulate(
    mode: str | None, url: str | None, openid: str, account: str, port: int, as_json: bool
) -> None:
    progress = Progress(sys.stderr)
    stage = _running(url, account, mode, port) if url else _temporary(mode, progress)
    async with stage as platform:
        await _follow(Chat(platform, openid), as_json=as_json)


class Chat:
    """One user's conversation with the account."""

    def __init__(self, platform: Any, openid: str) -> None:
        self._platform = platform
        self.openid = openid
        self.offered: list[tuple[str, str]] = []
        self.came: asyncio.Queue[Any] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def note(sent: Any) -> None:
            if sent.user == openid:
                loop.call_soon_threadsafe(self.came.put_nowait, sent)

        platform.listen(note)

    async def say(self, message: Any) -> Any:
        """Send; returns the delivery."""
        return await self._platform.say(self.openid, message)

    def read(self, line: str) -> Any:
        """The message that a line stands for."""
        return read_line(line, importlib.import_module(_PLATFORM), self.offered)

    def remember(self, sent: Any) -> None:
        """Options that can be tapped by their number."""
        if sent.type == "msgmenu":
            options = sent.body["msgmenu"]["list"]
            self.offered = [(str(option["id"]), str(option["content"])) for option in options]


async def _follow(chat: Chat, *, as_json: bool) -> None:
    talking = sys.stdin.isatty() and not as_json
    printing = None
    if talking:
        print(f"您是微信用户 {chat.openid}。{HELP}")
        printing = asyncio.create_task(_print_what_comes(chat))
    async for line in read_lines(sys.stdin.buffer):
        if not line.strip():
            continue
        try:
            message = chat.read(line)
        except Unknown as unknown:
            refusal = {"line": line, "error": str(unknown)}
            print(json.dumps(refusal, ensure_ascii=False) if as_json else str(unknown))
            continue
        delivery = await chat.say(message)
        if talking:
            print(shown(delivery), flush=True)
            continue
        came = await _answer(chat, delivery)
        if as_json:
            print(json.dumps(written(line, delivery, came), ensure_ascii=False), flush=True)
        else:
            lines = [f"您：{line}", shown(delivery), *(shown_later(sent) for sent in came)]
            print("\n".join(lines), flush=True)
    if printing is not None:
        printing.cancel()


async def _print_what_comes(chat: Chat) -> None:
    while True:
        sent = await chat.came.get()
        chat.remember(sent)
        print(shown_later(sent), flush=True)


async def _answer(chat: Chat, delivery: Any) -> list[Any]:
    """Everything that comes by the message API as the answer to a line."""
    came: list[Any] = []
    patience = QUIET_FOR_S if delivery.passive_reply or delivery.notice else ANSWER_WITHIN_S
    while True:
        try:
            sent = await asyncio.wait_for(chat.came.get(), patience)
        except TimeoutError:
            return came
        chat.remember(sent)
        came.append(sent)
        patience = QUIET_FOR_S


@asynccontextmanager
async def _temporary(mode: str | None, progress: Progress) -> AsyncIterator[Any]:
    """A platform, and a temporary Yingda that is set up for it."""
    platform = _platform("", None, mode or "safe", 0)
    platform.start()
    try:
        home = configure.home()
        async with temporary_stack(home, progress, platform.environment()) as stack:
            platform.webhook_url = f"{stack.url}/wechat/default"
            await _verify(platform, None)
            yield platform
    finally:
        platform.stop()


@asynccontextmanager
async def _running(url: str, account: str, mode: str | None, port: int) -> AsyncIterator[Any]:
    """A platform for a service that somebody else has started."""
    known = _account(account)
    chosen = mode or (known.mode if known else "safe")
    platform = _platform(f"{url.rstrip('/')}/wechat/{account}", known, chosen, port)
    try:
        platform.start()
    except OSError:
        raise LaunchError(f"Port {port} is taken; choose another with --port.") from None
    try:
        await _verify(platform, known)
        if known is None or known.api_base != platform.base_url:
            print(_settings(platform, known), file=sys.stderr)
        yield platform
    finally:
        platform.stop()


async def _verify(platform: Any, known: WeChatAccount | None) -> None:
    """The check that the admin console makes when the address is submitted."""
    problem = None
    try:
        if not await platform.verify():
            problem = "does not prove the token (is the account set up there?)"
    except (aiohttp.ClientError, OSError, ValueError):
        problem = "cannot be reached"
    if problem:
        raise LaunchError(
            f"{platform.webhook_url} {problem}. 服务没有通过微信的地址校验。\n{_settings(platform, known)}"
        )


def _settings(platform: Any, known: WeChatAccount | None) -> str:
    """What to set; an account's own secrets are not repeated."""
    wanted = platform.environment()
    names = [name for name in wanted if name.startswith("YINGDA_WECHAT_")]
    if known is not None:
        names = ["YINGDA_WECHAT_MODE", "YINGDA_WECHAT_API_BASE"]
    return "\n".join(
        [
            "The service must run with these settings (environment or .env), or its messages go to",
            "the real WeChat; 请用以下设置启动服务：",
            *(f"  {name}={wanted[name]}" for name in names),
        ]
    )


def _account(name: str) -> WeChatAccount | None:
    """The account as set up for this tree, if it is."""
    for demo in (None, True):
        try:
            return configure.settings(demo=demo).wechat.get(name)
        except LaunchError:
            continue
    return None


_PLATFORM = "tests.fakes.wechat_platform"


def _platform(webhook_url: str, known: WeChatAccount | None, mode: str, port: int) -> Any:
    if not (ROOT / "tests" / "fakes" / "wechat_platform").is_dir():
        raise LaunchError(
            "The simulated platform is part of the tests; run this in a checkout of the source. "
            "模拟平台随测试代码提供，请在源码目录中运行。"
        )
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    package = importlib.import_module(_PLATFORM)
    account = package.DEMO
    if known is not None:
        account = package.Account(
            appid=known.appid,
            secret=known.secret.get_secret_value() if known.secret else account.secret,
            token=known.token.get_secret_value(),
            aes_key=known.aes_key.get_secret_value() if known.aes_key else account.aes_key,
        )
    return package.WeChatPlatform(webhook_url, account=account, mode=mode, port=port)


def _new_user() -> str:
    return f"o{uuid.uuid4().hex[:27]}"
