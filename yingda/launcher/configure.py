"""The settings in force for this tree: environment, then ``.env`` in the root, then defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.settings import Settings, SettingsError, load_settings, read_settings
from yingda.launcher.errors import LaunchError
from yingda.launcher.home import ROOT, Home

USAGE = 2  # exit code of a wrong call or setting, as shells have it


def home() -> Home:
    """The run-time folder, whatever else may be wrong with the settings.

    Raises:
        LaunchError: not even the folder can be read from the settings.
    """
    try:
        return Home.at(Path(read_settings(**_source()).home))
    except SettingsError as error:
        text = str(error)
        raise LaunchError(f"{text[:1].upper()}{text[1:]}.", USAGE) from None


def stores() -> tuple[str, str | None]:
    """Addresses of the database and of Redis, whatever else may be wrong with the settings.

    Raises:
        LaunchError: they cannot be read from the settings.
    """
    where = home().path
    known = read_settings(**_source(), home=where)
    return known.database, known.redis_url.get_secret_value() if known.redis_url else None


def readable() -> Settings:
    """The settings as far as they can be read, with an absolute home and without secrets made up.

    Raises:
        LaunchError: they cannot be read.
    """
    return read_settings(**_source(), home=home().path)


def settings(**overrides: Any) -> Settings:
    """The settings in force, with an absolute home; ``None`` overrides nothing.

    Raises:
        LaunchError: they cannot be used; names each that is at fault.
    """
    chosen = {name: value for name, value in overrides.items() if value is not None}
    chosen.setdefault("home", home().path)
    try:
        return load_settings(**_source(), **chosen)
    except SettingsError as error:
        text = str(error)
        raise LaunchError(f"{text[:1].upper()}{text[1:]}{_hint(text)}.", USAGE) from None
    except OSError as error:
        raise LaunchError(
            f"The folder {chosen['home']} cannot be written ({error.strerror}); free some space, "
            "or choose another folder with YINGDA_HOME=<folder>."
        ) from None


def _source() -> dict[str, Any]:
    return {"_env_file": ROOT / ".env"}


def _hint(text: str) -> str:
    wants_secrets = "is not set" in text
    return "; for a demo with made-up data run `yingda up --demo`" if wants_secrets else ""
