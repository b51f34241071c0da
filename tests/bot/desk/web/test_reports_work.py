"""What supervisors do in the reports: say what was meant, and whether it was really solved."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.bot.desk.web.desks import DeskPage, Staff
from tests.bot.desk.web.reported import (
    PHONE_NUMBER,
    Desk,
    ReportPage,
    percent,
)
from tests.conftest import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_one_click_says_what_a_group_meant(
    browser: Browser, shop: Service, leads: Staff
) -> None:
    person = leads.hire("supervisor")
    reports = ReportPage(await DeskPage.at_work(browser, shop, person), shop)
    service = Desk(shop, person)
    await reports.show("gaps", days="30")
    told = service.json("/reports/gaps")
    groups = reports.page.locator(".gap")
    await expect(groups).to_have_count(len(told["items"]))
    assert len(told["items"]) >= 2
    invoice = groups.filter(has_text="开公司抬头的发票行吗")
    await expect(invoice.locator(".gap-examples")).to_contain_text("开公司抬头的发票行吗")
    await reports.desk.picture("reports-gaps")
    await invoice.get_by_role("button", name="是「开发票」").click()
    await expect(groups).to_have_count(len(told["items"]) - 1)
    fabric = groups.filter(has_text="这个面料起球吗")
    await fabric.get_by_role("combobox").select_option("product_question")
    await fabric.get_by_role("button", name="标注这一组").click()
    await expect(groups).to_have_count(len(told["items"]) - 2)
    left = service.json("/reports/gaps")
    assert len(left["items"]) == len(told["items"]) - 2
    exported = service.get("/reports/gaps/export", all="true").text
    assert "intent: invoice" in exported and "开公司抬头的发票行吗" in exported
    assert "intent: product_question" in exported and "这个面料起球吗" in exported
    await expect(reports.page.locator(".gap-how")).to_contain_text("yingda train export")
    service.close()
    await reports.desk.leave()


async def test_an_audit_goes_key_by_key_and_its_precision_stands_beside_the_rate(
    browser: Browser, shop: Service, leads: Staff
) -> None:
    person = leads.hire("supervisor")
    reports = ReportPage(await DeskPage.at_work(browser, shop, person), shop)
    service = Desk(shop, person)
    await reports.show("review")
    done = reports.figure("review-done")
    sample = service.json("/reports/audit")
    week = sample["week"]
    total = len(sample["items"])
    assert total >= 6
    await expect(done).to_have_text(f"0 / {total}")
    assert PHONE_NUMBER not in await reports.page.content()
    for number, key in enumerate("1123", 1):
        await reports.page.keyboard.press(key)
        await expect(done).to_have_text(f"{number} / {total}")
    await reports.page.get_by_role("button", name="没有解决", exact=True).click()
    await expect(done).to_have_text(f"5 / {total}")
    sample = service.json("/reports/audit", week=week)
    labels = [item["label"] for item in sample["items"][:5]]
    assert labels == ["right", "right", "wrong", "unsure", "wrong"]
    precision = percent(sample["precision"]["rate"])
    assert precision == "50.0%"
    await expect(reports.figure("review-precision")).to_have_text(precision)
    await reports.page.keyboard.press("ArrowLeft")
    await expect(reports.page.locator(".review-answer[data-label=wrong]")).to_have_attribute(
        "aria-pressed", "true"
    )
    await reports.page.keyboard.press("1")  # a slip of the finger is made good
    await expect(reports.figure("review-precision")).to_have_text("75.0%")
    await expect(reports.page.locator(".transcript")).to_be_visible()
    line = reports.page.locator(".transcript .said").first  # no other page's quotation
    assert await line.evaluate("one => getComputedStyle(one).borderInlineStartWidth") == "0px"
    await reports.desk.picture("reports-review")
    await reports.show(days="30")
    await expect(reports.figure("precision")).to_have_text("75.0%")
    service.close()
    await reports.desk.leave()
