"""How satisfied the caller was: asked once, at the end, answered by key or by a word."""

from __future__ import annotations

import asyncio

from ivr.call.given import Pressed, Said
from ivr.call.service import ServiceDown
from ivr.call.talk import Talk

RATINGS = {"一": "1", "二": "2", "三": "3", "四": "4", "五": "5"}


async def rated(talk: Talk) -> str:
    """Ask; what to say to the answer (empty: nothing was answered, or nobody may be asked).

    Raises:
        CallerGone: they have hung up instead.
    """
    try:
        may = asyncio.ensure_future(talk.service.may_rate(talk.call_id))
        if not await talk.line.until(may):
            return ""
        question = talk.menu.sentences.rate
        await talk.note(question)
        given = await talk.ask(question, grammar=list(RATINGS))
        said = given.text if isinstance(given, Said) else ""
        key = given.keys[0] if isinstance(given, Pressed) else RATINGS.get(said[:1], "")
        if key not in RATINGS.values():
            return ""
        return await talk.service.rate(talk.call_id, key)
    except ServiceDown:
        return ""
