"""Stores: where they are, when they are open, and whether they have a product."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.dialogue import Request, Skill, Turn
from actions.orders import short_title
from actions.shop.models import Store
from actions.wording import Button, joined

MAX_STORES = 4
_STOCK = re.compile(r"有货|库存|现货|有没有|有卖|买得到|能买|有.{0,12}吗")
_ABOUT_PRODUCTS = frozenset({"store_info", "product_question"})
_STORES = re.compile(r"门店|店|地址|营业|几点|电话")
_SHORT = re.compile(r"^.{2,6}(呢|的)?$")
_DISTRICT = re.compile(r"([一-鿿]{2,3})区")
_ORDER = ("上海", "北京", "杭州", "广州", "深圳", "成都", "武汉", "南京", "西安")


class StoreInfo(Skill):
    """store_info: address and hours by city, and stock in store."""

    intent = "store_info"

    async def start(self, turn: Turn, request: Request) -> None:
        """Tell the stores of the city named, or ask for the city."""
        stores = await turn.shop.stores()
        cities = list(dict.fromkeys(s.city for s in stores))
        wanted = (request.choice or "") + request.text
        near = [s for s in stores if _nearby(s, wanted)]
        city = next((c for c in cities if c in wanted), None)
        skus = request.products
        if not near and not city and turn.memory.topic in _ABOUT_PRODUCTS:
            city = turn.memory.about.get("city")
        if not near and not city:
            if re.search(r"[一-鿿]{2,}(市|省|县)", request.text):
                turn.use("utter_no_store_there", cities=joined(cities))
                turn.fulfil()
                return
            self._ask_city(turn, cities, stock=bool(skus and _STOCK.search(request.text)))
            if skus:
                turn.memory.product = skus[0]
            return
        turn.memory.about["city"] = city or near[0].city
        chosen = near or [s for s in stores if s.city == city]
        spoken_of = turn.memory.product if turn.memory.topic in _ABOUT_PRODUCTS else None
        if not skus and spoken_of and (_STOCK.search(request.text) or _SHORT.search(request.text)):
            skus = [] if _STORES.search(request.text) else [spoken_of]
        if skus and await self._stock(turn, skus[0], chosen):
            return
        self._tell(turn, chosen, city or chosen[0].city)

    async def _stock(self, turn: Turn, sku: str, stores: Sequence[Store]) -> bool:
        products = await turn.shop.products(sku, limit=1)
        if not products:
            return False
        product = products[0]
        turn.memory.product = product.sku
        counts = {s.store_id: s.quantity for s in await turn.shop.stock(product.sku)}
        having = [s for s in stores if counts.get(s.id, 0) > 0]
        name = short_title(product.title)
        if having:
            listed = having[:1] if turn.on_phone else having[:MAX_STORES]
            turn.use("utter_stock_yes", product=name, stores=joined(_short(s) for s in listed))
        else:
            turn.use("utter_stock_no", product=name, stores=joined(_short(s) for s in stores[:3]))
        turn.fulfil()
        return True

    def _ask_city(self, turn: Turn, cities: Sequence[str], *, stock: bool) -> None:
        ordered = sorted(cities, key=lambda c: _ORDER.index(c) if c in _ORDER else len(_ORDER))
        turn.use("utter_ask_city_stock" if stock else "utter_ask_city", cities=joined(ordered))
        turn.offer(Button(c, f'/store_info{{"choice":"{c}"}}') for c in ordered)

    def _tell(self, turn: Turn, stores: Sequence[Store], city: str) -> None:
        if turn.on_phone:
            first = stores[0]
            turn.use(
                "utter_store_heard",
                city=city,
                count=len(stores),
                name=_short(first),
                address=first.address,
                hours=first.hours.replace("–", "到"),
            )
        else:
            turn.use("utter_stores", city=city, count=len(stores))
            turn.say(
                "\n".join(
                    f"· {_short(s)}：{s.address}，营业时间 {s.hours}，电话 {s.phone}"
                    for s in stores[:MAX_STORES]
                )
            )
        turn.fulfil()

    async def continues(self, turn: Turn, request: Request) -> bool:
        """Goes on with "那杭州呢" after another city."""
        stores = await turn.shop.stores()
        return any(s.city in request.text or _nearby(s, request.text) for s in stores)


def _short(store: Store) -> str:
    return store.name.rpartition("·")[2]


def _nearby(store: Store, text: str) -> bool:
    """Whether the text names the store or its district ("浦东", "静安店")."""
    name = _short(store).removeprefix(store.city).removesuffix("店")
    district = _DISTRICT.search(store.address.partition("市")[2])
    inside = bool(district) and district[1] in text if district else False
    return (len(name) >= 2 and name in text) or inside
