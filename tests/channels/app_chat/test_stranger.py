"""The whole path in a browser: page, widget, service, engine, actions, shop; nothing is scripted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.channels.app_chat.browser import DESKTOP, PHONE, Visit, chromium
from tests.conftest import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def order(service: Service) -> Callable[[str], dict[str, str]]:
    """An order that the demo page offers to strangers, by its state's text."""
    samples = httpx.get(f"{service.url}/demo/shop", trust_env=False).json()["orders"]

    def find(state: str) -> dict[str, str]:
        found: dict[str, str] = next(o for o in samples if state in o["state"])
        return found

    return find


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_a_stranger_proves_an_order_sees_its_card_and_finds_it_after_a_reload(
    browser: Browser,
    service: Service,
    order: Callable[[str], dict[str, str]],
    viewport: dict[str, int],
) -> None:
    sample = order("运输中")
    profile = await browser.new_context(
        viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
    )
    visit = await Visit.to(profile, service.url)
    name = f"stranger-{viewport['width']}"
    await visit.open()
    await visit.say("我的订单到哪了")
    await visit.hear("订单号")  # a stranger is asked for proof and shown nothing
    assert sample["product"] not in await visit.panel.inner_text()
    await visit.picture(f"{name}-1-asked")
    await visit.say(f"{sample['number']}，尾号{sample['tail']}")
    card = visit.page.locator("yingda-chat .card")
    await expect(card).to_contain_text(sample["number"], timeout=20_000)
    await expect(card).to_contain_text("运输中")
    await expect(card).to_contain_text(sample["product"])
    await visit.picture(f"{name}-2-card")
    await card.locator("summary").first.click()
    assert await card.locator(".trace li").count() >= 2
    before = await visit.seqs()
    await visit.page.reload()
    await visit.launcher_or_panel()
    await expect(visit.page.locator("yingda-chat .card")).to_contain_text(sample["number"])
    assert await visit.seqs() == before
    await visit.picture(f"{name}-3-reloaded")
    await visit.check()
    await profile.close()


async def test_a_wrong_tail_shows_nothing(
    browser: Browser, service: Service, order: Callable[[str], dict[str, str]]
) -> None:
    sample = order("运输中")
    profile = await browser.new_context(viewport=DESKTOP, locale="zh-CN")
    visit = await Visit.to(profile, service.url)
    await visit.open()
    await visit.say("查订单")
    await visit.hear("订单号")
    wrong = f"{(int(sample['tail']) + 1) % 10_000:04d}"
    await visit.say(f"{sample['number']} {wrong}")
    await expect(visit.rows).to_have_count(4)
    assert sample["product"] not in await visit.panel.inner_text()
    assert await visit.page.locator("yingda-chat .card").count() == 0
    await visit.check()
    await profile.close()


async def test_a_signed_in_member_is_answered_without_proof(
    browser: Browser, service: Service
) -> None:
    profile = await browser.new_context(
        viewport=DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
    )
    visit = await Visit.to(profile, service.url)
    member = visit.page.get_by_label("以演示会员身份登录")
    await member.select_option("lin")
    await visit.open()
    await visit.say("我还有多少积分")
    # The member may have spoken in another test: what counts is what comes after this answer.
    await expect(visit.rows.last).to_contain_text("3280", timeout=20_000)
    before = await visit.rows.count()
    await visit.say("我的订单到哪了")
    await expect(visit.rows).to_have_count(before + 2, timeout=20_000)
    await visit.picture("member-orders")
    await visit.check()
    await profile.close()
