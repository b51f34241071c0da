"""Products and promotions: what the catalogue says; the rest is for a colleague."""

from __future__ import annotations

import re

from actions.dialogue import Request, Skill, Task, Turn
from actions.orders import short_title
from actions.reading import ordinal_in
from actions.shop.models import Product
from actions.wording import Button, joined

_ORDERED = re.compile(r"怎么样了|咋样了|到了吗|到没|到哪|发货|发了|还没到|寄到|我买的|我的")
_PRICE = re.compile(r"多少钱|价格|[什啥]么?价|几块|几钱|几钿|[怎咋]么?卖|贵")
_IT = re.compile(r"[那这它]个?(件|条|款|双|台|多少|什么价)?")
_ANSWERED = re.compile(
    r"多少钱|价格|[什啥]么?价|几块|几钱|几钿|[怎咋]么?卖|贵不贵|介绍|怎么样|有没有|有卖|卖不卖|有.{0,10}吗|推荐|卖.{0,8}吗"
)


class ProductQuestion(Skill):
    """product_question: price and blurb from the catalogue, details from a person."""

    intent = "product_question"

    async def start(self, turn: Turn, request: Request) -> None:
        """Tell what the catalogue knows of the products named."""
        if _ORDERED.search(request.text) and (await turn.who()).verified:
            turn.redirect = ("query_order", request)
            return
        skus = request.products
        spoken_of = turn.memory.topic == self.intent or _IT.search(request.text)
        if not skus and turn.memory.product and spoken_of:
            skus = [turn.memory.product]
        found = [p for sku in skus[:3] for p in await turn.shop.products(sku, limit=1)]
        if not found:
            turn.offer_human("utter_product_unknown", "complex_intent")
            return
        if len(found) > 1 and len({p.category for p in found}) == 1 and not turn.on_phone:
            self._which(turn, found)
            return
        product = found[0]
        turn.memory.product = product.sku
        price = turn.yuan(product.price_fen)
        turn.use("utter_product", title=product.title, price=price, blurb=product.blurb)
        if not request.text or _ANSWERED.search(request.text):
            turn.fulfil()
            if not turn.on_phone:
                turn.offer([Button("门店有货吗", f'/store_info{{"product":"{product.sku}"}}')])
            return
        turn.offer_human("utter_product_details_offer", "complex_intent")

    def _which(self, turn: Turn, found: list[Product]) -> None:
        """Name several products with their prices, and wait for a choice that nobody has to make."""
        names = joined(f"{p.title}（{turn.yuan(p.price_fen)}）" for p in found)
        turn.use("utter_products_several", names=names)
        short = [short_title(p.title) for p in found]
        titles = short if len(set(short)) == len(short) else [p.title for p in found]
        turn.offer(
            Button(title, f'/product_question{{"product":"{p.sku}"}}')
            for title, p in zip(titles, found, strict=True)
        )
        turn.fulfil()
        offered = {p.sku: p.title for p in found}
        turn.memory.push(Task(self.intent, "product", {"offered": offered}))

    async def go_on(self, turn: Turn, task: Task) -> bool:
        """Take "女款的", "第二个"; a further question before the choice goes to a person."""
        if turn.message.chosen:
            return False
        offered: dict[str, str] = dict(task.data.get("offered") or {})
        text = turn.message.text
        sku = _picked(text, offered)
        if sku is None and _PRICE.search(text):
            turn.memory.drop(task)
            await self.start(turn, Request(text=text, products=list(offered)))
            return True
        if sku is None:
            details = turn.message.intent == self.intent and not turn.message.value("product")
            if details:
                turn.memory.drop(task)
                turn.offer_human("utter_product_details_offer", "complex_intent")
            return details
        turn.memory.drop(task)
        await self.start(turn, Request(products=[sku]))
        return True

    async def continues(self, turn: Turn, request: Request) -> bool:
        """Another product after one."""
        del turn
        return bool(request.products)


class Promotion(Skill):
    """promotion: changes by the day, so only where to look, and a person."""

    intent = "promotion"

    async def start(self, turn: Turn, request: Request) -> None:
        """Say where promotions are shown, and offer a person."""
        spoken_of = turn.memory.topic == ProductQuestion.intent or _IT.search(request.text)
        named = request.products or (turn.memory.product and spoken_of)
        if _PRICE.search(request.text) and named:
            turn.redirect = (ProductQuestion.intent, request)
            return
        turn.offer_human("utter_promotion", "complex_intent")


def _picked(text: str, offered: dict[str, str]) -> str | None:
    """The one of the offered titles (by article number) that a text names, or None."""
    index = ordinal_in(text, len(offered))
    if index is not None:
        return list(offered)[index]
    pairs = {sku: {t[i : i + 2] for i in range(len(t) - 1)} for sku, t in offered.items()}
    for sku, own in pairs.items():
        others = set().union(*(p for other, p in pairs.items() if other != sku))
        if any(pair in text for pair in own - others):
            return sku
    return None
