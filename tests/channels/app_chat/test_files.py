"""Pictures and documents of customers: what is taken, who may open it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import httpx
import pytest

from channels.app_chat import Limits
from tests.channels.app_chat.client import client_id, greeted
from tests.channels.app_chat.conftest import Chat, ChatFactory
from tests.support.clock import TestClock

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
MB = 1024 * 1024


@dataclass
class Caller:
    """A visitor over REST."""

    http: httpx.Client
    session: str

    def send(self, text: str, **more: object) -> httpx.Response:
        body = {"client_id": client_id(), "text": text, "wait_s": 20, **more}
        return self.http.post("/chat/messages", json=body, headers=self._who)

    def upload(self, content: bytes, name: str = "照片.png") -> httpx.Response:
        headers = self._who | {"X-File-Name": quote(name)}
        return self.http.post("/chat/files", content=content, headers=headers)

    def history(self) -> list[dict[str, object]]:
        answer = self.http.get("/chat/messages", headers=self._who).json()
        messages: list[dict[str, object]] = answer["messages"]
        return messages

    @property
    def _who(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.session}"}


def visitor(chat: Chat) -> Caller:
    http = httpx.Client(base_url=chat.url, trust_env=False, timeout=30)
    return Caller(http, http.post("/chat/session", json={}).json()["session"])


@pytest.fixture
def caller(chat: Chat) -> Caller:
    """A visitor whom people look after."""
    caller = visitor(chat)
    caller.send("转人工")
    return caller


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_picture_is_kept_named_and_sent_without_words(caller: Caller) -> None:
    kept = caller.upload(PNG, "我的/照片\u202e.PNG.png").json()
    assert (kept["name"], kept["mime"], kept["size"]) == ("我的照片.PNG.png", "image/png", 48)
    assert caller.send("", files=[kept["id"]]).status_code == 200
    message = caller.history()[-1]
    assert message["text"] == "[图片]"
    (file,) = message["files"]  # type: ignore[misc]
    assert {name: file[name] for name in ("id", "name", "mime", "size")} == {
        name: kept[name] for name in ("id", "name", "mime", "size")
    }
    shown = caller.http.get(file["url"])  # no session: whoever has the link
    assert shown.content == PNG
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]


def test_a_document_is_saved_and_never_shown_as_a_page(caller: Caller) -> None:
    kept = caller.upload(b"%PDF-1.7 <script>alert(1)</script>", "发票.html").json()
    assert (kept["name"], kept["mime"]) == ("发票.html.pdf", "application/pdf")
    answer = caller.http.get(kept["url"])
    assert answer.headers["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    "content",
    [b"", b"MZ\x90\x00", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF88a", b"RIFFxxxxWAVE"],
)
def test_what_only_calls_itself_a_picture_is_refused(caller: Caller, content: bytes) -> None:
    assert code(caller.upload(content, "a.png")) == (415, "file_kind_refused")


def test_five_megabytes_are_the_limit(caller: Caller) -> None:
    assert caller.upload(PNG.ljust(5 * MB, b"0")).status_code == 200
    assert code(caller.upload(PNG.ljust(5 * MB + 1, b"0"))) == (413, "file_too_large")


def test_the_bot_is_sent_no_files(chat: Chat) -> None:
    stranger = visitor(chat)
    assert code(stranger.upload(PNG)) == (409, "files_need_person")
    stranger.send("你好")
    assert code(stranger.upload(PNG)) == (409, "files_need_person")


def test_a_file_belongs_to_its_conversation(chat: Chat, caller: Caller) -> None:
    kept = caller.upload(PNG).json()
    thief = visitor(chat)
    thief.send("转人工")
    assert code(thief.send("看", files=[kept["id"]])) == (404, "unknown_file")
    own = thief.upload(PNG).json()
    mixed = kept["url"].split("?")[0] + "?" + own["url"].split("?")[1]
    for url in (mixed, kept["url"][:-1], kept["url"].split("?")[0], "/chat/files/file_0?t=1.a"):
        assert code(thief.http.get(url)) == (404, "unknown_file")


def test_a_link_runs_out_and_history_gives_a_new_one(make_chat: ChatFactory) -> None:
    clock = TestClock()
    chat = make_chat(clock=clock)
    caller = visitor(chat)
    caller.send("转人工")
    kept = caller.upload(PNG).json()
    caller.send("", files=[kept["id"]])
    clock.advance(hours=12)
    assert code(caller.http.get(kept["url"])) == (404, "unknown_file")
    (file,) = caller.history()[-1]["files"]  # type: ignore[misc]
    assert caller.http.get(file["url"]).status_code == 200


def test_a_flood_of_files_is_slowed_down(make_chat: ChatFactory) -> None:
    chat = make_chat(Limits(upload_burst=2, uploads_per_second=0.001))
    caller = visitor(chat)
    caller.send("转人工")
    assert [caller.upload(PNG).status_code for _ in range(2)] == [200, 200]
    assert code(caller.upload(PNG)) == (429, "too_many_files")


async def test_the_socket_says_who_answers_and_takes_files(chat: Chat) -> None:
    async with greeted(chat.url) as (tab, ready):
        assert (ready["owner"], ready["agent"]) == ("bot", None)
        await tab.say("转人工")
        told = await tab.next("owner")
        assert (told["owner"], told["agent"]) == ("human", None)
        caller = Caller(httpx.Client(base_url=chat.url, trust_env=False), ready["session"])
        kept = caller.upload(PNG).json()
        await tab.say("", files=[kept["id"]])
        shown = await tab.next("message", author="customer", text="[图片]")
        assert shown["files"][0]["url"].startswith(f"/chat/files/{kept['id']}?t=")
        await tab.send(type="message", client_id="x", text="", files=["../../etc/passwd"])
        assert (await tab.next("error"))["code"] == "bad_frame"
