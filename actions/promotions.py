"""Promotions and coupons: where they are shown and had; the rules are FAQ entries, the rest is for a colleague."""

from __future__ import annotations

import re

from actions.asking_on import COUPONS, COUPONS_ASKED, PROMOTION
from actions.dialogue import Request, Skill, Turn
from actions.faq import tell_entry, tell_next
from actions.products import IT, PRICE, ProductQuestion

_SPOKEN_OF = "promotion"
"""Where ``Memory.about`` keeps what of promotions was spoken of last."""
_COUPON = r"(券|卷(?!发|帘|尺|纸|心|饼|毛)|红包)"
_OWN = re.compile(
    rf"我的.{{0,5}}{_COUPON}|我(这|那|账[号户]|名下|手[里上]|现在|目前|到底|一共|总共|里|边|儿|还|都)*有(几|多少|没有|啥|什么|哪些).{{0,5}}{_COUPON}"
    rf"|我(还|都|账[号户]|名下|里|现在)*有.{{0,5}}{_COUPON}.{{0,2}}[吗么嘛不]|{_COUPON}.{{0,3}}(不见|没了|少了|消失|去哪|跑哪|呢[？?]?$)|{_COUPON}.{{0,2}}(在哪里?|怎么|去哪里?)(看|查|找)"
    rf"|领(的|了|过).{{0,6}}{_COUPON}.{{0,5}}(没|哪)|还(有|剩).{{0,4}}张"
)
_OWN_NEXT = re.compile(
    r"(那|都|我的|在)*(在?哪里?|在?哪儿|怎么|咋|如何)(能)?(看|查|找)(得?到)?[啊呀呢吗？?]*|(我)?(还)?有(几|多少)张[啊呀呢？?]*"
)


_DEARER = re.compile(r"买[贵亏]了|降价了|(昨天|前天|上次|刚)[^\d]{0,6}\d+.{0,6}(现在|今天)")
"""Bought for more than it costs now: that is price protection, and no promotion."""


class Promotion(Skill):
    """promotion: what is on changes by the day; where coupons are had and found, and a person."""

    intent = PROMOTION

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Take what goes on with coupons, and where one's own are seen."""
        del request
        text = turn.message.text
        if turn.message.chosen or turn.memory.topic != self.intent or not self._of_coupons(turn):
            return False
        return bool(_OWN_NEXT.fullmatch(text) or COUPONS.next(text))

    async def start(self, turn: Turn, request: Request) -> None:
        """Say where promotions are shown or coupons had, and offer a person."""
        text = request.text
        going_on = turn.memory.topic == self.intent and self._of_coupons(turn)
        spoken_of = turn.memory.topic == ProductQuestion.intent or IT.search(text)
        named = request.products or (turn.memory.product and spoken_of)
        if PRICE.search(text) and named:
            turn.redirect = (ProductQuestion.intent, request)
            return
        asked = COUPONS.next(text) if going_on else None
        own = _OWN.search(text) or (going_on and _OWN_NEXT.fullmatch(text))
        if _DEARER.search(text):
            tell_entry(turn, "price_protection")
            return
        turn.memory.about[_SPOKEN_OF] = COUPONS_ASKED
        if own:
            turn.offer_human("utter_coupons_own_offer", "complex_intent")
        elif asked and asked.entry != self.intent:
            tell_next(turn, asked, None)
        elif asked or request.choice == COUPONS_ASKED or re.search(_COUPON, text):
            turn.use("utter_coupons_get")
            turn.fulfil()
        else:
            turn.memory.about[_SPOKEN_OF] = "offers"
            turn.offer_human("utter_promotion", "complex_intent")

    @staticmethod
    def _of_coupons(turn: Turn) -> bool:
        return turn.memory.about.get(_SPOKEN_OF) == COUPONS_ASKED
