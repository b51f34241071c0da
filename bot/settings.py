"""Every setting of the service, in one place, refusing to start on missing or default secrets.

Settings are environment variables ``YINGDA_…`` or lines of a ``.env`` file. In demo mode (explicit:
``YINGDA_DEMO=1``) missing secrets are generated once into ``$YINGDA_HOME/secrets.env``.
"""

from __future__ import annotations

import os
import re
import secrets
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, IPvAnyNetwork, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSource

from bot.settings_faults import faults_of

_GENERATED = (
    "YINGDA_INTERNAL_TOKEN",
    "YINGDA_SESSION_KEY",
    "YINGDA_DEMO_APP_KEY",
    "YINGDA_SHOP_TOKEN",
    "YINGDA_DEMO_DESK_PASSWORD",
)


class SettingsError(Exception):
    """The configuration cannot be used; the text names every setting at fault."""


class WeChatTemplate(BaseModel):
    """A template message: its id, and which field shows what of a notice (docs/notices.md)."""

    id: str
    fields: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _bare_id(cls, value: Any) -> Any:
        return {"id": value} if isinstance(value, str) else value


class WeChatAccount(BaseModel):
    """One official account, as set up at mp.weixin.qq.com (设置与开发 → 基本配置)."""

    appid: str = Field(min_length=1, max_length=64)
    secret: SecretStr | None = Field(None, description="AppSecret; without it nothing is sent")
    token: SecretStr = Field(description="signs the platform's requests")
    aes_key: SecretStr | None = Field(None, description="EncodingAESKey, 43 characters")
    mode: Literal["plain", "compatible", "safe"] = "safe"
    api_base: str = "https://api.weixin.qq.com"
    templates: dict[str, WeChatTemplate] = Field(
        default_factory=dict, description="kind of notice -> its template message"
    )


class WeComKf(BaseModel):
    """微信客服 of one company, as set up at work.weixin.qq.com."""

    corpid: str
    secret: SecretStr
    token: SecretStr
    aes_key: SecretStr
    api_base: str


class Settings(BaseSettings):
    """What the service can be told from outside; documented in docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="YINGDA_", env_file=".env", extra="ignore")

    demo: bool = Field(
        False, description="demo shop, demo log-ins, generated secrets; visible everywhere"
    )
    home: Path = Field(Path(".yingda"), description="everything written at run time")
    host: str = Field("127.0.0.1", description="address the service listens on")
    port: int = Field(8000, ge=1, le=65535, description="port of the service")
    engine_port: int = Field(5005, ge=1, le=65535, description="port of the engine, loopback only")
    engines: int = Field(1, ge=1, le=64, description="engine processes, on consecutive ports")
    engine_url: str | None = Field(
        None, description="where the engines are, if not on this machine; comma-separated"
    )
    engine_deadline_s: float = Field(
        8.0, gt=0, le=20, description="longest wait for the engine in a turn"
    )
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy async URL; default SQLite in home"
    )
    redis_url: SecretStr | None = Field(
        None, description="Redis for several replicas; default none"
    )

    internal_token: SecretStr | None = Field(None, description="shared by service and engine")
    session_key: SecretStr | None = Field(None, description="signs anonymous chat sessions")
    app_keys: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="JSON: key id -> secret with which app back ends sign user ids",
    )
    demo_app_key: SecretStr | None = Field(
        None, description="demo only: the demo page's own app key"
    )
    demo_desk_password: SecretStr | None = Field(
        None, description="demo only: password of the agents li, zhou, chen and admin"
    )

    shop: Literal["demo", "http"] | None = Field(
        None, description="which back office; demo mode: demo"
    )
    shop_url: str | None = Field(
        None, description="base URL of the brand's back office (shop=http)"
    )
    shop_token: SecretStr | None = Field(None, description="bearer token for the back office")
    shop_timeout_s: float = Field(2.0, gt=0, description="time-out of one look-up")

    public_url: str | None = Field(
        None, description="where customers reach this service, for links; default host and port"
    )

    wechat_appid: str | None = Field(None, description="official account 'default': AppID")
    wechat_secret: SecretStr | None = Field(None, description="its AppSecret")
    wechat_token: SecretStr | None = Field(None, description="its token (令牌)")
    wechat_aes_key: SecretStr | None = Field(None, description="its EncodingAESKey")
    wechat_mode: Literal["plain", "compatible", "safe"] = Field(
        "safe", description="how its messages are encrypted (消息加解密方式)"
    )
    wechat_api_base: str = Field("https://api.weixin.qq.com", description="WeChat's API")
    wechat_templates: dict[str, WeChatTemplate] = Field(
        default_factory=dict,
        description='JSON: kind of notice -> template id, or {"id": …, "fields": {…}}',
    )
    wechat_accounts: dict[str, WeChatAccount] = Field(
        default_factory=dict, description="JSON: more accounts, name -> appid, secret, token, …"
    )
    wechat_reply_budget_s: float = Field(
        4.0, gt=0, le=4.5, description="an answer later than this goes by WeChat's API"
    )
    wecom_corpid: str | None = Field(None, description="微信客服: the company's id")
    wecom_kf_secret: SecretStr | None = Field(None, description="微信客服: its secret")
    wecom_token: SecretStr | None = Field(None, description="微信客服: token of the callback")
    wecom_aes_key: SecretStr | None = Field(None, description="微信客服: EncodingAESKey")
    wecom_api_base: str = Field("https://qyapi.weixin.qq.com", description="WeCom's API")

    ivr: bool = Field(True, description="whether `yingda up` starts the hotline")
    ivr_host: str = Field("127.0.0.1", description="address of the hotline's own HTTP door")
    ivr_port: int = Field(8001, ge=1, le=65535, description="its port: browser phone and health")
    ivr_service_url: str | None = Field(
        None, description="where the hotline finds the service; default host and port"
    )
    ivr_menu: Path | None = Field(
        None, description="YAML of the hotline's menu; default ivr/menu.yml"
    )
    ivr_max_calls: int = Field(30, ge=1, le=1000, description="calls at once; more are refused")
    ivr_max_minutes: float = Field(20, gt=0, le=240, description="longest call with the assistant")
    ivr_browser: bool | None = Field(
        None, description="whether the browser phone is open to everybody; demo mode: yes"
    )
    ivr_recording: bool = Field(False, description="record calls (encrypted, in home/recordings)")
    ivr_recording_key: SecretStr | None = Field(
        None, description="32 bytes in base64, encrypts recordings"
    )
    ivr_recording_days: int = Field(30, ge=1, description="recordings older than this are deleted")
    sms_url: str | None = Field(
        None, description="where codes for callers are posted to be sent by SMS"
    )
    sms_token: SecretStr | None = Field(None, description="bearer token for sms_url")
    asterisk: bool = Field(False, description="take the hotline's calls from Asterisk")
    asterisk_host: str = Field(
        "127.0.0.1", description="address on which Asterisk is served: loopback or a private one"
    )
    asterisk_agi_port: int = Field(4573, ge=1, le=65535, description="port for FastAGI")
    asterisk_audio_port: int = Field(9092, ge=1, le=65535, description="port for AudioSocket")
    asterisk_audio_address: str | None = Field(
        None,
        pattern=r"^[0-9A-Za-z.:_\[\]-]+:\d{1,5}$",
        description="host:port to which Asterisk connects its sound; default the two above",
    )
    asterisk_peers: list[IPvAnyNetwork] = Field(
        [IPv4Network("127.0.0.0/8"), IPv6Network("::1/128")],
        description="JSON list: addresses and networks that Asterisk connects from",
    )
    asterisk_dial: str = Field(
        "PJSIP/{extension}",
        pattern=r"^[^\s\"\\,]*\{extension\}[^\s\"\\,{}]*$",
        description="what Asterisk dials for an agent's extension",
    )
    asterisk_max_calls: int = Field(50, ge=1, description="calls at once; more go to the agents")
    asterisk_max_waiting: int = Field(
        64, ge=1, description="connections a port bears that have not said who they are"
    )
    asterisk_handshake_s: float = Field(
        5.0, gt=0, le=60, description="longest wait for that, and for sound to come up"
    )
    asterisk_stall_s: float = Field(
        10.0, ge=1, le=120, description="a connection that takes nothing for so long is dead"
    )
    asterisk_max_talk_s: int = Field(
        7200, ge=60, description="longest talk with an agent after a transfer"
    )

    notice_token: SecretStr | None = Field(
        None, description="with it the shop's back office may send notices"
    )
    notices_per_day: int = Field(
        3, ge=0, description="notices one customer gets a day (Asia/Shanghai) at most"
    )

    speech_recogniser: Literal["auto", "vosk", "whisper", "none"] = Field(
        "auto", description="which engine understands speech; auto: what is installed"
    )
    speech_threads: int = Field(
        2, ge=1, le=32, description="processor threads that understand one utterance"
    )

    voice_engines: str = Field(
        "edge,kokoro",
        pattern=r"^((edge|kokoro)(,(edge|kokoro))*)?$",
        description="voices of the hotline, best first; edge sends what it says to Microsoft",
    )
    voice_edge_name: str = Field(
        "zh-CN-XiaoxiaoNeural", description="which of Microsoft's voices speaks"
    )
    voice_first_byte_s: float = Field(
        1.5, gt=0, le=10, description="longest wait for the online voice to begin"
    )
    voice_cache_mib: int = Field(512, ge=1, description="sound kept on disk at most")
    voice_cache_days: int = Field(
        7, ge=1, description="sound not used for so long is dropped; it may hold customers' data"
    )

    allowed_origins: list[str] = Field(
        default_factory=list,
        description="JSON list: pages that may embed the widget; own origin always may",
    )
    idle_minutes: int = Field(
        30, ge=1, description="a chat episode ends after this long without a word"
    )
    handoff_policy: Path | None = Field(
        None, description="YAML policy of handing over; default bot/handoff/policy.yml"
    )
    care_policy: Path | None = Field(
        None, description="YAML policy for upset customers; default bot/care/policy.yml"
    )
    opening_hours: str | None = Field(
        None,
        pattern=r"^(always|never|\d\d:\d\d-\d\d:\d\d)$",
        description="when people are there, instead of the policy's hours (always, never, "
        "09:00-21:00); demo mode: always",
    )
    desk_webhook_url: str | None = Field(
        None, description="an outside desk that is told of every handoff"
    )
    desk_webhook_secret: SecretStr | None = Field(
        None, description="signs what an outside desk is told"
    )
    messages_per_second: float = Field(
        5.0, gt=0, description="sustained rate one customer may send at"
    )
    message_burst: int = Field(20, ge=1, description="messages one customer may send at once")
    ask_satisfaction: bool = Field(
        True, description="ask customers after an episode how satisfied they were"
    )
    repetitive_intents: list[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]] = Field(
        [
            "query_order", "query_logistics", "query_points", "query_refund", "return_policy",
            "member_tier", "store_info", "promotion", "faq",
        ],
        description="main intents whose questions count as repetitive (JSON list); faq: all of faq/…",
    )  # fmt: skip
    agent_minutes_per_contact: float = Field(
        6.0, gt=0, description="cost saved: an agent's working time for one contact"
    )
    agent_yuan_per_hour: float = Field(
        45.0, ge=0, description="cost saved: an hour of an agent, everything included"
    )
    bot_yuan_per_episode: float = Field(
        0.05, ge=0, description="cost saved: what a contact costs the assistant"
    )

    @property
    def database(self) -> str:
        """The database URL in force."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home / 'yingda.db'}"

    @property
    def engine_urls(self) -> list[str]:
        """Base URLs of the engines in force."""
        if self.engine_url is not None:
            return [url.strip().rstrip("/") for url in self.engine_url.split(",") if url.strip()]
        return [f"http://127.0.0.1:{self.engine_port + n}" for n in range(self.engines)]

    @property
    def app_secrets(self) -> dict[str, str]:
        """Key id -> secret for user tokens, the demo page's own key included."""
        keys = {kid: key.get_secret_value() for kid, key in self.app_keys.items()}
        if self.demo and self.demo_app_key is not None:
            keys.setdefault("demo", self.demo_app_key.get_secret_value())
        return keys

    @property
    def base_url(self) -> str:
        """Where customers reach this service, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def ivr_url(self) -> str | None:
        """Where this machine reaches the hotline's HTTP door; None where it is off."""
        if not self.ivr:
            return None
        host = "127.0.0.1" if self.ivr_host in ("0.0.0.0", "::", "") else self.ivr_host  # noqa: S104
        return f"http://{host}:{self.ivr_port}"

    @property
    def wechat(self) -> dict[str, WeChatAccount]:
        """Official accounts by name, ``default`` included if it is set."""
        accounts = dict(self.wechat_accounts)
        if self.wechat_appid and self.wechat_token:
            accounts["default"] = WeChatAccount(
                appid=self.wechat_appid,
                secret=self.wechat_secret,
                token=self.wechat_token,
                aes_key=self.wechat_aes_key,
                mode=self.wechat_mode,
                api_base=self.wechat_api_base.rstrip("/"),
                templates=self.wechat_templates,
            )
        return accounts

    @property
    def wecom_kf(self) -> WeComKf | None:
        """微信客服, if it is set."""
        if not (
            self.wecom_corpid and self.wecom_kf_secret and self.wecom_token and self.wecom_aes_key
        ):
            return None
        return WeComKf(
            corpid=self.wecom_corpid,
            secret=self.wecom_kf_secret,
            token=self.wecom_token,
            aes_key=self.wecom_aes_key,
            api_base=self.wecom_api_base.rstrip("/"),
        )

    def require_secret(self, name: str) -> str:
        """The secret called ``name``, which load_settings has made sure is there."""
        value = getattr(self, name)
        if not isinstance(value, SecretStr):
            raise SettingsError(f"YINGDA_{name.upper()} is not set")
        return value.get_secret_value()


def read_settings(**overrides: Any) -> Settings:
    """The settings as they stand, whatever may be missing.

    Raises:
        SettingsError: a value is out of range or cannot be read; every one is named.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        faults = [
            f"YINGDA_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()
        ]
        raise SettingsError("unusable settings: " + "; ".join(faults)) from None
    except UnreadableSource as error:
        field = re.search(r'field "(\w+)"', str(error))
        name = f"YINGDA_{field[1].upper()}" if field else "one"
        raise SettingsError(f"unusable settings: {name} is no valid JSON") from None


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; in demo mode generate what secrets are missing.

    Raises:
        SettingsError: outside demo mode a secret is missing, short or a known default, or any
            value is out of range; every fault is named, no secret is printed.
    """
    settings = read_settings(**overrides)
    if settings.demo:
        settings = read_settings(**_with_demo_secrets(settings, overrides))
    faults = faults_of(settings)
    if faults:
        raise SettingsError("refusing to start: " + "; ".join(faults))
    return settings


def _with_demo_secrets(settings: Settings, overrides: dict[str, Any]) -> dict[str, Any]:
    """The overrides with the demo's own secrets for those that are missing, generated once."""
    path = settings.home / "secrets.env"
    known: dict[str, str] = {}
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            name, separator, value = line.partition("=")
            if separator and name in _GENERATED:
                known[name] = value
    missing = [name for name in _GENERATED if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(32) for name in missing}
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in known.items())
        draft.replace(path)
    filled = dict(overrides)
    for name, value in known.items():
        field = name.removeprefix("YINGDA_").lower()
        if getattr(settings, field) is None:
            filled[field] = value
    if settings.shop is None:
        filled["shop"] = "demo"
    return filled
