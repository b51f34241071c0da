"""The widget's files and the demo page: how they are served, and what they must not contain."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

import channels.app_chat
from bot.settings import load_settings
from channels.app_chat import build_demo_router
from tests.channels.app_chat.conftest import Chat

HERE = Path(channels.app_chat.__file__).parent
FILES = sorted((HERE / "widget").iterdir()) + sorted(
    path for path in (HERE / "demo").iterdir() if path.suffix in {".js", ".html", ".css", ".svg"}
)


def get(chat: Chat, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{chat.url}{path}", headers=headers, trust_env=False)


def test_any_page_may_load_the_widget_and_browsers_ask_before_reuse(chat: Chat) -> None:
    for path in ("/chat/widget.js", "/chat/widget/element.js", "/chat/widget/widget.css"):
        answer = get(chat, path)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "charset=utf-8" in answer.headers["Content-Type"]
        again = get(chat, path, **{"If-None-Match": f'"other", W/{answer.headers["ETag"]}'})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name", ["nothing.js", "..%2fstatic.py", "%2e%2e/static.py", "__init__.py", ""]
)
def test_only_the_widget_s_own_files_are_served(chat: Chat, name: str) -> None:
    assert get(chat, f"/chat/widget/{name}").status_code == 404
    assert get(chat, f"/demo/{name}").status_code == 404


def test_the_page_s_policy_allows_nothing_inline_and_no_markup_from_strings(chat: Chat) -> None:
    page = get(chat, "/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "演示模式" in page.text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_needs_a_lax_policy(path: Path) -> None:
    text = path.read_text("utf-8")
    forbidden = {
        ".js": r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
        r"|setAttribute\(\"style\"|createContextualFragment|setTimeout\(\s*[\"'`]",
        ".html": r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=|javascript:",
        ".css": r"@import|url\(|expression\(",
        ".svg": r"<script|\bon\w+=|\bstyle=",
    }
    assert not re.search(forbidden[path.suffix], text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_script_is_too_long_to_read(path: Path) -> None:
    if path.suffix == ".js":
        assert len(path.read_text("utf-8").splitlines()) <= 350


def test_a_demo_member_s_token_is_signed_like_an_app_s(chat: Chat) -> None:
    shop = get(chat, "/demo/shop").json()
    assert shop["products"] and shop["orders"]
    member = shop["members"][0]["key"]
    answer = httpx.post(f"{chat.url}/demo/login", json={"member": member}, trust_env=False)
    token = answer.json()["user_token"]
    session = httpx.post(
        f"{chat.url}/chat/session", json={"user_token": token}, trust_env=False
    ).json()
    assert session["identity"] == "verified"
    nobody = httpx.post(f"{chat.url}/demo/login", json={"member": "nobody"}, trust_env=False)
    assert nobody.status_code == 404


def test_the_demo_page_cannot_be_built_outside_demo_mode(tmp_path: Path) -> None:
    secret = "aB3dE5fG7hJ9kL1mN2pQ4rS6"
    settings = load_settings(
        _env_file=None, demo=False, home=tmp_path, internal_token=secret, session_key=secret,
        app_keys={"shop1": secret}, shop="http", shop_url="http://127.0.0.1:1", shop_token=secret,
    )  # fmt: skip
    with pytest.raises(ValueError, match="demo mode only"):
        build_demo_router(settings, shop=None)  # type: ignore[arg-type]
