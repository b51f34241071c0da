"""``python -m ivr``: the hotline alone, e.g. under systemd; ``yingda up`` starts it by itself."""

from __future__ import annotations

import uvicorn

from bot.settings import load_settings


def main() -> None:
    """Serve until stopped."""
    settings = load_settings()
    uvicorn.run(
        "ivr.process:create_app",
        factory=True,
        host=settings.ivr_host,
        port=settings.ivr_port,
        access_log=False,
        ws_max_size=65_536,
    )


if __name__ == "__main__":
    main()
