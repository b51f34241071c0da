"""An agent's day: canned replies, notes, files, passing on, putting off, ending."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.bot.desk.web.desks import (
    ANGRY,
    PATIENCE_MS,
    DeskPage,
    Staff,
    customer,
    get_angry,
    with_customer,
)
from tests.channels.app_chat.browser import Visit
from tests.conftest import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC"
)
"""A red square of 10 × 10."""
PASTE = """(input, content) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const clipboard = new DataTransfer();
  clipboard.items.add(new File([bytes], "截图.png", { type: "image/png" }));
  input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clipboard, bubbles: true, cancelable: true }));
}"""


async def begin(browser: Browser, service: Service, staff: Staff) -> tuple[DeskPage, Visit]:
    """An agent with an angry member of the demo shop in hand."""
    desk, visit = await with_customer(browser, service, staff)
    return desk, visit


async def end(desk: DeskPage, visit: Visit) -> None:
    """Settle it, so that nothing is left in the queue; look for faults."""
    await desk.end()
    await visit.check()
    await visit.page.context.close()
    await desk.leave()


async def test_a_canned_reply_is_found_by_keyboard_and_filled_in(
    browser: Browser, service: Service, staff: Staff
) -> None:
    staff.post("/canned", shortcut="zwjs", title="自我介绍", body="我是{客服姓名}", shared=True)
    desk, visit = await begin(browser, service, staff)
    await desk.input.press_sequentially("/zwj")
    menu = desk.page.get_by_role("listbox", name="快捷回复")
    await expect(menu.get_by_role("option", selected=True)).to_contain_text("自我介绍")
    await desk.picture("desk-canned")
    await desk.input.press("Enter")
    await expect(desk.input).to_have_value(f"我是{desk.person.name}")
    await expect(menu).to_be_hidden()
    await desk.input.press("Enter")
    await visit.hear(f"我是{desk.person.name}")
    await desk.input.press_sequentially("/没有这样的")
    await expect(menu).to_contain_text("没有匹配的快捷回复")
    await desk.input.press("Enter")  # a search that found nothing is no answer to a customer
    await expect(desk.input).to_have_value("/没有这样的")
    await desk.input.press("Escape")
    await expect(menu).to_be_hidden()
    assert "没有这样的" not in await visit.panel.inner_text()
    await end(desk, visit)


async def test_what_was_begun_stays_when_a_canned_reply_is_looked_for(
    browser: Browser, service: Service, staff: Staff
) -> None:
    staff.post("/canned", shortcut="zwjs2", title="再介绍", body="我是{客服姓名}", shared=True)
    desk, visit = await begin(browser, service, staff)
    menu = desk.page.get_by_role("listbox", name="快捷回复")
    look = desk.page.locator(".composer").get_by_role("button", name="快捷回复")
    await desk.input.fill("抱歉让您久等")
    await look.click()
    await desk.input.press("Escape")
    await expect(desk.input).to_have_value("抱歉让您久等")
    await look.click()
    await desk.input.press_sequentially("zwjs2")
    chosen = menu.get_by_role("option", selected=True)
    await expect(chosen).to_contain_text("再介绍")
    name = await chosen.get_attribute("id")
    assert await desk.input.get_attribute("aria-activedescendant") == name
    await desk.input.press("Enter")
    await expect(desk.input).to_have_value(f"抱歉让您久等\n我是{desk.person.name}")
    await desk.input.press("Enter")
    await visit.hear(f"我是{desk.person.name}")
    await end(desk, visit)


async def test_a_note_that_was_not_saved_does_not_become_a_reply(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk, visit = await begin(browser, service, staff)
    desk.may_fail += ("ERR_FAILED",)
    await desk.page.keyboard.press("Alt+n")
    await desk.page.route("**/notes", lambda route: route.abort())
    await desk.say("这位客户上周也来闹过")
    await expect(desk.page.locator(".composer-error")).to_be_visible()
    await expect(desk.input).to_have_value("这位客户上周也来闹过")
    await expect(desk.page.get_by_role("button", name="保存备注")).to_be_visible()
    await desk.page.unroute("**/notes")
    await desk.input.press("Enter")
    await expect(desk.log.locator(".note")).to_contain_text("这位客户上周也来闹过")
    assert "来闹过" not in await visit.panel.inner_text()
    await end(desk, visit)


async def test_a_reply_with_a_gap_is_not_sent(
    browser: Browser, service: Service, staff: Staff
) -> None:
    staff.post("/canned", shortcut="ddh", title="订单", body="「{商品}」已经登记", shared=True)
    desk, visit = await begin(browser, service, staff)
    await desk.input.press_sequentially("/ddh")
    menu = desk.page.get_by_role("listbox", name="快捷回复")
    await expect(menu.get_by_role("option", selected=True)).to_contain_text("已经登记")
    await desk.input.press("Enter")
    await expect(desk.page.locator(".composer-error")).to_contain_text("请把 {商品} 换成实际内容")
    await desk.input.press("Enter")
    await expect(desk.input).to_have_value("「{商品}」已经登记")
    await desk.say("「毛衣」已经登记")
    await visit.hear("「毛衣」已经登记")
    await end(desk, visit)


async def test_a_note_is_for_colleagues_only(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk, visit = await begin(browser, service, staff)
    await desk.page.keyboard.press("Alt+n")
    await expect(desk.input).to_have_attribute("placeholder", "写内部备注，客户看不到…")
    await desk.say("这位客户上周也来过")
    note = desk.log.locator(".note")
    await expect(note).to_contain_text("这位客户上周也来过")
    await expect(note).to_contain_text("内部备注")
    await desk.page.get_by_role("button", name="备注", exact=True).click()
    await desk.say("给您的回复")
    await visit.hear("给您的回复")
    assert "上周也来过" not in await visit.panel.inner_text()
    await visit.page.reload()
    await visit.hear("给您的回复")
    assert "上周也来过" not in await visit.panel.inner_text()
    await end(desk, visit)


async def test_pictures_go_both_ways(
    browser: Browser, service: Service, staff: Staff, tmp_path: Path
) -> None:
    file = tmp_path / "尺码 表.png"
    file.write_bytes(PICTURE)
    desk, visit = await begin(browser, service, staff)
    await desk.page.locator("input[type=file]").set_input_files(file)
    await expect(desk.page.locator(".attachment.ready")).to_contain_text("尺码 表.png")
    await desk.say("这是尺码表")
    await visit.hear("这是尺码表")
    shown = visit.page.locator("yingda-chat .confirmed .row.agent .picture img")
    await expect(shown).to_have_attribute("alt", "尺码 表.png")
    assert (
        await shown.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 10
    )

    await visit.input.evaluate(PASTE, base64.b64encode(PICTURE).decode())
    await expect(visit.page.locator("yingda-chat .waiting-file")).to_contain_text("截图.png")
    await visit.page.get_by_role("button", name="发送", exact=True).click()
    sent = desk.log.locator(".row.customer .picture img")
    await expect(sent).to_have_attribute("alt", "截图.png")
    assert await sent.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 10
    await desk.input.evaluate(PASTE, base64.b64encode(PICTURE).decode())
    await expect(desk.page.locator(".attachment.ready")).to_contain_text("截图.png")
    await desk.input.press("Enter")
    await expect(shown).to_have_count(2)

    fake = tmp_path / "病毒.png"
    fake.write_bytes(b"MZ this is no picture")
    desk.may_fail += ("415",)
    await desk.page.locator("input[type=file]").set_input_files(fake)
    await expect(desk.page.locator(".attachment.bad")).to_contain_text("只能发送图片")
    await desk.page.get_by_role("button", name="移除 病毒.png").click()
    await desk.say("好了")
    await visit.hear("好了")
    await desk.end()
    await visit.check()
    await desk.leave()


async def test_a_conversation_is_passed_on_with_a_note(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk, visit = await begin(browser, service, staff)
    desk.may_fail += ("403",)  # it looks once more, and is told whose it is now
    colleague = await DeskPage.at_work(browser, service, staff.hire())
    await desk.page.keyboard.press("Alt+t")
    window = desk.page.locator("dialog[open]")
    chosen = window.get_by_label("转给").locator("option:checked")
    await expect(chosen).to_contain_text("在线")  # who is not there is never proposed
    await window.get_by_label("转给").select_option(value=f"agent:{colleague.person.id}")
    await window.get_by_label("交接说明").fill("客户要退款，已核对订单")
    await window.get_by_role("button", name="转接").click()
    await expect(desk.items).to_have_count(0)
    await expect(desk.page.locator(".nothing")).to_be_visible()  # it is not looked at any more
    await expect(colleague.page.locator(".toast", has_text="新会话")).to_be_visible()
    await colleague.take_up(ANGRY)
    await expect(colleague.log.locator(".note")).to_contain_text("客户要退款，已核对订单")
    await colleague.say("您好，我接着为您处理")
    await visit.hear("我接着为您处理")
    await expect(visit.panel).to_contain_text(f"人工客服 {colleague.person.name}")
    await desk.leave()
    await colleague.end()
    await visit.check()
    await colleague.leave()


async def test_a_snoozed_conversation_comes_back_when_the_customer_writes(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk, visit = await begin(browser, service, staff)
    await desk.say("您稍等")
    await visit.hear("您稍等")
    window = await desk.do("稍后")
    await window.get_by_label("多久以后").select_option("1 小时")
    await window.get_by_role("button", name="稍后处理").click()
    await expect(desk.items).to_have_count(0)
    await desk.tab("稍后").click()
    await expect(desk.items).to_contain_text("您稍等")
    await expect(desk.items).to_contain_text("提醒")  # at what time it comes back
    await desk.tab("我的会话").click()
    await visit.say("好了吗")
    await expect(desk.items).to_contain_text("好了吗")
    await desk.items.locator(".item-open").click()
    await desk.end()
    await visit.check()
    await desk.leave()


async def test_who_writes_after_the_end_begins_anew_with_the_bot(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk, visit = await begin(browser, service, staff)
    await desk.say("已经处理好了")
    await visit.hear("已经处理好了")
    await desk.page.keyboard.press("Alt+e")
    window = desk.page.locator("dialog[open]")
    await window.get_by_label("处理结果").select_option(index=1)
    await window.get_by_label("小结").fill("已退款")
    await window.get_by_role("button", name="结束会话").click()
    await expect(desk.page.locator(".toast", has_text="会话已结束")).to_be_visible()
    await expect(desk.items).to_have_count(0)
    await expect(desk.input).to_be_hidden()
    await expect(visit.panel).to_contain_text("智能客服")
    await visit.say("几点营业")
    await expect(visit.page.locator("yingda-chat .confirmed .row.bot").last).to_contain_text(
        "门店", timeout=PATIENCE_MS
    )
    await visit.check()
    await desk.leave()


async def test_five_conversations_are_walked_through_with_the_keyboard(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire())
    visits = []
    for number in range(3):
        visit = await customer(browser, service)
        await get_angry(visit)
        await expect(desk.items).to_have_count(number + 1)
        visits.append(visit)
    await expect(desk.tab("我的会话")).to_contain_text("3")
    await desk.page.keyboard.press("Alt+ArrowDown")
    await desk.input.fill("写了一半")
    await desk.page.keyboard.press("Alt+ArrowDown")
    await expect(desk.input).to_have_value("")
    await desk.page.keyboard.press("Alt+ArrowUp")
    await expect(desk.input).to_have_value("写了一半")
    await desk.input.fill("")
    await desk.log.focus()
    await desk.page.keyboard.press("?")
    await expect(desk.page.get_by_role("dialog", name="快捷键")).to_contain_text("Alt + N")
    await desk.page.keyboard.press("Escape")
    for visit in visits:
        await desk.items.first.locator(".item-open").click()
        await desk.end()
        await visit.check()
    await desk.leave()
