"""The stores before the first start: database migrated, demo shop filled.

The service would do both by itself; done here, a fault is one sentence instead of a crash loop.
"""

from __future__ import annotations

from actions.shop import ShopUnavailable, open_demo_shop
from bot.records import Database, DatabaseUnavailable
from bot.settings import Settings
from yingda.launcher.errors import LaunchError


async def prepare_stores(settings: Settings) -> None:
    """Create or migrate the database and, in demo mode, fill the shop as of today.

    Raises:
        LaunchError: one of them cannot be opened or written.
    """
    database = Database(settings.database)
    try:
        await database.migrate()
    except DatabaseUnavailable:
        where = settings.home if settings.database_url is None else "YINGDA_DATABASE_URL"
        raise LaunchError(
            f"The database ({where}) cannot be opened or written: check that it is there, "
            "not locked by another program, and that its disk is not full."
        ) from None
    finally:
        await database.close()
    if settings.shop == "demo":
        file = settings.home / "shop.db"
        try:
            shop = open_demo_shop(file)
        except ShopUnavailable:
            raise LaunchError(
                f"The demo shop's file {file} cannot be opened or written; remove it, or free "
                "some space, and try again."
            ) from None
        await shop.close()
