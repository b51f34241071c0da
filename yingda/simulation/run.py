"""Letting a plan happen: real services on a real database, with a clock that runs ahead."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, cast

from sqlalchemy import Connection, insert, select, update

from actions.context import IdentityLevel
from actions.shop import ShopClient
from bot.conversations import Author, Bubble, Bus, ConversationKey, say
from bot.customers import link_customer
from bot.engine import EngineAnswer, EngineClient
from bot.handoff import HandoffDesk, PolicyFile
from bot.records import Database
from bot.records.episodes import open_episode
from bot.records.tables import agents, cases, conversations, episode_facts, satisfaction
from bot.reports import Reports
from bot.satisfaction import REASONS, Satisfaction
from bot.turn import Choice, Inbound, TurnResult, TurnService
from yingda.simulation import words
from yingda.simulation.plan import Contact
from yingda.simulation.stand_ins import FastClock, ScriptedEngine, SimulatedShop, answer
from yingda.simulation.truth import Happened

IDLE = timedelta(minutes=30)
SWEEP_EVERY = timedelta(minutes=30)
AGENTS = 6
CAPACITY = 8
ANSWERING = 0.35
"""Of those who are asked how satisfied they were."""

HAPPY = (1, 2, 6, 25, 66)
UNHAPPY = (25, 25, 25, 15, 10)
"""How scores 1 to 5 are spread."""
ANSWER_WITHIN_S = 60.0
"""Real seconds for one turn; the database may be busy."""

PATIENCE = 60
"""Looks for a free agent, half a minute apart, before somebody in the queue is given up."""


class SimulationError(Exception):
    """Something did not go as the real path should go."""


@dataclass(frozen=True)
class _Talk:
    """A contact while it goes on."""

    contact: Contact
    key: ConversationKey
    random: Random
    happened: Happened
    numbers: count[int]


class Simulation:
    """Runs contacts through the real turn service, handoff desk and records.

    Args:
        database: where it is written; migrated.
        seed: draws what the plan leaves open (pauses, words).
        start: when it begins.
        contacts: the plan, in order of time.
    """

    def __init__(
        self, database: Database, seed: int, start: datetime, contacts: Sequence[Contact]
    ) -> None:
        self._database = database
        self._seed = seed
        self._contacts = contacts
        self.clock = FastClock(start)
        self._engine = ScriptedEngine(self.clock, Random(seed))  # noqa: S311
        tiers = {c.customer.id: c.customer.tier for c in contacts if c.customer.known}
        bus = Bus(None)
        self._desk = HandoffDesk(
            database, bus, self.clock, PolicyFile(), cast(ShopClient, SimulatedShop(tiers))
        )
        self._turns = TurnService(
            database, cast(EngineClient, self._engine), self._desk, clock=self.clock, idle=IDLE
        )
        self._reports = Reports(database, self.clock)
        self._satisfaction = Satisfaction(database, self._desk, self.clock)
        self.scores: Counter[int] = Counter()
        self._agents = [f"ag_simulated_{number}" for number in range(AGENTS)]
        self._linked: set[int] = set()

    async def run(self, progress: Callable[[int], None] = lambda done: None) -> list[Happened]:
        """Let everything happen; returns what did.

        Args:
            progress: hears how many contacts are over.

        Raises:
            SimulationError: the real path did not do what it promises.
            DatabaseUnavailable: it could not be written.
        """
        await self._database.write(self._hire)
        order, over = count(), 0
        happened: list[Happened] = []
        due: list[tuple[datetime, int, AsyncIterator[float] | None]] = []
        for contact in self._contacts:
            heapq.heappush(due, (contact.at, next(order), self._contact(contact, happened)))
        heapq.heappush(due, (self.clock() + SWEEP_EVERY, next(order), None))
        while due:
            at, _, going_on = heapq.heappop(due)
            self.clock.move_to(at)
            if going_on is None:
                await self._sweep()
                if due:
                    heapq.heappush(due, (at + SWEEP_EVERY, next(order), None))
                continue
            pause = await anext(going_on, None)
            if pause is None:
                over += 1
                progress(over)
            else:
                heapq.heappush(
                    due, (self.clock() + timedelta(seconds=pause), next(order), going_on)
                )
        self.clock.advance(2 * IDLE.total_seconds())
        await self._sweep()
        await self._database.write(self._dismiss)
        return happened

    async def _sweep(self) -> None:
        """What the service does now and then; those who are asked how it was may answer."""
        await self._turns.sweep()
        await self._reports.catch_up()
        if await self._satisfaction.ask_due():
            for row in await self._database.read(self._asked):
                await self._rate(row)

    def _asked(self, tx: Connection) -> Sequence[Any]:
        return tx.execute(
            select(
                satisfaction.c.seq,
                conversations.c.channel,
                conversations.c.external_id,
                episode_facts.c.outcome,
            )
            .join(conversations, conversations.c.id == satisfaction.c.conversation_id)
            .join(episode_facts, episode_facts.c.episode_id == satisfaction.c.episode_id)
            .where(satisfaction.c.asked_at == self.clock(), satisfaction.c.score.is_(None))
            .order_by(conversations.c.channel, conversations.c.external_id)
        ).all()

    async def _rate(self, row: Any) -> None:
        name = f"{row.channel}-{row.external_id}-{self.clock():%m%d%H%M}"
        random = Random(f"{self._seed} {name}")  # noqa: S311
        if random.random() >= ANSWERING:
            return
        weights = UNHAPPY if row.outcome == "unresolved" else HAPPY
        (score,) = random.choices((1, 2, 3, 4, 5), weights)
        key = ConversationKey(row.channel, row.external_id)
        pressed = Inbound(key, f"rate-{name}", "", choice=Choice(row.seq, 5 - score))
        result = await self._turns.answer(pressed, ANSWER_WITHIN_S)
        if result is None:
            raise SimulationError("a score was not answered in time")
        self.scores[score] += 1
        if result.replies[-1].quick_replies and random.random() < 0.6:
            why = Choice(result.replies[-1].seq, random.randrange(len(REASONS)))
            await self._turns.answer(Inbound(key, f"why-{name}", "", choice=why), ANSWER_WITHIN_S)

    async def _contact(self, contact: Contact, into: list[Happened]) -> AsyncIterator[float]:
        who = contact.customer
        key = ConversationKey(contact.channel, f"sim{self._seed}-{who.number}")
        now = self.clock()
        asks = contact.outcome is not None
        happened = Happened(
            who.person(contact.channel),
            contact.channel,
            contact.intent if asks else None,
            now,
            now,
            contact.outcome,
            contact.excluded,
        )
        random = Random(f"{self._seed} {contact.number}")  # noqa: S311
        talk = _Talk(contact, key, random, happened, count())
        if contact.excluded == "proactive":
            if await self._database.write(lambda tx: self._speak_first(tx, key)):
                into.append(happened)
            return
        into.append(happened)
        steps = self._ask(talk) if asks else self._only_talk(talk)
        async for pause in steps:
            yield pause
        if contact.channel == "wechat" and who.wechat_linked and who.number not in self._linked:
            self._linked.add(who.number)
            await self._database.write(lambda tx: self._link(tx, key, who.id))

    async def _only_talk(self, talk: _Talk) -> AsyncIterator[float]:
        """Nothing is asked, or only to try us."""
        random = talk.random
        if talk.contact.excluded == "test":
            await self._say(talk, "订单到哪了", answer("query_order", "查到了。", fulfilled=True))
        elif talk.contact.excluded == "spam":
            await self._say(talk, random.choice(words.ABUSE), answer("abuse", "请文明用语。"))
        else:
            await self._say(talk, random.choice(words.GREETINGS), answer("greet", "您好，我在。"))
        yield 1.0

    async def _ask(self, talk: _Talk) -> AsyncIterator[float]:
        """A contact that asks for something."""
        random, contact = talk.random, talk.contact
        result = None
        for text, said in self._script(talk):
            result = await self._say(talk, text, said)
            if result.handoff is not None:
                break
            yield random.uniform(8, 60)
        if result is not None and result.handoff is not None:
            if result.owner != "human":
                talk.happened.outcome = "handoff_failed"  # off hours: nobody is there
                return
            async for pause in self._people(talk):
                yield pause
        elif contact.channel == "app_chat" and random.random() < 0.3:
            await self._turns.end(talk.key)

    def _script(self, talk: _Talk) -> list[tuple[str, EngineAnswer | None]]:
        """What is said in a contact, and what the engine makes of it."""
        random, intent, outcome = talk.random, talk.contact.intent, talk.contact.outcome
        asked = words.request(random, intent)
        emotion = self._emotion(random, intent)
        done = (asked, answer(intent, words.reply(intent), fulfilled=True, **emotion))
        open_ = (asked, answer(intent, words.ASK_BACK, **emotion))
        unclear = (
            random.choice(words.NOT_UNDERSTOOD),
            answer("nlu_fallback", words.NOT_CAUGHT, guess=random.choice(words.GUESSES)),
        )
        steps: list[tuple[str, EngineAnswer | None]] = []
        if random.random() < 0.2:
            steps.append((random.choice(words.GREETINGS), answer("greet", "您好，请说。")))
        if outcome in ("automated_confirmed", "automated_fulfilled"):
            if random.random() < 0.3:
                steps.append(open_)
            steps.append(done)
            if outcome == "automated_confirmed":
                thanks = answer("thanks", "不客气。", emotion="positive")
                steps.append((random.choice(words.THANKS), thanks))
        elif outcome == "unresolved":
            steps += [done, unclear]
        elif outcome == "bot_error":
            steps += [open_, (asked, None)]
        elif outcome == "abandoned":
            steps.append(open_)
        else:
            steps += [open_, ("转人工", answer("ask_human", "好的，这就为您转人工。"))]
        return steps

    def _emotion(self, random: Random, intent: str) -> dict[str, Any]:
        drawn = random.random()
        if drawn < (0.6 if intent == "complaint" else 0.07):
            return {"emotion": "negative", "level": "medium" if drawn < 0.02 else "light"}
        return {"emotion": "positive" if drawn > 0.97 else "neutral"}

    async def _people(self, talk: _Talk) -> AsyncIterator[float]:
        """In the queue, and in an agent's hands."""
        random, happened = talk.random, talk.happened
        if talk.contact.outcome == "handoff_failed":
            yield random.uniform(60, 240)
            await self._turns.end(talk.key)
            happened.ended, happened.outcome = self.clock(), "handoff_failed"
            return
        yield random.lognormvariate(3, 0.9)
        conversation, agent = await self._assigned(talk.key)
        looks = 0
        while agent is None:
            looks += 1
            if looks > PATIENCE:
                raise SimulationError("nobody took a waiting conversation")
            yield 30.0
            conversation, agent = await self._assigned(talk.key)
        happened.outcome = "handed_off"
        for text in words.AGENT_SAYS:
            yield random.uniform(8, 50)
            await self._desk.reply(conversation, agent, text)
            happened.ended = self.clock()
            yield random.uniform(15, 90)
            await self._say(talk, "好的", answer("affirm", ""))
        yield random.uniform(5, 30)
        await self._desk.resolve(conversation, agent, "solved", "")
        happened.ended = self.clock()

    async def _assigned(self, key: ConversationKey) -> tuple[str, str | None]:
        """The conversation, and who has it once the queue was looked at."""
        for agent in self._agents:
            await self._desk.beat(agent)
        await self._desk.assign_waiting()
        query = select(conversations.c.id, conversations.c.agent_id).where(
            conversations.c.channel == key.channel, conversations.c.external_id == key.external_id
        )
        row = await self._database.read(lambda tx: tx.execute(query).one())
        return row.id, row.agent_id

    async def _say(self, talk: _Talk, text: str, said: EngineAnswer | None) -> TurnResult:
        self._engine.next = said
        contact = talk.contact
        claim = contact.customer.known and contact.channel == "app_chat"
        result = await self._turns.answer(
            Inbound(
                talk.key,
                f"sim{self._seed}-{contact.number}-{next(talk.numbers)}",
                text,
                verified_customer_id=contact.customer.id if claim else None,
                test=contact.excluded == "test",
            ),
            ANSWER_WITHIN_S,
        )
        if result is None:
            raise SimulationError("a message was not answered in time")
        talk.happened.ended = self.clock()
        return result

    def _speak_first(self, tx: Connection, key: ConversationKey) -> bool:
        """We write to somebody who has written before and is silent now."""
        row = tx.execute(
            select(conversations.c.id, conversations.c.episode_id)
            .where(conversations.c.channel == key.channel)
            .where(conversations.c.external_id == key.external_id)
        ).one_or_none()
        if row is None or row.episode_id is not None:
            return False
        episode = open_episode(tx, row.id, key.channel, None, self.clock())
        tx.execute(
            update(conversations).where(conversations.c.id == row.id).values(episode_id=episode)
        )
        bubble = Bubble("您关注的商品到货了。")
        say(tx, row.id, Author.SYSTEM, [bubble], self.clock(), push_channels=frozenset())
        return True

    def _link(self, tx: Connection, key: ConversationKey, customer: str) -> None:
        identity = tx.execute(
            select(conversations.c.identity_id)
            .where(conversations.c.channel == key.channel)
            .where(conversations.c.external_id == key.external_id)
        ).scalar_one()
        link_customer(tx, identity, customer, IdentityLevel.LINKED, self.clock())

    def _hire(self, tx: Connection) -> None:
        known = set(tx.execute(select(agents.c.id).where(agents.c.id.in_(self._agents))).scalars())
        fresh = [
            {
                "id": agent,
                "login": f"simulated-{number}",
                "name": f"模拟客服{number + 1}",
                "role": "agent",
                "password_hash": "-",  # nobody can log in with it
                "skills": ["售前", "售后", "投诉", "电话"],
                "languages": ["zh", "en"],
                "capacity": CAPACITY,
                "active": True,
                "presence": "online",
                "created_at": self.clock(),
            }
            for number, agent in enumerate(self._agents)
            if agent not in known
        ]
        if fresh:
            tx.execute(insert(agents), fresh)
        tx.execute(
            update(agents)
            .where(agents.c.id.in_(self._agents))
            .values(active=True, presence="online")
        )

    def _dismiss(self, tx: Connection) -> None:
        # Nobody is there to call back customers who are none.
        ours = select(conversations.c.id).where(
            conversations.c.external_id.startswith(f"sim{self._seed}-")
        )
        tx.execute(
            update(cases)
            .where(cases.c.conversation_id.in_(ours), cases.c.status != "done")
            .values(status="done", closed_at=self.clock(), result="模拟客户，已自动办结")
        )
        tx.execute(
            update(agents)
            .where(agents.c.id.in_(self._agents))
            .values(active=False, presence="offline")
        )
