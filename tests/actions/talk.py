"""A conversation with the real actions over the demo shop, without the engine.

The engine's part is played by hand: a test says which intent and entities it would have found.
Everything else is real: rasa-sdk's executor, the skills, the wording, the shop.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rasa_sdk.executor import ActionExecutor

from actions import IdentityLevel, Proof, ProofResult, Who, action_name, build_actions
from actions.shop import DemoShop, ShopClient

MAX_TRIES = 3


class Context:
    """A service in memory: one episode, three tries, handoffs written down."""

    def __init__(self, shop: ShopClient, now: datetime, customer_id: str | None = None) -> None:
        self.shop = shop
        self.handoffs: list[tuple[str, str]] = []
        self.tries = 0
        self._now = now
        self._who = Who(IdentityLevel.VERIFIED, customer_id) if customer_id else Who()

    def now(self) -> datetime:
        return self._now

    async def who(self, episode_id: str) -> Who:
        return Who(self._who.level, self._who.customer_id, self.tries >= MAX_TRIES)

    async def prove_order(self, episode_id: str, order_number: str, last4: str) -> ProofResult:
        if self.tries >= MAX_TRIES:
            return ProofResult(Proof.LOCKED, 0)
        customer_id = await self.shop.check_phone_tail(order_number, last4)
        if customer_id is None:
            self.tries += 1
            left = MAX_TRIES - self.tries
            return ProofResult(Proof.WRONG if left else Proof.LOCKED, left)
        self._who = Who(IdentityLevel.VERIFIED, customer_id)
        return ProofResult(Proof.OK, MAX_TRIES - self.tries, self._who)

    async def request_handoff(self, episode_id: str, reason: str, evidence: str) -> None:
        self.handoffs.append((reason, evidence))


@dataclass
class Said:
    """What came back for one message."""

    messages: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "\n".join(m.get("text") or "" for m in self.messages)

    @property
    def buttons(self) -> list[str]:
        return [b["title"] for m in self.messages for b in m.get("buttons") or ()]

    @property
    def payloads(self) -> dict[str, str]:
        return {b["title"]: b["payload"] for m in self.messages for b in m.get("buttons") or ()}

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [m["custom"]["card"] for m in self.messages if (m.get("custom") or {}).get("card")]

    @property
    def fulfilled(self) -> bool:
        return any((m.get("custom") or {}).get("fulfilled") for m in self.messages)


@dataclass
class Talk:
    """One episode; slots are kept from turn to turn as the engine would."""

    context: Context
    channel: str = "app_chat"
    slots: dict[str, Any] = field(default_factory=dict)
    executor: ActionExecutor = field(default_factory=ActionExecutor)
    last: Said | None = None
    monotonic: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        for action in build_actions(self.context, monotonic=self.monotonic):  # type: ignore[arg-type]
            self.executor.register_action(action)

    async def say(self, text: str, intent: str, confidence: float = 0.9, **entities: Any) -> Said:
        """Send text that the engine understood as ``intent``; a list gives an entity many values."""
        found = [
            {"entity": name, "value": v}
            for name, value in entities.items()
            for v in (value if isinstance(value, list) else [value])
        ]
        ranking = [{"name": intent, "confidence": confidence}]
        return await self.send(text, intent, confidence, found, ranking)

    async def unclear(self, text: str, *likely: str, **entities: Any) -> Said:
        """Send text that the engine did not understand; ``likely`` are its guesses."""
        found = [{"entity": k, "value": v} for k, v in entities.items()]
        ranking = [{"name": n, "confidence": 0.3 - i / 10} for i, n in enumerate(likely)]
        return await self.send(text, "nlu_fallback", 0.3, found, ranking)

    async def parts(self, *clauses: tuple[str, str], intent: str = "nlu_fallback") -> Said:
        """Send several clauses at once, each with the intent that the engine heard in it."""
        text, parts = "", []
        for clause, name in clauses:
            part = {"text": clause, "start": len(text), "end": len(text) + len(clause)}
            heard: dict[str, Any] = {"name": name.partition("/")[0], "confidence": 0.9}
            if "/" in name:
                heard["full_retrieval_intent_name"] = name
            parts.append(part | {"intent": heard})
            text += clause
        return await self.send(text, intent, 0.5, [], [], parts)

    async def press(self, title: str) -> Said:
        """Press a quick reply under the last answer."""
        assert self.last is not None
        payload = self.last.payloads[title]
        name, _, arguments = payload.removeprefix("/").partition("{")
        import json

        values = json.loads("{" + arguments) if arguments else {}
        found = [{"entity": k, "value": v} for k, v in values.items()]
        return await self.send(payload, name, 1.0, found, [])

    async def send(
        self,
        text: str,
        intent: str,
        confidence: float,
        entities: list[dict[str, Any]],
        ranking: list[dict[str, Any]],
        parts: list[dict[str, Any]] | None = None,
    ) -> Said:
        latest = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "intent_ranking": ranking,
            "entities": entities,
            "parts": parts or [],
        }
        if intent.startswith("faq/"):
            latest["intent"] = {"name": "faq", "full_retrieval_intent_name": intent}
        call = {
            "next_action": action_name(intent.partition("/")[0]),
            "sender_id": "ep_test",
            "tracker": {
                "sender_id": "ep_test",
                "slots": self.slots,
                "latest_message": latest,
                "events": [{"event": "user", "input_channel": self.channel}],
                "paused": False,
                "followup_action": None,
                "active_loop": {},
                "latest_action_name": None,
            },
            "domain": {"responses": {}},
        }
        result = await self.executor.run(call)
        assert result is not None
        for event in result.events:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
        self.last = Said(list(result.responses), list(result.events))
        return self.last


def talk(
    shop: DemoShop | ShopClient,
    now: datetime,
    customer_id: str | None = None,
    channel: str = "app_chat",
    monotonic: Callable[[], float] = time.monotonic,
) -> Talk:
    """A new conversation with a customer (verified by ``customer_id``) or a stranger."""
    return Talk(Context(shop, now, customer_id), channel, monotonic=monotonic)
