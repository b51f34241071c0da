"""Session and user tokens: what holds, what is forged, what is over."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import CustomerError
from channels.app_chat.errors import (
    SessionExpired,
    SessionInvalid,
    TokenRefused,
    UserTokenExpired,
    UserTokenInvalid,
)
from channels.app_chat.tokens import (
    SESSION_LIFE,
    Sessions,
    public_id,
    sign_user_token,
    verify_user_token,
)
from tests.support.clock import TestClock

KEY = "kq8Zr2mP5vX1cN7bT4yL9wJ3"
KEYS = {"shop1": KEY, "shop2": "another-key-of-another-app"}


def handmade(kid: str, user: bytes, expiry: str, key: str = KEY, *, padded: bool = False) -> str:
    """A user token made from the written description alone."""
    encoded = base64.urlsafe_b64encode(user).decode()
    signed = f"{kid}.{encoded if padded else encoded.rstrip('=')}.{expiry}"
    return f"{signed}.{hmac.new(key.encode(), signed.encode(), hashlib.sha256).hexdigest()}"


def sessions(clock: TestClock, key: str = "session-key-number-one") -> Sessions:
    return Sessions(key, KEYS, clock)


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("user", ["C000001", "u/+?~", "会员-42", "a", "x" * 64])
def test_a_token_made_by_the_documented_recipe_holds(
    user: str, padded: bool, clock: TestClock
) -> None:
    expiry = int(clock().timestamp()) + 60
    claim = verify_user_token(
        handmade("shop1", user.encode(), str(expiry), padded=padded), KEYS, clock()
    )
    assert claim.user_id == user
    assert int(claim.expires_at.timestamp()) == expiry


def test_a_token_holds_until_its_expiry_and_not_at_it(clock: TestClock) -> None:
    token = sign_user_token("shop1", KEY, "C1", clock() + timedelta(seconds=60))
    clock.advance(seconds=58)
    assert verify_user_token(token, KEYS, clock()).user_id == "C1"
    clock.advance(seconds=2)
    with pytest.raises(UserTokenExpired) as refusal:
        verify_user_token(token, KEYS, clock())
    assert "已过期" in refusal.value.message


def test_no_part_of_a_token_can_be_changed(clock: TestClock) -> None:
    token = sign_user_token("shop1", KEY, "C1", clock() + timedelta(hours=1))
    for place, letter in enumerate(token):
        forged = token[:place] + ("0" if letter != "0" else "1") + token[place + 1 :]
        with pytest.raises(UserTokenInvalid):
            verify_user_token(forged, KEYS, clock())


def test_an_expired_forgery_is_called_a_forgery(clock: TestClock) -> None:
    with pytest.raises(UserTokenInvalid):
        verify_user_token(handmade("shop1", b"C1", "1000", key="wrong"), KEYS, clock())


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "...",
        "....",
        "shop1.QzE.9999999999.",
        "shop1.QzE.9999999999." + "0" * 64,
        "shop1.QzE.9999999999." + "é" * 64,
        "nobody.QzE.9999999999." + "0" * 64,
        handmade("nobody", b"C1", "9999999999"),
        handmade("nobody", b"C1", "9999999999", key=""),
        handmade("shop2", b"C1", "9999999999", key=KEY),
        handmade("shop1", b"", "9999999999"),
        handmade("shop1", b"\xff\xfe", "9999999999"),
        handmade("shop1", b"C1\x00", "9999999999"),
        handmade("shop1", b"C1\n", "9999999999"),
        handmade("shop1", b"x" * 65, "9999999999"),
        handmade("shop1", b"C1", ""),
        handmade("shop1", b"C1", "-1"),
        handmade("shop1", b"C1", "1e9"),
        handmade("shop1", b"C1", "٣٣٣٣٣٣٣٣٣٣"),
        handmade("shop1", b"C1", "9" * 13),
        "shop1.Q*zE.9999999999."
        + hmac.new(KEY.encode(), b"shop1.Q*zE.9999999999", hashlib.sha256).hexdigest(),
        "x" * 100_000,
    ],
    ids=lambda token: token[:24] or "empty",
)
def test_a_token_that_no_app_of_ours_made_is_refused(token: str, clock: TestClock) -> None:
    with pytest.raises(UserTokenInvalid) as refusal:
        verify_user_token(token, KEYS, clock())
    assert "重新登录" in refusal.value.message


def test_an_expiry_in_the_far_future_is_no_crash(clock: TestClock) -> None:
    assert verify_user_token(handmade("shop1", b"C1", "9" * 12), KEYS, clock()).user_id == "C1"


@given(st.text(max_size=300))
def test_no_text_at_all_crashes_the_checks(text: str) -> None:
    clock = TestClock()
    with pytest.raises(TokenRefused):
        verify_user_token(text, KEYS, clock())
    with pytest.raises(TokenRefused):
        sessions(clock).read(text)


def test_a_session_is_renewed_and_stays_the_same_visitor(clock: TestClock) -> None:
    book = sessions(clock)
    first = book.open(None, None)
    clock.advance(days=29)
    again = book.open(book.issue(first), None)
    assert again.visitor_id == first.visitor_id
    assert again.expires_at == clock() + SESSION_LIFE
    assert not again.verified


def test_a_session_ends(clock: TestClock) -> None:
    book = sessions(clock)
    token = book.issue(book.open(None, None))
    clock.advance(days=31)
    with pytest.raises(SessionExpired):
        book.read(token)


def test_a_session_signed_with_another_key_is_refused(clock: TestClock) -> None:
    token = sessions(clock, "a-key-of-somebody-else").issue(sessions(clock).open(None, None))
    with pytest.raises(SessionInvalid):
        sessions(clock).read(token)


def test_no_letter_of_a_session_can_be_changed(clock: TestClock) -> None:
    book = sessions(clock)
    token = book.issue(book.open(None, None))
    for place, letter in enumerate(token):
        forged = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        with pytest.raises(CustomerError):
            book.read(forged)


def test_a_verified_session_ends_with_the_user_token_that_made_it(clock: TestClock) -> None:
    book = sessions(clock)
    token = sign_user_token("shop1", KEY, "C1", clock() + timedelta(minutes=10))
    session = book.issue(book.open(None, token))
    assert book.read(session).user_id == "C1"
    clock.advance(minutes=10)
    with pytest.raises(SessionExpired):
        book.read(session)


def test_without_a_user_token_a_verified_session_opens_as_its_anonymous_visitor(
    clock: TestClock,
) -> None:
    book = sessions(clock)
    stranger = book.open(None, None)
    token = sign_user_token("shop1", KEY, "C1", clock() + timedelta(minutes=10))
    member = book.open(book.issue(stranger), token)
    assert member.conversation != stranger.conversation
    logged_out = book.open(book.issue(member), None)
    assert logged_out.conversation == stranger.conversation


def test_a_user_who_is_called_like_a_visitor_does_not_get_their_conversation(
    clock: TestClock,
) -> None:
    book = sessions(clock)
    stranger = book.open(None, None)
    token = sign_user_token("shop1", KEY, stranger.visitor_id, clock() + timedelta(minutes=10))
    member = book.open(None, token)
    assert member.conversation != stranger.conversation
    assert public_id(member.conversation) != public_id(stranger.conversation)
