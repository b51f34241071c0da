"""A way to the service for one command: a running stack, or a quiet one of our own for its time.

The temporary stack is the same launcher on free ports with a home of its own (database, secrets,
logs) that is removed afterwards, in demo mode; only the models are shared.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from bot.settings import SettingsError, load_settings
from yingda.launcher import configure
from yingda.launcher.errors import LaunchError
from yingda.launcher.home import Home
from yingda.launcher.ports import free_port
from yingda.launcher.progress import Progress
from yingda.launcher.runner import Runner
from yingda.launcher.stack import Stack, local_address
from yingda.launcher.training import ensure_model

PROBE_TIMEOUT_S = 3.0
CALL_TIMEOUT_S = 60.0


class Refused(LaunchError):
    """The service does not take a message; the text is what the customer would read."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Connection:
    """The service's internal routes, with errors as sentences."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @property
    def url(self) -> str:
        """Where the service is."""
        return str(self._client.base_url).rstrip("/")

    @property
    def token(self) -> str:
        """The internal token."""
        return str(self._client.headers["Authorization"]).removeprefix("Bearer ")

    async def parse(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """What the bot understands of each text, in order.

        Raises:
            LaunchError: the service or its engine does not answer.
        """
        answer = await self._post("/internal/parse", {"texts": list(texts)})
        return list(answer["results"])

    async def turn(
        self,
        text: str,
        *,
        channel: str,
        external_id: str,
        customer_id: str | None = None,
        choice: tuple[int, int] | None = None,
        test: bool = False,
    ) -> dict[str, Any]:
        """One customer turn, exactly as a channel would have it.

        Args:
            text: what the customer writes; for a choice, its title.
            channel: by which it comes in.
            external_id: names the conversation on that channel.
            customer_id: the shop's customer, as if the channel had proof of it.
            choice: (seq, index) of a quick reply that was offered.
            test: an episode that begins with it counts in no report.

        Raises:
            Refused: the service does not accept this message; the next one may pass.
            LaunchError: the service does not answer.
        """
        body: dict[str, Any] = {
            "channel": channel,
            "external_id": external_id,
            "text": text,
            "dedup_key": uuid.uuid4().hex,
        }
        if customer_id is not None:
            body["customer_id"] = customer_id
        if choice is not None:
            body["choice"] = list(choice)
        if test:
            body["test"] = True
        return await self._post("/internal/turn", body)

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = await self._client.post(path, json=body)
        except httpx.HTTPError as error:
            raise LaunchError(f"The service does not answer ({type(error).__name__}).") from None
        if response.status_code == httpx.codes.OK:
            return dict(response.json())
        raise _refusal(response)


def _refusal(response: httpx.Response) -> LaunchError:
    """What a refusal says, in the shapes that our routes use."""
    with suppress(ValueError):
        body = response.json()
        found = body.get("error") or body.get("detail") if isinstance(body, dict) else None
        if isinstance(found, dict) and "message" in found:
            return Refused(str(found.get("code", "rejected")), str(found["message"]))
        if isinstance(found, str):
            return LaunchError(f"The service refused the request: {found.rstrip('。.')}.")
    return LaunchError(f"The service refused the request (HTTP {response.status_code}).")


@asynccontextmanager
async def connect(progress: Progress) -> AsyncIterator[Connection]:
    """Reach a healthy running stack of this home, or run a temporary one.

    Raises:
        LaunchError: neither is possible.
    """
    home = configure.home()
    found = await _running(home)
    if found is not None:
        url, token = found
        progress.done(f"using the running Yingda at {url}")
        async with _client(url, token) as client:
            yield Connection(client)
        return
    async with temporary_stack(home, progress) as stack, client_of(stack) as client:
        yield Connection(client)


def client_of(stack: Stack) -> httpx.AsyncClient:
    """An HTTP client for the internal routes of a stack."""
    return _client(stack.url, stack.token)


def _client(url: str, token: str, timeout_s: float = CALL_TIMEOUT_S) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        timeout=timeout_s,
        trust_env=False,  # a proxy set for the outside must not stand between us and loopback
    )


async def _running(home: Home) -> tuple[str, str] | None:
    """URL and token of a stack that answers and takes our token."""
    try:
        settings = configure.settings()
    except LaunchError:  # no usable settings: perhaps the stack was started with --demo
        if not (home.path / "secrets.env").exists():
            return None
        try:
            settings = configure.settings(demo=True)
        except LaunchError:
            return None
    token = settings.require_secret("internal_token")
    stack = home.running()
    url = stack.url if stack else f"http://{local_address(settings.host)}:{settings.port}"
    try:
        async with _client(url, token, PROBE_TIMEOUT_S) as client:
            health = await client.get("/health")
            answer = await client.post("/internal/parse", json={"texts": ["你好"]})
    except httpx.HTTPError:
        return None
    well = health.status_code == httpx.codes.OK and answer.status_code == httpx.codes.OK
    return (url, token) if well else None


@asynccontextmanager
async def temporary_stack(
    home: Home, progress: Progress, extra: Mapping[str, str] | None = None
) -> AsyncIterator[Stack]:
    """Run a demo stack on free ports, freshly seeded, for the time of the block.

    Args:
        home: whose models are used.
        progress: is told what is going on.
        extra: more variables for the service.

    Raises:
        LaunchError: it does not come up.
    """
    model = ensure_model(home, progress)
    folder = Path(tempfile.mkdtemp(prefix="yingda-"))
    try:
        stack = _temporary(folder, model, extra or {})
        runner = Runner(stack.specs(), stack.home, progress)
        running = asyncio.create_task(runner.run(), name="temporary stack")
        ready = asyncio.create_task(runner.ready.wait(), name="temporary stack is ready")
        try:
            with progress.step("starting a temporary engine and service (Rasa takes 10–20 s)"):
                await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
                if not runner.ready.is_set():
                    await running  # raises what went wrong
            yield stack
        finally:
            ready.cancel()
            runner.stop()
            await asyncio.gather(running, ready, return_exceptions=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _temporary(folder: Path, model: Path, extra: Mapping[str, str]) -> Stack:
    database = f"sqlite:///{folder / 'yingda.db'}"
    try:
        settings = load_settings(
            _env_file=None,
            demo=True,
            home=folder,
            host="127.0.0.1",
            port=free_port(),
            engine_port=free_port(),
            engines=1,
            ivr=False,
            engine_url=None,
            database_url=database,
            shop="demo",
        )
    except SettingsError as error:
        raise LaunchError(f"{error}.", configure.USAGE) from None
    variables = {"YINGDA_DATABASE_URL": database, "YINGDA_SHOP": "demo"}
    return Stack(settings, model, variables | dict(extra))
