"""The model: is there one for the present inputs, and if not, train it with Rasa.

A model is named after a hash over everything that goes into it, so "up to date" means "the file
is there". A half-written archive never has that name.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from yingda.launcher.environment import engine_environment
from yingda.launcher.errors import LaunchError
from yingda.launcher.home import ROOT, Home
from yingda.launcher.process import dies_with_us
from yingda.launcher.progress import Progress

KEPT_MODELS = 3
NEEDED_MIB = 500
DRAFT = ".training-"
_COMPONENT = re.compile(r"Starting to train component '(\w+)'")
_FAULT = re.compile(r"^(?:\S+ ){0,3}ERROR\s+\S+\s+-\s+(.*)|^(\w*(?:Error|Exception)): (.*)")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def inputs(root: Path = ROOT) -> list[Path]:
    """Every file that has a part in the model, in a stable order.

    Raises:
        LaunchError: there is nothing to train from.
    """
    files = [root / name for name in ("config.yml", "domain.yml", "engine/requirements.lock")]
    for missing in (file for file in files if not file.exists()):
        raise LaunchError(f"There is no {missing.name} in {missing.parent}: nothing to train from.")
    folders = (("data", "*"), ("engine", "*.py"))
    for folder, pattern in folders:
        files.extend(
            path
            for path in sorted((root / folder).rglob(pattern))
            if path.is_file() and not _ignored(path.relative_to(root))
        )
    return files


def _ignored(path: Path) -> bool:
    # Hidden folders hold environments and caches; READMEs do not train anything.
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts) or (
        path.suffix == ".md"
    )


def fingerprint(root: Path = ROOT) -> str:
    """The name of the model that the present inputs make: 16 hexadecimal digits."""
    digest = hashlib.sha256(b"1")  # raise it when the way of training changes
    for path in inputs(root):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root)} {content}\n".encode())
    return digest.hexdigest()[:16]


def model_path(home: Home, root: Path = ROOT) -> Path:
    """Where the model for the present inputs is, or would be."""
    return home.models / f"{fingerprint(root)}.tar.gz"


def ensure_model(home: Home, progress: Progress, *, force: bool = False) -> Path:
    """The model for the present inputs, trained now if it is not there.

    Raises:
        LaunchError: training is not possible or failed.
    """
    model = model_path(home)
    if model.exists() and not force:
        os.utime(model)  # the newest are kept
        return model
    rasa = ROOT / "engine" / ".venv" / "bin" / "rasa"
    if not rasa.exists():
        raise LaunchError("Rasa is not installed in engine/.venv; run `make setup` first.")
    home.require_space(NEEDED_MIB)
    home.models.mkdir(parents=True, exist_ok=True)
    with _training_alone(home, progress):
        if not model.exists() or force:
            _train(rasa, model, home, progress)
    prune(home, keep=KEPT_MODELS)
    return model


def prune(home: Home, keep: int) -> None:
    """Remove all but the newest models; the one that is running stays whatever its age."""
    running = home.running()
    models = sorted(home.models.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for model in models[:-keep]:
        if running is None or running.model != model.name:
            model.unlink(missing_ok=True)


@contextlib.contextmanager
def _training_alone(home: Home, progress: Progress) -> Iterator[None]:
    with (home.models / "train.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.begin("waiting for another training on this folder")
            fcntl.flock(file, fcntl.LOCK_EX)
        for left in home.models.glob(f"{DRAFT}*"):  # by a training that was killed
            shutil.rmtree(left, ignore_errors=True)
        yield


def _train(rasa: Path, model: Path, home: Home, progress: Progress) -> None:
    name = model.name.removesuffix(".tar.gz")
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=home.models))
    log = home.logs / "train.log"
    # Validation would read all data once more; the rules are checked while they are learned.
    command = [str(rasa), "train", "--skip-validation"]
    command += ["--fixed-model-name", name, "--out", str(draft)]
    try:
        with progress.step(f"training model {name}"):
            code = _run_training(command, home, log, progress)
            trained = draft / model.name
            if code != 0 or not trained.exists():
                raise LaunchError(_why(log, code))
            trained.replace(model)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _run_training(command: Sequence[str], home: Home, log: Path, progress: Progress) -> int:
    """Run Rasa's training, its output in a log, its components as progress."""
    log.parent.mkdir(parents=True, exist_ok=True)
    # endpoints.yml and credentials.yml name these; training calls neither.
    unused = {"YINGDA_INTERNAL_TOKEN": "unused-in-training", "YINGDA_ACTIONS_URL": "http://unused"}
    env = engine_environment(home, training=True, extra=unused)
    began = time.monotonic()
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(  # noqa: S603 - our own Rasa
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            preexec_fn=dies_with_us(),
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                file.write(line)
                file.flush()
                if found := _COMPONENT.search(line):
                    seconds = time.monotonic() - began
                    progress.say_step(f"{found.group(1)} ({seconds:.0f} s)")
            return process.wait()
        except BaseException:
            process.kill()
            raise


def _why(log: Path, code: int) -> str:
    """One sentence about a failed training, with Rasa's own last word on it."""
    if code < 0:
        return f"Training was ended by signal {-code} (out of memory?); its log is {log}."
    last = ""
    for line in _ANSI.sub("", log.read_text("utf-8", "replace")).splitlines():
        if found := _FAULT.match(line):
            last = next(part for part in reversed(found.groups()) if part)
    reason = f": {last.strip().rstrip('.')[:300]}" if last else ""
    return f"Training failed{reason} (the whole log: {log})."
