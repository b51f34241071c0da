"""Stores: where they are, when they are open, and whether they have a product."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.dialogue import Request, Skill, Turn, bare_question
from actions.dialogue.turn import LAST
from actions.orders import short_title
from actions.shop.models import Store
from actions.wording import Button, joined

MAX_STORES = 4
_MAX_SERVICE = 16
_STOCK = re.compile(r"有货|库存|现货|有没有|有卖|买得到|能买|有.{0,12}吗")
_ABOUT_PRODUCTS = frozenset({"store_info", "product_question"})
_PLACE = re.compile(r"[一-鿿]{2,}(市|省|县)(?!场|里)")
_ROAD = re.compile(r"(?<=[市区县镇])[一-鿿]{1,6}?(?:路|大道|大街|街)")
"""A road of an address: it is often called after another town (静安区南京西路)."""
_TOLD = "store"
"""Where ``Memory.about`` keeps which store we told of last."""
_TOLD_ALL = "stores"
"""Where it keeps all that were told of since, for "还有呢"."""
_TOLD_CITY = "stores_city"
"""Where it keeps whose stores those are."""
_STORES = re.compile(r"门店|店|地址|营业|几点|电话")
_SHORT = re.compile(r"^.{2,6}(呢|的)?$")
_DISTRICT = re.compile(r"([一-鿿]{2,3})区")
_ELSEWHERE = (
    "天津 重庆 苏州 无锡 常州 南通 徐州 扬州 宁波 温州 嘉兴 绍兴 金华 台州 合肥 芜湖 福州 厦门 泉州 南昌 济南 青岛 烟台 潍坊 临沂 "
    "郑州 洛阳 长沙 株洲 珠海 佛山 东莞 中山 惠州 汕头 南宁 桂林 柳州 海口 三亚 贵阳 遵义 昆明 大理 拉萨 兰州 西宁 银川 乌鲁木齐 "
    "呼和浩特 包头 太原 大同 石家庄 唐山 保定 邯郸 沈阳 大连 长春 吉林 哈尔滨 大庆 宜昌 襄阳 绵阳 香港 澳门 台北"
).split()
"""Where people ask for a store and may have none: towns that a customer names without 市."""
_DETAIL = re.compile(
    r"(那|店里|门店|他们|这家|那家)*(的?电话(号码)?(是)?(多少|几号)?|(周[一二三四五六日天末]|星期.|礼拜.|晚上|早上)?(几点|啥时候|什么时候)?(开门|关门|营业|下班|上班)(时间)?(到几点)?"
    r"|(周末|礼拜[六天]|星期[六日天]|周[六日天]|节假日|过年|国庆|今天|明天)(也|还|都)?(开门?|营业|上班|休息)?|怎么(走|去)|在?哪(里|儿|条路)?|(具体|详细)?地址(是|在)?(哪里?|什么|多少)?)"
)
_HOURS = re.compile(
    r"几点|啥时候|什么时候|[开关]门|营业|[上下]班|周末|礼拜|星期|周[六日天]|节假日|[开休]"
)
_SERVICES = re.compile(
    r"停车|充电|厕所|卫生间|洗手间|wifi|无线网|母婴室|试穿|试用|试吃|自提|自取|到店(取|拿)|带(狗|猫|宠物)|刷卡|现金|退货|换货",
    re.IGNORECASE,
)
"""What a store may have or do, of which our records tell nothing."""
_MORE = re.compile(
    r"还?有(别的?|哪家|哪几家|其他|其它|哪些)?(店|门店)?|(其他|其它|别的?|另外)(的|几家)?(店|门店)?|下一家"
)
_BARE_CITY = re.compile(r"(?:我?(?:在|是|住)?)?([一-鿿]{2,3}?)(?:市|这边|的|吧|呢|啊|[。！])*")
_CITY_ASKED = re.compile(r"城市")
_ORDER = ("上海", "北京", "杭州", "广州", "深圳", "成都", "武汉", "南京", "西安")


class StoreInfo(Skill):
    """store_info: address and hours by city, and stock in store."""

    intent = "store_info"
    follow_ups = re.compile(rf"{_DETAIL.pattern}|{_MORE.pattern}")

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Take what is asked of stores just told of, and no parcel ("能自提吗")."""
        return self._asks_of_told(turn, request) or await self._names_city(turn, request.text)

    def _asks_of_told(self, turn: Turn, request: Request) -> bool:
        """Whether it is asked what the stores of the city just told of have or do."""
        text, memory = request.text, turn.memory
        spoken_of = memory.topic == self.intent and "city" in memory.about
        asks = _SERVICES.search(text) and len(text) <= _MAX_SERVICE
        return bool(spoken_of and asks and not turn.message.chosen and not request.points_at_order)

    async def _names_city(self, turn: Turn, text: str) -> bool:
        """Whether it is only a city, after it was asked for to look in the stores there."""
        asked = _CITY_ASKED.search(turn.memory.about.get(LAST, ""))
        bare = _BARE_CITY.fullmatch(text.strip())
        if not asked or bare is None or turn.memory.topic not in _ABOUT_PRODUCTS:
            return False
        return any(store.city == bare[1] for store in await turn.shop.stores())

    async def start(self, turn: Turn, request: Request) -> None:
        """Tell the stores of the city named, or ask for the city."""
        stores = await turn.shop.stores()
        if self._asks_of_told(turn, request):
            self._cannot_tell(turn, [s for s in stores if s.city == turn.memory.about["city"]])
            return
        if self._told_the_rest(turn, request, stores):
            return
        cities = list(dict.fromkeys(s.city for s in stores))
        wanted = (request.choice or "") + _ROAD.sub("", request.text)
        near = [s for s in stores if _nearby(s, wanted)] or self._spoken_of(turn, request, stores)
        city = next((c for c in cities if c in wanted), None)
        skus = request.products
        if not near and not city and turn.memory.topic in _ABOUT_PRODUCTS:
            city = turn.memory.about.get("city")
        if _elsewhere(wanted, cities) and not near:
            turn.use("utter_no_store_there", cities=joined(cities))
            turn.fulfil()
            return
        if not near and not city:
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
        detail = _detail_in(request.text) if len(chosen) > 1 and not turn.on_phone else None
        told_before = turn.memory.topic == self.intent and _DETAIL.fullmatch(
            bare_question(request.text)
        )
        if detail and told_before:
            self._tell_detail(turn, chosen, city or chosen[0].city, detail)
            return
        self._tell(turn, chosen, city or chosen[0].city)

    def _told_the_rest(self, turn: Turn, request: Request, stores: Sequence[Store]) -> bool:
        """Tell of the city's other stores after some of them, or that there are no others."""
        told = turn.memory.about.get(_TOLD_ALL, "").split()
        city = next((s.city for s in stores if s.id in told), None)
        if turn.memory.topic != self.intent or city is None or request.choice:
            return False
        if not _MORE.fullmatch(bare_question(request.text)):
            return False
        there = [s for s in stores if s.city == city]
        rest = [s for s in there if s.id not in told]
        if not rest:
            turn.use("utter_stores_no_more", city=city, count=len(there))
            turn.fulfil()
        elif turn.on_phone:
            self._tell_next(turn, rest, city)
        else:
            self._tell(turn, rest, city)
        return True

    @staticmethod
    def _tell_next(turn: Turn, rest: Sequence[Store], city: str) -> None:
        """Name one more store to somebody who listens."""
        store = rest[0]
        _remember(turn, [store], city)
        turn.use(
            "utter_store_heard_more" if len(rest) > 1 else "utter_store_heard_last",
            city=city,
            count=len(rest),
            name=_short(store),
            address=store.address,
            hours=store.hours.replace("–", "到"),
        )
        turn.fulfil()

    def _spoken_of(self, turn: Turn, request: Request, stores: Sequence[Store]) -> list[Store]:
        """The store told of last, where its hours or phone are asked for."""
        told = turn.memory.about.get(_TOLD)
        asked = bare_question(request.text)
        if turn.memory.topic != self.intent or not told:
            return []
        last = next((s for s in stores if s.id == told), None)
        return [last] if last and _DETAIL.fullmatch(asked) else []

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

    @staticmethod
    def _cannot_tell(turn: Turn, stores: Sequence[Store]) -> None:
        """Say that nothing is known of what was asked, and whom to call."""
        told = [s for s in stores if s.id == turn.memory.about.get(_TOLD)] or list(stores)
        listed = told[:1] if turn.on_phone else told[:MAX_STORES]
        turn.use(
            "utter_store_ask_there", phones="，".join(f"{_short(s)} {s.phone}" for s in listed)
        )
        turn.fulfil()

    @staticmethod
    def _tell_detail(turn: Turn, stores: Sequence[Store], city: str, detail: str) -> None:
        """Only the hours or only the phone of stores that were told of."""
        details = "，".join(f"{_short(s)} {getattr(s, detail)}" for s in stores[:MAX_STORES])
        turn.memory.about[_TOLD] = ""
        turn.use("utter_stores_detail", city=city, details=details)
        turn.fulfil()

    def _tell(self, turn: Turn, stores: Sequence[Store], city: str) -> None:
        first = stores[0]
        _remember(turn, stores[:1] if turn.on_phone else stores[:MAX_STORES], city)
        if len(stores) == 1:
            hours = first.hours.replace("–", "到") if turn.on_phone else first.hours
            turn.use(
                "utter_store_one",
                name=_short(first),
                address=first.address,
                hours=hours,
                phone=first.phone,
            )
        elif turn.on_phone:
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
        if _elsewhere(_ROAD.sub("", request.text), [s.city for s in stores]):
            return True
        return any(s.city in request.text or _nearby(s, request.text) for s in stores)


def _remember(turn: Turn, stores: Sequence[Store], city: str) -> None:
    """Keep which stores were told of; those of another city are forgotten."""
    about = turn.memory.about
    before = about.get(_TOLD_ALL, "").split() if about.get(_TOLD_CITY) == city else []
    about[_TOLD] = stores[0].id if len(stores) == 1 else ""
    about[_TOLD_ALL] = " ".join([*before, *(s.id for s in stores)])
    about[_TOLD_CITY] = city


def _elsewhere(text: str, cities: Sequence[str]) -> bool:
    """Whether a place is named that has no store of ours; a district of a city that has is none."""
    if any(town in text for town in _ELSEWHERE):
        return True
    return bool(_PLACE.search(text)) and not any(city in text for city in cities)


def _detail_in(text: str) -> str | None:
    """What of a store is asked for, as its record calls it."""
    if "电话" in text:
        return "phone"
    return "hours" if _HOURS.search(text) else None


def _short(store: Store) -> str:
    return store.name.rpartition("·")[2]


def _nearby(store: Store, text: str) -> bool:
    """Whether the text names the store or its district ("浦东", "静安店")."""
    name = _short(store).removeprefix(store.city).removesuffix("店")
    district = _DISTRICT.search(store.address.partition("市")[2])
    inside = bool(district) and district[1] in text if district else False
    return (len(name) >= 2 and name in text) or inside
