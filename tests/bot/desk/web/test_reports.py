"""The reports' page shows what the service says, to those who may, on every screen."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.bot.desk.web.desks import ARTIFACTS, DeskPage, Staff
from tests.bot.desk.web.reported import (
    PHONE_NUMBER,
    Desk,
    ReportPage,
    count,
    percent,
    today,
)
from tests.channels.app_chat.browser import DESKTOP, PHONE
from tests.conftest import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

RATES = ("containment", "handoff", "repeats_72h", "abandonment", "bot_errors")


def month() -> dict[str, str]:
    """The last thirty days."""
    return {"from": str(today() - timedelta(days=29)), "to": str(today())}


def content(path: Path) -> bytes:
    """What was downloaded."""
    return path.read_bytes()


async def look(
    browser: Browser, shop: Service, leads: Staff, viewport: dict[str, int] = DESKTOP
) -> tuple[ReportPage, Desk]:
    """A supervisor at the reports, and what the service tells them."""
    person = leads.hire("supervisor")
    desk = await DeskPage.at_work(browser, shop, person, viewport)
    return ReportPage(desk, shop), Desk(shop, person)


async def test_every_figure_is_the_service_s(browser: Browser, shop: Service, leads: Staff) -> None:
    reports, service = await look(browser, shop, leads)
    await reports.show(**month())
    told = service.json("/reports", **month())
    assert told["eligible"] > 100
    automation = told["automation"]
    assert await reports.number("automation") == percent(automation["rate"])
    interval = f"{percent(automation['low'])[:-1]}–{percent(automation['high'])}"
    assert await reports.number("automation-interval") == interval
    for name in RATES:
        assert await reports.number(name) == percent(told[name]["rate"]), name
    assert await reports.number("eligible") == count(told["eligible"])
    assert await reports.number("fcr") == percent(told["first_contact_resolution"]["rate"])
    assert await reports.number("satisfied") == percent(told["csat"]["satisfied"]["rate"])
    assert await reports.number("csat-mean") == f"{told['csat']['mean']:.2f}"
    assert await reports.number("sla_kept") == percent(told["sla_kept"]["rate"])
    assert await reports.number("negative") == percent(told["emotion"]["negative"])
    for outcome, number in told["outcomes"].items():
        assert await reports.number(outcome) == count(number), outcome
    for reason, number in told["excluded"].items():
        assert await reports.number(f"excluded-{reason}") == count(number), reason
    await expect(reports.figure("saving")).to_contain_text("元")
    await expect(reports.page.locator(".rp-formula")).to_have_text(told["saving"]["formula"])

    drawn = await reports.drawn("自动化率")
    assert drawn["rate"] == [day["rate"] for day in told["days"]]
    assert drawn["low"] == [day["low"] for day in told["days"]]
    assert drawn["high"] == [day["high"] for day in told["days"]]
    drawn = await reports.drawn("会话结果")
    for outcome in told["outcomes"]:
        assert drawn[outcome] == [day["outcomes"].get(outcome, 0) for day in told["days"]]
    drawn = await reports.drawn("转人工原因")
    assert drawn["value"] == [reason["count"] for reason in told["handoff_reasons"]]
    for cells, panel in ((told["channels"], "按渠道"), (told["tiers"], "按会员等级")):
        rows = reports.page.get_by_role("region", name=panel).locator("tbody tr")
        for row, cell in zip(await rows.all(), cells, strict=True):
            texts = (await row.inner_text()).split()
            assert texts[:3] == [cell["name"], count(cell["n"]), percent(cell["rate"])]
            assert (await row.get_attribute("data-greyed") is not None) == cell["greyed"]
    service.close()
    await reports.desk.leave()


async def test_filters_change_every_figure_and_stay_in_the_address(
    browser: Browser, shop: Service, leads: Staff
) -> None:
    reports, service = await look(browser, shop, leads)
    await reports.show(days="30")
    await reports.page.get_by_label("渠道", exact=True).select_option("wechat")
    wanted = month() | {"channel": "wechat"}
    told = service.json("/reports", **wanted)
    await expect(reports.figure("eligible")).to_have_text(count(told["eligible"]))
    await reports.page.get_by_label("会员等级", exact=True).select_option("gold")
    told = service.json("/reports", **wanted, tier="gold")
    await expect(reports.figure("eligible")).to_have_text(count(told["eligible"]))
    assert await reports.number("automation") == percent(told["automation"]["rate"])
    first, last = today() - timedelta(days=20), today() - timedelta(days=11)
    await reports.page.get_by_label("开始日期").fill(str(first))
    await reports.page.get_by_label("结束日期").fill(str(last))
    ten = {"from": str(first), "to": str(last), "channel": "wechat", "tier": "gold"}
    told = service.json("/reports", **ten)
    await expect(reports.figure("eligible")).to_have_text(count(told["eligible"]))
    await expect(reports.page.get_by_label("开始日期")).to_have_value(str(first))
    assert len((await reports.drawn("自动化率"))["labels"]) == 10
    await reports.page.reload()
    await expect(reports.figure("eligible")).to_have_text(count(told["eligible"]))
    await expect(reports.page.get_by_label("渠道", exact=True)).to_have_value("wechat")
    await reports.page.get_by_role("button", name="近 7 天").click()
    await expect(reports.page.get_by_role("button", name="近 7 天")).to_have_attribute(
        "aria-pressed", "true"
    )
    await expect(reports.page.get_by_role("button", name="近 7 天")).to_be_focused()
    await expect(reports.page).to_have_url(re.compile(r"days=7&channel=wechat&tier=gold$"))
    service.close()
    await reports.desk.leave()


async def test_a_figure_opens_its_conversations_and_they_are_masked(
    browser: Browser, shop: Service, leads: Staff
) -> None:
    reports, service = await look(browser, shop, leads)
    await reports.show(**month())
    told = service.json("/reports/episodes", **month(), intent="query_logistics")
    row = reports.page.get_by_role("button", name=re.compile("^意图：查物流"))
    await row.click()
    drawer = reports.page.locator("dialog.drawer")
    await expect(drawer.get_by_role("heading")).to_have_text("意图：查物流")
    lines = drawer.locator(".drill-open")
    await expect(lines.first).to_be_visible()
    assert await lines.count() == min(len(told["items"]), 30)
    await expect(lines.first).to_contain_text("138****5678")
    await lines.first.click()
    words = drawer.locator(".transcript")
    await expect(words).to_contain_text("138****5678")
    await expect(words).to_contain_text("上海市静安区***")
    everything = await reports.page.content()
    for secret in (PHONE_NUMBER, "张伟", "南京西路"):
        assert secret not in everything
    await reports.desk.picture("reports-drill")
    await drawer.get_by_role("button", name="返回列表").click()
    await expect(lines.first).to_be_focused()
    await reports.page.keyboard.press("Escape")
    await expect(drawer).to_have_count(0)
    await expect(row).to_be_focused()
    service.close()
    await reports.desk.leave()


async def test_an_outcome_s_count_opens_as_many_conversations(
    browser: Browser, shop: Service, leads: Staff
) -> None:
    reports, service = await look(browser, shop, leads)
    week = {"from": str(today() - timedelta(days=6)), "to": str(today())}
    await reports.show(**week)
    number = service.json("/reports", **week)["outcomes"]["handed_off"]
    assert 0 < number <= 30
    await reports.figure("handed_off").click()
    lines = reports.page.locator(".drill-open")
    await expect(lines).to_have_count(number)
    for line in await lines.all():
        await expect(line).to_contain_text("人工处理")
    service.close()
    await reports.desk.leave()


async def test_tables_and_pictures_can_be_taken_away(
    browser: Browser, shop: Service, leads: Staff
) -> None:
    reports, service = await look(browser, shop, leads)
    await reports.show(**month(), channel="app_chat")
    async with reports.page.expect_download() as waiting:
        await reports.page.get_by_role("link", name="下载 CSV").click()
    csv = content(await (await waiting.value).path())
    assert csv == service.get("/reports.csv", **month(), channel="app_chat").content
    ARTIFACTS.mkdir(exist_ok=True)
    for name in ("自动化率", "会话结果", "转人工原因"):
        async with reports.page.expect_download() as waiting:
            await reports.page.get_by_role("button", name=f"下载图片：{name}").click()
        download = await waiting.value
        assert re.fullmatch(rf"{name}-[\d-]+\.png", download.suggested_filename)
        picture = content(await download.path())
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        width = int.from_bytes(picture[16:20])
        assert width > 600  # twice as many points as on the screen
        (ARTIFACTS / f"reports-{name}.png").write_bytes(picture)
    service.close()
    await reports.desk.leave()


async def test_every_figure_says_how_it_is_made_without_a_mouse(
    browser: Browser, shop: Service, leads: Staff
) -> None:
    reports, service = await look(browser, shop, leads)
    await reports.show(**month())
    told = service.json("/reports", **month())
    tip = reports.page.get_by_role("tooltip")
    await reports.page.get_by_role("button", name="72 小时重复来访率", exact=True).focus()
    await expect(tip).to_contain_text(told["explained"]["repeats_72h"]["formula"])
    await reports.page.keyboard.press("Escape")
    await expect(tip).to_be_hidden()
    await reports.page.get_by_role("button", name="首次解决率", exact=True).hover()
    await expect(tip).to_contain_text(told["explained"]["first_contact_resolution"]["formula"])
    names = await reports.page.locator(".explain").all_inner_texts()
    assert len(names) >= 20
    panel = reports.page.get_by_role("region", name="自动化率", exact=True)
    await panel.locator("canvas").focus()
    await reports.page.keyboard.press("End")
    day = told["days"][-1]
    await expect(panel.locator("[aria-live]")).to_contain_text(
        f"自动化率 {percent(day['rate'])}" if day["n"] else "没有会话"
    )
    await reports.page.keyboard.press("Home")
    await reports.page.keyboard.press("Enter")
    await expect(reports.page.locator("dialog.drawer")).to_be_visible()
    service.close()
    await reports.desk.leave()


async def test_agents_have_no_reports(browser: Browser, shop: Service, leads: Staff) -> None:
    person = leads.hire("agent")
    desk = await DeskPage.at_work(browser, shop, person)
    fetched: list[str] = []
    desk.page.on("request", lambda request: fetched.append(request.url))
    await expect(desk.page.get_by_role("link", name="报表")).to_have_count(0)
    await desk.page.goto(f"{shop.url}/desk#/reports")
    await expect(desk.page.get_by_role("tab", name="排队")).to_be_visible()
    await expect(desk.page.locator(".rp-body")).to_have_count(0)
    assert not [url for url in fetched if "reports" in url or "vendor" in url]
    service = Desk(shop, person)
    for path in ("", "/episodes", "/gaps", "/audit"):
        assert service.get(f"/reports{path}", **month(), week=month()["to"]).status_code == 403
    service.close()
    await desk.leave()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "390"])
async def test_no_report_scrolls_sideways(
    browser: Browser, shop: Service, leads: Staff, viewport: dict[str, int]
) -> None:
    reports, service = await look(browser, shop, leads, viewport)
    for tab in ("overview", "gaps", "review"):
        await reports.show(tab, **month())
        await reports.desk.check()
        page = reports.page.locator("main.page")
        assert await page.evaluate("(page) => page.scrollWidth - page.clientWidth") == 0
        height = await page.evaluate("(page) => page.scrollHeight")
        await reports.page.set_viewport_size({**viewport, "height": min(height + 80, 6000)})
        await reports.desk.picture(f"reports-{viewport['width']}-{tab}")
        await reports.page.set_viewport_size(viewport)
    service.close()
    await reports.desk.leave()


async def test_a_shop_without_a_past_is_told_what_to_do(
    browser: Browser, shop: Service, leads: Staff
) -> None:
    reports, service = await look(browser, shop, leads)
    await reports.show(**{"from": "2020-01-01", "to": "2020-01-31"})
    await expect(reports.page.locator(".rp-empty")).to_contain_text("yingda simulate")
    await reports.desk.picture("reports-empty")
    await reports.show(**month(), channel="phone", intent="invoice")
    await expect(reports.page.locator(".rp-empty")).to_contain_text("这个条件下没有会话")
    await reports.page.get_by_role("button", name="清除筛选").click()
    await expect(reports.figure("automation")).to_be_visible()
    service.close()
    await reports.desk.leave()


async def test_the_short_address_leads_to_the_reports(
    browser: Browser, shop: Service, leads: Staff
) -> None:
    reports, service = await look(browser, shop, leads)
    await reports.page.goto(f"{shop.url}/desk/reports")
    await reports.loaded()
    await expect(reports.figure("automation")).to_be_visible()
    now = service.json("/wall")["counts"]
    for name in ("bot", "assigned", "waiting"):
        await expect(reports.page.locator(f'[data-now="{name}"]')).to_have_text(str(now[name]))
    await expect(reports.page.locator('[data-now="online"]')).to_have_text("1")
    await reports.page.get_by_role("link", name="实时监控").click()
    await expect(reports.page.get_by_role("heading", name="实时监控")).to_be_visible()
    await expect(reports.page.locator(".tile", has_text="排队")).to_be_visible()
    await reports.page.get_by_role("link", name="看报表").click()
    await expect(reports.figure("automation")).to_be_visible()
    service.close()
    await reports.desk.leave()
