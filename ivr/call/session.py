"""One call from answer to hang-up: greeting, menu, free speech, people, and a clean end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ivr.call.ear import Hearing
from ivr.call.given import Given, Keys, Nothing, Pressed, Said, Unclear
from ivr.call.line import CallerGone, Line
from ivr.call.listing import Listing
from ivr.call.menu import END, PERSON, REPEAT, Menu
from ivr.call.missed import Missed
from ivr.call.mouth import Mouth
from ivr.call.numbers import (
    ORDER_LENGTH,
    TAIL_LENGTH,
    dictated,
    has_number,
    only_digits,
    order_number,
    prove_by_code,
)
from ivr.call.people import call_back, wants_call_back, with_people
from ivr.call.phrasing import for_the_ear, invites
from ivr.call.rating import rated
from ivr.call.service import Answer, PhoneService, ServiceDown, Standing
from ivr.call.talk import Over, Talk, yes_or_no
from ivr.call.trace import State, Trace
from ivr.hearing import Recogniser
from ivr.sound import Vad
from ivr.transports import Caller, CallTransport
from ivr.voices import Voice

log = logging.getLogger(__name__)

END_WITHIN_S = 5.0
"""How long telling the service that a call is over may take."""

FALLBACK, GOODBYE = "nlu_fallback", "goodbye"
_CODE_WORDS = ("验证码", "手机号验证", "手机验证", "没有订单号", "不记得订单号", "订单号不记得")
VERIFIED = "我已经用手机号验证过了"


class CallSession:
    """Runs one call. Use it once.

    Args:
        transport: the call.
        service: answers it.
        voice: speaks.
        recogniser: understands; None where no model is installed (keys still work).
        vad: finds speech, at the transport's rate; None likewise.
        menu: sentences, keys, times.
        longest_s: the call ends after so many seconds with us.
        recorded: whether the caller must be told that the call is recorded.
        spoken: written text -> text as it is read out.
        hearing: when what counts as speech.
        tap: is given everything that we play, with the moment at which it starts.
        caption: is given what is said, and by whom (``bot`` or ``you``), and ``state`` with each.
    """

    def __init__(
        self,
        transport: CallTransport,
        service: PhoneService,
        voice: Voice,
        recogniser: Recogniser | None,
        vad: Vad | None,
        menu: Menu,
        *,
        longest_s: float = 1200.0,
        recorded: bool = False,
        spoken: Callable[[str], str] = str,
        hearing: Hearing | None = None,
        tap: Callable[[float, bytes], None] | None = None,
        caption: Callable[[str, str], None] | None = None,
    ) -> None:
        self._transport = transport
        self._service = service
        self._menu = menu
        self._longest_s = longest_s
        self._recorded = recorded
        hearing = hearing or Hearing(longest_ms=int(menu.timing.longest_utterance * 1000))
        self.trace = Trace(asyncio.get_running_loop().time(), caption)
        self._mouth = Mouth(transport, voice, tap, self.trace.sounded, menu.sentences.hesitation)
        self._line = Line(transport, recogniser, vad, hearing, self._mouth)
        self._talk = Talk(transport.caller, self._line, service, menu, self.trace, spoken)
        self._listing = Listing(menu)
        self._beginning: asyncio.Task[Standing] | None = None
        self._missed = Missed(self._talk)
        self._last = ""
        self._again = False
        self._options: tuple[int, int] | None = None  # (seq, how many) of what is offered now
        self._expects: str | None = None
        self._code_offered = False

    @property
    def state(self) -> State:
        """Where the call stands."""
        return self.trace.state

    async def run(self) -> str:
        """Run the call to its end; returns why it ended. Raises nothing but cancellation."""
        log.info("call answered", extra={"call": self._talk.call_id, "door": self._caller.door})
        self._line.start()
        why = "error"
        try:
            why = await self._run()
        except asyncio.CancelledError:
            why = "stopped"
            raise
        except Exception:
            log.exception("call failed", extra={"call": self._talk.call_id})
            await self._farewell(self._menu.sentences.out_of_order)
        finally:
            await asyncio.shield(self._close(why))
        return why

    @property
    def _caller(self) -> Caller:
        return self._transport.caller

    async def _run(self) -> str:
        last: str | None = None
        try:
            async with asyncio.timeout(self._longest_s) as self._talk.limit:
                await self._converse()
            why = "done"
        except CallerGone as gone:
            return gone.why
        except Over as over:
            why, last = over.why, over.last
            if why == "caller_ended" and self._talk.turns:
                try:
                    last = await rated(self._talk) + (last or "")
                except CallerGone:
                    return why
        except TimeoutError:
            why, last = "too_long", self._menu.sentences.too_long
        if last:
            await self._farewell(last)
        return why

    async def _farewell(self, text: str) -> None:
        self._talk.enter(State.ENDING)
        try:
            await self._mouth.stop()
            await self._talk.say(text)
        except CallerGone:
            return
        except Exception:
            log.exception("no goodbye", extra={"call": self._talk.call_id})

    async def _close(self, why: str) -> None:
        talk = self._talk
        talk.enter(State.ENDING)
        await self._line.close()
        if self._beginning is not None and not self._beginning.done():
            self._beginning.cancel()
            await asyncio.gather(self._beginning, return_exceptions=True)
        figures = {"turns": talk.turns, "greeting_s": self.trace.greeting_s}
        try:
            async with asyncio.timeout(END_WITHIN_S):
                await self._service.end(talk.call_id, why, figures)
        except (ServiceDown, TimeoutError):
            # The service notices by itself that a call is no longer kept alive.
            log.warning("the end of a call was not written down", extra={"call": talk.call_id})
        except Exception:
            log.exception("the end of a call was not written down")
        try:
            await self._transport.hangup()
        except Exception:
            log.exception("hanging up failed", extra={"call": talk.call_id})
        talk.enter(State.OVER)
        log.info("call over", extra={"call": talk.call_id, "why": why, "turns": talk.turns})

    async def _converse(self) -> None:
        talk = self._talk
        talk.enter(State.GREETING)
        text = self._menu.welcome(recorded=self._recorded)
        self._beginning = asyncio.create_task(
            self._service.begin(self._caller, text, recorded=self._recorded)
        )
        if not self._line.hears:
            talk.key_mode = True
            text += self._menu.sentences.only_keys + self._menu.sentences.keys
        self._last = text
        while True:
            given = await self._ask(text)
            await self._begun()
            text = await self._respond(given)
            if text and not self._again:
                self._last = text

    async def _begun(self) -> None:
        """The service must know of the call before anything is asked of it."""
        if self._beginning is None:
            return
        beginning, self._beginning = self._beginning, None
        for attempt in (beginning, None):
            try:
                await self._line.until(
                    attempt
                    or asyncio.ensure_future(
                        self._service.begin(self._caller, self._last, recorded=self._recorded)
                    )
                )
                return
            except ServiceDown:
                log.warning(
                    "the service does not know of a call", extra={"call": self._talk.call_id}
                )
        raise Over("service_down", self._menu.sentences.out_of_order)

    async def _ask(self, text: str) -> Given:
        talk = self._talk
        talk.enter(State.LISTENING if self.trace.exchanges or not text else self.trace.state)
        if self._expects == "order_number":
            return await talk.ask_once(
                text,
                keys=Keys(ORDER_LENGTH, self._menu.timing.between_keys),
                digits=True,
                wait_s=10,
            )
        if self._expects == "phone_tail":
            return await talk.ask_once(
                text, keys=Keys(TAIL_LENGTH, self._menu.timing.between_keys), digits=True, wait_s=10
            )
        return await talk.ask_once(text)

    async def _respond(self, given: Given) -> str:
        """What to say to what the caller did."""
        # What was asked is what is wanted again, not that it was not heard.
        self._again = isinstance(given, Nothing | Unclear)
        match given:
            case Nothing():
                return await self._missed.silence(self._expects) or await self._person("no_input")
            case Unclear():
                return await self._unclear()
            case Pressed(keys):
                self._missed.silences = 0
                return await self._keys(keys.rstrip("#") or "#")
            case Said(text):
                self._missed.silences = 0
                return await self._said(given, text)

    async def _unclear(self) -> str:
        self._again = True
        return await self._missed.unclear(self._expects) or await self._person("not_understood")

    async def _person(self, why: str) -> str:
        self._again = False
        self._missed.forget()
        answer = await self._talk.answer_of(self._service.person(self._talk.call_id, why))
        if answer is None:
            return self._menu.sentences.later
        return await self._after(answer)

    # Keys

    async def _keys(self, keys: str) -> str:
        if self._expects is not None and len(keys) > 1:
            return await self._number(keys)
        key = keys[0]
        if key == END:
            if self._expects is not None:
                return self._last
            raise Over("caller_ended", self._menu.sentences.goodbye)
        if key == REPEAT:
            return self._last
        if self._options is not None and key.isdigit() and 1 <= int(key) <= self._options[1]:
            seq = self._options[0]
            return await self._turn("", (seq, int(key) - 1))
        entry = self._menu.keys.get(key)
        if entry is None:
            return self._menu.sentences.unknown_key + self._menu.sentences.keys
        return await self._turn(entry.say)

    # Words

    async def _said(self, given: Said, text: str) -> str:
        if self._menu.is_machine(text):
            raise Over("machine")
        again = self._talk.again(given, self._last)
        if again is not None:
            await self._talk.note(again)
            return again
        later = self._listing.next(text)
        if later is not None:
            return later
        cut = self._line.cut_off
        if cut is not None and cut.rest.endswith(("？", "?")) and yes_or_no(text) is not None:
            # A "yes" to a question that was not heard to its end must not count.
            return cut.rest
        if self._expects is not None and only_digits(text):
            length = ORDER_LENGTH if self._expects == "order_number" else TAIL_LENGTH
            text, instead = await dictated(self._talk, text, length)
            return await (self._turn(instead) if instead else self._number(text))
        if self._expects is not None and has_number(text):
            return await self._number(text)
        if self._expects == "order_number" and any(word in text for word in _CODE_WORDS):
            return await self._code()
        if wants_call_back(text):
            return (await call_back(self._talk))[1]
        key = self._menu.key_for(text) if self._expects is None else None
        if key is not None and not (key.isdigit() and self._options is not None):
            if key == PERSON or key in (END, REPEAT) or len(text) <= 2:
                return await self._keys(key)
        return await self._turn(text)

    # Numbers and proofs

    async def _number(self, given: str) -> str:
        if self._expects == "phone_tail":
            return await self._turn(given)
        number, instead = await order_number(self._talk, given)
        if number is None:
            self._expects = None
            return await (self._turn(instead) if instead else self._unclear())
        # What was said beside the number (the phone's tail) goes with it.
        return await self._turn(given if has_number(given) and number in given else number)

    async def _code(self) -> str:
        sentences = self._menu.sentences
        try:
            proved = await prove_by_code(self._talk)
        except ServiceDown:
            proved = False
        if not proved:
            return sentences.code_failed + sentences.number_again
        answer = await self._talk.turn(VERIFIED)
        return sentences.code_ok + (await self._after(answer) if answer else sentences.later)

    # The dialogue

    async def _turn(self, text: str, choice: tuple[int, int] | None = None) -> str:
        self._listing.forget()
        answer = await self._talk.turn(text, choice)
        if answer is None:
            return self._menu.sentences.later
        return await self._after(answer)

    async def _after(self, answer: Answer) -> str:
        """What to say after a turn."""
        sentences = self._menu.sentences
        spoken = for_the_ear([reply.text for reply in answer.replies])
        last = answer.replies[-1] if answer.replies else None
        options = last.options if last is not None else ()
        self._options = (last.seq, len(options)) if last is not None and options else None
        self._expects = answer.expects
        text = self._listing.begin(spoken) or sentences.anything_else
        if answer.owner == "human":
            self._options = self._expects = None
            text = await with_people(self._talk, answer)
            self._talk.enter(State.LISTENING)
            return text
        if answer.intent == GOODBYE:
            raise Over("caller_ended", spoken.now or sentences.goodbye)
        if answer.intent == FALLBACK:
            if self._missed.one_more() and self._expects is None:
                return text + sentences.keys
        else:
            self._missed.misses = 0
        if self._expects == "order_number" and not self._code_offered:
            self._code_offered = True
            return text + sentences.code_offer
        if self._talk.key_mode and options:
            return (
                text + "".join(f"{name}请按{n}，" for n, name in enumerate(options, 1))[:-1] + "。"
            )
        if options or self._expects is not None or invites(text):
            return text
        return text + sentences.anything_else
