"""What settings are not started with: secrets that are missing, short or guessable, halves of pairs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from bot.settings import Settings

MIN_SECRET_LENGTH = 24
_WEAK = ("changeme", "change-me", "default", "secret", "password", "example", "yingda")


def faults_of(settings: Settings) -> list[str]:
    """Every reason not to start with these settings; no secret is printed."""
    faults = []
    required = {"internal_token": settings.internal_token, "session_key": settings.session_key}
    if settings.shop == "http":
        required["shop_token"] = settings.shop_token
    if settings.desk_webhook_url:
        required["desk_webhook_secret"] = settings.desk_webhook_secret
    named = {f"YINGDA_{name.upper()}": value for name, value in required.items()}
    named |= {f"YINGDA_APP_KEYS[{kid}]": value for kid, value in settings.app_keys.items()}
    for name, secret in named.items():
        value = secret.get_secret_value() if secret is not None else ""
        if not value:
            faults.append(f"{name} is not set")
        elif len(value) < MIN_SECRET_LENGTH:
            faults.append(f"{name} is shorter than {MIN_SECRET_LENGTH} characters")
        elif value.lower().startswith(_WEAK) or len(set(value)) < 8:
            faults.append(f"{name} is a default or guessable value")
    faults += _platform_faults(settings)
    everywhere = settings.asterisk_host in ("0.0.0.0", "::", "")  # noqa: S104 - named, not bound
    if settings.asterisk and everywhere and not settings.asterisk_audio_address:
        faults.append(
            "YINGDA_ASTERISK_AUDIO_ADDRESS is not set (Asterisk could not connect to "
            f"YINGDA_ASTERISK_HOST={settings.asterisk_host})"
        )
    faults += _phone_faults(settings)
    if settings.shop is None:
        faults.append("YINGDA_SHOP is not set (http, or demo)")
    if settings.shop == "demo" and not settings.demo:
        faults.append("YINGDA_SHOP=demo serves made-up data and needs YINGDA_DEMO=1")
    if settings.shop == "http" and not settings.shop_url:
        faults.append("YINGDA_SHOP_URL is not set")
    if not settings.demo and not settings.app_keys:
        faults.append("YINGDA_APP_KEYS is not set (the app could not sign its users in)")
    return faults


def _platform_faults(settings: Settings) -> list[str]:
    """What is wrong with WeChat's and WeCom's settings."""
    faults = []
    if settings.wechat_appid and not settings.wechat_token:
        faults.append("YINGDA_WECHAT_TOKEN is not set")
    for name, account in settings.wechat.items():
        where = "YINGDA_WECHAT" if name == "default" else f"YINGDA_WECHAT_ACCOUNTS[{name}]"
        if not name.isidentifier() or not name.isascii():
            faults.append(f"{where}: an account's name is letters, digits and underscores")
        if len(account.token.get_secret_value()) < 3:
            faults.append(f"{where}: the token is shorter than WeChat allows (3)")
        if account.mode != "plain" and not _is_aes_key(account.aes_key):
            faults.append(f"{where}: mode {account.mode} needs an AES key of 43 characters")
    wecom = [settings.wecom_corpid, settings.wecom_kf_secret, settings.wecom_token]
    if any(wecom) and not (all(wecom) and _is_aes_key(settings.wecom_aes_key)):
        faults.append(
            "YINGDA_WECOM_CORPID, _KF_SECRET, _TOKEN and _AES_KEY (43 characters) go together"
        )
    if settings.notice_token and len(settings.notice_token.get_secret_value()) < MIN_SECRET_LENGTH:
        faults.append(f"YINGDA_NOTICE_TOKEN is shorter than {MIN_SECRET_LENGTH} characters")
    return faults


def _phone_faults(settings: Settings) -> list[str]:
    """What is wrong with the hotline's settings."""
    faults = []
    if settings.sms_url and not settings.sms_token:
        faults.append("YINGDA_SMS_TOKEN is not set")
    if settings.ivr_recording:
        key = settings.ivr_recording_key
        text = key.get_secret_value() if key is not None else ""
        if re.fullmatch(r"[A-Za-z0-9+/_-]{43}=?", text) is None:
            faults.append("YINGDA_IVR_RECORDING_KEY must be 32 bytes in base64 (44 characters)")
    return faults


def _is_aes_key(key: SecretStr | None) -> bool:
    return (
        key is not None and re.fullmatch(r"[A-Za-z0-9+/]{43}", key.get_secret_value()) is not None
    )
