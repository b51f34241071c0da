"""``yingda speech install`` and ``yingda voices install``."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ivr.models import KOKORO, MODELS, VOSK_CN, InstallFailed, Model, install
from yingda.launcher import LaunchError, Progress, configure


def speech(names: Sequence[str]) -> None:
    """Install recognition models by name."""
    for name in names:
        if name == VOSK_CN:
            _vosk_cn()
        else:
            _one(MODELS[name])


def voices() -> None:
    """Install the local voice."""
    _one(KOKORO)


def _one(model: Model) -> None:
    progress = Progress()
    folder = configure.home().path / model.home / model.name
    began = time.monotonic()
    try:
        if not install(model, folder, progress.say_step):
            progress.done(f"{model.title} is installed")
            return
    except InstallFailed as error:
        raise LaunchError(str(error)) from None
    progress.done(f"{model.title} installed ({time.monotonic() - began:.1f} s)")


def _vosk_cn() -> None:
    from ivr.models.vosk import install_vosk

    progress = Progress()
    folder = configure.home().path / "speech" / VOSK_CN
    try:
        fresh = install_vosk("cn", folder, progress.tick)
    except InstallFailed as error:
        raise LaunchError(str(error)) from None
    progress.done("Vosk small, Mandarin (Apache-2.0) " + ("installed" if fresh else "is installed"))
