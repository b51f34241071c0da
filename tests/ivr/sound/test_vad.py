"""Voice activity: real speech is found; keys, noise and ring-back are not speech."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from ivr.sound import SILENT_DB, SileroModel, beeps, level_db, milliseconds, silence
from ivr.sound.vad import WINDOW_MS
from tests.support.speech import need_clips
from tools.telephone_line import by_telephone, pcm_of, read_wav


@pytest.fixture(scope="module")
def model() -> SileroModel:
    return SileroModel()


def _tone(rate: int, seconds: float, *pitches: float) -> bytes:
    at = np.arange(int(rate * seconds)) / rate
    wave = sum(np.sin(2 * np.pi * pitch * at) for pitch in pitches) * 5000
    return np.asarray(wave).astype("<i2").tobytes()


@pytest.mark.parametrize("rate", [8000, 16000])
def test_keys_noise_and_ring_back_are_no_speech(model: SileroModel, rate: int) -> None:
    noise = np.random.default_rng(1).normal(0, 1500, rate * 2).astype("<i2").tobytes()
    for sound in (_tone(rate, 1, 697, 1209), _tone(rate, 1, 941, 1477), _tone(rate, 2, 450), noise):
        assert max(model.open(rate).feed(sound)) < 0.5


def test_a_window_is_32_ms_however_the_sound_is_cut(model: SileroModel) -> None:
    sound = _tone(8000, 1, 300)
    at_once = model.open(8000).feed(sound)
    vad = model.open(8000)
    cut = [p for at in range(0, len(sound), 322) for p in vad.feed(sound[at : at + 322])]
    assert len(at_once) == 31
    assert cut == pytest.approx(at_once)


def test_other_rates_are_refused(model: SileroModel) -> None:
    with pytest.raises(ValueError, match="44100"):
        model.open(44100)


def test_levels_and_lengths() -> None:
    assert level_db(silence(20, 8000)) == level_db(b"") == SILENT_DB
    assert -21 < level_db(b"\xb8\x0b" * 160) < -20
    assert milliseconds(silence(20, 16000), 16000) == 20
    assert -30 < level_db(beeps(8000)) < -15


def test_a_word_after_a_long_silence_is_noticed_as_soon_as_at_once(model: SileroModel) -> None:
    quiet = np.random.default_rng(5).normal(0, 100, 8000 * 20).astype("<i2").tobytes()
    late = []
    for clip in need_clips("words"):
        word = pcm_of(by_telephone(*read_wav(clip.path)))
        at_once = _onset(model.open(8000).feed(word))
        afterwards = _onset(model.open(8000).feed(quiet + word)[len(quiet) // 512 :])
        if at_once is not None:
            late.append(afterwards - at_once if afterwards is not None else 100)
    assert len(late) > 40
    assert max(late) * WINDOW_MS < 400


def _onset(probabilities: list[float]) -> int | None:
    """The window with which two in a row are speech."""
    pairs = pairwise(probabilities)
    return next((at for at, pair in enumerate(pairs) if min(pair) >= 0.5), None)
