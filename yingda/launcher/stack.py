"""What makes up a running Yingda: which processes, with what arguments, healthy when."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.settings import Settings
from yingda.launcher.environment import engine_environment, service_environment
from yingda.launcher.errors import LaunchError
from yingda.launcher.home import ROOT, Home
from yingda.launcher.ports import require_free
from yingda.launcher.process import ProcessSpec
from yingda.launcher.supervisor import Policy

LARGEST_SOCKET_MESSAGE = 131_072  # bytes; a message of 10,000 characters must get a polite refusal
_ENGINE_POLICY = Policy(start_deadline=240.0, silence_limit=60.0)
_IVR_POLICY = Policy(start_deadline=120.0, silence_limit=30.0)
_SERVICE_POLICY = Policy(start_deadline=60.0, silence_limit=30.0)


@dataclass(frozen=True)
class Stack:
    """A stack to run.

    ``settings`` are those in force, with an absolute home. ``model`` is None when the engine runs
    elsewhere (``YINGDA_ENGINE_URL``). ``extra`` overrides variables of the service.
    """

    settings: Settings
    model: Path | None
    extra: Mapping[str, str]

    @property
    def home(self) -> Home:
        """The run-time folder."""
        return Home.at(self.settings.home)

    @property
    def url(self) -> str:
        """Where this machine reaches the service."""
        return f"http://{local_address(self.settings.host)}:{self.settings.port}"

    @property
    def token(self) -> str:
        """The internal token."""
        return self.settings.require_secret("internal_token")

    @property
    def engine_ports(self) -> list[int]:
        """Ports of the engines that run here: consecutive from ``engine_port``."""
        if self.model is None:
            return []
        first = self.settings.engine_port
        return list(range(first, first + self.settings.engines))

    def require_ports(self) -> None:
        """Make sure that every port is free.

        Raises:
            LaunchError: one is taken; a sentence for each.
        """
        if self.settings.port in self.engine_ports:
            raise LaunchError(
                f"Service and engine are both set to port {self.settings.port}: choose another "
                "with YINGDA_PORT=<port> or YINGDA_ENGINE_PORT=<port>."
            )
        settings = self.settings
        wanted = [(settings.host, settings.port, "YINGDA_PORT")]
        if settings.ivr:
            wanted.append((settings.ivr_host, settings.ivr_port, "YINGDA_IVR_PORT"))
        wanted += [("127.0.0.1", port, "YINGDA_ENGINE_PORT") for port in self.engine_ports]
        if settings.ivr and settings.asterisk:
            where = settings.asterisk_host
            wanted.append((where, settings.asterisk_agi_port, "YINGDA_ASTERISK_AGI_PORT"))
            wanted.append((where, settings.asterisk_audio_port, "YINGDA_ASTERISK_AUDIO_PORT"))
        told = []
        for host, port, setting in wanted:
            try:
                require_free(host, port, setting)
            except LaunchError as error:
                told.append(str(error))
        if told:
            raise LaunchError(" ".join(told))

    def specs(self) -> list[ProcessSpec]:
        """The processes, in the order in which they are stopped: those that ask others first."""
        specs = [self._ivr()] if self.settings.ivr else []
        specs.append(self._service())
        if self.model is not None:
            ports = self.engine_ports
            names = (
                ["engine"] if len(ports) == 1 else [f"engine-{n + 1}" for n in range(len(ports))]
            )
            specs += [self._engine(self.model, *pair) for pair in zip(names, ports, strict=True)]
        return specs

    @property
    def _variables(self) -> dict[str, str]:
        """What service and hotline must agree on with the command line."""
        settings = self.settings
        return {
            "YINGDA_HOST": settings.host,
            "YINGDA_PORT": str(settings.port),
            "YINGDA_ENGINE_PORT": str(settings.engine_port),
            "YINGDA_ENGINES": str(settings.engines),
            "YINGDA_DEMO": "1" if settings.demo else "0",
            "YINGDA_IVR": "1" if settings.ivr else "0",
            "YINGDA_IVR_PORT": str(settings.ivr_port),
        }

    def _ivr(self) -> ProcessSpec:
        settings = self.settings
        return ProcessSpec(
            name="ivr",
            argv=[
                *[sys.executable, "-m", "uvicorn", "ivr.process:create_app", "--factory"],
                *["--host", settings.ivr_host, "--port", str(settings.ivr_port)],
                *["--log-level", "info", "--no-access-log"],
                # Callers hear a goodbye before the line goes dead.
                *["--timeout-graceful-shutdown", "4"],
                *["--ws-max-size", "65536"],
            ],
            env=service_environment(self.home, self._variables | dict(self.extra)),
            cwd=ROOT,
            health_url=f"http://{local_address(settings.ivr_host)}:{settings.ivr_port}/health",
            health_headers={},
            policy=_IVR_POLICY,
        )

    def _service(self) -> ProcessSpec:
        settings = self.settings
        return ProcessSpec(
            name="service",
            argv=[
                *[sys.executable, "-m", "uvicorn", "yingda.app:create_app", "--factory"],
                *["--host", settings.host, "--port", str(settings.port)],
                # Paths of chat sockets carry session tokens, so there is no access log.
                *["--log-level", "info", "--no-access-log"],
                *["--timeout-graceful-shutdown", "4"],
                *["--ws-max-size", str(LARGEST_SOCKET_MESSAGE)],
            ],
            env=service_environment(self.home, self._variables | dict(self.extra)),
            cwd=ROOT,
            health_url=f"{self.url}/health",
            health_headers={},
            policy=_SERVICE_POLICY,
        )

    def _engine(self, model: Path, name: str, port: int) -> ProcessSpec:
        rasa = ROOT / "engine" / ".venv" / "bin" / "rasa"
        return ProcessSpec(
            name=name,
            argv=[
                *[str(rasa), "run", "-m", str(model), "-i", "127.0.0.1", "-p", str(port)],
                *["--endpoints", "endpoints.yml", "--credentials", "credentials.yml"],
            ],
            env=engine_environment(
                self.home,
                extra={
                    "YINGDA_INTERNAL_TOKEN": self.token,
                    "YINGDA_ACTIONS_URL": f"{self.url}/internal/actions/webhook",
                },
            ),
            cwd=ROOT,
            health_url=f"http://127.0.0.1:{port}/webhooks/door/health",
            health_headers={"Authorization": f"Bearer {self.token}"},
            # Rasa serves the newest archive if the wanted one is gone: see that it is ours.
            health_fields={"model": model.name},
            policy=_ENGINE_POLICY,
        )


def local_address(host: str) -> str:
    """The address at which this machine reaches a server that listens on ``host``."""
    if host in ("0.0.0.0", "", "*"):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host
