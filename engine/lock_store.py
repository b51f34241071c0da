"""One turn at a time for each conversation, without polling.

Rasa's ticket lock looks again once a second, so a second message waits up to a second after the
first is done. One engine process needs no more than an asyncio lock a conversation.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any, AsyncGenerator, Dict, Optional

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError


class FairLockStore(InMemoryLockStore):
    """Hands a conversation's lock to waiting turns in the order in which they came."""

    def __init__(self, endpoint_config: Any = None) -> None:
        super().__init__()
        self._locks: Dict[str, asyncio.Lock] = {}
        self._users: Dict[str, int] = {}

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 0,
    ) -> AsyncGenerator[Optional[TicketLock], None]:
        """Hold the conversation; yields nothing of use (Rasa ignores the ticket).

        Raises:
            LockError: another turn held the conversation for ``lock_lifetime`` seconds.
        """
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        self._users[conversation_id] = self._users.get(conversation_id, 0) + 1
        try:
            try:
                await asyncio.wait_for(lock.acquire(), timeout=lock_lifetime)
            except asyncio.TimeoutError as error:
                raise LockError("the conversation is busy") from error
            try:
                yield None
            finally:
                lock.release()
        finally:
            self._users[conversation_id] -= 1
            if not self._users[conversation_id]:
                del self._users[conversation_id], self._locks[conversation_id]
