"""What an agent may do for a customer, pressed and filled in: coupon, return, work order, end."""

from __future__ import annotations

import sqlite3

import pytest
from playwright.async_api import Browser, expect

from tests.bot.desk.web.desks import ANGRY, DeskPage, Person, Staff, customer, get_angry
from tests.conftest import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_member_gets_a_coupon_a_return_and_a_work_order_that_is_answered(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire())
    page = desk.page
    visit = await customer(browser, service, member="lin")
    await get_angry(visit)
    await desk.take_up(ANGRY)
    may = page.get_by_role("group", name="可以为客户做的")
    window = page.locator("dialog[open]")

    # A coupon: more than the role may give is not even sent, a small one reaches the customer.
    await may.get_by_role("button", name="补偿券").click()
    await expect(window).to_contain_text("发放会记入审计日志")
    await window.get_by_label("金额（元）").fill("5000")
    await window.get_by_label("原因").fill("物流延误致歉")
    await window.get_by_role("button", name="发放").click()
    await expect(window).to_be_visible()
    limit = await window.get_by_label("金额（元）").get_attribute("max")
    await window.get_by_label("金额（元）").fill(str(limit))
    await desk.picture("desk-coupon")
    await window.get_by_role("button", name="发放").click()
    await expect(window).to_be_hidden()
    await expect(page.get_by_label("客户资料")).to_contain_text(f"{limit} 元")
    await visit.hear("优惠券")

    # A return of something that was signed for.
    await may.get_by_role("button", name="发起退货").click()
    await expect(window.locator("select[name=line]")).not_to_contain_text("undefined")
    await window.get_by_label("退货原因").fill("收到时外壳有裂痕")
    await window.get_by_label("商品有质量问题").check()
    await desk.picture("desk-return")
    await window.get_by_role("button", name="提交退货").click()
    await expect(window).to_be_hidden()
    await expect(page.get_by_label("最近订单")).to_contain_text("退货待审核")

    # A work order.
    await may.get_by_role("button", name="建工单").click()
    await window.get_by_label("类型").select_option("退款跟进")
    await window.get_by_label("紧急程度").select_option("紧急")
    await window.get_by_label("标题").fill("催退款")
    await window.get_by_label("详情").fill("客户三天没有收到退款，财务核实后回电")
    await desk.picture("desk-case-dialog")
    await window.get_by_role("button", name="建工单").click()
    await expect(window).to_be_hidden()
    await expect(page.get_by_label("客户资料")).to_contain_text("催退款")

    # The end: how it ended is chosen and kept.
    window = await desk.do("结束会话")
    await window.get_by_label("处理结果").select_option("已补偿")
    await window.get_by_label("小结（选填）").fill("已发券并登记退货")
    await desk.picture("desk-disposition")
    await window.get_by_role("button", name="结束会话").click()
    await expect(desk.items).to_have_count(0)

    # The work order is worked on and answered where the customer came from.
    await page.get_by_role("link", name="工单").click()
    await page.locator(".case-row", has_text="催退款").click()
    detail = page.get_by_label("工单详情")
    await expect(detail).to_contain_text("财务核实后回电")
    await expect(detail).to_contain_text(f"负责人{desk.person.name}")
    await detail.get_by_role("button", name="记一步").click()
    window = page.locator("dialog[open]")
    await window.get_by_label("做了什么").fill("财务已打款")
    await window.get_by_role("button", name="保存").click()
    await expect(detail).to_contain_text("财务已打款")
    await desk.picture("desk-case")
    await detail.get_by_role("button", name="答复客户并办结").click()
    await window.get_by_label("答复").fill("您的退款已经打出，预计两小时内到账。")
    await window.get_by_role("button", name="发送并办结").click()
    await expect(detail).to_contain_text("已办结")
    await visit.hear("您的退款已经打出")
    await visit.check()
    await visit.page.context.close()
    await desk.leave()
    audited = staff.get("/audit", agent=desk.person.id)["items"]
    done = {entry["action"] for entry in audited}  # type: ignore[attr-defined]
    assert {"coupon", "return", "case_answer"} <= done
    assert how_it_ended(service, desk.person) == ("compensated", "已发券并登记退货")


def how_it_ended(service: Service, person: Person) -> tuple[str, str]:
    """Disposition and note of the agent's only handoff."""
    with sqlite3.connect(service.settings.database.removeprefix("sqlite:///")) as connection:
        found: tuple[str, str] = connection.execute(
            "SELECT disposition, note FROM handoffs WHERE agent_id = ?", (person.id,)
        ).fetchone()
    return found
