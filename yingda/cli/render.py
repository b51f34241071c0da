"""``yingda voices render`` and ``yingda voices check``."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

from bot.settings import Settings
from ivr.hearing import open_recogniser
from ivr.spoken import speak_as
from ivr.voices import Engine, VoiceError, open_engines, open_rendered
from ivr.voices.prompts import fixed_sentences
from ivr.voices.sound import resampled, write_wav
from yingda.launcher import LaunchError, Progress, configure

RATES = (16_000, 8_000)
"""Rates that transports use; the first is spoken, the other made from it."""
ENGINES = ("edge", "kokoro")
_TOLD_EVERY = 50
_GIVES_UP_AFTER = 3
"""Sentences in a row that nothing can speak: the rest would fail in the same way."""
_LACKING = "No voice can speak here: run `yingda voices install`, or see YINGDA_VOICE_ENGINES."


def render(engine: str | None, limit: int | None) -> None:
    """Speak what is not there yet."""
    asyncio.run(_render(_settings(), engine, limit))


def check(text: str, out: str | None, *, as_json: bool) -> None:
    """Let every engine speak; exit code 1 if none can."""
    if not asyncio.run(_check(_settings(), text, Path(out) if out else None, as_json)):
        raise LaunchError(_LACKING)


def _settings() -> Settings:
    return Settings(_env_file=None, home=configure.home().path)


async def _render(settings: Settings, wanted: str | None, limit: int | None) -> None:
    progress = Progress()
    store = open_rendered(settings)
    engines = _engines(settings, wanted)
    texts = fixed_sentences()[:limit]
    made = 0
    unspoken: list[str] = []
    in_a_row = 0
    try:
        for number, text in enumerate(texts, start=1):
            progress.tick(f"{number}/{len(texts)} {text}")
            if any(all(store.get(engine.name, text, rate) for rate in RATES) for engine in engines):
                continue
            engine, pcm, why = await _spoken(engines, text)
            if engine is None:
                unspoken.append(why)
                in_a_row += 1
                if in_a_row == _GIVES_UP_AFTER:
                    break
                continue
            in_a_row = 0
            for rate in RATES:
                store.put(engine.name, text, rate, resampled(pcm, RATES[0], rate))
            made += 1
            if made % _TOLD_EVERY == 0:
                progress.say_step(f"{number} of {len(texts)} sentences")
    finally:
        for engine in engines:
            await engine.stop()
    if unspoken:
        raise LaunchError(
            f"{len(unspoken)} sentences could not be spoken ({unspoken[-1]}); {made} were rendered. "
            "Run `yingda voices render` again: it goes on where it stopped."
        )
    progress.done(f"{len(texts)} sentences are rendered, {made} of them now")


def _engines(settings: Settings, wanted: str | None) -> list[Engine]:
    if wanted not in (None, *ENGINES):
        raise LaunchError(f"There is no voice engine {wanted}: choose {' or '.join(ENGINES)}.")
    engines = [e for e in open_engines(settings) if wanted in (None, e.name.partition(":")[0])]
    if not engines:
        raise LaunchError(_LACKING)
    return engines


async def _spoken(engines: list[Engine], text: str) -> tuple[Engine | None, bytes, str]:
    """Which engine has spoken it, the sound, and why those before it (or all of them) have not."""
    why: list[str] = []
    for engine in engines:
        try:
            pcm = b"".join([part async for part in engine.speak(text, RATES[0])])
        except VoiceError as error:
            why.append(f"{engine.name}: {error}")
            continue
        if pcm:
            return engine, pcm, "; ".join(why)
        why.append(f"{engine.name}: no sound")
    return None, b"", "; ".join(why)


async def _check(settings: Settings, text: str, out: Path | None, as_json: bool) -> bool:
    recogniser = open_recogniser(settings, recordings=True)
    said = speak_as(text)
    spoke = False
    for engine in open_engines(settings):
        result: dict[str, object] = {"engine": engine.name, "text": said}
        try:
            await engine.start()
            began = time.monotonic()
            first = None
            pcm = b""
            async for part in engine.speak(said, RATES[0]):
                first = first or time.monotonic() - began
                pcm += part
            took, length = time.monotonic() - began, len(pcm) / 2 / RATES[0]
            result |= {
                "first_sound_s": round(first or 0, 2),
                "took_s": round(took, 2),
                "sound_s": round(length, 2),
                "ratio": round(took / length, 2) if length else None,
            }
            spoke = spoke or bool(pcm)
            if recogniser is not None:
                stream = recogniser.stream(RATES[0])
                await stream.feed(pcm)
                result["heard"] = (await stream.finish()).text
            if out is not None:
                result["file"] = _recorded(out, engine.name, pcm)
        except VoiceError as error:
            result["error"] = str(error)
        finally:
            await engine.stop()
        print(json.dumps(result, ensure_ascii=False) if as_json else _shown(result), flush=True)
    if recogniser is not None:
        await recogniser.stop()
    return spoke


def _recorded(folder: Path, name: str, pcm: bytes) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name.replace(':', '-')}.wav"
    write_wav(path, pcm, RATES[0])
    return str(path)


def _shown(result: dict[str, object]) -> str:
    if "error" in result:
        return f"✗ {result['engine']}: {result['error']}"
    heard = f"\n  heard back: {result['heard']}" if "heard" in result else ""
    return (
        f"✓ {result['engine']}: first sound after {result['first_sound_s']} s, "
        f"{result['sound_s']} s of speech in {result['took_s']} s{heard}"
    )
