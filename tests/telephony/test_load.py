"""Fifty calls at once."""

from __future__ import annotations

from pathlib import Path

from ivr.transports import CallTransport, HungUp
from tests.telephony.load import Callers
from tests.telephony.pbx import Pbx
from tests.telephony.serving import serving
from tests.telephony.sounds import alaw_noise, alaw_to_pcm

CALLS = 50


async def test_fifty_callers_at_once_each_hear_their_own_greeting_whole(
    pbx: Pbx, tmp_path: Path
) -> None:
    up = most = 0

    async def greet(call: CallTransport) -> None:
        nonlocal up, most
        up += 1
        most = max(most, up)
        assert call.caller.number is not None
        call.play(alaw_to_pcm(alaw_noise(75, seed=int(call.caller.number))))
        call.play(bytes(2 * 160 * 125))  # so long that all are up at once
        await call.hangup()
        async for event in call.events():
            assert not isinstance(event, HungUp) or event.why == "ended"
        up -= 1

    callers = Callers(pbx, tmp_path, CALLS)
    try:
        async with serving(pbx, greet, ivr_max_calls=CALLS, asterisk_max_calls=CALLS):
            failed = await callers.call(per_second=25)
    finally:
        callers.close()
    assert failed == 0
    assert most == CALLS
    assert up == 0
    for heard in callers.heard:
        assert alaw_noise(75, seed=int(heard.number)) in heard.sound
