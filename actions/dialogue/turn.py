"""One turn: what came in, what is remembered, whom we may ask, and what will be said."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from rasa_sdk.executor import CollectingDispatcher

from actions.context import ActionContext, ProofResult, Who
from actions.dialogue.memory import Memory, Task
from actions.dialogue.message import Message
from actions.dialogue.request import Request
from actions.reading import answer_in
from actions.shop.client import ShopClient
from actions.shop.deadline import Deadline, Monotonic
from actions.shop.models import Order
from actions.wording import Button, Phrases, business_day, yuan, yuan_said

PHONE = "phone"
MAX_BUTTONS = 6
LAST = "last"
"""Where ``Memory.about`` keeps our last words, for "没听清"."""
MAX_LAST = 400
RESPONSE = "response:"
"""Before the name of a response there, where the engine said it."""

MAX_PLAIN = 40
_LOUD = re.compile(r"[!！?？]|烦|气|骂|滚|靠|妈|垃圾|投诉|骗")
_NO_WORDS = re.compile(r"[\d\W_]*[0-9A-Z]+[\d\W_A-Z]*$|\W*[/／<{$]")
"""Numbers and identifiers ("5678", a tax id), however grouped; commands and markup."""
_ONE_WORD = re.compile(r"(?!fuck|shit|damn|sb$|cao|gun$)[a-z]{1,20}$", re.IGNORECASE)

SURE_ANSWER = 0.9
"""Below this a yes or no must be in the words."""

SHOP_S = 2.5
"""Seconds of one turn for all that is asked of the shop; the engine gives an action three."""

LOOK_BACK = 20
"""How many of the speaker's orders are looked at."""


@dataclass
class Reply:
    """One bubble: paragraphs, at most one card, and quick replies under it."""

    texts: list[str] = field(default_factory=list)
    card: dict[str, Any] | None = None
    buttons: list[Button] = field(default_factory=list)
    fulfilled: bool = False
    offer: bool = False
    """Ends in the offer of a person; pointless once a person takes over in the same turn."""
    asks: bool = False
    """Ends in a question of ours; pointless then, too."""
    response: str | None = None
    """A response that the engine renders (an operator's FAQ answer), said before ``texts``."""

    def custom(self) -> dict[str, Any] | None:
        """What goes beside the text, for the service and the widget."""
        data: dict[str, Any] = {"card": self.card} if self.card else {}
        marks = {"fulfilled": self.fulfilled, "offer": self.offer, "asks": self.asks}
        return data | {name: True for name, holds in marks.items() if holds} or None


class Turn:
    """Handed to every skill; collects the answer."""

    def __init__(
        self,
        context: ActionContext,
        phrases: Phrases,
        *,
        sender: str,
        channel: str,
        message: Message,
        memory: Memory,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        """Args are the episode id, its channel, what came in, and what measures the shop's time."""
        self.context = context
        self._deadline = Deadline(SHOP_S, monotonic)
        self.shop: ShopClient = self._deadline.over(context.shop, self._forget_orders)
        """The brand's back office, within this turn's time."""
        self.sender = sender
        self.channel = channel
        self.message = message
        self.whole = message
        """The message as it came; ``message`` may be one of its requests."""
        self.memory = memory
        self.today: date = business_day(context.now())
        self._phrases = phrases
        self._replies: list[Reply] = [Reply()]
        self._who: Who | None = None
        self._orders: list[Order] | None = None
        self.meant: str | None = None
        """What the message was taken for here (an intent); the engine's guess when None."""
        self.answers = False
        """Whether the message is the answer to what we asked."""
        self.reminding = True
        """Whether an open question is asked again after something else was answered."""
        self.aside = False
        """Whether the answer is nothing that "再说一遍" can mean: our last words stay those before it."""
        self.about_hearing = False
        """Whether only the talk itself is spoken of ("大点声"), in which no feeling is to be read."""
        self.redirect: tuple[str, Request] | None = None
        """Set by a skill that found out which other skill should answer."""

    @property
    def on_phone(self) -> bool:
        """Whether the answer will be heard and not read: no lists, one thing at a time."""
        return self.channel == PHONE

    def yuan(self, fen: int) -> str:
        """An amount for the eye or for the ear."""
        return yuan_said(fen) if self.on_phone else yuan(fen)

    async def who(self) -> Who:
        """Who is speaking; asked once per turn."""
        if self._who is None:
            self._who = await self.context.who(self.sender)
        return self._who

    async def orders(self) -> list[Order]:
        """The verified speaker's orders, newest first; asked for once, and anew after a change.

        Nobody else's are ever in it: it is empty for somebody whom we do not know.

        Raises:
            ShopUnavailable: the shop could not be asked.
        """
        who = await self.who()
        if not who.verified or who.customer_id is None:
            return []
        if self._orders is None:
            self._orders = await self.shop.orders(who.customer_id, limit=LOOK_BACK)
        return self._orders

    def _forget_orders(self) -> None:
        self._orders = None

    async def prove(self, order_number: str, last4: str) -> ProofResult:
        """Check a proof of identity.

        Raises:
            ShopUnavailable: the shop could not be asked; no try is used up.
        """
        result = await self._deadline.hold(
            lambda: self.context.prove_order(self.sender, order_number, last4)
        )
        self._who = None
        self._forget_orders()
        return result

    def answer(self, text: str | None = None) -> Literal["yes", "no"] | None:
        """Yes or no to what was asked, or neither.

        The classifier alone is believed only when it is sure: a change of data hangs on it.

        Args:
            text: what to read; None reads the message.
        """
        sure = self.message.chosen or self.message.confidence >= SURE_ANSWER
        said = self.message.beside_products if text is None else text
        return answer_in(said, self.message.intent if sure else "")

    def key(self, *parts: str) -> str:
        """Idempotency key for a change asked for in this episode."""
        return ":".join((self.sender, *parts))

    # What will be said

    def text(self, name: str, /, **values: object) -> str:
        """A sentence of domain.yml, in the variant that was not used last."""
        return self._render(name, values)[0]

    def say(self, text: str, card: dict[str, Any] | None = None) -> None:
        """Add a paragraph; a second card starts a new bubble."""
        reply = self._replies[-1]
        if card and reply.card:
            reply = Reply()
            self._replies.append(reply)
        if text:
            reply.texts.append(text)
        reply.card = card or reply.card

    def use(self, name: str, /, **values: object) -> None:
        """Say a sentence of domain.yml, with the quick replies that it has there."""
        text, buttons = self._render(name, values)
        self.say(text)
        if buttons:
            self.offer(buttons)

    def say_response(self, name: str) -> None:
        """Let the engine say one of its responses, as a bubble of its own."""
        if not self.silent:
            self._replies.append(Reply())
        self._replies[-1].response = name
        self._replies.append(Reply())

    def offer(self, buttons: Iterable[Button]) -> None:
        """Set the quick replies under the last bubble (replaces earlier ones)."""
        for reply in self._replies[:-1]:
            reply.buttons = []
        self._replies[-1].buttons = list(buttons)[:MAX_BUTTONS]

    def fulfil(self) -> None:
        """Mark that a substantive request was truly answered (the automation rate counts it)."""
        said = [r for r in self._replies if r.texts or r.card or r.response]
        if said:
            said[-1].fulfilled = True

    @property
    def fulfilled(self) -> bool:
        """Whether something was truly answered in this turn."""
        return any(r.fulfilled for r in self._replies)

    @property
    def plain(self) -> bool:
        """Whether it only states a fact ("公司", "1234"), in which no feeling is to be read."""
        text = self.whole.text
        if self.whole.chosen or _NO_WORDS.match(text) or _ONE_WORD.match(text):
            return True
        if self.about_hearing:
            return not _LOUD.search(text)
        return self.answers and len(text) <= MAX_PLAIN and not _LOUD.search(text)

    @property
    def silent(self) -> bool:
        """Whether nothing has been said yet."""
        return not any(r.texts or r.response for r in self._replies)

    def take(self) -> list[Reply]:
        """Take what was said so far out of the answer."""
        said = [r for r in self._replies if r.texts or r.card or r.response]
        self._replies = [Reply()]
        return said

    def put(self, replies: Iterable[Reply]) -> None:
        """Say what was taken out; only the last quick replies remain."""
        said = [*(r for r in self._replies if r.texts or r.card or r.response), *replies]
        offering = [r for r in said if r.buttons]
        for reply in offering[:-1]:
            reply.buttons = []
        self._replies = said or [Reply()]

    @property
    def apologises(self) -> bool:
        """Whether what will be said has an apology in it."""
        return any(re.search(r"抱歉|不好意思|久等", t) for r in self._replies for t in r.texts)

    def preface(self, text: str) -> None:
        """Put a sentence before everything else."""
        first = next((r for r in self._replies if r.texts or r.response), self._replies[-1])
        if first.response:
            self._replies.insert(0, Reply(texts=[text]))
        else:
            first.texts.insert(0, text)

    def forget_replies(self) -> None:
        """Drop what was going to be said (something failed half-way)."""
        self._replies = [Reply()]

    def send(self, dispatcher: CollectingDispatcher) -> None:
        """Hand the answer over; an answer equal to the last one is introduced as such."""
        whole = "\n".join(t for r in self._replies for t in r.texts)
        mark = zlib.crc32(whole.encode())
        if whole and self.memory.said.get("#") == mark:
            again = "utter_again" if self.fulfilled else "utter_said_again"
            self._replies[0].texts.insert(0, self.text(again))
            mark += 1
        self.memory.said["#"] = mark
        if not self.aside:
            told = next((RESPONSE + r.response for r in self._replies if r.response), "")
            self.memory.about[LAST] = told or (whole if len(whole) <= MAX_LAST else "")
        meant: dict[str, Any] = {}
        if self.meant and self.meant != self.whole.intent:
            meant = {"meant": self.meant}
        if self.plain:
            meant["plain"] = True
        self._replies[-1].asks = self.memory.task is not None and not self._replies[-1].offer
        for reply in self._replies:
            custom = (reply.custom() or {}) | meant or None
            if reply.response:
                dispatcher.utter_message(response=reply.response, json_message=custom)
            elif reply.texts or reply.card:
                dispatcher.utter_message(
                    text="\n".join(reply.texts),
                    buttons=[b.as_dict() for b in reply.buttons] or None,
                    json_message=custom,
                )
            else:
                continue
            meant = {}  # once is enough

    def _render(self, name: str, values: dict[str, object]) -> tuple[str, tuple[Button, ...]]:
        said = self.memory.said
        count = said.get(name, 0)
        rendered = self._phrases.render(name, self.channel, count, values)
        variants = len(self._phrases.variants(name, self.channel))
        if variants > 1:
            said[name] = (count + 1) % variants
        return rendered

    # What becomes of it

    async def hand_off(self, reason: str, evidence: str = "") -> None:
        """Ask the service for a person and tell the customer."""
        await self.context.request_handoff(
            self.sender, reason, evidence or self.whole.original[:200]
        )
        self.memory.tasks.clear()
        self.memory.queue.clear()
        self.memory.misses = 0
        self.use("utter_handoff_requested")

    def offer_human(self, name: str, reason: str, /, **values: object) -> None:
        """Say a sentence that ends in the offer of a person, and wait for yes or no.

        Args:
            name: the sentence in domain.yml; its quick replies should be yes and no.
            reason: why a person is needed (DESIGN.md section 3), kept until the answer.
            values: what fills the sentence's placeholders.
        """
        self.use(name, **values)
        self._replies[-1].offer = True
        self.wait_for_human_answer(reason)

    def offer_again(self, name: str, /, **values: object) -> None:
        """Say another sentence that ends in the offer of a person that is open already."""
        self.use(name, **values)
        self._replies[-1].offer = True

    def doubt(self) -> None:
        """Say that nobody knows whether the confirmed change was done, and let it be repeated."""
        if self.memory.task:
            self.memory.task.data["unsure"] = True
        self.use("utter_change_unsure")

    def wait_for_human_answer(self, reason: str) -> None:
        """Take the next yes as the wish for a person."""
        data = {"reason": reason, "evidence": self.whole.original[:200]}
        self.memory.push(Task("ask_human", "confirm", data))
