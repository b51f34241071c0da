"""The environment variables of the processes that we start."""

from __future__ import annotations

import os
from collections.abc import Mapping

from yingda.launcher.home import ROOT, Home

# Where this is set, every start of Rasa would compile thousands of files anew, for some 15 s.
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
# TensorFlow, which Rasa imports even when no component uses it, talks much and takes every core.
_QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONWARNINGS": "ignore",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "RASA_TELEMETRY_ENABLED": "false",
    "TOKENIZERS_PARALLELISM": "false",
}
# One turn is a few small matrix products: more threads only add waiting on a busy machine.
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}


def engine_environment(
    home: Home, *, training: bool = False, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Variables for Rasa. Our own secrets stay out, but for what ``extra`` hands over."""
    env = {name: value for name, value in os.environ.items() if not _ours(name)}
    env |= _QUIET
    if not training:
        env |= _ONE_THREAD
    env["PYTHONPATH"] = str(ROOT)
    env["PYTHONUNBUFFERED"] = "1"
    env.pop(NO_BYTECODE, None)
    env["RASA_CACHE_DIRECTORY"] = str(home.path / "cache" / "rasa")
    env.setdefault("LOG_LEVEL", "INFO" if training else "WARNING")
    return env | dict(extra or {})


def service_environment(home: Home, settings: Mapping[str, str]) -> dict[str, str]:
    """Variables for the service: what we were given, with the launcher's choices on top."""
    env = dict(os.environ)
    env.pop(NO_BYTECODE, None)
    env |= {"YINGDA_HOME": str(home.path), "PYTHONUNBUFFERED": "1"}
    return env | dict(settings)


def _ours(name: str) -> bool:
    return name.startswith("YINGDA_") or name in ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH")
