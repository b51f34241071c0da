"""``yingda recordings``: what was recorded, made audible by whoever has the key."""

from __future__ import annotations

import wave
from pathlib import Path

from ivr.recording import UnreadableRecording, key_from, read_recording
from yingda.launcher import LaunchError, configure


def run(file: Path, out: Path) -> None:
    """Write a recording as a stereo WAV.

    Raises:
        LaunchError: no key, another key, or a damaged file.
    """
    secret = configure.readable().ivr_recording_key
    if secret is None:
        raise LaunchError("The key is not set: YINGDA_IVR_RECORDING_KEY.")
    try:
        rate, sound = read_recording(file, key_from(secret.get_secret_value()))
    except (UnreadableRecording, ValueError) as error:
        raise LaunchError(f"{file.name} cannot be opened: {error}.") from None
    with wave.open(str(out), "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(sound)
    print(f"{out}: {len(sound) / 4 / rate:.1f} s, left the caller, right the hotline")
