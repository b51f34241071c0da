"""The back office's contract as an OpenAPI document, made from the routes that serve it.

docs/shop-api.yaml is ``contract_text()``; a test keeps the two the same.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import yaml
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from actions.shop import wire
from actions.shop.examples import EXAMPLES
from actions.shop.routes import MESSAGES, api

API_VERSION = "1.0.0"
_SUMMARY = "The back office that the assistant looks things up in."
_DESCRIPTION = """\
What the assistant asks of a brand's back office. A brand implements this and the assistant works
with it (`YINGDA_SHOP=http`, `YINGDA_SHOP_URL`, `YINGDA_SHOP_TOKEN`); `yingda shop serve` is a
working example with made-up data.

- **Authentication**: `Authorization: Bearer <token>` on every request. The assistant proves who
  somebody is before it asks, so the token opens every customer's data: use a private network or
  TLS, and a long random token.
- **Money** is in fen (1/100 yuan). **Times** are RFC 3339 with offset; **dates** are Asia/Shanghai
  calendar days. Personal fields are sent in clear and masked by the assistant.
- **Errors** are `application/problem+json` (RFC 9457) with a stable `code` and a Chinese `message`
  that may be shown to the customer. 404 = does not exist, 409 = a business rule says no,
  422 = the request is malformed or a field is not acceptable, 503 = try later. A 404 without such a
  body is taken for a wrong address.
- **Codes**: not_found, already_shipped, already_cancelled, not_signed, window_passed, opened,
  already_requested, not_enough_points, not_in_order, not_paid, invalid_title, invalid_tax_id,
  invalid_email, invalid_amount, invalid_request, key_reused, unauthorized, unavailable. Others may be added.
- **Idempotency**: whatever changes something carries `Idempotency-Key`. The same key with the same
  request gives the first answer again and changes nothing; with another request it is refused
  (409, key_reused). Keep keys for at least 24 hours; refusals need not be kept. So the assistant
  may repeat any request after a time-out.
- **Lists** are never longer than 50.
- **Speed**: the assistant waits about two seconds in all; aim for 100 ms.
- **Growth**: new optional fields and new codes may appear; both ends ignore what they do not know.
"""
_ERRORS = {
    401: "the token is missing or wrong",
    404: "what was asked for does not exist",
    409: "a business rule says no",
    422: "the request is malformed or a field is not acceptable",
    503: "try again later",
}
_REFUSAL = ("window_passed", "签收已经 10 天，超过了 7 天无理由退货的时间。")


def shop_contract() -> dict[str, Any]:
    """The contract as an OpenAPI 3.1 document."""
    app = FastAPI()
    app.include_router(api)
    document = get_openapi(
        title="Yingda shop API",
        version=API_VERSION,
        summary=_SUMMARY,
        description=_DESCRIPTION,
        routes=app.routes,
    )
    document["components"]["responses"] = {
        _name(status): _error(status, meaning) for status, meaning in _ERRORS.items()
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            _tidy(operation)
    return _plain(document)  # type: ignore[no-any-return]


def contract_text() -> str:
    """The contract as the text of docs/shop-api.yaml."""
    head = "# Written by `yingda shop contract` from actions/shop/routes.py and contract.py.\n"
    return head + yaml.dump(
        shop_contract(), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100
    )


def _tidy(operation: dict[str, Any]) -> None:
    """Shared error answers by reference, one example of the good one."""
    first, _, rest = operation["description"].partition("\n")
    operation["summary"] = first.rstrip(".")
    operation["description"] = rest.strip()
    if not operation["description"]:
        del operation["description"]
    for parameter in operation.get("parameters", ()):
        parameter["schema"].pop("description", None)
    answers = operation["responses"]
    good = answers["200"]
    good["description"] = "As asked."
    example = EXAMPLES[operation["operationId"]].model_dump(mode="json")
    good["content"]["application/json"]["example"] = example
    for status in sorted(set(answers) - {"200"}):
        del answers[status]
        answers[status] = {"$ref": f"#/components/responses/{_name(int(status))}"}


def _error(status: int, meaning: str) -> dict[str, Any]:
    code, message = MESSAGES.get(status, _REFUSAL)
    problem = wire.Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        message=message,
    )
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": meaning,
        "content": {wire.PROBLEM_TYPE: {"schema": schema, "example": problem.model_dump()}},
    }


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.replace(" ", "")


def _plain(node: Any) -> Any:
    """Without titles that only repeat the name of what they stand at; 0 instead of 0.0."""
    if isinstance(node, dict):
        repeats = isinstance(node.get("title"), str) and {"type", "anyOf"} & node.keys()
        return {k: _plain(v) for k, v in node.items() if not (repeats and k == "title")}
    if isinstance(node, list):
        return [_plain(child) for child in node]
    return int(node) if isinstance(node, float) and node.is_integer() else node


class _Dumper(yaml.SafeDumper):
    """Readable YAML: longer texts as blocks, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out where it stands."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
