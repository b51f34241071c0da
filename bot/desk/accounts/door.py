"""Coming in: login, password, second factor; each attempt counted, each taking the same time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from bot.clock import Clock
from bot.desk.accounts.attempts import count_attempt, forgive, withdraw
from bot.desk.accounts.passwords import MAX_LENGTH, Passwords
from bot.desk.accounts.people import People
from bot.desk.accounts.sessions import Actor, Sessions
from bot.desk.accounts.totp import Factor, Factors, InvalidToken, accept, address_of, new_factor
from bot.desk.errors import CodeNeeded, WrongCode, WrongLogin
from bot.errors import DeskConflict
from bot.records import Database
from bot.records.tables import agents


class Door:
    """Lets agents in and looks after what they prove themselves with.

    Args:
        database: where agents and attempts are.
        passwords: checks.
        people: changes passwords.
        sessions: opened here.
        factors: seals second factors.
        clock: current time.
    """

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        people: People,
        sessions: Sessions,
        factors: Factors,
        clock: Clock,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._people = people
        self._sessions = sessions
        self._factors = factors
        self._clock = clock

    async def enter(self, login: str, password: str, code: str | None, address: str) -> str:
        """Log in; returns the token of a new session.

        Raises:
            TooManyLogins: too many failed; the attempt was not made.
            WrongLogin: unknown, deactivated, or the password is wrong.
            CodeNeeded: the password is right and a code is asked for.
            WrongCode: it is wrong or was used.
        """
        login = login.strip().lower()[:64]
        now = self._clock()
        counted = await self._database.write(lambda tx: count_attempt(tx, login, address, now))
        agent = await self._people.by_login(login)
        known = agent is not None and agent.active
        fits = await self._passwords.fits(
            password[: MAX_LENGTH + 1], agent.password_hash if known else None
        )
        if not fits:
            raise WrongLogin
        try:
            await self._pass_second(agent, code)
        except CodeNeeded:
            # Who knows the password alone must not thereby win endless tries at the code.
            await self._database.write(lambda tx: withdraw(tx, counted))
            raise
        await self._database.write(lambda tx: forgive(tx, login, counted))
        return await self._sessions.open(agent.id)

    async def change_password(self, actor: Actor, old: str, new: str) -> None:
        """Another password for oneself; every other session ends.

        Raises:
            TooManyLogins, WrongLogin: the old one is not right (and guessing it is counted).
            BadInput: the new one is not acceptable.
        """
        await self._prove(actor, old)
        await self._people.set_password(actor.id, actor.login, new, keep=actor.session)

    async def begin_factor(self, actor: Actor) -> dict[str, str]:
        """Start using a second factor: what to put into the authenticator app.

        Raises:
            DeskConflict: one is in force.
        """
        current = self._unsealed(await self._people.by_id(actor.id))
        if current is not None and current.on:
            raise DeskConflict("动态验证码已经开启了。", "totp_on")
        factor = new_factor()
        sealed = self._factors.seal(factor)
        begun = update(agents).where(agents.c.id == actor.id).values(totp_secret=sealed)
        await self._database.write(lambda tx: tx.execute(begun))
        return {"secret": factor.secret, "uri": address_of(factor, actor.login)}

    async def confirm_factor(self, actor: Actor, code: str) -> None:
        """The agent shows that their app makes the right codes; from now on they are asked for.

        Raises:
            DeskConflict: none was begun, or it is in force already.
            WrongCode: the code is not right.
        """
        agent = await self._people.by_id(actor.id)
        factor = self._unsealed(agent)
        if factor is None or factor.on:
            raise DeskConflict("请先获取动态验证码的密钥。", "totp_not_begun")
        await self._use(agent, factor, code)

    async def drop_factor(self, actor: Actor, password: str) -> None:
        """Stop using the second factor.

        Raises:
            TooManyLogins, WrongLogin: the password is not right.
        """
        await self._prove(actor, password)
        await self._people.forget_factor(actor.id)

    async def has_factor(self, agent: Any) -> bool:
        """Whether codes are asked for."""
        factor = self._unsealed(agent)
        return factor is not None and factor.on

    async def _prove(self, actor: Actor, password: str) -> None:
        now = self._clock()
        counted = await self._database.write(
            lambda tx: count_attempt(tx, actor.login, actor.address, now)
        )
        agent = await self._people.by_id(actor.id)
        if not await self._passwords.fits(password[: MAX_LENGTH + 1], agent.password_hash):
            raise WrongLogin("当前密码不对，请核对后再试。")
        await self._database.write(lambda tx: forgive(tx, actor.login, counted))

    async def _pass_second(self, agent: Any, code: str | None) -> None:
        try:
            factor = self._unsealed(agent)
        except InvalidToken:
            raise WrongCode("动态验证码需要重新设置，请联系管理员。") from None
        if factor is None or not factor.on:
            return
        if not code:
            raise CodeNeeded
        await self._use(agent, factor, code.strip()[:10])

    async def _use(self, agent: Any, factor: Factor, code: str) -> None:
        """Use a code up; of two who send the same one at once, one is refused."""
        used = accept(factor, code, self._clock())
        if used is None:
            raise WrongCode
        sealed = self._factors.seal(used)
        swap = (
            update(agents)
            .where(agents.c.id == agent.id, agents.c.totp_secret == agent.totp_secret)
            .values(totp_secret=sealed)
        )
        if not await self._database.write(lambda tx: tx.execute(swap).rowcount):
            raise WrongCode

    def _unsealed(self, agent: Any) -> Factor | None:
        return self._factors.unseal(agent.totp_secret)
