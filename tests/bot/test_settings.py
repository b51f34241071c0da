from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings, SettingsError, load_settings

GOOD = "kZ3v9Qm1xT7bR5nW2cY8dL6fH4jP0sGa"


def production(home: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "home": home,
        "internal_token": GOOD,
        "session_key": GOOD[::-1],
        "app_keys": {"app1": GOOD},
        "shop": "http",
        "shop_url": "https://shop.example",
        "shop_token": GOOD,
    }
    return load_settings(_env_file=None, **(values | changes))


def test_complete_settings_start_outside_demo_mode(tmp_path: Path) -> None:
    assert production(tmp_path).demo is False


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"internal_token": None}, "YINGDA_INTERNAL_TOKEN is not set"),
        ({"session_key": "short"}, "YINGDA_SESSION_KEY is shorter"),
        ({"session_key": "changeme-changeme-changeme"}, "YINGDA_SESSION_KEY is a default"),
        ({"shop_token": "aaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, "YINGDA_SHOP_TOKEN is a default"),
        ({"app_keys": {"app1": "x"}}, "YINGDA_APP_KEYS[app1] is shorter"),
        ({"app_keys": {}}, "YINGDA_APP_KEYS is not set"),
        ({"shop": None}, "YINGDA_SHOP is not set"),
        ({"shop_url": None}, "YINGDA_SHOP_URL is not set"),
        ({"shop": "demo"}, "needs YINGDA_DEMO=1"),
        ({"port": 70000}, "YINGDA_PORT"),
    ],
)
def test_outside_demo_mode_every_fault_is_named(
    tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    with pytest.raises(SettingsError) as refusal:
        production(tmp_path, **change)
    assert named in str(refusal.value)


def test_all_faults_are_named_at_once_and_no_secret_is_printed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refusal:
        production(tmp_path, internal_token=None, session_key="leaky-secret", shop_url=None)
    text = str(refusal.value)
    assert "YINGDA_INTERNAL_TOKEN" in text
    assert "YINGDA_SESSION_KEY" in text
    assert "YINGDA_SHOP_URL" in text
    assert "leaky-secret" not in text


def test_demo_mode_generates_secrets_once_and_keeps_them_private(tmp_path: Path) -> None:
    first = load_settings(_env_file=None, demo=True, home=tmp_path)
    second = load_settings(_env_file=None, demo=True, home=tmp_path)
    assert first.require_secret("internal_token") == second.require_secret("internal_token")
    assert (tmp_path / "secrets.env").stat().st_mode & 0o077 == 0
    assert first.app_secrets.keys() == {"demo"}


def test_an_environment_variable_sets_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YINGDA_PORT", "8123")
    monkeypatch.setenv("YINGDA_APP_KEYS", f'{{"ios": "{GOOD}"}}')
    settings = load_settings(_env_file=None, demo=True, home=tmp_path)
    assert settings.port == 8123
    assert settings.app_secrets["ios"] == GOOD


def test_secrets_do_not_show_in_a_printed_settings_object(tmp_path: Path) -> None:
    assert GOOD not in repr(production(tmp_path))
