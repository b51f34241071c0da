"""What a message means to the service: a sentence for the assistant, or something said at once.

The same for the official account and for 微信客服.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, select

from bot.clock import Clock
from bot.conversations import Author, ConversationKey
from bot.customers import Bindings, note_contact, set_opted_out, set_reachable
from bot.records import Database
from bot.records.tables import conversations, messages
from bot.turn import Choice, Inbound, Prepared
from channels.wechat import wording
from channels.wechat.inbound import Kind, Received
from channels.wechat.links import Links
from channels.wechat.media import IMAGE, Media
from channels.wechat.menu import Menu
from channels.wechat.parts import option_of
from channels.wechat.sentences import Wish, pick_of, wish_of
from channels.wechat.windows import EVENT, MESSAGE, open_window

GREETED = frozenset({Kind.FOLLOW, Kind.SCAN})
_PREPARED = {
    Kind.VIDEO: wording.VIDEO,
    Kind.LINK: wording.LINK,
    Kind.OTHER: wording.OTHER,
    Kind.IMAGE: wording.PICTURE,
}


@dataclass
class Hearing:
    """Turns what was received into what the service takes.

    Args:
        database: for what was offered last.
        bindings: who is verified.
        media: fetches pictures.
        menu: what a press says.
        binding_links: signs links to the binding page.
        base_url: of the service.
        clock: current time.
    """

    database: Database
    bindings: Bindings
    media: Media
    menu: Menu
    binding_links: Links
    base_url: str
    clock: Clock

    async def inbound(
        self,
        key: ConversationKey,
        received: Received,
        once: str,
        *,
        passive_for: timedelta | None,
        fetches: bool,
    ) -> Inbound:
        """The message in the service's words.

        Args:
            key: whose it is.
            received: what came.
            once: the dedup key.
            passive_for: see Inbound.
            fetches: whether pictures can be fetched.

        Raises:
            DatabaseUnavailable: what it depends on cannot be read.
        """
        now = self.clock()
        customer_id = await self.bindings.customer_of(key)
        text, prepared, choice = await self._meaning(key, received, customer_id)
        kind = EVENT if received.kind in (*GREETED, Kind.CLICK) else MESSAGE
        wish = wish_of(text) if prepared is not None else None
        if wish is Wish.UNBIND:
            customer_id = None

        def along(tx: Connection) -> None:
            open_window(tx, key, kind, now)
            if received.kind is Kind.FOLLOW:
                set_reachable(tx, key, now, reachable=True)
            else:
                note_contact(tx, key, now)
            if wish in (Wish.OPT_OUT, Wish.OPT_IN):
                set_opted_out(tx, key, now, out=wish is Wish.OPT_OUT)
            if received.kind is Kind.IMAGE and received.media_id and fetches:
                self.media.note(tx, key, once, IMAGE, received.media_id)

        return Inbound(
            key=key,
            dedup_key=once,
            text=text,
            choice=choice,
            verified_customer_id=customer_id,
            prepared=prepared,
            passive_for=passive_for,
            along=along,
        )

    async def _meaning(
        self, key: ConversationKey, received: Received, customer_id: str | None
    ) -> tuple[str, Prepared | None, Choice | None]:
        kind, text = received.kind, received.text
        seen = wording.SEEN.get(kind.value, "")
        if kind in GREETED:
            return seen, Prepared(wording.WELCOME, intent="greet"), None
        if kind is Kind.CLICK:
            sentence = self.menu.sentence(received.key)
            if sentence is None:
                return seen, Prepared(wording.WELCOME, intent="greet"), None
            text, kind = sentence, Kind.TEXT
        if kind is Kind.VOICE and text:
            kind = Kind.TEXT
        if kind is Kind.TEXT:
            wish = wish_of(text)
            if wish is not None:
                return text, await self._granted(key, wish, customer_id), None
            return text, None, await self._choice(key, received)
        if kind is Kind.LOCATION:
            if not text:
                return seen, Prepared(wording.PLACE_UNKNOWN), None
            return f"我在{text}，附近有哪些门店？", None, None
        if kind is Kind.VOICE:
            return seen, Prepared(wording.VOICE_LATER), None
        shown = f"{seen} {text}".strip() if kind is Kind.LINK else seen
        return shown, Prepared(_PREPARED[kind]), None

    async def _granted(self, key: ConversationKey, wish: Wish, customer_id: str | None) -> Prepared:
        """Do what the sentence asks for (opting is written with the message) and say so."""
        if wish is Wish.OPT_OUT:
            return Prepared(wording.OPTED_OUT, intent="affirm")
        if wish is Wish.OPT_IN:
            return Prepared(wording.OPTED_IN, intent="affirm")
        if wish is Wish.UNBIND:
            undone = await self.bindings.unbind(key)
            return Prepared(wording.UNBOUND if undone else wording.NOT_BOUND, intent="affirm")
        if customer_id is not None:
            return Prepared(wording.BOUND_ALREADY, intent="affirm")
        token = self.binding_links.make(c=key.channel, k=key.external_id)
        account = key.external_id.partition(":")[0]
        url = f"{self.base_url}/wechat/{account}/bind?t={token}"
        return Prepared(wording.BIND_HERE.format(url=url), intent="affirm")

    async def _choice(self, key: ConversationKey, received: Received) -> Choice | None:
        """Which offered option a message picks: pressed in a menu, or its number typed."""
        pressed = option_of(received.choice)
        if pressed is not None:
            return Choice(*pressed)
        number = pick_of(received.text)
        if number is None:
            return None
        newest = (
            select(messages.c.seq, messages.c.quick_replies)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(conversations.c.channel == key.channel)
            .where(conversations.c.external_id == key.external_id)
            .where(messages.c.author != Author.CUSTOMER.value)
            .order_by(messages.c.seq.desc())
            .limit(1)
        )
        row = await self.database.read(lambda tx: tx.execute(newest).one_or_none())
        if row is None or number >= len(row.quick_replies or ()):
            return None
        return Choice(row.seq, number)
