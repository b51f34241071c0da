"""The official account's interfaces of the fake platform, failures included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.fakes.wechat_platform import WeChatPlatform, click, subscribe, unsubscribe
from tests.support.clock import TestClock

Call = Callable[..., dict[str, Any]]


@pytest.fixture
def platform(clock: TestClock) -> Iterator[WeChatPlatform]:
    running = WeChatPlatform(clock=clock)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def http(platform: WeChatPlatform) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=platform.base_url, trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def call(platform: WeChatPlatform, http: httpx.Client) -> Call:
    def post(path: str, body: Any, token: str | None = None) -> dict[str, Any]:
        params = {"access_token": token or token_of(platform, http)}
        return dict(http.post(path, params=params, json=body).json())

    return post


def token_of(platform: WeChatPlatform, http: httpx.Client, **more: Any) -> str:
    return str(ask_token(platform, http, **more)["access_token"])


def ask_token(platform: WeChatPlatform, http: httpx.Client, **more: Any) -> dict[str, Any]:
    asked = {
        "grant_type": "client_credential",
        "appid": platform.account.appid,
        "secret": platform.account.secret,
    } | more
    return dict(http.post("/cgi-bin/stable_token", json=asked).json())


def words(user: str, content: str) -> dict[str, Any]:
    return {"touser": user, "msgtype": "text", "text": {"content": content}}


def act(platform: WeChatPlatform, user: str, message: Any) -> None:
    platform._note(user, message)


SEND, TYPING = "/cgi-bin/message/custom/send", "/cgi-bin/message/custom/typing"


class TestTokens:
    def test_a_token_stays_the_same_while_it_is_valid(
        self, platform: WeChatPlatform, http: httpx.Client, clock: TestClock
    ) -> None:
        first = ask_token(platform, http)
        clock.advance(seconds=7200 - 301)
        second = ask_token(platform, http)
        assert first["access_token"] == second["access_token"]
        assert (first["expires_in"], second["expires_in"]) == (7200, 301)

    def test_the_old_token_works_for_five_minutes_beside_the_new_one(
        self, platform: WeChatPlatform, http: httpx.Client, call: Call, clock: TestClock
    ) -> None:
        old = token_of(platform, http)
        clock.advance(seconds=7200 - 10)
        new = token_of(platform, http)
        assert new != old
        body = {"touser": "nobody", "command": "Typing"}
        assert call(TYPING, body, old)["errcode"] == 40003
        clock.advance(seconds=299)
        assert call(TYPING, body, old)["errcode"] == 40003
        clock.advance(seconds=2)
        assert call(TYPING, body, old)["errcode"] == 42001
        assert call(TYPING, body, new)["errcode"] == 40003

    def test_a_forced_refresh_ends_the_old_token_and_is_rationed(
        self, platform: WeChatPlatform, http: httpx.Client, call: Call, clock: TestClock
    ) -> None:
        old = token_of(platform, http)
        new = token_of(platform, http, force_refresh=True)
        assert call(TYPING, {}, old)["errcode"] == 40001
        assert token_of(platform, http, force_refresh=True) == new  # within 30 s: nothing happens
        for _ in range(19):
            clock.advance(seconds=31)
            assert "access_token" in ask_token(platform, http, force_refresh=True)
        clock.advance(seconds=31)
        assert ask_token(platform, http, force_refresh=True)["errcode"] == 45009

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [({"secret": "x"}, 40125), ({"appid": "x"}, 40013), ({"grant_type": "x"}, 40002)],
    )
    def test_wrong_credentials_are_named(
        self, platform: WeChatPlatform, http: httpx.Client, wrong: dict[str, str], code: int
    ) -> None:
        assert ask_token(platform, http, **wrong)["errcode"] == code

    def test_revoked_and_overdue_tokens_are_told_apart(
        self, platform: WeChatPlatform, http: httpx.Client, call: Call
    ) -> None:
        token = token_of(platform, http)
        platform.expire_tokens()
        assert call(TYPING, {}, token)["errcode"] == 42001
        platform.revoke_tokens()
        assert call(TYPING, {}, token)["errcode"] == 40001
        assert http.post(SEND, json={}).json()["errcode"] == 41001


class TestQuota:
    def test_a_message_gives_five_answers_within_48_hours(
        self, platform: WeChatPlatform, call: Call, clock: TestClock
    ) -> None:
        act(platform, "o-1", _text())
        assert [call(SEND, words("o-1", "好"))["errcode"] for _ in range(6)] == [0] * 5 + [45047]
        act(platform, "o-1", _text())
        clock.advance(hours=47, minutes=59)
        assert call(SEND, words("o-1", "好"))["errcode"] == 0
        clock.advance(minutes=2)
        assert call(SEND, words("o-1", "好"))["errcode"] == 45015
        assert len(platform.sent) == 6

    @pytest.mark.parametrize("action", [click("orders"), subscribe()], ids=["menu", "subscribe"])
    def test_an_action_gives_three_answers_within_a_minute(
        self, platform: WeChatPlatform, call: Call, clock: TestClock, action: Any
    ) -> None:
        act(platform, "o-1", action)
        assert [call(SEND, words("o-1", "好"))["errcode"] for _ in range(4)] == [0, 0, 0, 45047]
        clock.advance(seconds=61)
        assert call(SEND, words("o-1", "好"))["errcode"] == 45015

    def test_a_menu_tap_does_not_renew_the_right_of_messages(
        self, platform: WeChatPlatform, call: Call
    ) -> None:
        act(platform, "o-1", _text())
        assert [call(SEND, words("o-1", "好"))["errcode"] for _ in range(5)] == [0] * 5
        act(platform, "o-1", click("orders"))
        assert [call(SEND, words("o-1", "好"))["errcode"] for _ in range(4)] == [0, 0, 0, 45047]

    def test_somebody_who_left_or_is_unknown_cannot_be_reached(
        self, platform: WeChatPlatform, call: Call
    ) -> None:
        assert call(SEND, words("o-1", "好"))["errcode"] == 40003
        act(platform, "o-1", _text())
        act(platform, "o-1", unsubscribe())
        assert call(SEND, words("o-1", "好"))["errcode"] == 45015

    def test_typing_shows_once_and_only_soon_after_a_message(
        self, platform: WeChatPlatform, call: Call, clock: TestClock
    ) -> None:
        def typing(command: str = "Typing") -> int:
            return int(call(TYPING, {"touser": "o-1", "command": command})["errcode"])

        act(platform, "o-1", _text())
        assert [typing(), typing(), typing("CancelTyping"), typing(), typing("Writing")] == [
            0,
            45081,
            0,
            0,
            45072,
        ]
        call(SEND, words("o-1", "好"))
        assert typing() == 0
        clock.advance(seconds=31)
        assert typing() == 45080


class TestContent:
    def test_text_ends_at_2048_bytes(self, platform: WeChatPlatform, call: Call) -> None:
        act(platform, "o-1", _text())
        assert call(SEND, words("o-1", "好" * 682))["errcode"] == 0
        assert call(SEND, words("o-1", "好" * 683))["errcode"] == 45002
        assert call(SEND, words("o-1", ""))["errcode"] == 44004

    def test_escaped_characters_reach_the_user_as_they_stand(
        self, platform: WeChatPlatform, http: httpx.Client
    ) -> None:
        act(platform, "o-1", _text())
        body = rb'{"touser":"o-1","msgtype":"text","text":{"content":"\u597d"}}'
        params = {"access_token": token_of(platform, http)}
        assert http.post(SEND, params=params, content=body).json()["errcode"] == 0
        assert platform.sent[-1].text == r"\u597d"

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"msgtype": "carrier_pigeon"}, 40008),
            ({"msgtype": "news", "news": {"articles": [{"title": "a"}, {"title": "b"}]}}, 45008),
            ({"msgtype": "image", "image": {"media_id": "lost"}}, 40007),
            ({"msgtype": "image", "image": {"media_id": "picture"}}, 0),
            ({"msgtype": "msgmenu", "msgmenu": {"list": []}}, 47001),
            ({"msgtype": "msgmenu", "msgmenu": {"list": [{"id": "1", "content": "是"}]}}, 0),
        ],
    )
    def test_other_types_are_checked(
        self, platform: WeChatPlatform, call: Call, body: dict[str, Any], code: int
    ) -> None:
        act(platform, "o-1", _text())
        assert call(SEND, {"touser": "o-1"} | body)["errcode"] == code

    def test_templates_need_their_id_and_a_follower(
        self, platform: WeChatPlatform, call: Call
    ) -> None:
        act(platform, "o-1", subscribe())
        body = {"touser": "o-1", "template_id": "shipped", "data": {"thing1": {"value": "杯子"}}}
        assert call("/cgi-bin/message/template/send", body)["errcode"] == 40037
        platform.templates.add("shipped")
        assert call("/cgi-bin/message/template/send", body)["errcode"] == 0
        act(platform, "o-1", unsubscribe())
        assert call("/cgi-bin/message/template/send", body)["errcode"] == 43004


class TestMediaMenuUsers:
    def test_voice_is_real_amr_and_the_picture_a_jpeg(
        self, platform: WeChatPlatform, http: httpx.Client
    ) -> None:
        params = {"access_token": token_of(platform, http)}
        voice = http.get("/cgi-bin/media/get", params=params | {"media_id": "voice"})
        assert voice.headers["content-type"] == "audio/amr"
        assert voice.content.startswith(b"#!AMR\n")
        assert (len(voice.content) - 6) % 32 == 0  # frames of 12.2 kbit/s
        picture = http.get("/cgi-bin/media/get", params=params | {"media_id": "picture"})
        assert picture.content.startswith(b"\xff\xd8\xff")
        lost = http.get("/cgi-bin/media/get", params=params | {"media_id": "lost"})
        assert lost.json()["errcode"] == 40007

    def test_an_upload_is_kept_for_three_days(
        self, platform: WeChatPlatform, http: httpx.Client, clock: TestClock
    ) -> None:
        params = {"access_token": token_of(platform, http), "type": "image"}
        files = {"media": ("a.jpg", b"\xff\xd8\xff", "image/jpeg")}
        media_id = http.post("/cgi-bin/media/upload", params=params, files=files).json()["media_id"]
        assert platform.media.has(media_id)
        clock.advance(days=3, seconds=1)
        assert not platform.media.has(media_id)

    @pytest.mark.parametrize(
        ("button", "code"),
        [
            ({"type": "click", "name": "查订单", "key": "orders"}, 0),
            ({"type": "click", "name": "查询我的订单", "key": "orders"}, 40018),
            ({"type": "click", "name": "查订单", "key": ""}, 40019),
            ({"type": "view", "name": "商城", "url": "ftp://x"}, 40020),
            ({"type": "dance", "name": "商城"}, 40017),
            (
                {"name": "服务", "sub_button": [{"type": "click", "name": "a", "key": "b"}] * 6},
                40023,
            ),
        ],
    )
    def test_a_menu_is_checked_kept_and_deleted(
        self, platform: WeChatPlatform, http: httpx.Client, call: Call, button: Any, code: int
    ) -> None:
        assert call("/cgi-bin/menu/create", {"button": [button]})["errcode"] == code
        params = {"access_token": token_of(platform, http)}
        kept = http.get("/cgi-bin/menu/get", params=params).json()
        assert kept == {"menu": {"button": [button]}} if code == 0 else kept["errcode"] == 46003
        assert http.get("/cgi-bin/menu/delete", params=params).json()["errcode"] == 0
        assert platform.api.menu is None
        assert call("/cgi-bin/menu/create", {"button": [button] * 4})["errcode"] == 40016

    def test_a_user_has_one_unionid(self, platform: WeChatPlatform, http: httpx.Client) -> None:
        act(platform, "o-1", subscribe())
        params = {"access_token": token_of(platform, http), "openid": "o-1"}
        info = http.get("/cgi-bin/user/info", params=params).json()
        assert (info["subscribe"], info["unionid"]) == (1, "union-o-1")
        act(platform, "o-1", unsubscribe())
        assert http.get("/cgi-bin/user/info", params=params).json()["subscribe"] == 0


class TestTrouble:
    def test_ordered_failures_come_as_often_as_ordered_and_have_no_effect(
        self, platform: WeChatPlatform, http: httpx.Client, call: Call
    ) -> None:
        act(platform, "o-1", _text())
        token = token_of(platform, http)
        platform.fail_next("custom/send", errcode=-1, times=2)
        platform.fail_next("custom/send", status=502)
        codes = [call(SEND, words("o-1", "好"), token)["errcode"] for _ in range(2)]
        assert codes == [-1, -1]
        broken = http.post(SEND, params={"access_token": token}, json=words("o-1", "好"))
        assert broken.status_code == 502
        assert platform.sent == []
        assert call(SEND, words("o-1", "好"), token)["errcode"] == 0

    def test_an_answer_can_get_lost_after_the_deed(
        self, platform: WeChatPlatform, http: httpx.Client, call: Call
    ) -> None:
        act(platform, "o-1", _text())
        token = token_of(platform, http)
        platform.fail_next("custom/send", drop=True, processed=True)
        with pytest.raises(httpx.TransportError):
            call(SEND, words("o-1", "好"), token)
        assert len(platform.sent) == 1

    def test_a_slow_answer_outlasts_the_caller(
        self, platform: WeChatPlatform, http: httpx.Client
    ) -> None:
        platform.fail_next("stable_token", delay_s=30)
        with pytest.raises(httpx.ReadTimeout):
            http.post("/cgi-bin/stable_token", json={}, timeout=0.1)

    def test_a_platform_that_is_down_comes_back_on_its_port(
        self, platform: WeChatPlatform, http: httpx.Client
    ) -> None:
        before = token_of(platform, http)
        platform.stop()
        with pytest.raises(httpx.TransportError):
            token_of(platform, http)
        platform.start()
        assert token_of(platform, http) == before


def test_time_is_the_clocks(clock: TestClock) -> None:
    future = TestClock(datetime.now(UTC) + timedelta(days=400))
    platform = WeChatPlatform(clock=future)
    assert int(platform.compose("o-1", "你好").params["timestamp"]) == int(future().timestamp())


def _text() -> Any:
    from tests.fakes.wechat_platform import text

    return text("你好")
