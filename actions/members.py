"""Membership: the customer's own tier, how one rises and falls, and the public table of tiers."""

from __future__ import annotations

import re
from enum import Enum

from actions.asking_on import HOW, asked_of
from actions.dialogue import Request, Skill, Turn, require_identity
from actions.shop.models import Tier, TierInfo
from actions.wording import TIERS, joined

_OWN = re.compile(r"我(?!想|要|们)|差多少|差几|还差|升到|离.{0,4}(银|金|钻)|查一?下|我的")
_TABLE = re.compile(
    r"哪些|几个|几种|区别|怎么升|如何升|规则|各|分别|都有|多少.*(能|可以|才)|怎么成为|条件"
)
_NAMED = {"普通": Tier.REGULAR, "银": Tier.SILVER, "金卡": Tier.GOLD, "黄金": Tier.GOLD}
_NAMED |= {"钻": Tier.DIAMOND}
_SPOKEN_OF = "tier"
"""Where ``Memory.about`` keeps the tier told last."""
_MINE = "mine"
_NOUN = re.compile(r"^(会员|等级|级别|卡|你们|咱们|我)+|(会员|等级|级别)$")


class Part(Enum):
    """What of membership a bare question is about."""

    NEED = "what is missing"
    RISE = "how to rise"
    KEEP = "how to stay"
    FREE = "whether it costs money"
    BENEFITS = "what it gives"


_TIER = r"(普通|银|金|黄金|钻石?|下一?)?(个)?(卡|级|等级|会员)*"
_PARTS = {
    Part.NEED: rf"(还)?(差|缺|要|需要|得)(花|消费|买)?(多少|几)(分|点|积分|成长值|钱|块|元)?(东西)?(能|才能|可以|才)?(升|到)?({_TIER})?",
    Part.KEEP: rf"(会不会|会|不会|{HOW}(会)?|(什么|啥)时候(会)?|多久)(掉|降|降低|清零|取消|过期|没)({_TIER})|({HOW})?(保级|保住|保持)({_TIER})?|(能|可以)?(用|管|保持|维持)(多久|一年|几年)|一直(是|有).{{0,3}}|有效期.{{0,3}}|(什么|啥)时候(掉|降|过期|到期).{{0,2}}",
    Part.RISE: rf"(消费|花|买|积|要)*多少(钱|分|成长值)?(才)?(能|可以|才)?(升|到|成|是)({_TIER})|{HOW}(升|升级|涨|攒|弄|办|办理|成为|当|变成|达到|到|加入|入会)({_TIER})?(快)?|(什么|啥)时候(能)?(升|升级)({_TIER})?|成长值{HOW}(算|来|攒|涨)|成长值是(什么|啥)",
    Part.FREE: r"(要|用|需要)?(交|收|花)?(会员)?(费|钱|年费)|(要|用)?不?(要|用)?(收费|付费|花钱|交钱|交费)|免费|多少钱一年|一年多少钱",
    Part.BENEFITS: rf"({_TIER}|升(级|上去)?(了|完|以后|后|到)*({_TIER})?)?有?(什么|啥|哪些)(好处|用|权益|优惠|特权|福利|区别|不一样)|(有)?(什么|啥)用",
}
_COMPILED = {part: re.compile(words) for part, words in _PARTS.items()}


def _part(text: str) -> Part | None:
    return asked_of(text, _NOUN, _COMPILED)


class MemberTier(Skill):
    """member_tier: tiers and benefits; the table is public, one's own tier is not."""

    intent = "member_tier"

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Take what goes on with tiers."""
        del request
        spoken_of = turn.memory.topic == self.intent and not turn.message.chosen
        return spoken_of and _part(turn.message.text) is not None

    async def start(self, turn: Turn, request: Request) -> None:
        """Tell what is asked of one's own tier, one tier, or all of them."""
        text = request.text
        going_on = turn.memory.topic == self.intent
        spoken_of = turn.memory.about.get(_SPOKEN_OF) if going_on else None
        named = next((t for word, t in _NAMED.items() if word in text), None)
        part = _part(text)
        verified = (await turn.who()).verified
        own = bool(_OWN.search(text))
        if part is not None and (verified or not own):
            mine = verified and (part is Part.NEED or spoken_of in (None, _MINE) or own)
            about = named.value if named else spoken_of
            if await self._part(turn, part, about, mine=mine):
                turn.fulfil()
                return
        if own or (not named and not _TABLE.search(text) and verified):
            await self._own(turn, request)
            return
        turn.memory.about[_SPOKEN_OF] = str(named.value) if named else ""
        tiers = await turn.shop.tiers()
        for tier in (t for t in tiers if t.tier is named):
            turn.use(
                "utter_tier_one",
                tier=tier.name,
                growth=tier.growth_from,
                benefits=joined(tier.benefits),
            )
        if not named:
            self._table(turn, tiers)
        turn.fulfil()
        if not verified and not turn.on_phone and not going_on:
            turn.use("utter_tier_ask_own")

    async def _part(self, turn: Turn, part: Part, spoken_of: str | None, *, mine: bool) -> bool:
        """Tell the one thing that is asked.

        Returns:
            False where the tier itself, or the table, is the answer.

        Raises:
            ShopUnavailable: the shop could not be asked.
        """
        tiers = await turn.shop.tiers()
        steps = "、".join(f"{t.growth_from} 升{t.name}" for t in tiers if t.growth_from)
        if part is Part.FREE:
            turn.use("utter_tier_free")
            return True
        if part is Part.KEEP:
            turn.use("utter_tier_keep", steps=steps.replace("升", "是"))
            return True
        if mine:
            return await self._part_of_mine(turn, part, tiers, spoken_of)
        tier = next((t for t in tiers if t.tier.value == spoken_of), None)
        if part in (Part.NEED, Part.RISE) and tier:
            turn.use("utter_tier_need", tier=tier.name, growth=tier.growth_from)
        elif part in (Part.NEED, Part.RISE):
            turn.use("utter_tier_how", steps=steps)
        else:
            return False
        return True

    async def _part_of_mine(
        self, turn: Turn, part: Part, tiers: list[TierInfo], named: str | None
    ) -> bool:
        customer_id = (await turn.who()).customer_id
        member = await turn.shop.member(customer_id) if customer_id else None
        if member is None or (part is Part.BENEFITS and named not in (None, _MINE)):
            return False
        turn.memory.about[_SPOKEN_OF] = _MINE
        higher = [t for t in tiers if t.growth_from > member.growth]
        following = next((t for t in higher if t.tier.value == named), next(iter(higher), None))
        if following is None:
            turn.use("utter_tier_top", tier=TIERS[member.tier])
        elif part is Part.BENEFITS and turn.memory.topic == self.intent:
            turn.use(
                "utter_tier_next_benefits",
                tier=following.name,
                benefits=joined(following.benefits),
            )
        elif part is Part.BENEFITS:
            return False
        else:
            turn.use(
                "utter_tier_gap",
                tier=following.name,
                growth=member.growth,
                missing=following.growth_from - member.growth,
            )
        return True

    def _table(self, turn: Turn, tiers: list[TierInfo]) -> None:
        if turn.on_phone:
            turn.use("utter_tiers_heard", names=joined(t.name for t in tiers))
            return
        turn.use("utter_tiers")
        turn.say(
            "\n".join(
                f"· {t.name}（成长值 {t.growth_from} 起）：{joined(t.benefits)}" for t in tiers
            )
        )

    async def _own(self, turn: Turn, request: Request) -> None:
        who = await require_identity(turn, self.intent, request)
        if who is None or who.customer_id is None:
            return
        member = await turn.shop.member(who.customer_id)
        if member is None:
            turn.use("utter_no_member")
            return
        turn.memory.about[_SPOKEN_OF] = _MINE
        turn.use("utter_own_tier", tier=TIERS[member.tier], growth=member.growth)
        benefits = member.benefits[:2] if turn.on_phone else member.benefits
        if benefits:
            turn.use("utter_own_benefits", benefits=joined(benefits))
        if member.next_tier:
            turn.use("utter_next_tier", tier=TIERS[member.next_tier], growth=member.growth_to_next)
        turn.fulfil()

    async def continues(self, turn: Turn, request: Request) -> bool:
        """Goes on with "那钻石呢" after the table."""
        del turn
        return any(word in request.text for word in _NAMED)
