"""Passwords: argon2id, in threads of their own so that a log-in delays no conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.desk.errors import BadInput
from bot.errors import DeskBusy

MIN_LENGTH = 10
MAX_LENGTH = 128
_AT_ONCE = 2
"""Each hash holds 64 MiB (RFC 9106, second recommended option) and a core."""
_WAITING = 40
_USUAL = ("1234567890", "0123456789", "password", "qwertyuiop", "abc1234567")


class Passwords:
    """Hashes and checks passwords; close() it when done.

    Args:
        hasher: argon2id with its costs; None takes the recommended ones.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(_AT_ONCE, "passwords")
        self._waiting = 0
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The password's argon2id hash with its parameters and salt."""
        return await self._run(lambda: self._hasher.hash(password))

    async def fits(self, password: str, hashed: str | None) -> bool:
        """Whether this is the password; without a hash it takes as long and is never right."""
        if hashed is None:
            if self._nobody is None:
                self._nobody = await self.hash("nobody has this password")
            await self._run(lambda: self._check(password, str(self._nobody)))
            return False
        return await self._run(lambda: self._check(password, hashed))

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False)

    def _check(self, password: str, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run[T](self, work: Callable[[], T]) -> T:
        if self._waiting >= _WAITING:
            raise DeskBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def check_password(password: str, login: str) -> None:
    """Refuse what is quickly guessed.

    Raises:
        BadInput: too short, too long, or too simple.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise BadInput(f"密码要有 {MIN_LENGTH} 到 {MAX_LENGTH} 个字符。")
    simple = password.lower()
    if len(set(password)) < 5 or simple.startswith(_USUAL) or login.lower() in simple:
        raise BadInput("这个密码太容易被猜到，请换一个；不要包含账号名。")
