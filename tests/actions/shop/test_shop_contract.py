"""The served shop and docs/shop-api.yaml hold each other; schemathesis plays the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS

from actions.shop import DemoShop, ShopUnavailable, personas
from actions.shop.contract import contract_text
from actions.shop.examples import EXAMPLES
from tests.actions.shop.conftest import TOKEN, ServedShop

CONTRACT = Path(__file__).resolve().parents[3] / "docs" / "shop-api.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(CONTRACT.read_text("utf-8"))
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method, path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
ALLOWED = {"Authorization": f"Bearer {TOKEN}"}


def _schema(mode: GenerationMode) -> schemathesis.BaseSchema:
    loaded = schemathesis.openapi.from_path(str(CONTRACT))
    loaded.config.generation.update(modes=[mode], with_security_parameters=False)
    return loaded


proper = _schema(GenerationMode.POSITIVE)
malformed = _schema(GenerationMode.NEGATIVE).exclude(path=["/v1/tiers", "/v1/return-policies"])
few = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def real(demo: DemoShop, served: ServedShop) -> Iterator[httpx.Client]:
    """A plain HTTP client of the real server, with the token."""
    served.put(demo)
    # verify=False: no TLS here, and reading certificates each time takes longer than the test.
    with httpx.Client(
        base_url=served.url,
        headers=ALLOWED,
        trust_env=False,
        verify=False,  # noqa: S501
    ) as client:
        yield client


@proper.parametrize()
@few
def test_every_answer_to_a_proper_request_fits_the_contract(case: Case, real: httpx.Client) -> None:
    case.call_and_validate(base_url=str(real.base_url), headers=ALLOWED)


@malformed.parametrize()
@few
def test_every_malformed_request_is_rejected_within_the_contract(
    case: Case, real: httpx.Client
) -> None:
    case.call_and_validate(base_url=str(real.base_url), headers=ALLOWED)


def test_the_committed_contract_is_the_one_that_the_routes_make() -> None:
    assert CONTRACT.read_text("utf-8") == contract_text(), "run: yingda shop contract"


def test_the_server_shows_the_same_contract(real: httpx.Client) -> None:
    assert real.get("/openapi.json").json() == DOCUMENT


def test_every_answer_has_an_example_of_its_own_kind() -> None:
    for name, (_, _, operation) in OPERATIONS.items():
        content = operation["responses"]["200"]["content"]["application/json"]
        assert content["schema"]["$ref"].endswith("/" + type(EXAMPLES[name]).__name__), name
    assert set(EXAMPLES) == set(OPERATIONS)


def fulfilled(names: dict[str, str]) -> dict[str, tuple[dict[str, str], object]]:
    """Operation id → path parameters and body of a request that succeeds."""
    lin = {"customer_id": names["lin.id"]}
    signed = {"number": names["returner.signed.number"]}
    return {
        "mobileCheck": ({}, {"mobile": names["lin.phone"]}),
        "member": (lin, None),
        "orders": (lin, None),
        "points": (lin, None),
        "redeem": (lin, {"reward_id": "R01"}),
        "grantCoupon": (lin, {"amount_fen": 2000, "reason": "包裹延误补偿"}),
        "order": ({"number": names["lin.split.number"]}, None),
        "phoneCheck": ({"number": names["lin.split.number"]}, {"last4": names["lin.tail"]}),
        "cancel": ({"number": names["canceller.paid.number"]}, None),
        "returns": ({"number": names["diamond.return_requested.number"]}, None),
        "startReturn": (signed, {"sku": names["returner.signed.sku"], "reason": "不合适"}),
        "refund": ({"number": names["lin.refunding.number"]}, None),
        "invoice": ({"number": names["lin.invoice_issued.number"]}, None),
        "requestInvoice": (signed, {"title": "个人", "email": "a@example.com"}),
        "rewards": ({}, None),
        "tiers": ({}, None),
        "returnPolicies": ({}, None),
        "products": ({}, None),
        "stock": ({"sku": "XJ1001"}, None),
        "stores": ({}, None),
    }


def send(client: httpx.Client, name: str, values: dict[str, str], body: object) -> httpx.Response:
    method, path, _ = OPERATIONS[name]
    headers = {"Idempotency-Key": f"key-of-{name}"} if method == "post" else {}
    return client.request(method, path.format(**values), json=body, headers=headers)


def check(name: str, values: dict[str, str], response: httpx.Response) -> None:
    """The status is documented, and the media type and the body are as documented for it."""
    method, path, _ = OPERATIONS[name]
    wanted = ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
    operation = proper[path][method.upper()]
    case = operation.Case(path_parameters=values)
    case.validate_response(response, checks=CHECKS.get_by_names(list(wanted)))


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_succeeds_as_documented(
    real: httpx.Client, demo: DemoShop, name: str
) -> None:
    values, body = fulfilled(personas(demo))[name]
    response = send(real, name, values, body)
    assert response.status_code == 200
    check(name, values, response)


@pytest.mark.parametrize("name", OPERATIONS)
def test_nobody_gets_anything_without_the_token(
    real: httpx.Client, demo: DemoShop, name: str
) -> None:
    values, body = fulfilled(personas(demo))[name]
    for wrong in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}"):
        real.headers["Authorization"] = wrong
        response = send(real, name, values, body)
        assert response.status_code == 401
        check(name, values, response)


@pytest.mark.parametrize(
    ("name", "values", "body", "status"),
    [
        ("cancel", {"number": "diamond.cancelled.number"}, None, 409),
        ("cancel", {"number": "nobody's"}, None, 404),
        ("redeem", {"customer_id": "fresh.id"}, {"reward_id": "R01"}, 409),
        ("grantCoupon", {"customer_id": "x"}, {"amount_fen": 2000, "reason": "补偿"}, 404),
        ("grantCoupon", {"customer_id": "lin.id"}, {"amount_fen": 99, "reason": "补偿"}, 422),
        ("requestInvoice", {"number": "lin.signed.number"}, {"title": "", "email": ""}, 422),
        ("requestInvoice", {"number": "lin.signed.number"}, {"title": 1, "extra": "x"}, 422),
    ],
)
def test_refusals_are_problems_with_chinese_words(
    real: httpx.Client,
    demo: DemoShop,
    name: str,
    values: dict[str, str],
    body: object,
    status: int,
) -> None:
    known = personas(demo)
    values = {parameter: known.get(value, "unknown") for parameter, value in values.items()}
    response = send(real, name, values, body)
    assert response.status_code == status
    check(name, values, response)
    assert any("\u4e00" <= char <= "\u9fff" for char in response.json()["message"])


def test_a_change_without_a_key_is_not_made(real: httpx.Client, demo: DemoShop) -> None:
    number = personas(demo)["canceller.paid.number"]
    assert real.post(f"/v1/orders/{number}/cancellation").status_code == 422
    assert real.get(f"/v1/orders/{number}").json()["state"] == "paid"


class _Gone:
    async def tiers(self) -> list[object]:
        raise ShopUnavailable("gone")


def test_a_shop_that_cannot_be_asked_is_503(real: httpx.Client, served: ServedShop) -> None:
    served.put(_Gone())  # type: ignore[arg-type]
    response = send(real, "tiers", {}, None)
    assert response.status_code == 503 and response.headers["retry-after"] == "1"
    check("tiers", {}, response)
