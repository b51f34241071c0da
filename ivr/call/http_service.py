"""`PhoneService` over the service's internal HTTP door."""

from __future__ import annotations

from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from ivr.call.service import Agent, Answer, Reply, ServiceDown, Standing
from ivr.transports import Caller

TIMEOUT_S = 5.0
TURN_TIMEOUT_S = 32.0
CONNECT_TIMEOUT_S = 2.0


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Option(_Wire):
    title: str


class _Reply(_Wire):
    seq: int
    author: str
    text: str
    quick_replies: list[_Option] = []


class _Agent(_Wire):
    name: str
    extension: str | None = None


class _Standing(_Wire):
    latest: int
    owner: str
    agent: _Agent | None = None
    waiting: bool = False
    closed: bool = False
    replies: list[_Reply] = []
    intent: str | None = None
    handoff: str | None = None
    expects: str | None = None

    def standing(self) -> Standing:
        agent = Agent(self.agent.name, self.agent.extension) if self.agent else None
        return Standing(self.latest, self.owner, agent, self.waiting, self.closed, self.spoken())

    def answer(self) -> Answer:
        return Answer(
            self.spoken(),
            self.intent,
            self.owner,
            self.waiting,
            self.handoff,
            self.expects,
            self.latest,
        )

    def spoken(self) -> tuple[Reply, ...]:
        return tuple(
            Reply(r.seq, r.author, r.text, tuple(option.title for option in r.quick_replies))
            for r in self.replies
        )


class HttpPhoneService:
    """Asks the service.

    Args:
        url: its base URL.
        token: the internal token.
    """

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{url.rstrip('/')}/internal/phone",
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=100),
            trust_env=False,
        )

    async def close(self) -> None:
        """Release connections."""
        await self._client.aclose()

    async def begin(self, caller: Caller, greeting: str, *, recorded: bool) -> Standing:
        """See PhoneService."""
        body = {
            "call": caller.call_id,
            "door": caller.door,
            "number": caller.number,
            "dialled": caller.dialled,
            "greeting": greeting,
            "recorded": recorded,
        }
        return (await self._standing("/calls", body)).standing()

    async def turn(
        self, call_id: str, text: str, number: int, choice: tuple[int, int] | None = None
    ) -> Answer:
        """See PhoneService."""
        body = {"text": text, "number": number, "choice": choice}
        found = await self._standing(f"/calls/{call_id}/turn", body, timeout_s=TURN_TIMEOUT_S)
        return found.answer()

    async def prompted(self, call_id: str, text: str, state: str) -> None:
        """See PhoneService."""
        await self._post(f"/calls/{call_id}/prompted", {"text": text})

    async def cut_off(self, call_id: str, heard: str) -> None:
        """See PhoneService."""
        await self._post(f"/calls/{call_id}/cut-off", {"heard": heard})

    async def person(self, call_id: str, why: str) -> Answer:
        """See PhoneService."""
        return (await self._standing(f"/calls/{call_id}/person", {"why": why})).answer()

    async def watch(self, call_id: str, after: int, wait_s: float) -> Standing:
        """See PhoneService."""
        answer = await self._ask(
            self._client.build_request(
                "GET",
                f"/calls/{call_id}/standing",
                params={"after": after, "wait": wait_s},
                timeout=httpx.Timeout(wait_s + TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            )
        )
        return _read(answer).standing()

    async def transferring(self, call_id: str, stage: str) -> None:
        """See PhoneService."""
        await self._post(f"/calls/{call_id}/transfer", {"stage": stage})

    async def call_back(self, call_id: str, number: str, when: str) -> str:
        """See PhoneService."""
        body = {"number": number, "when": when[:200]}
        return str((await self._post(f"/calls/{call_id}/call-back", body)).get("when", ""))

    async def send_code(self, call_id: str, mobile: str) -> bool:
        """See PhoneService."""
        return bool((await self._post(f"/calls/{call_id}/code", {"mobile": mobile})).get("sent"))

    async def check_code(self, call_id: str, code: str) -> str:
        """See PhoneService."""
        answer = await self._post(f"/calls/{call_id}/code-check", {"code": code})
        return str(answer.get("result", "locked"))

    async def may_rate(self, call_id: str) -> bool:
        """See PhoneService."""
        return bool((await self._post(f"/calls/{call_id}/may-rate", {})).get("may"))

    async def rate(self, call_id: str, key: str) -> str:
        """See PhoneService."""
        return str((await self._post(f"/calls/{call_id}/rating", {"key": key})).get("text", ""))

    async def end(self, call_id: str, why: str, figures: dict[str, Any]) -> None:
        """See PhoneService."""
        await self._post(f"/calls/{call_id}/end", {"why": why, "figures": figures})

    async def alive(self, call_ids: list[str]) -> None:
        """These calls are up.

        Raises:
            ServiceDown: the service did not hear it.
        """
        await self._post("/alive", {"calls": call_ids})

    async def _standing(
        self, path: str, body: dict[str, Any], timeout_s: float = TIMEOUT_S
    ) -> _Standing:
        return _read(await self._post(path, body, timeout_s))

    async def _post(
        self, path: str, body: dict[str, Any], timeout_s: float = TIMEOUT_S
    ) -> dict[str, Any]:
        timeout = httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S)
        return await self._ask(self._client.build_request("POST", path, json=body, timeout=timeout))

    async def _ask(self, request: httpx.Request) -> dict[str, Any]:
        try:
            response = await self._client.send(request)
            if response.status_code != httpx.codes.OK:
                raise ServiceDown(f"HTTP {response.status_code}")
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ServiceDown(type(error).__name__) from error
        if not isinstance(answer, dict):
            raise ServiceDown("not an object")
        return answer


def _read(answer: dict[str, Any]) -> _Standing:
    try:
        return _Standing.model_validate(answer)
    except ValidationError as error:
        raise ServiceDown("unreadable") from error
