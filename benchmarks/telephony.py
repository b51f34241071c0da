"""How evenly sound leaves with many calls up, measured at the callers' end of a real Asterisk.

    python -m benchmarks.telephony [--calls 20] [--seconds 20] [--write]

sipp calls in over SIP; every caller's packets are timed by the kernel. Our process plays without a
pause to every caller and hears every caller. The limit for p99 of the gaps is 25 ms (20 is even).
``--write`` puts the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.document import put_part
from benchmarks.turns import machine
from ivr.process.priority import put_sound_first
from ivr.transports import CallTransport
from tests.telephony.load import Callers
from tests.telephony.pbx import asterisk
from tests.telephony.serving import serving
from tests.telephony.sounds import alaw_noise, alaw_to_pcm

LIMIT_P99_MS = 25.0
RAMP_PER_S = 20


def main() -> None:
    """Run it; the exit status is 1 if the limit is not kept."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calls", type=int, default=20)
    options.add_argument("--seconds", type=int, default=20)
    options.add_argument("--write", action="store_true")
    said = options.parse_args()
    lines, kept = asyncio.run(_measure(said.calls, said.seconds))
    text = "\n".join(["## Telephone: pacing", "", machine(), "", *lines])
    print(text)
    if said.write:
        put_part("telephony", text)
    sys.exit(0 if kept else 1)


async def _measure(calls: int, seconds: int) -> tuple[list[str], bool]:
    put_sound_first()  # as the hotline's process does
    sound = alaw_to_pcm(alaw_noise(50 * seconds, seed=1))

    async def talk(call: CallTransport) -> None:
        call.play(sound)
        listening = asyncio.create_task(_listen(call))
        await call.hangup()
        await listening

    with asterisk() as pbx, tempfile.TemporaryDirectory() as folder:
        callers = Callers(pbx, Path(folder), calls)
        try:
            limits = {"ivr_max_calls": calls, "asterisk_max_calls": calls}
            async with serving(pbx, talk, **limits):
                began, used = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
                failed = await callers.call(RAMP_PER_S, timeout_s=seconds + 60)
                took, spent = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
        finally:
            callers.close()
    gaps = sorted(gap for heard in callers.heard for gap in heard.gaps_ms)
    lost = sum(
        max(heard.packets) - min(heard.packets) + 1 - len(heard.packets) for heard in callers.heard
    )
    share = (spent.ru_utime + spent.ru_stime - used.ru_utime - used.ru_stime) / took / calls
    at = [gaps[min(len(gaps) - 1, int(len(gaps) * q))] for q in (0.5, 0.95, 0.99, 1.0)]
    lines = [
        "| calls up | packets | lost | failed calls | gap p50 | p95 | p99 | longest | our CPU a call |",
        "|---|---|---|---|---|---|---|---|---|",
        f"| {calls} | {len(gaps) + calls} | {lost} | {failed} | "
        + " | ".join(f"{ms:.1f} ms" for ms in at)
        + f" | {share:.2%} of a core (callers' sockets included) |",
        "",
        f"Limit: p99 ≤ {LIMIT_P99_MS:.0f} ms. Without recognition and voice.",
    ]
    return lines, failed == 0 and at[2] <= LIMIT_P99_MS


async def _listen(call: CallTransport) -> None:
    async for _ in call.events():
        pass


if __name__ == "__main__":
    main()
