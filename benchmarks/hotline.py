"""The hotline: what a caller waits for, how fast it falls silent, how many calls at once.

    python -m benchmarks.hotline [--quick] [--write] [--only answers|barge-in|loads]

A real engine and service for their time, real recognition (Whisper base; Vosk's streaming path with
the Korean model, for its times only) and the local voice, all installed if need be. Callers' sentences
are spoken by the local voice at 8 kHz; calls come in as files do for ``yingda call``, in real time, and
for the barge-in by SIP through Asterisk. ``--write`` puts the section into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.barge_in import barge_in, can_measure
from benchmarks.document import put_part
from benchmarks.hotline_calls import (
    PARTS,
    SENTENCES,
    Caller,
    Deaf,
    Foreign,
    Load,
    decomposition,
    load,
    spoken,
)
from benchmarks.turns import machine
from bot.settings import Settings
from ivr.call import HttpPhoneService, load_menu
from ivr.hearing import Recogniser, open_recogniser
from ivr.hearing.vosk import VoskRecogniser
from ivr.models import KOKORO, VOSK_KO, WHISPER_BASE, InstallFailed, install
from ivr.voices import kokoro_folder, open_voice
from yingda.launcher import Progress
from yingda.launcher.connection import temporary_stack
from yingda.launcher.home import ROOT, Home

LOADS = (1, 2, 5, 10, 20, 40)
GAP_LIMIT_MS = 25.0
ANSWER_LIMITS_S = (1.2, 2.0)
BARGE_IN_LIMIT_MS = 200.0
WHISPER, VOSK, NONE = "Whisper base", "Vosk (streaming, Korean model)", "no recognition"
SECTIONS = ("answers", "barge-in", "loads")


async def run(
    rounds: int, loads: Sequence[int], barge_ins: int, wanted: Sequence[str]
) -> dict[str, Any]:
    """The whole measurement; what cannot be measured here is left out."""
    progress = Progress(sys.stderr)
    with tempfile.TemporaryDirectory(prefix="yingda-bench-") as folder:
        own = Settings(  # type: ignore[call-arg]
            _env_file=None, home=Path(folder), voice_engines="kokoro", speech_recogniser="whisper"
        )
        for model in (WHISPER_BASE, VOSK_KO):
            install(model, own.home / "speech" / model.name, progress.say)
        install(KOKORO, kokoro_folder(own), progress.say)
        voice, whisper = open_voice(own), open_recogniser(own)
        assert whisper is not None
        vosk = Foreign(VoskRecogniser(own.home / "speech" / VOSK_KO.name, simplify=False))
        menu = load_menu().model_copy(
            update={"greeting": "您好。", "announce_recording": False, "invitation": "请讲。"}
        )
        result: dict[str, Any] = {"answers": {}, "barge-in": [], "loads": {}}
        async with temporary_stack(Home.at(ROOT / ".yingda"), progress) as stack:
            service = HttpPhoneService(stack.url, stack.token)
            await voice.start()
            items = [await spoken(voice, text) for text in SENTENCES]
            await spoken(voice, menu.sentences.hesitation)  # the hotline has it ready as well
            engines: list[tuple[str, Recogniser]] = [(WHISPER, whisper), (VOSK, vosk)]
            if "answers" in wanted:
                for name, engine in engines:
                    await engine.start()
                    caller = Caller(service, voice, engine, menu)
                    # The first engine meets an empty cache.
                    result["answers"][name] = await decomposition(
                        caller,
                        items,
                        rounds,
                        "local" if engine is whisper else "cached",
                        "cached",
                    )
            if "loads" in wanted:
                for name, engine in [(NONE, Deaf()), *engines]:
                    await engine.start()
                    caller = Caller(service, voice, engine, menu)
                    await caller.talk(items)  # every answer is in the voice's cache from here on
                    result["loads"][name] = {n: await load(caller, n, items) for n in loads}
            for _, engine in engines:
                await engine.stop()
            await voice.stop()
            await service.close()
            if "barge-in" in wanted and can_measure():
                speech = [item.pcm for item in items]
                result["barge-in"] = await barge_in(
                    stack.url, stack.token, own.home, speech, barge_ins
                )
    return result


def percentile(values: Sequence[float], share: float) -> float:
    """A percentile of a sample; 0 for an empty one."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def section(result: dict[str, Any]) -> str:
    """The figures as docs/benchmarks.md shows them."""
    parts = ["## The hotline", "", f"Machine: {machine()}.", ""]
    if result["answers"]:
        parts += _answers(result["answers"])
    if result["barge-in"]:
        parts += _barge_in(result["barge-in"])
    if result["loads"]:
        parts += _loads(result["loads"])
    return "\n".join(parts)


def _answers(found: dict[str, dict[str, dict[str, list[float]]]]) -> list[str]:
    lines = [
        "End of speech → first sound, in seconds, p50 / p90. One call, sentences spoken by the local voice over",
        "8 kHz. The aim is p50 ≤ 1.2 and p90 ≤ 2.0 with a cached or local voice. Where the answer's sound is not",
        "ready 0.4 s after its text, 「好的」 is heard first; the last column is until the answer's own words.",
        "",
        "| recognition | voice | turns | endpointing | recognising | turn | voice | all | own words |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for engine, by_voice in found.items():
        for voice, times in by_voice.items():
            cells = [_pair(times[part], 0.9, 2) for part in PARTS]
            lines.append(f"| {engine} | {voice} | {len(times['total'])} | {' | '.join(cells)} |")
    return [*lines, ""]


def _barge_in(found: list[float]) -> list[str]:
    return [
        "Barge-in, from the first packet of the caller's speech to the last packet of the prompt, on the wire",
        f"between the phone and Asterisk ({len(found)} calls): p50 {statistics.median(found):.0f} ms, "
        f"p90 {percentile(found, 0.9):.0f} ms, longest {max(found):.0f} ms; "
        f"the aim is ≤ {BARGE_IN_LIMIT_MS:.0f} ms.",
        "",
    ]


def _loads(found: dict[str, dict[int, Load]]) -> list[str]:
    lines = [
        "Calls at once: gaps between their 20 ms frames (p50 / p99, ms) and the wait for an answer (p50 / p90,",
        f"s), answers from the voice's cache. The limits are p99 ≤ {GAP_LIMIT_MS:.0f} ms and, with recognition, "
        "p50 ≤ 1.2 s and p90 ≤ 2.0 s.",
        "Service and engine run on the same machine.",
        "",
        "| calls | " + " | ".join(f"{name}: gaps | answers" for name in found) + " |",
        "|---|" + "---|---|" * len(found),
    ]
    for calls in next(iter(found.values())):
        cells = [
            f"{_pair(one[calls].gaps, 0.99, 1)} | {_pair(one[calls].answers, 0.9, 2)}"
            for one in found.values()
        ]
        lines.append(f"| {calls} | {' | '.join(cells)} |")
    held = ", ".join(
        f"{name} {max((n for n, one in by_calls.items() if _within(one)), default=0)}"
        for name, by_calls in found.items()
    )
    return [*lines, "", f"Most calls within the limits, of those tried: {held}.", ""]


def _within(found: Load) -> bool:
    p50, p90 = ANSWER_LIMITS_S
    return (
        percentile(found.gaps, 0.99) <= GAP_LIMIT_MS
        and bool(found.answers)
        and percentile(found.answers, 0.5) <= p50
        and percentile(found.answers, 0.9) <= p90
    )


def _pair(values: Sequence[float], share: float, digits: int) -> str:
    if not values:
        return "—"
    return f"{statistics.median(values):.{digits}f} / {percentile(values, share):.{digits}f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; without its models (offline) nothing is written."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="a smoke run")
    options.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options.add_argument("--only", choices=SECTIONS)
    said = options.parse_args(arguments)
    wanted = (said.only,) if said.only else SECTIONS
    rounds, loads, barge_ins = (1, (1, 5), 2) if said.quick else (4, LOADS, 12)
    try:
        result = asyncio.run(run(rounds, loads, barge_ins, wanted))
    except InstallFailed as error:
        print(f"hotline not measured: {error}", file=sys.stderr)
        return
    text = section(result)
    print(text)
    if said.write:
        put_part("hotline", text)


if __name__ == "__main__":
    main()
