"""The way in, what each role finds behind it, and one's own settings."""

from __future__ import annotations

import re
import time

import pyotp
import pytest
from playwright.async_api import Browser, expect

from tests.bot.desk.web.desks import PASSWORD, DeskPage, Person, Staff
from tests.conftest import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_wrong_password_is_said_and_too_many_lock_the_door(
    browser: Browser, service: Service
) -> None:
    desk = await DeskPage.open(browser, service, Person("", "nobody-here", "", "agent"))
    desk.may_fail += ("429",)
    alert = desk.page.get_by_role("alert")
    await desk.log_in("wrong")
    await expect(alert).to_contain_text("账号或密码不对")
    await desk.picture("login")
    button = desk.page.get_by_role("button", name="登录")
    for _ in range(20):
        if re.search("还需等待", await alert.inner_text()):
            break
        await expect(button).to_be_enabled()
        await desk.log_in("wrong")
        await expect(alert).to_contain_text(re.compile("不对|还需等待"))
    await expect(alert).to_contain_text(re.compile(r"登录失败次数太多.*还需等待 \d+ 秒"))
    await expect(button).to_be_disabled()
    await desk.leave()


@pytest.mark.parametrize(
    ("role", "places"),
    [
        ("agent", ["会话", "工单", "情绪", "快捷回复"]),
        ("supervisor", ["会话", "工单", "情绪", "原因", "快捷回复", "监控", "报表"]),
        ("admin", ["会话", "工单", "情绪", "原因", "快捷回复", "监控", "坐席", "报表", "审计"]),
    ],
)
async def test_each_role_finds_what_is_for_it(
    browser: Browser, service: Service, staff: Staff, role: str, places: list[str]
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire(role))
    links = desk.page.locator("nav .rail-link[href]")
    assert await links.all_inner_texts() == places
    await expect(desk.tab("全部")).to_have_count(0 if role == "agent" else 1)
    await desk.page.goto(f"{service.url}/desk#/audit")  # by hand, past the links
    heading = desk.page.get_by_role("heading", name="审计日志")
    await expect(heading).to_have_count(1 if role == "admin" else 0)
    await desk.leave()


async def test_a_second_factor_is_set_up_and_asked_for(
    browser: Browser, service: Service, staff: Staff
) -> None:
    person = staff.hire()
    desk = await DeskPage.at_work(browser, service, person)
    desk.may_fail += ("409", "422", "400")
    await desk.page.get_by_role("link", name="我的设置").click()
    await desk.page.get_by_role("button", name="绑定验证器").click()
    window = desk.page.locator("dialog[open]")
    secret = (await window.locator("code").first.inner_text()).replace(" ", "")
    await expect(window).to_contain_text("otpauth://totp/")
    await window.get_by_label("动态验证码").fill("000000")
    await window.get_by_role("button", name="绑定").click()
    await expect(window.get_by_role("alert")).to_contain_text("验证码")
    codes, now = pyotp.TOTP(secret), int(time.time())
    await window.get_by_label("动态验证码").fill(codes.at(now))
    await window.get_by_role("button", name="绑定").click()
    await expect(window).to_have_count(0)
    await desk.page.get_by_role("button", name="退出").click()

    await desk.log_in()
    code = desk.page.get_by_label("动态验证码")
    await code.fill(codes.at(now))  # used up
    await desk.page.get_by_role("button", name="登录").click()
    await expect(desk.page.get_by_role("alert")).to_contain_text("已经用过")
    await code.fill(codes.at(now + 30))
    await desk.page.get_by_role("button", name="登录").click()
    await expect(desk.page.get_by_label("我的状态")).to_be_visible()
    await desk.leave()


async def test_a_password_is_changed_after_the_old_one_is_given(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire())
    desk.may_fail += ("422", "403", "409")
    await desk.page.get_by_role("link", name="我的设置").click()
    await desk.page.get_by_role("button", name="修改密码").click()
    window = desk.page.locator("dialog[open]")
    new = "xin-de-mima-2027"

    async def submit(old: str, first: str, second: str) -> None:
        await window.get_by_label("现在的密码").fill(old)
        await window.get_by_label("新密码", exact=False).first.fill(first)
        await window.get_by_label("再输一次新密码").fill(second)
        await window.get_by_role("button", name="修改").click()

    await submit(PASSWORD, new, new + "x")
    await expect(window.get_by_role("alert")).to_contain_text("不一样")
    await submit("not-my-password", new, new)
    await expect(window.get_by_role("alert")).to_be_visible()
    await submit(PASSWORD, new, new)
    await expect(window).to_have_count(0)
    await desk.page.get_by_role("button", name="退出").click()
    await desk.log_in(new)
    await expect(desk.page.get_by_label("我的状态")).to_be_visible()
    await desk.leave()


async def test_an_agent_is_added_by_an_administrator_and_can_come_in(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire("admin"))
    await desk.page.get_by_role("link", name="坐席").click()
    await desk.page.get_by_role("button", name="新增坐席").click()
    window = desk.page.locator("dialog[open]")
    await window.get_by_label("账号").fill("xinren")
    await window.get_by_label("初始密码").fill(PASSWORD)
    await window.get_by_label("姓名（客户会看到）").fill("新人")
    await window.get_by_label("售后").check()
    await window.get_by_role("button", name="新增").click()
    row = desk.page.get_by_role("row", name="xinren")
    await expect(row).to_contain_text("售后")
    await desk.picture("agents")
    newcomer = await DeskPage.open(browser, service, Person("", "xinren", "新人", "agent"))
    await newcomer.log_in()
    await expect(newcomer.page.get_by_label("我的状态")).to_be_visible()
    await newcomer.page.get_by_role("button", name="退出").click()
    await row.get_by_role("button", name="修改").click()
    await window.get_by_label("可以登录").uncheck()
    await window.get_by_role("button", name="保存").click()
    await expect(row).to_contain_text("已停用")
    await newcomer.page.get_by_label("账号").wait_for()
    await newcomer.log_in()
    await expect(newcomer.page.get_by_role("alert")).to_be_visible()
    await desk.page.get_by_role("link", name="审计").click()
    await expect(desk.page.get_by_role("row").nth(1)).to_be_visible()
    await newcomer.leave()
    await desk.leave()
