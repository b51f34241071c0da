"""Membership: the customer's own tier, and the public table of tiers."""

from __future__ import annotations

import re

from actions.dialogue import Request, Skill, Turn, require_identity
from actions.shop.models import Tier, TierInfo
from actions.wording import TIERS, joined

_OWN = re.compile(r"我(?!想|要|们)|差多少|差几|还差|升到|离.{0,4}(银|金|钻)|查一?下|我的")
_TABLE = re.compile(
    r"哪些|几个|几种|区别|怎么升|如何升|规则|各|分别|都有|多少.*(能|可以|才)|怎么成为|条件"
)
_NAMED = {"普通": Tier.REGULAR, "银": Tier.SILVER, "金卡": Tier.GOLD, "黄金": Tier.GOLD}
_NAMED |= {"钻": Tier.DIAMOND}


class MemberTier(Skill):
    """member_tier: tiers and benefits; the table is public, one's own tier is not."""

    intent = "member_tier"
    follow_ups = re.compile(
        r"(差|缺|要|需要|得)(多少|几)(分|点|积分|成长值|钱)?|(怎么|咋|如何)(才能)?(升|升级|涨|攒|弄|办)|有?(什么|啥|哪些)(好处|用|权益|优惠|特权|福利)"
    )

    async def start(self, turn: Turn, request: Request) -> None:
        """Tell one's own tier, one tier's benefits, or the table."""
        named = next((t for word, t in _NAMED.items() if word in request.text), None)
        own = bool(_OWN.search(request.text))
        if own or (not named and not _TABLE.search(request.text) and (await turn.who()).verified):
            await self._own(turn, request)
            return
        tiers = await turn.shop.tiers()
        chosen = [t for t in tiers if t.tier is named]
        if chosen:
            for tier in chosen:
                turn.use(
                    "utter_tier_one",
                    tier=tier.name,
                    growth=tier.growth_from,
                    benefits=joined(tier.benefits),
                )
        else:
            self._table(turn, tiers)
        turn.fulfil()
        if not (await turn.who()).verified and not turn.on_phone:
            turn.use("utter_tier_ask_own")

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
