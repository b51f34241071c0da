"""Recordings: nobody reads them without the key, nothing can be changed, old ones go."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ivr.recording import Recordings, UnreadableRecording, key_from, read_recording
from ivr.transports import Audio
from tests.ivr.call.world import FRAME, RATE, FakeTransport, VirtualLoop

KEY = bytes(range(32))


def _record(folder: Path, seconds: float = 12) -> Path:
    """A call in which the caller speaks all the time and we do from second 2 to second 4."""
    recordings = Recordings(folder, KEY, timedelta(days=30))

    async def call() -> None:
        recorder = recordings.open("call-1", RATE)
        assert recorder is not None
        wire = FakeTransport()
        heard = recorder.listening(wire)
        wire.start()
        frames = 0
        async for event in heard.events():
            if isinstance(event, Audio):
                frames += 1
            wire.speak(20, 1000)
            if frames == 100:
                pcm = b"\xd0\x07" * (RATE * 8)
                recorder.ours(asyncio.get_running_loop().time(), pcm)
                heard.play(pcm)
            if frames == 200:
                heard.flush()
            if frames >= seconds * 50:
                break
        recorder.close()
        wire.stop()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(call())
    return folder / "call-1.ydr"


def test_both_sides_are_heard_where_they_were_and_what_was_cut_off_is_not(tmp_path: Path) -> None:
    rate, sound = read_recording(_record(tmp_path), KEY)
    stereo = np.frombuffer(sound, "<i2").reshape(-1, 2)
    assert rate == RATE and abs(len(stereo) / RATE - 12) < 0.1
    assert (stereo[RATE:, 0] == 1000).mean() > 0.98
    ours = np.flatnonzero(stereo[:, 1])
    assert abs(ours[0] / RATE - 2) < 0.1 and abs(ours[-1] / RATE - 4) < 0.1


def test_the_file_shows_nothing_and_another_key_opens_nothing(tmp_path: Path) -> None:
    path = _record(tmp_path)
    assert b"\xe8\x03\xd0\x07" * 8 not in path.read_bytes()
    with pytest.raises(UnreadableRecording):
        read_recording(path, bytes(32))


def test_a_changed_or_moved_block_is_noticed_and_a_cut_file_gives_what_is_whole(
    tmp_path: Path,
) -> None:
    path = _record(tmp_path)
    whole = path.read_bytes()
    changed = bytearray(whole)
    changed[200] ^= 1
    path.write_bytes(bytes(changed))
    with pytest.raises(UnreadableRecording):
        read_recording(path, KEY)
    path.write_bytes(whole[:-100])
    _rate, sound = read_recording(path, KEY)
    assert 9 < len(sound) / 4 / RATE < 11
    path.write_bytes(b"RIFF")
    with pytest.raises(UnreadableRecording):
        read_recording(path, KEY)


def test_old_recordings_are_deleted(tmp_path: Path) -> None:
    path = _record(tmp_path, 1)
    recordings = Recordings(tmp_path, KEY, timedelta(days=30))
    now = datetime.now(UTC)
    assert recordings.sweep(now) == 0
    old = (now - timedelta(days=31)).timestamp()
    os.utime(path, (old, old))
    assert recordings.sweep(now) == 1 and not path.exists()


def test_a_full_disk_ends_the_recording_and_not_the_call(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path, KEY, timedelta(days=30))
    assert recordings.open("twice", RATE) is not None
    assert recordings.open("twice", RATE) is None


def test_a_key_is_32_bytes() -> None:
    assert key_from("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=") == KEY
    with pytest.raises(ValueError, match="32"):
        key_from("AAECAwQ=")
    assert FRAME == 320
