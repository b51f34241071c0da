"""Puts the service together: which parts there are and what each is given.

`create_app` is the factory that uvicorn runs. Nothing else constructs parts, so what depends on
what can be read here from top to bottom.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from actions import build_actions
from actions.shop import HttpShop, ShopClient, open_demo_shop
from bot.care import POLICY_FILE as CARE_FILE
from bot.care import Care, CarePolicyFile
from bot.clock import Clock, utc_now
from bot.conversations import Bus, FileStore
from bot.customers import Bindings, ServiceContext
from bot.desk import Desk, build_desk
from bot.desk.web import build_web
from bot.engine import EngineClient
from bot.errors import CustomerError
from bot.handoff import POLICY_FILE, HandoffDesk, Hours, PolicyFile, Webhook
from bot.internal import build_internal_router
from bot.notices import Notices, build_notices_router
from bot.operations import (
    Metrics,
    ReportMetrics,
    build_health_router,
    build_metrics_router,
    set_up_logging,
    settled_memory,
)
from bot.records import Database
from bot.reports import Reports, costs_of
from bot.satisfaction import Satisfaction
from bot.settings import Settings, load_settings
from bot.turn import TurnService
from channels import app_chat
from channels.phone import CodeSender, DemoSender, HttpSender, Phone, build_phone_router
from channels.phone.web import build_phone_page
from channels.wechat import Recogniser, WeChat
from ivr.hearing import ClipRecogniser, open_recogniser


def create_app(
    settings: Settings | None = None,
    clock: Clock = utc_now,
    recogniser: Recogniser | None = None,
) -> FastAPI:
    """The whole service as one ASGI application.

    Args:
        settings: as loaded; None reads the environment.
        clock: current time, everywhere in the service.
        recogniser: understands voice messages that their platform did not; None takes the one of
            the settings, if its model is installed.

    Raises:
        SettingsError: the settings cannot be used.
    """
    settings = settings or load_settings()
    set_up_logging()
    settings.home.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    shop = _open_shop(settings, clock)
    token = settings.require_secret("internal_token")
    engine = EngineClient(settings.engine_urls, token, settings.engine_deadline_s)
    context = ServiceContext(database, shop, clock)
    metrics = Metrics()
    clips = _open_clips(settings) if recogniser is None else None
    wechat = WeChat(settings, database, shop, clock, recogniser or clips)
    push_channels = wechat.push_channels
    pushed = frozenset(push_channels)
    notices = Notices(database, wechat.notice_channels, settings.notices_per_day, clock)
    bus = Bus(settings.redis_url.get_secret_value() if settings.redis_url else None)
    handoffs = HandoffDesk(
        database,
        bus,
        clock,
        _open_policy(settings),
        shop,
        pushed,
        windows=wechat.reply_windows,
        webhook=_open_webhook(settings, database, clock),
        observer=metrics,
    )
    care = Care(database, clock, handoffs, shop, CarePolicyFile(settings.care_policy or CARE_FILE))
    turns = TurnService(
        database,
        engine,
        handoffs,
        clock=clock,
        idle=timedelta(minutes=settings.idle_minutes),
        observer=metrics,
        push_channels=push_channels,
        care=care,
    )
    session_key = settings.require_secret("session_key")
    files = FileStore(database, session_key, clock)
    reports = Reports(database, clock, costs_of(settings), settings.repetitive_intents)
    desk = Desk(
        database,
        bus,
        shop,
        clock,
        handoffs,
        files,
        session_key,
        push_channels=pushed,
        windows=wechat.reply_windows,
        demo_password=settings.require_secret("demo_desk_password") if settings.demo else None,
        care=care,
        reports=reports,
    )

    satisfaction = Satisfaction(
        database, handoffs, clock, wechat.reply_windows, enabled=settings.ask_satisfaction
    )
    phone = Phone(
        database,
        turns,
        handoffs,
        bus,
        shop,
        _open_sender(settings),
        session_key,
        clock,
        satisfaction if settings.ask_satisfaction else None,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await database.migrate()
        await turns.start()
        await wechat.start()
        notices.start()
        await handoffs.start()
        await care.start()
        await desk.start()
        await reports.start()
        await satisfaction.start()
        phone.start()
        with settled_memory():
            yield
        await phone.stop()
        await satisfaction.stop()
        await reports.stop()
        await desk.stop()
        await care.stop()
        await handoffs.stop()
        await notices.stop()
        await turns.stop()
        await wechat.stop()
        if clips is not None:
            await clips.stop()
        await engine.close()
        await shop.close()
        await database.close()

    app = FastAPI(
        title="应答 Yingda",
        description="Omnichannel customer service: the chat's REST twin and operations.",
        version="0.1.0",
        lifespan=lifespan,
    )
    app.add_exception_handler(CustomerError, _customer_error)
    app.include_router(app_chat.build_router(turns, settings, clock, files=files))
    if settings.demo:
        app.include_router(app_chat.build_demo_router(settings, shop, clock))
    app.state.desk = desk
    app.state.phone = phone
    app.include_router(build_desk())
    app.include_router(build_web())
    bindings = Bindings(database, context, clock)
    app.include_router(wechat.open(turns, bindings, notices.result))
    tokens = [token, *([settings.require_secret("notice_token")] if settings.notice_token else [])]
    app.include_router(build_notices_router(notices, tokens))
    app.include_router(build_internal_router(token, turns, engine, build_actions(context)))
    app.include_router(build_phone_router(token, phone))
    open_to_browsers = settings.demo if settings.ivr_browser is None else settings.ivr_browser
    if settings.ivr_url is not None and open_to_browsers:
        app.include_router(build_phone_page(settings.ivr_url, token, clock))
    processes = settings.home / "run" / "processes.json"
    app.include_router(
        build_health_router(
            database, engine, turns, processes, settings.demo, settings.ivr_url, token
        )
    )
    figures = ReportMetrics(metrics.registry, reports, clock)
    app.include_router(build_metrics_router(metrics, handoffs, figures))
    return app


def _open_clips(settings: Settings) -> ClipRecogniser | None:
    found = open_recogniser(settings, recordings=True)
    return ClipRecogniser(found) if found is not None else None


def _open_policy(settings: Settings) -> PolicyFile:
    # The demo can be tried at any time of the day.
    hours = settings.opening_hours or ("always" if settings.demo else None)
    return PolicyFile(
        settings.handoff_policy or POLICY_FILE, Hours.parse(hours) if hours is not None else None
    )


def _open_webhook(settings: Settings, database: Database, clock: Clock) -> Webhook | None:
    if settings.desk_webhook_url is None:
        return None
    secret = settings.require_secret("desk_webhook_secret")
    return Webhook(database, clock, settings.desk_webhook_url, secret)


def _open_sender(settings: Settings) -> CodeSender:
    if settings.sms_url is not None:
        return HttpSender(settings.sms_url, settings.require_secret("sms_token"))
    return DemoSender()


def _open_shop(settings: Settings, clock: Clock) -> ShopClient:
    if settings.shop == "http" and settings.shop_url is not None:
        token = settings.require_secret("shop_token")
        return HttpShop(settings.shop_url, token, timeout_s=settings.shop_timeout_s)
    return open_demo_shop(settings.home / "shop.db", clock)


async def _customer_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, CustomerError):
        raise error
    return JSONResponse(
        {"error": {"code": error.code, "message": error.message, "retry": error.retry}},
        status_code=error.http_status,
    )
