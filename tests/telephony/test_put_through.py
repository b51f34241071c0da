"""From the hotline to a person, with a real desk in a browser and real telephones on both sides."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.bot.desk.web.desks import PATIENCE_MS, DeskPage, Staff
from tests.conftest import Service
from tests.telephony.hotline import Hotline
from tests.telephony.listener import Listener, check
from tests.telephony.mandarin import Mandarin
from tests.telephony.pbx import Pbx
from tests.telephony.phones import Phones
from tests.telephony.sounds import seconds, tone, write_wav

pytestmark = pytest.mark.whole_hotline

CUSTOMER, AGENT = 1000.0, 1700.0
RUNG_S = 90.0
WISHES = ("我要找人工客服", "请帮我转人工客服", "麻烦接一下人工服务", "我想要人工来处理")


def chip(desk: DeskPage) -> Locator:
    """Where the desk tells how the call stands."""
    return desk.page.locator(".chip.call")


async def test_who_asks_for_a_person_is_put_through_and_the_desk_follows(
    hotline: Hotline,
    pbx: Pbx,
    phones: Phones,
    mandarin: Mandarin,
    browser: Browser,
    service: Service,
    staff: Staff,
    tmp_path: Path,
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire(extension="8001"))
    telephone, phone = await phones.extension("8001"), await phones.carrier("13900001111")
    caller = Listener(phone, hotline)
    wish = await mandarin.clearly(WISHES, "人工", tmp_path / "wish.wav")
    await phone.call(pbx.carrier_uri())
    await caller.turn()
    await phone.tell(f"play {wish}")
    await telephone.until("rung", RUNG_S)
    await desk.items.first.locator(".item-open").click(timeout=PATIENCE_MS)
    await expect(chip(desk)).to_contain_text("正在呼叫分机 8001")
    await expect(desk.page.locator(".talk-head")).to_contain_text("不转写")
    await expect(desk.said("人工")).to_be_visible()
    await desk.picture("desk-call-ringing")
    await telephone.tell("answer")
    await telephone.until("sound")
    await expect(chip(desk)).to_contain_text("分机 8001 通话中")
    await desk.picture("desk-call-talking")
    assert (await hotline.health())["states"] == {"talking": 1}
    await phone.tell(f"play {write_wav(tmp_path / 'c.wav', tone(CUSTOMER, 1.0))}")
    await telephone.tell(f"play {write_wav(tmp_path / 'a.wav', tone(AGENT, 1.0))}")
    await asyncio.sleep(2.0)
    await telephone.hang_up()
    await phone.until_over()
    await hotline.until_idle()
    await expect(desk.items).to_have_count(0)
    await desk.leave()
    assert seconds(await phone.heard(), AGENT) > 0.8
    assert seconds(await telephone.heard(), CUSTOMER) > 0.8


async def test_where_nobody_picks_up_the_assistant_has_the_caller_back_with_a_sentence(
    hotline: Hotline,
    pbx: Pbx,
    phones: Phones,
    mandarin: Mandarin,
    browser: Browser,
    service: Service,
    staff: Staff,
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire(extension="8002"))
    telephone, phone = await phones.extension("8002"), await phones.carrier("13900002222")
    caller = Listener(phone, hotline)
    await phone.call(pbx.carrier_uri())
    await caller.turn()
    await phone.tell("digits 0")
    await telephone.until("rung", RUNG_S)
    await expect(desk.items).to_have_count(1, timeout=PATIENCE_MS)
    await telephone.until_over()  # it has rung for as long as menu.yml says
    caller.forget()
    back = await caller.turn()
    await phone.tell("digits 4")
    stores = await caller.turn()
    await phone.hang_up()
    await hotline.until_idle()
    await expect(desk.items).to_have_count(0)
    await desk.leave()
    await check(mandarin, back, "同事这会儿没能接起来", "继续为您服务")
    await check(mandarin, stores, "门店")
