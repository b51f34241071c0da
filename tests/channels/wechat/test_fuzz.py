"""Whatever comes to the webhooks, 10,000 times: never a 500, never an exception in the log."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.clock import utc_now
from bot.settings import load_settings
from tests.channels.app_chat.scripted_engine import ScriptedEngine
from tests.fakes.wechat_platform import WeChatPlatform
from tests.fakes.wechat_platform.cipher import MessageCipher, signature
from tests.support.servers import LiveApp
from yingda.app import create_app

# Together 10,000 in CI and a tenth elsewhere; the same ones each time, so that a failure can be
# seen again.
SHARE = 1 if os.environ.get("CI") == "true" else 10
RAW, PLAIN, SEALED, KF = 5000 // SHARE, 2000 // SHARE, 2000 // SHARE, 1000 // SHARE
PLAIN_ACCOUNT, SAFE_ACCOUNT = "/wechat/open", "/wechat/default"


def cases(count: int) -> Any:
    return settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


class InProcess:
    """An application called without a network, in a loop that runs only during calls."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._lifespan = app.router.lifespan_context(app)
        self._run(self._lifespan.__aenter__())

    def close(self) -> None:
        self._run(self._lifespan.__aexit__(None, None, None))
        self._loop.close()

    def call(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> int:
        """The status of an answer; raises what the application raises."""
        return int(self._run(self._call(method, path, query, body)))

    def _run(self, coroutine: Any) -> Any:
        return self._loop.run_until_complete(coroutine)

    async def _call(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> int:
        statuses: list[int] = []
        sent = False
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(query, errors="surrogatepass").encode(),
            "headers": [(b"content-type", b"text/xml")],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "scheme": "http",
        }

        async def receive() -> dict[str, Any]:
            nonlocal sent
            if sent:
                await asyncio.Event().wait()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await self._app(scope, receive, send)
        return statuses[0]


class Complaints(logging.Handler):
    """Log records that nothing from outside may cause.

    Services of other tests live in threads of their own; the application under test runs in this.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread and (record.exc_info or record.levelno >= logging.ERROR):
            self.found.append(f"{record.name}: {record.getMessage()} {record.exc_text}")


@pytest.fixture(scope="module")
def platform() -> Iterator[WeChatPlatform]:
    running = WeChatPlatform(mode="safe")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture(scope="module")
def door(
    platform: WeChatPlatform, complaints: Complaints, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[InProcess]:
    home: Path = tmp_path_factory.mktemp("fuzz")
    engine = LiveApp(ScriptedEngine().app)
    engine.start()
    # An account without a secret: nothing is fetched or sent, whatever the message asks for.
    account = {"appid": platform.account.appid, "token": platform.account.token, "mode": "plain"}
    given = {
        name.removeprefix("YINGDA_").lower(): value
        for name, value in platform.environment().items()
    }
    loaded = load_settings(
        _env_file=None,
        demo=True,
        home=home,
        engine_url=engine.url,
        wechat_accounts={"open": account},
        **given,
    )
    app = InProcess(create_app(loaded))
    logging.getLogger().addHandler(complaints)
    yield app
    logging.getLogger().removeHandler(complaints)
    app.close()
    engine.stop()


NAMES = [
    *("ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId", "MsgID", "Event"),
    *(
        "EventKey",
        "MediaId",
        "PicUrl",
        "Recognition",
        "Format",
        "Location_X",
        "Location_Y",
        "Label",
    ),
    *("Scale", "Title", "Description", "Url", "Ticket", "Latitude", "Longitude", "Precision"),
    *("ScanCodeInfo", "SendPicsInfo", "SendLocationInfo", "bizmsgmenuid", "Status", "Encrypt"),
    *("AgentID", "Token", "OpenKfId", "ThumbMediaId", "ArticleCount", "Articles", "xml"),
]
TYPES = [
    *("text", "image", "voice", "video", "shortvideo", "location", "link", "event", "file", "TEXT"),
    *("subscribe", "unsubscribe", "SCAN", "CLICK", "VIEW", "LOCATION", "TEMPLATESENDJOBFINISH"),
    *("scancode_push", "pic_weixin", "location_select", "kf_msg_or_event", "MASSSENDJOBFINISH"),
]
ODD = [
    *(
        "",
        "0",
        "-1",
        "1e999",
        "NaN",
        "null",
        "]]>",
        "<![CDATA[",
        "&amp;",
        "&lol;",
        "\u0000",
        "\ud800",
    ),
    *(
        "９",
        "١٢٣",
        "9" * 400,
        "😀" * 50,
        "a/../b",
        "%s%n",
        "'; drop table inbox;--",
        "/affirm",
        "\x1b[0m",
    ),
]
SHAPES = [
    "<{n}><![CDATA[{v}]]></{n}>",
    "<{n}>{v}</{n}>",
    "<{n}><item>{v}</item><item/></{n}>",
    "<{n} a='{v}'/>",
]
# One choice for a whole element: ten thousand documents have to be made in seconds.
ELEMENTS = [
    shape.format(n=name, v=value) for name in NAMES for value in ODD + TYPES for shape in SHAPES
]
WHOLES = [
    "<xml>{}</xml>",
    "<xml>{}</xml>",
    "<xml>{}",
    "{}",
    "<?xml version='1.0'?><xml>{}</xml>",
    "<xml><xml>{}</xml></xml>",
    "<!DOCTYPE x [<!ENTITY lol 'lol'>]><xml>{}</xml>",
    "<x>{}</x>",
]
words = st.one_of(st.sampled_from(ODD + TYPES), st.text(max_size=20))


def _document(parts: tuple[list[str], str, int, int]) -> str:
    elements, whole, near, cut = parts
    inside = "".join(elements)
    if near % 2:
        # As from WeChat, so that what comes after the parser is reached, too.
        kind = TYPES[near % len(TYPES)]
        number = f"<MsgId>{near * 1000 + cut}</MsgId>" if near % 8 == 1 else ""
        inside = (
            "<ToUserName>gh_0123456789ab</ToUserName>"
            f"<FromUserName>o-{near}</FromUserName><CreateTime>1</CreateTime>"
            f"<MsgType><![CDATA[{kind}]]></MsgType>{number}{inside}"
        )
    document = whole.replace("{}", inside)
    return document[:cut] if cut < 40 else document


documents = st.tuples(
    st.lists(st.sampled_from(ELEMENTS), max_size=5),
    st.sampled_from(WHOLES),
    st.integers(0, 39),
    st.integers(0, 400),
).map(_document)
"""Something near a message: right fields with odd values, doubled, nested, cut short."""


def _bytes(document: str) -> bytes:
    return document.encode("utf-8", "surrogatepass")


def _checked(door: InProcess, complaints: Complaints, *call: Any) -> int:
    status = door.call(*call)
    assert status < 500, f"{status} to {call}"
    assert complaints.found == [], call
    return status


PATHS = [SAFE_ACCOUNT, PLAIN_ACCOUNT, "/wechat/nobody", "/wechat/default/trace", "/wecom/kf"]
QUERY = ["signature", "msg_signature", "timestamp", "nonce", "echostr", "encrypt_type", "t"]
NOW = str(int(utc_now().timestamp()))
PAIRS = [(name, value) for name in QUERY for value in [NOW, "a" * 40, *ODD]]


@cases(RAW)
@given(
    method=st.sampled_from(["GET", "POST"]),
    path=st.sampled_from(PATHS),
    query=st.lists(st.sampled_from(PAIRS), max_size=6).map(dict),
    body=st.one_of(st.binary(max_size=100), documents.map(_bytes)),
)
def test_unsigned_requests_are_refused(
    door: InProcess,
    complaints: Complaints,
    method: str,
    path: str,
    query: dict[str, str],
    body: bytes,
) -> None:
    status = _checked(door, complaints, method, path, query, body)
    assert status >= 400


@cases(PLAIN)
@given(document=documents, nonce=st.integers(0, 10**9))
def test_signed_plain_documents_are_answered_or_refused(
    door: InProcess, complaints: Complaints, platform: WeChatPlatform, document: str, nonce: int
) -> None:
    timestamp = str(int(utc_now().timestamp()))
    query = {
        "timestamp": timestamp,
        "nonce": str(nonce),
        "signature": signature(platform.account.token, timestamp, str(nonce)),
    }
    _checked(door, complaints, "POST", PLAIN_ACCOUNT, query, _bytes(document))


def sealed(aes_key: str, receiver: str) -> st.SearchStrategy[str]:
    """Ciphertext of odd documents, and what is none."""
    cipher = MessageCipher(aes_key, receiver)

    def seal(document: str) -> str:
        return cipher.encrypt(_bytes(document).decode("utf-8", "replace"))

    return st.one_of(documents.map(seal), documents.map(seal), words)


ACCOUNT = WeChatPlatform().account
KF_ACCOUNT = WeChatPlatform().kf.account


def _sealed_call(path: str, token: str, encrypted: str, nonce: int, outer: str) -> tuple[Any, ...]:
    timestamp = str(int(utc_now().timestamp()))
    signed = signature(token, timestamp, str(nonce), encrypted.encode("utf-8", "replace").decode())
    query = {"timestamp": timestamp, "nonce": str(nonce), "msg_signature": signed}
    return "POST", path, query | {"encrypt_type": "aes"}, _bytes(outer.replace("{}", encrypted))


OUTER = st.sampled_from(
    [
        "<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[{}]]></Encrypt></xml>",
        "<xml><Encrypt>{}</Encrypt></xml>",
        "<xml><Encrypt><![CDATA[{}]]></Encrypt><Encrypt>x</Encrypt></xml>",
    ]
)


@cases(SEALED)
@given(encrypted=sealed(ACCOUNT.aes_key, ACCOUNT.appid), nonce=st.integers(0, 10**9), outer=OUTER)
def test_signed_encrypted_documents_are_answered_or_refused(
    door: InProcess, complaints: Complaints, encrypted: str, nonce: int, outer: str
) -> None:
    _checked(door, complaints, *_sealed_call(SAFE_ACCOUNT, ACCOUNT.token, encrypted, nonce, outer))


@cases(KF)
@given(
    encrypted=sealed(KF_ACCOUNT.aes_key, KF_ACCOUNT.corpid),
    nonce=st.integers(0, 10**9),
    outer=OUTER,
)
def test_signed_callbacks_of_kf_are_taken_or_refused(
    door: InProcess, complaints: Complaints, encrypted: str, nonce: int, outer: str
) -> None:
    _checked(
        door, complaints, *_sealed_call("/wecom/kf", KF_ACCOUNT.token, encrypted, nonce, outer)
    )


def test_the_door_still_works_and_took_what_was_good(
    door: InProcess, platform: WeChatPlatform, complaints: Complaints
) -> None:
    push = platform.compose("o-last", "还在吗")
    assert door.call("POST", SAFE_ACCOUNT, push.params, push.body) == 200
    assert complaints.found == []
