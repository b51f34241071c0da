"""Pictures that agents send: as pictures where the platform takes them, as links where not."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.records.tables import conversations, outbox
from tests.channels.wechat.conftest import OPENID, Shop
from tests.channels.wechat.test_sending import until

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00" + bytes(24)
LINK = re.compile(r"http://\S+/chat/files/file_\S+")


class Desk:
    """A supervisor at the desk who has taken the only conversation."""

    def __init__(self, http: httpx.AsyncClient, conversation: str) -> None:
        self._http = http
        self._path = f"/api/desk/conversations/{conversation}"

    async def send(self, content: bytes, text: str = "") -> None:
        """Send a picture, with words or without."""
        kept = await self._http.post(
            f"{self._path}/files", files={"file": ("退货示意图.png", content)}
        )
        assert kept.status_code == 200, kept.text
        await self.post("/messages", text=text, files=[kept.json()["id"]])

    async def post(self, path: str, **body: Any) -> None:
        """Do something with the conversation."""
        if path == "/messages":
            body["client_id"] = uuid.uuid4().hex
        done = await self._http.post(f"{self._path}{path}", json=body)
        assert done.status_code == 200, done.text


@pytest_asyncio.fixture
async def agent(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=shop.url, trust_env=False, timeout=30) as http:
        password = shop.settings.require_secret("demo_desk_password")
        body = {"login": "chen", "password": password, "token": True}
        answer = await http.post("/api/desk/login", json=body)
        http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        yield http


async def serve(shop: Shop, agent: httpx.AsyncClient) -> Desk:
    """Take the conversation of the customer who has just asked for a person and been answered."""
    open_ = {"waiting", "sending"}
    await until(
        lambda: shop.rows(outbox) and not open_ & {row.status for row in shop.rows(outbox)},
        "the answer's delivery",
    )
    (row,) = shop.rows(conversations)
    desk = Desk(agent, row.id)
    await desk.post("/take")
    return desk


async def test_a_picture_reaches_the_customer_as_a_picture(
    shop: Shop, agent: httpx.AsyncClient
) -> None:
    await shop.platform.say(OPENID, "转人工")
    desk = await serve(shop, agent)
    before = len(shop.platform.sent)
    await desk.send(PNG, "请按图打包")
    await desk.send(GIF)
    await until(lambda: len(shop.platform.sent) == before + 3, "words and pictures")
    words, *pictures = shop.platform.sent[before:]
    assert words.text == "请按图打包"
    files = [shop.platform.media.get(one.body["image"]["media_id"]) for one in pictures]
    assert [file and file.content for file in files] == [PNG, GIF]
    assert [file and file.name for file in files] == ["image.png", "image.gif"]


@pytest.mark.parametrize("fault", [{"errcode": 40009}, {"status": 502}, {"drop": True}])
async def test_a_picture_that_the_platform_does_not_store_comes_as_a_link(
    shop: Shop, agent: httpx.AsyncClient, fault: dict[str, Any]
) -> None:
    await shop.platform.say(OPENID, "转人工")
    desk = await serve(shop, agent)
    shop.platform.fail_next("/cgi-bin/media/upload", **fault)
    before = len(shop.platform.sent)
    await desk.send(PNG)
    await until(lambda: len(shop.platform.sent) > before, "the link")
    (sent,) = shop.platform.sent[before:]
    found = LINK.search(sent.text)
    assert found is not None and "[退货示意图.png]" in sent.text
    assert (await agent.get(found[0])).content == PNG


async def test_what_the_platform_does_not_take_is_not_even_tried(
    shop: Shop, agent: httpx.AsyncClient
) -> None:
    await shop.platform.say(OPENID, "转人工")
    desk = await serve(shop, agent)
    before = len(shop.platform.sent)
    await desk.send(WEBP)
    await until(lambda: len(shop.platform.sent) > before, "the link")
    assert LINK.search(shop.platform.sent[before].text)
    assert "/cgi-bin/media/upload" not in shop.platform.requests


async def test_pictures_beyond_the_quota_go_together_as_links(
    shop: Shop, agent: httpx.AsyncClient
) -> None:
    await shop.platform.say(OPENID, "转人工")
    desk = await serve(shop, agent)
    before = len(shop.platform.sent)
    for _ in range(4 - before):
        await desk.send(PNG)
    await until(lambda: len(shop.platform.sent) == 4, "four of five")
    await desk.send(PNG, "还有这张")
    await until(lambda: len(shop.platform.sent) == 5, "the fifth")
    last = shop.platform.sent[-1]
    assert last.text.startswith("还有这张") and LINK.search(last.text)


async def test_in_kf_pictures_of_its_kinds_are_pictures_and_others_links(
    shop: Shop, agent: httpx.AsyncClient
) -> None:
    kf = shop.platform.kf
    await kf.say("wmCustomer", "转人工")
    await kf.wait_for_sent("wmCustomer")
    desk = await serve(shop, agent)
    before = len(kf.sent)
    await desk.send(PNG)
    await desk.send(GIF)
    await until(lambda: len(kf.sent) == before + 2, "both")
    picture, link = kf.sent[before:]
    stored = shop.platform.media.get(picture.body["image"]["media_id"])
    assert stored is not None and stored.content == PNG
    assert LINK.search(link.text)
