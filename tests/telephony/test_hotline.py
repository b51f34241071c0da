"""The whole hotline, called by a phone that speaks Mandarin: Asterisk, our process, service, engine."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from actions.shop import open_demo_shop, personas
from ivr.transports.file import read_wav
from tests.conftest import Service
from tests.support.speech import need_clips
from tests.telephony.hotline import Hotline
from tests.telephony.listener import Listener, check
from tests.telephony.mandarin import Mandarin
from tests.telephony.pbx import Pbx
from tests.telephony.phones import Phones
from tests.telephony.sounds import RATE, write_wav
from tests.telephony.wire import listening

pytestmark = pytest.mark.whole_hotline

MOST_CUT_S = 3.0
"""Of a prompt that takes four times as long; how fast it really is, benchmarks.hotline tells."""


@pytest.fixture
def who(service: Service) -> dict[str, str]:
    """Customers and orders of the demo shop."""
    return personas(open_demo_shop(service.settings.home / "shop.db"))


async def test_a_caller_asks_for_an_order_proves_it_by_keys_and_hears_its_status(
    hotline: Hotline,
    pbx: Pbx,
    phones: Phones,
    mandarin: Mandarin,
    who: dict[str, str],
    tmp_path: Path,
) -> None:
    files = hotline.open_files()
    phone = await phones.carrier(who["lin.phone"])
    caller = Listener(phone, hotline)
    question = await mandarin.say("查一下我的快递到哪了", tmp_path / "question.wav")
    await phone.call(pbx.carrier_uri())
    greeting = await caller.turn()
    await phone.tell(f"play {question}")
    which = await caller.turn()
    await phone.tell(f"digits {who['lin.in_transit.number']}#")
    confirm = await caller.turn()
    await phone.tell("digits 1")
    proof = await caller.turn()
    await phone.tell(f"digits {who['lin.tail']}#")
    status = await caller.turn()
    await phone.hang_up()
    await hotline.until_idle()
    await check(mandarin, greeting, "我是智能客服", "请问有什么可以帮您")
    await check(mandarin, which, "请先报一下十二位订单号")
    await check(mandarin, confirm, "您的订单号是", "对请说是")
    await check(mandarin, proof, "下单手机号的后四位")
    await check(mandarin, status, "核对好了", "在路上", "转运中心")
    turns = (await hotline.figures())[-1]["turns"]
    assert turns, "nothing was understood by voice"
    assert hotline.open_files() <= files + 2  # a connection to the service may be kept


async def test_a_caller_who_interrupts_is_listened_to_at_once(
    hotline: Hotline, pbx: Pbx, phones: Phones, tmp_path: Path
) -> None:
    phone = await phones.carrier()
    caller = Listener(phone, hotline)
    clip = next(clip for clip in need_clips() if clip.path.name.startswith("aishell1"))
    sound = write_wav(tmp_path / "interrupts.wav", read_wav(clip.path, RATE))
    with listening(phone.address, phone.media_port) as wire:
        await phone.call(pbx.carrier_uri())
        await caller.turn()
        await phone.tell("digits 9")  # no such choice: all keys are read out
        await wire.until_heard(time.time() + 0.5)
        spoke_at = time.time()
        await phone.tell(f"play {sound}")
        await asyncio.sleep(MOST_CUT_S + 1)
        began = wire.began_to_speak(spoke_at)
        took = wire.fell_silent(began) - began
        await phone.hang_up()
    await hotline.until_idle()
    print(f"\n  the prompt stopped {took * 1000:.0f} ms after the caller began to speak")
    assert 0 < took < MOST_CUT_S
