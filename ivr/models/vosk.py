"""The Mandarin Vosk model, which only Vosk's own site has: resumed, checked, unpacked."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
import vosk

from ivr.models.install import InstallFailed

_BLOCK = 1 << 16
_TIMEOUT_S = (5, 20)
_LARGEST = 4 << 30
"""Bytes that an archive may unpack to."""


def install_vosk(language: str, folder: Path, tick: Callable[[str], None]) -> bool:
    """Bring the small model of a language into a folder; returns whether anything was done.

    The checksum (MD5, the only one that the site publishes) is that of the site's list.

    Raises:
        InstallFailed: the site cannot be reached, or what came is not what was promised.
    """
    if (folder / "am" / "final.mdl").is_file():
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        name, md5 = _newest(language)
        archive = folder.parent / f"{name}.zip"
        _download(f"{vosk.MODEL_PRE_URL}{name}.zip", archive, tick)
    except (requests.RequestException, json.JSONDecodeError, KeyError, TypeError) as error:
        raise InstallFailed(
            "Vosk's site cannot be reached: check the network and run this again (it goes on where "
            f"it was), or unpack a Mandarin Vosk model into {folder} by hand. Until then Whisper "
            "is used if it is installed."
        ) from error
    if hashlib.md5(archive.read_bytes(), usedforsecurity=False).hexdigest() != md5:
        archive.unlink()
        raise InstallFailed(f"{archive.name} has the wrong checksum and was removed; try again.")
    _unpack(archive, folder)
    archive.unlink()
    return True


def _newest(language: str) -> tuple[str, str]:
    answer = requests.get(vosk.MODEL_LIST_URL, timeout=_TIMEOUT_S)
    answer.raise_for_status()
    models: list[dict[str, Any]] = answer.json()
    for model in models:
        small = model["type"] == "small" and model["obsolete"] == "false"
        if model["lang"] == language and small:
            return Path(str(model["name"])).name, str(model["md5"])
    raise KeyError(language)


def _download(url: str, target: Path, tick: Callable[[str], None]) -> None:
    """Append what is lacking; a complete file answers 416 and stays."""
    there = target.stat().st_size if target.exists() else 0
    headers = {"Range": f"bytes={there}-"} if there else {}
    with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT_S) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            return
        answer.raise_for_status()
        resumed = answer.status_code == requests.codes.partial_content
        done = there if resumed else 0
        total = done + int(answer.headers.get("Content-Length", 0))
        with target.open("ab" if resumed else "wb") as file:
            for block in answer.iter_content(_BLOCK):
                file.write(block)
                done += len(block)
                tick(f"{done >> 20} of {total >> 20} MiB")


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with (
            zipfile.ZipFile(archive) as packed,
            tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unpacking-") as scratch,
        ):
            if sum(entry.file_size for entry in packed.infolist()) > _LARGEST:
                raise InstallFailed(f"{archive.name} is far too large for a small model.")
            packed.extractall(scratch)
            found = next(Path(scratch).glob("*/am/final.mdl"), None)
            if found is None:
                raise InstallFailed(f"{archive.name} holds no Vosk model.")
            shutil.rmtree(folder, ignore_errors=True)
            found.parent.parent.rename(folder)
    except zipfile.BadZipFile as error:
        archive.unlink()
        raise InstallFailed(f"{archive.name} is damaged and was removed; try again.") from error
