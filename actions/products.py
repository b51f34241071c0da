"""Products: what the catalogue says; the rest is for a colleague."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.dialogue import FALLBACK, FAQ, UNHEARD, Request, Skill, Task, Turn, bare_question
from actions.dialogue.wishes import TALE, TROUBLE
from actions.features import (
    CATEGORIES,
    asks_opinion,
    asks_stock,
    asks_usage,
    category_in,
    compares,
    doubts_genuine,
    feature_in,
    kind_in,
    of_kind,
    wants_suggestion,
)
from actions.gifts import Wish, bare_amount, fitting, for_somebody, wants_others, wish_in
from actions.orders import short_title
from actions.reading import ordinal_in
from actions.shop.models import Product
from actions.wording import Button, joined

_ORDERED = re.compile(
    r"怎么样了|咋样了|到了吗|到没|到哪|发货|发了|还没到|寄到|我买的|我的|里[面边]|包裹"
)
PRICE = re.compile(r"多少钱|价格|[什啥]么?价|几块|几钱|几钿|[怎咋]么?卖|贵")
_DEAR = re.compile(r"[太好真挺有]贵|贵了|贵啊|贵死|贵得|这么贵|那么贵|嫌贵")
IT = re.compile(r"[那这它]个?(件|条|款|双|台|多少|什么价)?")
_BARE_PRICE = re.compile(
    r"(这个|那个|它|一[个条件套双台瓶盒斤份]|单[个条件价]|要|得|是|卖|现在|大概|价格|[，,])*(多少钱|[什啥]么?价(格|钱)?|几块钱?|几钱|几钿|[怎咋]么?卖|价格|报个价)(是多少|多少)?(一[个条件套双台瓶盒斤份])?"
)
_PLAIN = re.compile(
    r"介绍|怎么样|有没有|有卖|卖不卖|[有卖].{0,10}[吗么没]|推荐|了解|看看|想(给.{1,4}?)?[买要]|来[一个]|功能|干[什啥嘛]|有什么用"
)
_NO_MORE = re.compile(
    r"我|想|要|买|看|一?下|你们|请问|问|说说|的|呢|吧|吗|啊|呀|那|这|个|款|[\s，,。.！!？?~]"
)
_TOLD = "product_told"
"""Where ``Memory.about`` keeps the product whose line was told last."""
_WANTED = "product_wanted"
"""Where it keeps what was said of taste and amount by somebody who does not know what to buy."""
_NAMED = "products_named"
"""And the article numbers that were named to them."""
_CHEAPER = re.compile(
    r"(有没有|有|再|更|要|来|那|想要|[，, ])*便宜(一?[点些])(的|吧|吗|呢)*[？?。]*"
)
_LIKES = re.compile(r"喜欢|爱[喝吃看用穿好做]|平时|经常")
_MAX_WANTED = 80
_ALL = 200
_SHORT = 16
_A_WORD = 7
_LISTED = 5
_OPEN = frozenset({FALLBACK, "out_of_scope", "promotion", "product_question", "affirm", "deny"})
"""What the classifier makes of a bare question of a product."""
_SURE = 0.8
_LIKELY = 0.1
_WANTS_TO_BUY = re.compile(
    r"^(你好|您好|我|就|[，, ])*(想|要|打算|准备)(给.{1,4}?)?(买|看)(?!.*(取消|退|换货|发票|[的了]$))"
)
_CHEAP = re.compile(r"便宜(一?[点些])?的|最便宜|性价比|价格低")
_PRICES = re.compile(f"{PRICE.pattern}|{_CHEAP.pattern}")
_SMALL = re.compile(r"迷你|小|便携|桌面")
_SHOPPING = frozenset({"product_question", "promotion", "store_info", FAQ, ""})
"""Subjects after which a bare price is a product's."""


class ProductQuestion(Skill):
    """product_question: price and what the catalogue tells; what it does not, from a person."""

    intent = "product_question"

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Take what is asked on of a product, and a bare price."""
        message, topic = turn.message, turn.memory.topic or ""
        text = message.text
        if message.chosen or request.order_number or request.latest:
            return False
        if _goes_on_wishing(turn, request):
            return True
        wanted = kind_in(text) or request.products
        if _WANTS_TO_BUY.match(text) and wanted and message.confidence < _SURE:
            return True
        if message.intent not in _OPEN:
            return False
        asks = feature_in(text) or compares(text) or asks_stock(text) or wants_suggestion(text)
        if request.products and asks and message.intent in UNHEARD and not _ORDERED.search(text):
            return True
        if _BARE_PRICE.fullmatch(bare_question(text)):
            return topic in _SHOPPING
        if topic != self.intent or len(text) > _SHORT or _ORDERED.search(text):
            looks = wants_suggestion(text) or for_somebody(text)
            return looks and message.intent in UNHEARD
        if category_in(text) and len(bare_question(text)) <= _A_WORD:
            return True
        likely = any(n == self.intent and c >= _LIKELY for n, c in message.ranking)
        goes_on = likely and message.intent == FALLBACK and turn.memory.product
        return bool(asks or doubts_genuine(text) or asks_opinion(text) or goes_on)

    async def start(self, turn: Turn, request: Request) -> None:
        """Tell what the catalogue knows of the products named, or spoken of."""
        text = request.text
        if _goes_on_wishing(turn, request):
            await self._suggest(turn, text)
            return
        if _ORDERED.search(text) and (await turn.who()).verified:
            turn.redirect = ("query_order", request)
            return
        if len(text) > TALE and TROUBLE.search(text) and (await turn.who()).verified:
            turn.offer_human("utter_story_offer", "complex_intent")  # several goods, several wishes
            return
        if _DEAR.search(text) and not request.products:
            turn.offer_human("utter_product_dear", "complex_intent")
            return
        if request.choice in CATEGORIES:
            await self._category(turn, str(request.choice))
            return
        spoken_of = turn.memory.topic == self.intent or IT.search(text)
        skus, last = request.products, turn.memory.product if spoken_of else None
        if last and (not skus or (compares(text) and last not in skus)):
            another = not skus and kind_in(text) and not feature_in(text)
            skus = [] if another else [last, *skus]
        found = [p for sku in skus[:3] for p in await turn.shop.products(sku, limit=1)]
        if not found:
            await self._unnamed(turn, text)
        elif len(found) > 1 and not turn.on_phone and (compares(text) or _alike(found)):
            self._several(turn, found, text)
        else:
            self._tell(turn, found[0], text)

    def _tell(self, turn: Turn, product: Product, text: str) -> None:
        """Answer what is asked of one product, with its line where that tells it."""
        about = turn.memory.about
        again = turn.memory.topic == self.intent and about.get(_TOLD) == product.sku
        turn.memory.product = product.sku
        name, feature = short_title(product.title), feature_in(_beside(product, text))
        if doubts_genuine(text):
            turn.use("utter_product_genuine")
        elif asks_usage(text):
            turn.say_response("utter_faq/manual_download")
        elif asks_stock(text):
            turn.use("utter_product_stock", product=name)
        elif feature and not feature.told_of(product):
            turn.offer_human(
                "utter_product_not_told", "complex_intent", product=name, feature=feature.name
            )
            return
        elif PRICE.search(text) and again:
            turn.use("utter_product_price", title=product.title, price=turn.yuan(product.price_fen))
        elif feature and again:
            turn.use("utter_product_says", title=product.title, blurb=product.blurb)
        elif asks_opinion(_beside(product, text)) and not feature:
            turn.use("utter_product_opinion", title=product.title, blurb=product.blurb)
        else:
            self._introduce(turn, product, _beside(product, text), again=again, told=bool(feature))
            return
        turn.fulfil()
        self._offer_stores(turn, product)

    def _introduce(
        self, turn: Turn, product: Product, rest: str, *, again: bool, told: bool
    ) -> None:
        """Title, price and line; more than that is asked of a colleague."""
        plain = told or PRICE.search(rest) or _PLAIN.search(rest) or len(_NO_MORE.sub("", rest)) < 2
        if not again or plain:
            price = turn.yuan(product.price_fen)
            turn.use("utter_product", title=product.title, price=price, blurb=product.blurb)
            turn.memory.about[_TOLD] = product.sku
        if plain:
            turn.fulfil()
            self._offer_stores(turn, product)
        else:
            turn.offer_human("utter_product_details_offer", "complex_intent")

    @staticmethod
    def _offer_stores(turn: Turn, product: Product) -> None:
        if not turn.on_phone:
            turn.offer([Button("门店有货吗", f'/store_info{{"product":"{product.sku}"}}')])

    async def _unnamed(self, turn: Turn, text: str) -> None:
        """No article was understood: a kind of thing, no idea yet, or a question without its object."""
        category, kind, wish = category_in(text), kind_in(text), wish_in(text)
        named = of_kind(kind, await _catalogue(turn)) if kind else []
        if doubts_genuine(text):
            turn.use("utter_product_genuine")
            turn.fulfil()
        elif len(named) == 1:
            self._tell(turn, named[0], text)
        elif named:
            self._several(turn, named[:_LISTED], text)
        elif for_somebody(text) or wish.likes or wish.costs:
            await self._suggest(turn, text)
        elif category:
            await self._category(turn, category)
        elif wants_suggestion(text):
            turn.memory.about[_WANTED] = text[:_MAX_WANTED]
            self._ask_category(turn, "utter_product_categories")
        elif kind:
            self._ask_category(turn, "utter_product_none", kind=kind)
        elif PRICE.search(text) or asks_stock(text) or feature_in(text) or asks_opinion(text):
            turn.use("utter_which_product")
            self._wait_for_choice(turn, {}, text)
        else:
            turn.offer_human("utter_product_unknown", "complex_intent")

    @staticmethod
    def _ask_category(turn: Turn, sentence: str, **values: object) -> None:
        turn.use(sentence, **values)
        turn.offer(Button(name, f'/product_question{{"choice":"{name}"}}') for name in CATEGORIES)
        turn.fulfil()

    async def _suggest(self, turn: Turn, text: str) -> None:
        """Name a few that fit what was said so far, or ask for whom and for how much."""
        about = turn.memory.about
        before = "" if for_somebody(text) else about.get(_WANTED, "")
        said = f"{text}以内" if bare_amount(text) else text
        about[_WANTED] = f"{before} {said}".strip()[-_MAX_WANTED:]
        wish = wish_in(about[_WANTED])
        beside = about.get(_NAMED, "").split() if wants_others(text) else []
        catalogue = await _catalogue(turn)
        if _CHEAPER.fullmatch(text):
            named = [p.price_fen for p in catalogue if p.sku in about.get(_NAMED, "").split()]
            wish = replace(wish, most=(min(named, default=100) - 1) // 100)
        found = fitting(wish, catalogue, beside) if wish else []
        if wish == Wish(category=wish.category) and wish.category and not beside:
            await self._category(turn, wish.category)
        elif not wish:
            self._ask_category(turn, "utter_gift_ask")
        elif not found:
            self._ask_category(turn, "utter_gift_no_more" if beside else "utter_gift_none")
        else:
            found = found[:3] if turn.on_phone else found
            names = joined(f"{p.title}（{turn.yuan(p.price_fen)}）" for p in found)
            turn.use("utter_gift_some", names=names)
            self._let_choose(turn, found, "")
            about[_NAMED] = " ".join([*beside, *(p.sku for p in found)])

    async def _category(self, turn: Turn, category: str) -> None:
        """A few of a category, to choose from."""
        of_it = [
            p for p in await turn.shop.products(category, limit=_ALL) if p.category == category
        ]
        listed = of_it[: 3 if turn.on_phone else _LISTED]
        names = joined(f"{p.title}（{turn.yuan(p.price_fen)}）" for p in listed)
        turn.memory.about[_WANTED] = category
        turn.use("utter_category_some", category=category, names=names)
        self._let_choose(turn, listed, "")

    def _several(self, turn: Turn, found: list[Product], text: str) -> None:
        """Name several products with their prices, or what they say of what is asked."""
        feature = feature_in(text)
        telling = [p for p in found if feature and feature.told_of(p)]
        if telling and len(telling) < len(found):
            self._compare(turn, "utter_products_told", telling)
        elif telling or compares(text) or asks_opinion(text):
            self._compare(turn, "utter_products_compare", found)
        elif feature and turn.memory.topic != self.intent:
            names = joined(f"{p.title}（{turn.yuan(p.price_fen)}）" for p in found)
            turn.use("utter_products_several_not_told", names=names, feature=feature.name)
        else:
            names = joined(f"{p.title}（{turn.yuan(p.price_fen)}）" for p in found)
            turn.use("utter_products_several", names=names)
        self._let_choose(turn, found, text if feature or asks_stock(text) else "")

    @staticmethod
    def _compare(turn: Turn, sentence: str, found: list[Product]) -> None:
        lines = (f"· {p.title}（{turn.yuan(p.price_fen)}）：{p.blurb}" for p in found)
        turn.use(sentence, products="\n".join(lines))

    def _let_choose(self, turn: Turn, found: list[Product], text: str) -> None:
        """Offer the choice that nobody has to make; what was asked is answered after it."""
        short = [short_title(p.title) for p in found]
        titles = short if len(set(short)) == len(short) else [p.title for p in found]
        turn.offer(
            Button(title, f'/product_question{{"product":"{p.sku}"}}')
            for title, p in zip(titles, found, strict=True)
        )
        turn.fulfil()
        self._wait_for_choice(turn, {p.sku: p.title for p in found}, text)

    def _wait_for_choice(self, turn: Turn, offered: dict[str, str], text: str) -> None:
        turn.memory.push(Task(self.intent, "product", {"offered": offered, "text": text}))

    async def go_on(self, turn: Turn, task: Task) -> bool:
        """Take "女款的", "第二个", and what is asked of all that were offered."""
        offered: dict[str, str] = dict(task.data.get("offered") or {})
        text, asked = turn.message.text, str(task.data.get("text") or "")
        if _goes_on_wishing(turn, Request(text=text)) and not turn.message.values("product"):
            turn.memory.drop(task)
            await self._suggest(turn, text)
            return True
        named = [str(sku) for sku in turn.message.values("product")]
        sku = named[0] if len(named) == 1 else _picked(text, offered)
        skus = [sku] if sku else named
        if skus and (turn.message.chosen or turn.message.intent in _OPEN or sku in offered):
            turn.memory.drop(task)
            own = bool(feature_in(text) or PRICE.search(text) or asks_stock(text))
            await self.start(turn, Request(text=text if own else asked, products=skus))
            return True
        if turn.message.chosen or turn.message.intent not in _OPEN:
            return False
        return await self._asked_of_all(turn, task, offered)

    async def _asked_of_all(self, turn: Turn, task: Task, offered: dict[str, str]) -> bool:
        """Answer a question before the choice, from the lines of all that were offered."""
        text = turn.message.text
        feature, other = feature_in(text), category_in(text) or kind_in(text)
        known = feature or compares(text) or asks_opinion(text) or _PRICES.search(text)
        if offered and (known or asks_stock(text)):
            found = [p for one in offered for p in await turn.shop.products(one, limit=1)]
            if _CHEAP.search(text):
                found.sort(key=lambda p: p.price_fen)
            turn.memory.drop(task)
            if feature and not any(feature.told_of(p) for p in found) and not compares(text):
                turn.use("utter_products_not_told", feature=feature.name)
                self._wait_for_choice(turn, offered, text)
            else:
                self._several(turn, found, text)
            return True
        if other or turn.message.intent == self.intent:
            turn.memory.drop(task)
            await self.start(turn, Request(text=text))
            return True
        return False

    async def continues(self, turn: Turn, request: Request) -> bool:
        """Another product after one."""
        del turn
        return bool(request.products)


def _goes_on_wishing(turn: Turn, request: Request) -> bool:
    """Whether somebody who looks for something says more of it ("他喜欢做饭", "500以内的")."""
    message, text = turn.message, request.text
    if turn.memory.topic != ProductQuestion.intent or _WANTED not in turn.memory.about:
        return False
    if message.chosen or len(text) > _SHORT or _ORDERED.search(text):
        return False
    if request.products and not _LIKES.search(text):
        return False
    if message.intent not in _OPEN and message.confidence >= _SURE:
        return False
    wish = wish_in(text)
    cheaper = _CHEAPER.fullmatch(text) and turn.memory.about.get(_NAMED)
    return bool(wish or cheaper or wants_others(text) or bare_amount(text))


async def _catalogue(turn: Turn) -> list[Product]:
    """All that there is, a category at a time: a shop gives only so much at once."""
    found = [p for name in CATEGORIES for p in await turn.shop.products(name, limit=_ALL)]
    return list({p.sku: p for p in found}.values())


def _alike(found: list[Product]) -> bool:
    return len({p.category for p in found}) == 1


def _beside(product: Product, text: str) -> str:
    """A text without what the product is called: "静音加湿器" asks for no noise."""
    for name in sorted((product.title, *product.aliases), key=len, reverse=True):
        text = text.replace(name, "")
    return text


def _picked(text: str, offered: dict[str, str]) -> str | None:
    """The one of the offered titles (by article number) that a text names, or None."""
    if len(offered) == 2 and re.search(r"[大小]的|[大小][那一]?个|[大小]号", text):
        small = [sku for sku, title in offered.items() if _SMALL.search(title)]
        if len(small) == 1:
            return next(sku for sku in offered if (sku in small) == ("小" in text))
    index = ordinal_in(text, len(offered))
    if index is not None:
        return list(offered)[index]
    pairs = {sku: {t[i : i + 2] for i in range(len(t) - 1)} for sku, t in offered.items()}
    for sku, own in pairs.items():
        others = set().union(*(p for other, p in pairs.items() if other != sku))
        if any(pair in text for pair in own - others):
            return sku
    return None
