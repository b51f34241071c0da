"""HttpShop against back offices that are slow, broken, lying or gone."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from actions.shop import HttpShop, ShopRefused, ShopUnavailable
from tests.actions.shop.conftest import TOKEN, ServedShop
from tests.actions.shop.unruly import (
    DRIP,
    HANG,
    NOT_HTTP,
    RESET,
    Answer,
    UnrulyServer,
    good,
    problem,
)
from tests.support.components import free_port

POINTS = {"balance": 7, "expiring": []}
REDEEMED = {
    "number": "DH1",
    "reward": {"id": "R01", "title": "券", "points": 5},
    "balance_after": 2,
}
BROKEN = [
    pytest.param(RESET, id="connection reset"),
    pytest.param(NOT_HTTP, id="not HTTP"),
    pytest.param(Answer(500, b"oops", "text/html"), id="500"),
    pytest.param(Answer(503, b"{}"), id="503"),
    pytest.param(Answer(429, b"{}"), id="429"),
]
HOPELESS = [
    pytest.param(Answer(200, b"{garbage"), id="broken JSON"),
    pytest.param(good({"balance": -1}), id="value out of range"),
    pytest.param(good(["a list"]), id="another shape"),
    pytest.param(Answer(200, b"<html>login</html>", "text/html"), id="a login page"),
    pytest.param(Answer(404, b"<html>", "text/html"), id="404 of a wrong address"),
    pytest.param(Answer(401, b"{}"), id="token refused"),
    pytest.param(Answer(302, b""), id="redirect"),
    pytest.param(Answer(404, b"{}", "application/problem+json"), id="problem without words"),
]


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest_asyncio.fixture
async def server() -> AsyncIterator[UnrulyServer]:
    async with UnrulyServer() as running:
        yield running


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest_asyncio.fixture
async def shop(server: UnrulyServer, seconds: Seconds) -> AsyncIterator[HttpShop]:
    client = HttpShop(server.url, TOKEN, timeout_s=20, monotonic=seconds)
    yield client
    await client.close()


@pytest_asyncio.fixture
async def hasty(server: UnrulyServer) -> AsyncIterator[HttpShop]:
    """A client for servers that never answer: short deadline, so that the test is short."""
    client = HttpShop(server.url, TOKEN, timeout_s=0.5)
    yield client
    await client.close()


@pytest.mark.parametrize("act", BROKEN)
async def test_a_look_up_that_failed_once_is_tried_again(
    shop: HttpShop, server: UnrulyServer, act: Answer | str
) -> None:
    server.play(act, good(POINTS))
    account = await shop.points("C1")
    assert account is not None and account.balance == 7
    assert len(server.requests) == 2


@pytest.mark.parametrize("act", BROKEN)
async def test_a_change_is_tried_again_under_the_same_key(
    shop: HttpShop, server: UnrulyServer, act: Answer | str
) -> None:
    server.play(act, good(REDEEMED))
    assert (await shop.redeem("C1", "R01", "兑换 1")).balance_after == 2
    keys = {headers["idempotency-key"] for _, headers, _ in server.requests}
    assert len(server.requests) == 2 and len(keys) == 1


async def test_after_three_tries_the_shop_is_unavailable(
    shop: HttpShop, server: UnrulyServer
) -> None:
    server.play(RESET)
    with pytest.raises(ShopUnavailable):
        await shop.points("C1")
    assert len(server.requests) == 3


@pytest.mark.parametrize("act", HOPELESS)
async def test_an_answer_that_will_not_get_better_is_not_asked_for_again(
    shop: HttpShop, server: UnrulyServer, act: Answer
) -> None:
    server.play(act)
    with pytest.raises(ShopUnavailable):
        await shop.points("C1")
    assert len(server.requests) == 1


@pytest.mark.parametrize("act", [HANG, DRIP])
async def test_a_back_office_that_never_finishes_is_unavailable_at_the_deadline(
    hasty: HttpShop, server: UnrulyServer, act: str
) -> None:
    server.play(act)
    with pytest.raises(ShopUnavailable):
        await hasty.points("C1")


async def test_a_slow_try_leaves_time_for_another(shop: HttpShop, server: UnrulyServer) -> None:
    server.play(HANG, good(POINTS))
    assert await shop.points("C1") is not None


async def test_a_back_office_that_is_not_there_is_unavailable() -> None:
    client = HttpShop(f"http://127.0.0.1:{free_port()}", TOKEN)
    with pytest.raises(ShopUnavailable):
        await client.tiers()
    await client.close()


async def test_the_shops_own_404_means_that_there_is_none(
    shop: HttpShop, server: UnrulyServer
) -> None:
    server.play(problem(404, "not_found", "没有找到"))
    assert await shop.order("261119004217") is None


@pytest.mark.parametrize("status", [404, 409, 422])
async def test_a_refused_change_carries_the_shops_words(
    shop: HttpShop, server: UnrulyServer, status: int
) -> None:
    server.play(problem(status, "window_passed", "已超过七天"))
    with pytest.raises(ShopRefused) as refused:
        await shop.cancel_order("261119004217", "a key")
    assert (refused.value.code, refused.value.message) == ("window_passed", "已超过七天")
    assert len(server.requests) == 1


async def test_a_rejected_look_up_is_our_fault_and_not_an_answer(
    shop: HttpShop, server: UnrulyServer
) -> None:
    server.play(problem(422, "invalid_request", "格式不对"))
    with pytest.raises(ShopUnavailable):
        await shop.order("261119004217")


async def test_unknown_fields_of_a_newer_back_office_are_ignored(
    shop: HttpShop, server: UnrulyServer
) -> None:
    server.play(good(POINTS | {"currency": "new"}))
    assert await shop.points("C1") is not None


async def test_a_failing_back_office_is_left_alone_and_then_tried_with_one_call(
    shop: HttpShop, server: UnrulyServer, seconds: Seconds
) -> None:
    server.play(RESET)
    for _ in range(2):
        with pytest.raises(ShopUnavailable):
            await shop.points("C1")
    assert len(server.requests) == 6
    with pytest.raises(ShopUnavailable):
        await shop.points("C1")
    assert len(server.requests) == 6  # not asked: the circuit is open
    seconds.now = 10
    server.play(good(POINTS))
    assert await shop.points("C1") is not None
    assert len(server.requests) == 7


async def test_refusals_and_missing_things_do_not_open_the_circuit(
    shop: HttpShop, server: UnrulyServer
) -> None:
    server.play(problem(404, "not_found", "没有"))
    for _ in range(20):
        assert await shop.order("1") is None
    server.play(problem(409, "opened", "不行"))
    for _ in range(20):
        with pytest.raises(ShopRefused):
            await shop.cancel_order("1", "a key")
    server.play(good(POINTS))
    assert await shop.points("C1") is not None


async def test_the_token_is_sent_and_ids_never_leave_the_path(
    shop: HttpShop, server: UnrulyServer
) -> None:
    server.play(good(POINTS))
    await shop.points("C1")
    assert await shop.points("C1/../../admin") is None
    ((line, headers, _),) = server.requests
    assert line == "GET /v1/members/C1/points HTTP/1.1"
    assert headers["authorization"] == f"Bearer {TOKEN}"


async def test_logs_name_the_operation_and_no_person(
    shop: HttpShop, server: UnrulyServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    server.play(RESET)
    with pytest.raises(ShopUnavailable):
        await shop.request_invoice("261119004217", "林晓雨", "", "lin@example.com", "k-5678")
    server.play(problem(422, "invalid_request", "林晓雨"))
    with pytest.raises(ShopUnavailable):
        await shop.member("C000001")
    ours = [r for r in caplog.records if r.name.startswith(("actions", "httpx"))]
    assert [r.getMessage() for r in ours] == ["shop unavailable", "shop rejected a look-up"]
    told = " ".join(str(record.__dict__) for record in ours)
    assert "/orders/{}/invoice" in told
    for secret in ("261119004217", "林晓雨", "example.com", "C000001", "5678", TOKEN):
        assert secret not in told


async def test_a_wrong_token_opens_nothing(served: ServedShop) -> None:
    for token in ("wrong", "", TOKEN + "x", "标记"):
        try:
            client = HttpShop(served.url, token)
        except UnicodeEncodeError:
            continue
        with pytest.raises(ShopUnavailable):
            await client.tiers()
        await client.close()
