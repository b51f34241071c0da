"""Pictures in the widget: a person gets them; that the bot cannot look at them is said."""

from __future__ import annotations

import base64

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.channels.app_chat.browser import PHONE, Visit, visiting
from tests.channels.app_chat.conftest import Chat

pytestmark = pytest.mark.asyncio(loop_scope="module")

PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 40).decode()
PASTE = """(input, [content, words]) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const clipboard = new DataTransfer();
  clipboard.items.add(new File([bytes], "截图.png", { type: "image/png" }));
  if (words) clipboard.setData("text/plain", words);
  const event = new ClipboardEvent("paste", { clipboardData: clipboard, bubbles: true, cancelable: true });
  return input.dispatchEvent(event);
}"""
REFUSED = "截图.png · 小禾还看不懂图片和文件，说一声「转人工」，接通后就可以发给人工客服。"


async def paste(visit: Visit, words: str = "") -> bool:
    """Paste a picture; whether the browser then does what it always does."""
    left_to_browser: bool = await visit.input.evaluate(PASTE, [PICTURE, words])
    return left_to_browser


def waiting(visit: Visit) -> Locator:
    """What stands above the line that one writes."""
    return visit.page.locator("yingda-chat .waiting-file")


async def test_a_picture_for_the_bot_is_answered_with_what_to_do_and_goes_to_a_person(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url) as visit:
        await visit.open()
        await visit.say("你好")
        await visit.hear("收到：你好")
        await visit.input.fill("你看这张")
        for _ in range(2):
            assert not await paste(visit)
            await expect(waiting(visit)).to_have_count(1)
            await expect(waiting(visit).get_by_role("status")).to_have_text(REFUSED)
        await expect(waiting(visit)).to_have_css("background-color", "rgb(253, 236, 234)")
        await visit.picture("widget-picture-for-the-bot")
        await expect(visit.input).to_have_value("你看这张")
        await waiting(visit).get_by_role("button", name="移除 截图.png").click()
        await expect(waiting(visit)).to_have_count(0)

        await paste(visit)
        await expect(waiting(visit)).to_have_count(1)
        await visit.say("转人工")
        await expect(visit.page.locator("yingda-chat .attach")).to_be_visible()
        await expect(waiting(visit)).to_have_count(0)
        assert not await paste(visit)
        await expect(waiting(visit)).to_have_text("截图.png✕")
        await visit.input.press("Enter")
        await expect(visit.rows.last.locator(".picture img")).to_have_count(1)
        await expect(waiting(visit)).to_have_count(0)


async def test_what_was_said_of_a_picture_goes_when_a_person_comes_by_another_tab(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url) as visit:
        other = await Visit.to(visit.page.context, chat.url)
        await visit.open()
        await visit.say("你好")
        await visit.hear("收到：你好")
        await other.open()
        await paste(visit)
        await expect(waiting(visit)).to_have_count(1)
        await visit.page.context.set_offline(True)
        await visit.page.context.set_offline(False)  # told once more whose the conversation is
        await other.say("还在吗")
        await visit.hear("收到：还在吗")
        await expect(waiting(visit)).to_have_count(1)
        await other.say("转人工")
        await expect(visit.page.locator("yingda-chat .attach")).to_be_visible()
        await expect(waiting(visit)).to_have_count(0)
        await other.check()


async def test_words_that_come_with_their_picture_are_pasted_as_words(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url) as visit:
        await visit.open()
        assert await paste(visit, "两行 Excel")
        await expect(waiting(visit)).to_have_count(0)


async def test_what_to_do_with_a_picture_is_readable_on_a_phone(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url, PHONE, reduced_motion="reduce") as visit:
        await visit.open()
        await paste(visit)
        box = await waiting(visit).bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
        await visit.picture("widget-picture-for-the-bot-phone")
