"""Logging in: passwords, second factor, sessions, rates, cookies."""

from __future__ import annotations

import httpx
import pyotp
import pytest

from bot.desk import NewAgent, Passwords, Role
from bot.desk.permissions import Op
from bot.records.tables import agent_sessions, agents, audit, login_failures
from tests.bot.desk.bench import PASSWORD, Bench

ORIGIN = {"X-Yingda-Desk": "1"}


async def person(bench: Bench, role: Role = Role.AGENT) -> str:
    """Agent 'li' with a real password."""
    return await bench.desk.people.add(NewAgent("li", "小李", role), PASSWORD)


def credentials(**more: object) -> dict[str, object]:
    return {"login": "li", "password": PASSWORD, **more}


class TestLoggingIn:
    async def test_the_right_password_opens_a_session_of_which_only_a_hash_is_stored(
        self, bench: Bench
    ) -> None:
        await person(bench)
        client = bench.client()
        answer = await client.post("/login", json=credentials())
        assert answer.status_code == 200
        agent = answer.json()["agent"]
        assert (agent["login"], agent["name"], agent["role"]) == ("li", "小李", "agent")
        assert "token" not in answer.json()
        cookie = answer.headers["set-cookie"]
        assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/"))
        assert "Secure" not in cookie  # plain http
        assert (await client.get("/me")).json() == agent
        (session,) = await bench.rows(agent_sessions)
        assert session["token_hash"] not in cookie and len(session["token_hash"]) == 64
        (stored,) = await bench.rows(agents)
        assert stored["password_hash"].startswith("$argon2id$") and PASSWORD not in str(stored)

    async def test_hashes_cost_an_attacker_64_mib_and_three_passes_each(self) -> None:
        passwords = Passwords()
        hashed = await passwords.hash(PASSWORD)
        assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
        assert await passwords.fits(PASSWORD, hashed)
        assert not await passwords.fits(PASSWORD + "x", hashed)
        passwords.close()

    async def test_a_desk_of_ones_own_gets_the_token_itself(self, bench: Bench) -> None:
        await person(bench)
        answer = await bench.client().post("/login", json=credentials(token=True))
        assert "set-cookie" not in answer.headers
        bearer = bench.client({"Authorization": f"Bearer {answer.json()['token']}"})
        assert (await bearer.get("/me")).status_code == 200

    @pytest.mark.parametrize(
        "wrong",
        [
            {"login": "li", "password": "wrong-password"},
            {"login": "nobody", "password": PASSWORD},
            {"login": "gone", "password": PASSWORD},
            {"login": "li' OR 1=1 --", "password": PASSWORD},
            {"login": "李", "password": "密码" * 90},
        ],
    )
    async def test_what_is_wrong_is_not_said(self, bench: Bench, wrong: dict[str, str]) -> None:
        await person(bench)
        gone = await bench.desk.people.add(NewAgent("gone", "小周"), PASSWORD)
        await bench.desk.people.change(gone, {"active": False})
        answer = await bench.client().post("/login", json=wrong)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "wrong_login")
        assert "账号或密码" in answer.json()["error"]["message"]
        assert "set-cookie" not in answer.headers

    async def test_an_unknown_login_costs_as_much_work_as_a_known_one(self, bench: Bench) -> None:
        await person(bench)
        checked: list[str | None] = []
        fits = bench.desk.passwords._check
        bench.desk.passwords._check = lambda password, hashed: (  # type: ignore[method-assign]
            checked.append(hashed) or fits(password, hashed)  # type: ignore[func-returns-value]
        )
        for login in ("li", "nobody"):
            await bench.client().post("/login", json={"login": login, "password": "wrong-one"})
        known, unknown = checked
        assert known and unknown and known.split("$")[:4] == unknown.split("$")[:4]

    async def test_guessing_one_login_ends_after_some_tries_from_wherever(
        self, bench: Bench
    ) -> None:
        await person(bench)
        client = bench.client()
        codes = [
            (await client.post("/login", json={"login": "li", "password": f"wrong-{n}"}))
            for n in range(9)
        ]
        assert [c.status_code for c in codes] == [401] * 8 + [429]
        refused = codes[-1].json()["error"]
        assert refused["retry_after"] == int(codes[-1].headers["retry-after"]) > 800
        assert "分钟" in refused["message"]
        # Even the right password waits, and a right one later forgives.
        assert (await client.post("/login", json=credentials())).status_code == 429
        bench.clock.advance(minutes=15)
        assert (await client.post("/login", json=credentials())).status_code == 200
        assert not [row for row in await bench.rows(login_failures) if row["at"] > bench.clock()]

    async def test_one_address_may_not_try_everybody(self, bench: Bench) -> None:
        client = bench.client()
        for number in range(40):
            await bench.desk.database.write(lambda tx, n=number: _fail(tx, bench, f"x{n}"))
        answer = await client.post("/login", json={"login": "new", "password": "whatever-1"})
        assert answer.status_code == 429

    async def test_a_log_in_from_another_sites_page_is_refused(self, bench: Bench) -> None:
        await person(bench)
        answer = await bench.client({"Origin": "https://evil.example"}).post(
            "/login", json=credentials()
        )
        assert answer.status_code == 403 and "set-cookie" not in answer.headers

    async def test_log_ins_are_written_down(self, bench: Bench) -> None:
        agent = await person(bench)
        client = bench.client(ORIGIN)
        await client.post("/login", json=credentials())
        await client.post("/logout")
        found = [(row["agent_id"], row["action"]) for row in await bench.rows(audit)]
        assert found == [(agent, "login"), (agent, "logout")]
        assert (await client.get("/me")).status_code == 401


def _fail(tx: object, bench: Bench, login: str) -> None:
    from bot.desk.accounts.attempts import count_attempt

    count_attempt(tx, login, "127.0.0.1", bench.clock())  # type: ignore[arg-type]


class TestSessions:
    async def test_a_session_ends_when_idle_and_at_the_latest_after_a_day(
        self, bench: Bench
    ) -> None:
        client = await bench.as_(await person(bench))
        bench.clock.advance(hours=11)
        assert (await client.get("/me")).status_code == 200
        bench.clock.advance(hours=11)
        assert (await client.get("/me")).status_code == 200
        bench.clock.advance(hours=3)
        answer = await client.get("/me")
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_logged_in")
        idle = await bench.as_((await bench.rows(agents))[0]["id"])
        bench.clock.advance(hours=12)
        assert (await idle.get("/me")).status_code == 401

    async def test_a_deactivated_agent_is_out_at_once(self, bench: Bench) -> None:
        agent = await person(bench)
        admin = await bench.as_(await bench.agent(Role.ADMIN))
        client = await bench.as_(agent)
        async with bench.live(agent) as (live, _snapshot):
            answer = await admin.patch(f"/agents/{agent}", json={"active": False})
            assert answer.json()["active"] is False
            assert await live.closed() == 4401
        assert (await client.get("/me")).status_code == 401
        assert not [r for r in await bench.rows(agent_sessions) if r["agent_id"] == agent]

    @pytest.mark.parametrize("token", ["x", "Ω" * 40, "a" * 4000])
    async def test_a_made_up_token_opens_nothing(self, bench: Bench, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}".encode()}
        answer = await bench.client(headers).get("/me")  # type: ignore[arg-type]
        assert answer.status_code == 401

    async def test_another_password_ends_every_other_session(self, bench: Bench) -> None:
        agent = await person(bench)
        mine, other = await bench.as_(agent), await bench.as_(agent)
        change = {"old": PASSWORD, "new": "ganz-neues-Wort-7"}
        assert (await mine.post("/me/password", json=change)).status_code == 200
        assert (await mine.get("/me")).status_code == 200
        assert (await other.get("/me")).status_code == 401
        fresh = bench.client()
        assert (await fresh.post("/login", json=credentials())).status_code == 401
        new = {"login": "li", "password": "ganz-neues-Wort-7"}
        assert (await fresh.post("/login", json=new)).status_code == 200

    @pytest.mark.parametrize(
        "bad", ["short", "1234567890", "aaaaaaaaaaaa", "i-am-li-12345", "x" * 129]
    )
    async def test_a_weak_password_is_refused(self, bench: Bench, bad: str) -> None:
        client = await bench.as_(await person(bench))
        answer = await client.post("/me/password", json={"old": PASSWORD, "new": bad})
        assert answer.status_code == 422 and "密码" in answer.json()["error"]["message"]

    async def test_the_old_password_cannot_be_guessed_from_inside(self, bench: Bench) -> None:
        client = await bench.as_(await person(bench))
        change = {"old": "wrong-password", "new": "ganz-neues-Wort-7"}
        codes = [(await client.post("/me/password", json=change)).status_code for _ in range(9)]
        assert codes == [401] * 8 + [429]


class TestCookies:
    async def test_a_write_with_the_cookie_must_come_from_our_own_page(self, bench: Bench) -> None:
        await person(bench)
        client = bench.client()
        await client.post("/login", json=credentials())
        body = {"presence": "online"}
        host = bench.url.removeprefix("http://")
        for headers, status in (
            ({}, 403),
            ({"Origin": "https://evil.example"}, 403),
            ({"Origin": "null"}, 403),
            ({"Origin": f"http://{host}.evil.example"}, 403),
            ({"Origin": f"http://{host}"}, 200),
            ({"X-Yingda-Desk": "1"}, 200),
            ({"X-Yingda-Desk": "1", "Origin": "https://evil.example"}, 403),
        ):
            answer = await client.put("/me/presence", json=body, headers=headers)
            assert answer.status_code == status, headers

    async def test_a_socket_with_the_cookie_must_come_from_our_own_page(self, bench: Bench) -> None:
        token = await bench.token(await person(bench))
        cookie = {"Cookie": f"yingda_desk={token}"}
        async with bench.socket(**cookie, origin="https://evil.example") as live:
            assert await live.closed() == 4403
            assert [frame["type"] for frame in live.frames] == ["error"]
        async with bench.socket(**cookie, origin=bench.url) as live:
            assert (await live.next("snapshot"))["me"]["login"] == "li"


class TestSecondFactor:
    async def begun(self, bench: Bench) -> tuple[httpx.AsyncClient, pyotp.TOTP]:
        client = await bench.as_(await person(bench))
        begun = (await client.post("/me/totp")).json()
        assert begun["uri"].startswith("otpauth://totp/")
        return client, pyotp.TOTP(begun["secret"])

    async def test_it_is_asked_for_only_once_it_was_shown_to_work(self, bench: Bench) -> None:
        client, codes = await self.begun(bench)
        fresh = bench.client()
        assert (await fresh.post("/login", json=credentials())).status_code == 200
        now = int(bench.clock().timestamp())
        wrong = await client.post("/me/totp/confirm", json={"code": codes.at(now - 300)})
        assert wrong.json()["error"]["code"] == "wrong_code"
        good = await client.post("/me/totp/confirm", json={"code": codes.at(now)})
        assert good.status_code == 200
        asked = await fresh.post("/login", json=credentials())
        assert (asked.status_code, asked.json()["error"]["code"]) == (401, "code_needed")

    async def test_a_code_is_good_once_within_one_step_of_drift(self, bench: Bench) -> None:
        client, codes = await self.begun(bench)
        now = int(bench.clock().timestamp())
        await client.post("/me/totp/confirm", json={"code": codes.at(now)})
        fresh = bench.client()

        async def status(code: str) -> int:
            return (await fresh.post("/login", json=credentials(code=code))).status_code

        assert await status(codes.at(now)) == 401  # used to confirm
        bench.clock.advance(seconds=60)
        now += 60
        assert await status(codes.at(now - 60)) == 401  # too old
        assert await status(codes.at(now + 60)) == 401  # too early
        assert await status(codes.at(now + 30)) == 200  # their clock is ahead
        assert await status(codes.at(now + 30)) == 401
        assert await status(codes.at(now)) == 401  # older than one that was used

    async def test_knowing_the_password_does_not_give_endless_tries_at_the_code(
        self, bench: Bench
    ) -> None:
        client, codes = await self.begun(bench)
        now = int(bench.clock().timestamp())
        await client.post("/me/totp/confirm", json={"code": codes.at(now)})
        fresh = bench.client()
        seen = []
        for number in range(9):
            tried = credentials(code=f"{number:06}")
            seen.append((await fresh.post("/login", json=tried)).status_code)
            await fresh.post("/login", json=credentials())  # "code needed" forgives nothing
        assert seen == [401] * 8 + [429]

    async def test_the_secret_is_sealed_and_lost_ones_can_be_taken_away(self, bench: Bench) -> None:
        client, codes = await self.begun(bench)
        await client.post(
            "/me/totp/confirm", json={"code": codes.at(int(bench.clock().timestamp()))}
        )
        (row,) = await bench.rows(agents)
        assert codes.secret not in row["totp_secret"]
        admin = await bench.as_(await bench.agent(Role.ADMIN))
        shown = await admin.get("/agents?all=1")
        assert {a["login"]: a["totp"] for a in shown.json()["agents"]}["li"] is True
        await admin.patch(f"/agents/{row['id']}", json={"totp": False})
        assert (await bench.client().post("/login", json=credentials())).status_code == 200

    async def test_who_knows_the_password_may_turn_it_off(self, bench: Bench) -> None:
        client, codes = await self.begun(bench)
        now = int(bench.clock().timestamp())
        await client.post("/me/totp/confirm", json={"code": codes.at(now)})
        wrong = await client.post("/me/totp/remove", json={"password": "wrong-password"})
        assert wrong.status_code == 401
        await client.post("/me/totp/remove", json={"password": PASSWORD})
        assert (await bench.client().post("/login", json=credentials())).status_code == 200


class TestAdministering:
    async def test_an_agent_is_added_and_changed(self, bench: Bench) -> None:
        admin = await bench.as_(await bench.agent(Role.ADMIN))
        new = {"login": "wang", "name": "小王", "password": PASSWORD, "skills": ["售前"]}
        made = (await admin.post("/agents", json=new)).json()
        assert (made["login"], made["role"], made["skills"]) == ("wang", "agent", ["售前"])
        again = await admin.post("/agents", json=new)
        assert (again.status_code, again.json()["error"]["code"]) == (409, "login_taken")
        changed = await admin.patch(f"/agents/{made['id']}", json={"capacity": 3, "name": "王丽"})
        assert (changed.json()["capacity"], changed.json()["name"]) == (3, "王丽")

    async def test_another_role_ends_the_sessions_of_the_old_one(self, bench: Bench) -> None:
        admin = await bench.as_(await bench.agent(Role.ADMIN))
        lead = await bench.agent(Role.SUPERVISOR)
        client = await bench.as_(lead)
        await admin.patch(f"/agents/{lead}", json={"role": "agent"})
        assert (await client.get("/wall")).status_code == 401

    async def test_somebody_who_can_administer_always_stays(self, bench: Bench) -> None:
        first = await bench.agent(Role.ADMIN)
        client = await bench.as_(first)
        for change in ({"active": False}, {"role": "agent"}):
            answer = await client.patch(f"/agents/{first}", json=change)
            assert (answer.status_code, answer.json()["error"]["code"]) == (409, "oneself")
        with pytest.raises(Exception, match="last_admin"):
            await bench.desk.people.change(first, {"active": False})

    @pytest.mark.parametrize(
        "wrong",
        [
            {"login": "A B"},
            {"login": "x"},
            {"name": "<b>王</b>"},
            {"name": ""},
            {"skills": []},
            {"skills": ["魔法"]},
            {"role": "king"},
            {"capacity": 0},
            {"capacity": 10_000},
            {"password": "short"},
            {"extra": 1},
        ],
    )
    async def test_an_unusable_field_is_refused(
        self, bench: Bench, wrong: dict[str, object]
    ) -> None:
        admin = await bench.as_(await bench.agent(Role.ADMIN))
        good = {"login": "wang", "name": "小王", "password": PASSWORD}
        answer = await admin.post("/agents", json=good | wrong)
        assert answer.status_code == 422 and answer.json()["error"]["code"] == "bad_input"

    async def test_roles_have_what_the_table_says(self, bench: Bench) -> None:
        agent = await (await bench.as_(await bench.agent())).get("/me")
        lead = await (await bench.as_(await bench.agent(Role.SUPERVISOR))).get("/me")
        assert Op.REVEAL not in agent.json()["permissions"]
        assert Op.REVEAL in lead.json()["permissions"]
        assert agent.json()["coupon_limit_yuan"] < lead.json()["coupon_limit_yuan"]
