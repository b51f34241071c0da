"""FastAGI's wire format: lines of text; Asterisk introduces the call, then obeys commands.

Source: Asterisk 22, ``res_agi.c`` and its documentation. When the caller hangs up, Asterisk puts a
line ``HANGUP`` among its answers and may still be asked for variables.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

MAX_LINE_BYTES = 2048
MAX_INTRODUCTION_LINES = 80
_MAX_USAGE_LINES = 200

_REPLY = re.compile(r"(\d{3})(?: result=(-?\d+))?(?:.*?\((.*)\))?")


class AgiError(Exception):
    """The peer broke the protocol, refused a command, or is gone; no personal data in the text."""


@dataclass(frozen=True)
class Reply:
    """What Asterisk answered to a command: ``result``, and the text in brackets if any."""

    result: int
    value: str | None


class Agi:
    """One FastAGI connection. Commands are given one after another by one task."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.hung_up = False
        """Whether Asterisk has said that the caller is gone."""

    async def introduction(self) -> dict[str, str]:
        """Read the variables that begin a connection, e.g. ``agi_callerid``.

        Raises:
            AgiError: too much, no variable, or the connection ended.
        """
        variables: dict[str, str] = {}
        for _ in range(MAX_INTRODUCTION_LINES):
            line = await self._line()
            if not line:
                return variables
            name, colon, value = line.partition(":")
            if not colon or not name.startswith("agi_"):
                raise AgiError("not an AGI variable")
            variables[name] = value.strip()
        raise AgiError("too many AGI variables")

    async def command(self, command: str, timeout_s: float | None = None) -> Reply:
        """Give a command and wait for its end, however long that is (``timeout_s``: no longer).

        Raises:
            AgiError: the connection ended, the command was refused, or not answered in time.
        """
        if "\n" in command or "\r" in command:
            raise ValueError("a command is one line")
        name = " ".join(command.split(" ", 2)[:2])
        try:
            async with asyncio.timeout(timeout_s):
                self._writer.write(command.encode() + b"\n")
                await self._writer.drain()
                return await self._reply(name)
        except TimeoutError:
            raise AgiError(f"no answer to {name}") from None
        except OSError as error:
            raise AgiError(f"connection lost in {name}: {type(error).__name__}") from None

    async def execute(self, application: str, arguments: str) -> Reply:
        """Run an application of the dial plan until it returns.

        ``arguments`` must be free of quotes and backslashes.

        Raises:
            AgiError: as `command`.
        """
        if any(sign in arguments for sign in '"\\'):
            raise ValueError("arguments cannot be quoted")
        return await self.command(f'EXEC {application} "{arguments}"')

    async def variable(self, name: str, timeout_s: float) -> str | None:
        """Value of a channel variable, None if it is not set.

        Raises:
            AgiError: as `command`.
        """
        reply = await self.command(f"GET VARIABLE {name}", timeout_s)
        return reply.value if reply.result == 1 else None

    def close(self) -> None:
        """Let go of the connection; the dial plan goes on if the caller is there."""
        self._writer.close()

    def abort(self) -> None:
        """The same without sending what is still in the buffer."""
        self._writer.transport.abort()

    async def _reply(self, name: str) -> Reply:
        line = await self._line()
        while line == "HANGUP":
            self.hung_up = True
            line = await self._line()
        found = _REPLY.match(line)
        if found is None:
            raise AgiError(f"not an answer to {name}")
        code, result, value = found.groups()
        if line.startswith("520-"):
            await self._skip_usage()
        if code == "511":  # "Command Not Permitted on a dead channel"
            self.hung_up = True
        if code != "200" or result is None:
            raise AgiError(f"{name} refused with {code}")
        return Reply(int(result), value)

    async def _skip_usage(self) -> None:
        for _ in range(_MAX_USAGE_LINES):
            if (await self._line()).startswith("520"):
                return
        raise AgiError("endless usage text")

    async def _line(self) -> str:
        try:
            line = await self._reader.readline()
        except ValueError:  # longer than the reader's limit
            raise AgiError("line too long") from None
        except OSError as error:
            raise AgiError(f"connection lost: {type(error).__name__}") from None
        if not line.endswith(b"\n"):
            raise AgiError("connection ended")
        return line.decode("utf-8", "replace").rstrip("\r\n")
