"""The hotline: what a caller waits for, how even the sound is, how many calls at once.

``python -m benchmarks.hotline``: a real engine and service for their time, real recognition (Whisper
base) and voice (Kokoro), both installed if need be. Callers' sentences are spoken by the local voice
and go through 8 kHz; calls come in as files do for ``yingda call``, in real time.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.document import put_part
from bot.settings import Settings
from ivr.call import CallSession, HttpPhoneService, Menu, load_menu
from ivr.hearing import Heard, Recogniser, open_recogniser
from ivr.models import KOKORO, WHISPER_BASE, InstallFailed, install
from ivr.sound import SileroModel, silence
from ivr.spoken import speak_as
from ivr.transports.file import FileTransport, KeysPressed, Speech
from ivr.voices import Voice, kokoro_folder, open_voice
from yingda.launcher import Progress
from yingda.launcher.connection import temporary_stack
from yingda.launcher.home import ROOT, Home

RATE = 8000
SENTENCES = (
    "我要查一下积分",
    "你们上海有门店吗",
    "七天无理由退货怎么退",
    "会员等级有什么优惠",
    "可以开发票吗",
)
PARTS = ("endpointing", "recognition", "turn", "voice", "total")
LOADS = (1, 5, 10, 20, 40)
GAP_LIMIT_MS = 25.0
LOAD_S = 12.0


@dataclass
class Beat:
    """When frames left, in one run."""

    gaps: list[float] = field(default_factory=list)

    def watch(self, transport: FileTransport) -> None:
        """Time every frame of a call."""
        last: list[float] = []
        frame = transport._frame
        clock = asyncio.get_running_loop().time

        def timed() -> None:
            now = clock()
            if last:
                self.gaps.append((now - last[0]) * 1000)
            last[:] = [now]
            frame()

        transport._frame = timed  # type: ignore[method-assign]


class NoRecogniser:
    """Hears nothing: what is left is the cost of everything else."""

    name = "none"

    def stream(self, rate: int, grammar: Any = None) -> NoRecogniser:
        """Itself."""
        return self

    async def feed(self, pcm: bytes) -> str | None:
        """Nothing."""
        return None

    async def finish(self) -> Heard:
        """Nothing."""
        return Heard("我要查一下积分", 1.0)

    def close(self) -> None:
        """Nothing."""


async def talk(
    items: list[Speech | KeysPressed],
    service: HttpPhoneService,
    voice: Voice,
    recogniser: Recogniser | None,
    vad: SileroModel,
    menu: Menu,
    beat: Beat | None = None,
    longest_s: float = 300,
) -> CallSession:
    """One call."""
    transport = FileTransport(items, RATE)
    if beat is not None:
        beat.watch(transport)
    session = CallSession(
        transport,
        service,
        voice,
        recogniser,
        vad.open(RATE),
        menu,
        spoken=speak_as,
        longest_s=longest_s,
    )
    transport.start()
    await session.run()
    await transport.close()
    return session


async def spoken(voice: Voice, text: str) -> bytes:
    """A sentence as a caller says it, with a breath before and after."""
    sound = b"".join([pcm async for pcm in _speak(voice, text)])
    return silence(200, RATE) + sound + silence(900, RATE)


async def _speak(voice: Voice, text: str) -> AsyncIterator[bytes]:
    async for pcm in voice.speak(text, RATE):
        yield pcm


async def decomposition(
    service: HttpPhoneService, voice: Voice, recogniser: Recogniser, menu: Menu, rounds: int
) -> dict[str, dict[str, list[float]]]:
    """How the caller's wait is made up, the first time and with every sentence in the cache."""
    vad = SileroModel()
    items = [Speech(await spoken(voice, text)) for text in SENTENCES]
    found: dict[str, dict[str, list[float]]] = {}
    for name in ("local voice", *(["cached voice"] * rounds)):
        session = await talk(list(items), service, voice, recogniser, vad, menu)
        kept = found.setdefault(name, {part: [] for part in PARTS})
        for turn in session.trace.figures()["turns"]:
            for part in PARTS:
                if turn[part] is not None:
                    kept[part].append(turn[part])
    return found


async def load(
    service: HttpPhoneService,
    voice: Voice,
    recogniser: Recogniser,
    menu: Menu,
    calls: int,
    item: Speech,
) -> list[float]:
    """So many calls at once, each asking and hearing something; gaps between frames in ms."""
    beat, vad = Beat(), SileroModel()

    async def one(number: int) -> None:
        await asyncio.sleep(number * 0.37 % 2)
        with suppress(TimeoutError):
            async with asyncio.timeout(LOAD_S):
                items: list[Speech | KeysPressed] = [item, item, item]
                await talk(items, service, voice, recogniser, vad, menu, beat, LOAD_S)

    await asyncio.gather(*(one(number) for number in range(calls)))
    return beat.gaps


async def run(rounds: int, loads: tuple[int, ...]) -> dict[str, Any]:
    """The whole measurement."""
    progress = Progress(sys.stderr)
    home = Home.at(ROOT / ".yingda")
    with tempfile.TemporaryDirectory(prefix="yingda-bench-") as folder:
        own = Settings(_env_file=None, home=Path(folder), voice_engines="kokoro")  # type: ignore[call-arg]
        install(WHISPER_BASE, own.home / "speech" / WHISPER_BASE.name, progress.say)
        install(KOKORO, kokoro_folder(own), progress.say)
        voice, recogniser = open_voice(own), open_recogniser(own)
        assert recogniser is not None
        menu = load_menu().model_copy(
            update={"greeting": "您好。", "announce_recording": False, "invitation": "请讲。"}
        )
        async with temporary_stack(home, progress) as stack:
            service = HttpPhoneService(stack.url, stack.token)
            await voice.start()
            await recogniser.start()
            result: dict[str, Any] = {
                "parts": await decomposition(service, voice, recogniser, menu, rounds)
            }
            # From here on only cached sentences: the voice is not what is measured.
            item = Speech(await spoken(voice, SENTENCES[0]))
            result["loads"] = {
                name: {
                    calls: await load(service, voice, engine, menu, calls, item) for calls in loads
                }
                for name, engine in (("without", NoRecogniser()), ("with", recogniser))
            }
            await recogniser.stop()
            await voice.stop()
            await service.close()
    return result


def percentile(values: list[float], share: float) -> float:
    """A percentile of a sample; 0 for an empty one."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def section(result: dict[str, Any]) -> str:
    """The figures as docs/benchmarks.md shows them."""
    lines = [
        "## The hotline",
        "",
        "End of speech → first sound of the reply, in seconds: p50 / p90. Whisper base, one call, sentences",
        "spoken by the local voice over 8 kHz. The aim is p50 ≤ 1.2 and p90 ≤ 2.0 with a cached or local voice.",
        "",
        "| voice | turns | endpointing | recognition | turn | voice | all |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, parts in result["parts"].items():
        cells = [
            f"{statistics.median(parts[p]):.2f} / {percentile(parts[p], 0.9):.2f}"
            if parts[p]
            else "—"
            for p in PARTS
        ]
        lines.append(f"| {name} | {len(parts['total'])} | {' | '.join(cells)} |")
    lines += [
        "",
        f"Calls at once and the gaps between their 20 ms frames, p50 / p99 in ms; the aim is p99 ≤ {GAP_LIMIT_MS:.0f}",
        "with 20 calls. Service and engine run on the same machine.",
        "",
        "| calls | " + " | ".join(f"{name} recognition" for name in result["loads"]) + " |",
        "|---|" + "---|" * len(result["loads"]),
    ]
    loads = next(iter(result["loads"].values()))
    for calls in loads:
        cells = [
            f"{statistics.median(gaps[calls]):.1f} / {percentile(gaps[calls], 0.99):.1f}"
            for gaps in result["loads"].values()
        ]
        lines.append(f"| {calls} | {' | '.join(cells)} |")
    held = {
        name: max((n for n, g in gaps.items() if percentile(g, 0.99) <= GAP_LIMIT_MS), default=0)
        for name, gaps in result["loads"].items()
    }
    most = ", ".join(f"{name} recognition {count}" for name, count in held.items())
    lines += ["", f"Most calls within that limit, of those tried: {most}.", ""]
    return "\n".join(lines)


def main(rounds: int = 4, loads: tuple[int, ...] = LOADS) -> None:
    """Measure and write the section; without its models (offline) the old one stays."""
    try:
        result = asyncio.run(run(rounds, loads))
    except InstallFailed as error:
        print(f"hotline not measured: {error}", file=sys.stderr)
        return
    text = section(result)
    print(text)
    put_part("hotline", text)


if __name__ == "__main__":
    if sys.argv[1:] == ["--quick"]:
        main(rounds=1, loads=(1, 10, 20))
    else:
        main()
