"""Nothing was said, or nothing to be understood: what to say to it, and when people are needed."""

from __future__ import annotations

from ivr.call.talk import Talk

TO_KEYS, TO_PERSON = 2, 3


class Missed:
    """Counts what was missed in a row.

    Args:
        talk: the call.
    """

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self.silences = 0
        self.misses = 0

    def forget(self) -> None:
        """Begin to count anew."""
        self.silences = self.misses = 0

    def one_more(self) -> bool:
        """Something else was not understood; whether keys must help from here on."""
        self.misses += 1
        if self.misses >= TO_KEYS:
            self._talk.key_mode = True
        return self.misses >= TO_KEYS

    async def silence(self, expects: str | None) -> str | None:
        """What to say to silence; None: a person is needed.

        Args:
            expects: the number that the caller looks for, if one was asked for.
        """
        sentences = self._talk.menu.sentences
        self.silences += 1
        if self.silences >= TO_PERSON:
            return None
        first = self.silences == 1
        if expects == "order_number":
            return await self._noted(sentences.number_wait if first else sentences.number_hint)
        if expects == "phone_tail":
            return await self._noted(sentences.tail_wait if first else sentences.tail_short)
        if first:
            return await self._noted(sentences.still_there)
        self._talk.key_mode = True
        return await self._noted(sentences.no_voice) + sentences.keys

    async def unclear(self, expects: str | None) -> str | None:
        """What to say to speech that was not understood; None: a person is needed."""
        sentences = self._talk.menu.sentences
        self.misses += 1
        if self.misses >= TO_PERSON:
            return None
        if self.misses < TO_KEYS:
            return await self._noted(sentences.not_heard)
        if expects == "order_number":
            return await self._noted(sentences.number_short)
        if expects == "phone_tail":
            return await self._noted(sentences.tail_short)
        self._talk.key_mode = True
        return await self._noted(sentences.by_keys) + sentences.keys

    async def _noted(self, text: str) -> str:
        await self._talk.note(text)
        return text
