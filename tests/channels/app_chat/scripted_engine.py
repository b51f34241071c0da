"""An engine whose answers a test can foresee, behind the real door's HTTP contract.

Channel tests are about the channel; conversations with the real engine are in test_stranger.py.
"""

from __future__ import annotations

import re
import threading
from typing import Any

from fastapi import FastAPI

ORDER_CARD: dict[str, Any] = {
    "type": "order",
    "number": "261119004217",
    "state": "in_transit",
    "state_text": "运输中",
    "placed_at": "2026-11-19T02:15:00+00:00",
    "total": "¥129.00",
    "items": [{"title": "家用空气炸锅 4.5L", "quantity": 1}],
    "parcels": [
        {
            "carrier": "顺丰速运",
            "tracking_number": "SF10****4217",
            "state": "in_transit",
            "state_text": "运输中",
            "eta": "2026-11-23",
            "trace": [
                {"at": "2026-11-21T09:20:00+00:00", "place": "杭州市", "text": "已到达转运中心"},
                {"at": "2026-11-20T12:00:00+00:00", "place": "上海市", "text": "已揽收"},
            ],
        }
    ],
}


class ScriptedEngine:
    """Answers by simple rules; ``hold`` keeps answers back until it is released.

    Texts: ``转人工`` asks for a person; ``订单`` offers two quick replies; order number + four digits shows a card; the payload
    ``/pick{…}`` says so; anything else is echoed in ``收到：…``.
    """

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.let_go = threading.Event()
        self.let_go.set()

    def app(self) -> FastAPI:
        """The door."""
        app = FastAPI()

        @app.post("/webhooks/door/turn")
        def turn(request: dict[str, Any]) -> dict[str, Any]:
            self.requests.append(request)
            self.let_go.wait(30)
            return {
                "replies": [self._reply(request)],
                "intent": "ask_human" if request["text"] == "转人工" else "scripted",
                "confidence": 1.0,
                "snapshot": {},
                "turn": request["turn"] + 1,
            }

        return app

    def texts(self) -> list[str]:
        """What the engine was asked, in order."""
        return [request["text"] for request in self.requests]

    def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        text: str = request["text"]
        if request["payload"]:
            return {"text": f"您选了：{request['payload']}"}
        if text == "订单":
            buttons = [
                {"title": "空气炸锅", "payload": '/pick{"order_number": "261119004217"}'},
                {"title": "都不是", "payload": "都不是"},
            ]
            return {"text": "您想看哪一单？", "buttons": buttons}
        if re.search(r"\d{12}\D+\d{4}", text):
            return {
                "text": "订单 261119004217 正在运输中，预计 11月23日 送达。",
                "custom": {"card": ORDER_CARD},
            }
        return {"text": f"收到：{text}"}
