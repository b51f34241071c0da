"""Buying with points: choose a reward and how many, confirm, and buy it; another one after it."""

from __future__ import annotations

import re

from actions.dialogue import Request, Skill, Task, Turn, require_identity
from actions.dialogue.message import FALLBACK
from actions.faq import entry_told
from actions.points import Part, part_asked
from actions.reading import ordinal_in
from actions.rewards import (
    HEARD_REWARDS,
    MAX_COUNT,
    affordable,
    choice_button,
    count_in,
    counted,
    reward_button,
    reward_meant,
    reward_title,
    with_price,
)
from actions.shop.client import ShopRefused
from actions.shop.models import Reward
from actions.wording import joined

PUBLIC_REWARDS = 6
_BOUGHT = "reward"
"""Where ``Memory.about`` keeps what was bought last."""
_AGAIN = re.compile(
    r"(那|好的?|行|嗯|我|帮我|给我|[，, ])*(再|还|又)(想|要)?(给我|帮我)?(再)?(换|兑|来|要)(一|1|两|二|2|三|3|俩)?(张|个|份)?(一样|同样|相同)?(的)?(券|这个)?[吧呗啊呀。！]*"
)
_ASKS_RULE = re.compile(r"什么|啥|哪些|怎么|咋|如何|多少|几分|[吗么]|能不能|可不可以")
_MOST = re.compile(r"最(大|贵|好|值钱|高|多)")
_LEAST = re.compile(r"最(小|便宜|少|低)")
_WANTS = re.compile(r"帮我|给我|我要|我想|马上")
_ANOTHER_THING = re.compile(
    r"有没有|有.{1,8}[吗么没不]|(能|可以)(不能)?换.{1,8}|(我)?(想|要)换(?!一?[个张份下]|别)[一-鿿]{2,}"
)

_ASKED_AS = frozenset({FALLBACK, "out_of_scope", "product_question", "promotion", "redeem_points"})
"""What a wish for a reward that there is not may be taken for."""
_ANOTHER_REWARD = re.compile(
    r"(那|我|想|要|还是|算了|不要这个|[，, ])*换(一?个|一下|一?个?(别|其他)的?|一?个?(便宜|贵|小|大|少|多)(一?[点些])?的?)[吧啊呢。！]*"
)
_BY_PRICE = re.compile(r"换.{0,3}最(贵|大|高|便宜|小|低)的")


class Redeem(Skill):
    """redeem_points: choose a reward, confirm, and buy it."""

    intent = "redeem_points"
    follow_ups = re.compile(
        r"(再|还|想|要|又)*(换|兑)(一?[个张份])?(\d+|[一二两三五六十百]+)(块|元)?钱?的?(券)?|(再|还)(换|兑)一?[个张份]?(别的|其他的)?"
    )

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Take "再来一张" after a purchase, and "能换什么" where points are spoken of."""
        del request
        text, topic = turn.message.text, turn.memory.topic
        if turn.message.chosen:
            return False
        if topic == self.intent and _BOUGHT in turn.memory.about and _AGAIN.fullmatch(text):
            return True
        told = entry_told(turn) or ""
        of_points = topic in (self.intent, "query_points") or told.startswith("points_")
        return of_points and (part_asked(text) is Part.WHAT or bool(_BY_PRICE.search(text)))

    async def start(self, turn: Turn, request: Request) -> None:
        """Find the reward meant, or offer what the balance can buy; what there is, is told to anybody."""
        every = await turn.shop.rewards()
        meant = reward_meant(request.choice or "", request.text, every)
        if meant is None and part_asked(request.text) is Part.HOW:
            turn.use("utter_points_how")
        if not (await turn.who()).verified and self._asks_rule(request):
            self._public(turn, every, meant)
            return
        who = await require_identity(turn, self.intent, request)
        if who is None or who.customer_id is None:
            return
        account = await turn.shop.points(who.customer_id)
        balance = account.balance if account else 0
        if meant is None and _AGAIN.fullmatch(request.text):
            meant = reward_meant(turn.memory.about.get(_BOUGHT) or "", "", every)
            turn.answers = True  # nothing but an order for more: no feeling is to be read in it
        if meant is None and _BY_PRICE.search(request.text):
            found = await affordable(turn, balance, coupons="券" in request.text)
            meant = _by_price(found, request.text)
        count = count_in(request.text) or 1
        if meant and meant.points * count <= balance:
            _confirm(turn, meant, count, balance)
            return
        if meant:
            _too_dear(turn, meant, count, balance)
        await self._choose(turn, balance)

    @staticmethod
    def _asks_rule(request: Request) -> bool:
        return bool(_ASKS_RULE.search(request.text)) and not _WANTS.search(request.text)

    @staticmethod
    def _public(turn: Turn, every: list[Reward], meant: Reward | None) -> None:
        if meant:
            turn.use("utter_reward_price", reward=reward_title(meant), price=meant.points)
        else:
            shown = sorted(every, key=lambda r: r.points)[
                : HEARD_REWARDS if turn.on_phone else PUBLIC_REWARDS
            ]
            turn.use("utter_rewards_public", rewards=with_price(shown) + "等")
        turn.fulfil()

    async def _choose(self, turn: Turn, balance: int, name: str = "utter_choose_reward") -> None:
        rewards = await affordable(turn, balance, coupons="券" in turn.message.text)
        if not rewards:
            turn.use("utter_no_reward", points=balance)
            turn.fulfil()
            return
        titles = {r.id: reward_title(r) for r in rewards}
        data = {"offered": list(titles), "balance": balance, "titles": titles}
        turn.memory.push(Task(self.intent, "reward", data))
        turn.use(name, points=balance, rewards=with_price(rewards))
        turn.offer(reward_button(r) for r in rewards)

    async def go_on(self, turn: Turn, task: Task) -> bool:
        """Take the choice of a reward, then the confirmation."""
        if task.awaits == "confirm":
            return await self._confirmed(turn, task)
        text = turn.message.text
        every = {r.id: r for r in await turn.shop.rewards()}
        offered = [every[i] for i in task.data.get("offered") or [] if i in every]
        count = count_in(text)
        index = ordinal_in(text, len(offered))
        choice = str(turn.message.value("choice") or "")
        meant = reward_meant(choice, text, list(every.values()))
        if meant is None and index is not None:
            meant = offered[index]
        if meant is None:
            meant = _by_price(offered, text)
        if meant is None and len(offered) == 1 and (count or turn.answer() == "yes"):
            meant = offered[0]
        if meant is None:
            return await self._not_named(turn, task, offered, count)
        balance = int(task.data.get("balance") or 0)
        count = count or int(task.data.get("count") or 1)
        if meant.points * count > balance:
            _too_dear(turn, meant, count, balance)
            return True
        _confirm(turn, meant, count, balance)
        return True

    async def _not_named(
        self, turn: Turn, task: Task, offered: list[Reward], count: int | None
    ) -> bool:
        """Take a number without what, a refusal, or a wish for what is not offered."""
        text = turn.message.text
        if turn.answer() == "no":
            turn.memory.drop(task)
            turn.use("utter_cancelled")
            return True
        if count:
            task.data["count"] = count
            turn.use("utter_choose_reward_count", count=counted("券", count))
            turn.offer(reward_button(r) for r in offered)
            return True
        asks_for = turn.message.intent in _ASKED_AS and part_asked(text) is None
        if asks_for and _ANOTHER_THING.search(text) and "券" not in text:
            await self._choose(turn, int(task.data.get("balance") or 0), "utter_reward_unknown")
            return True
        return False

    async def _confirmed(self, turn: Turn, task: Task) -> bool:
        text = turn.message.text
        every = await turn.shop.rewards()
        other = reward_meant("", text, every)
        count = count_in(text)
        known = int(task.data.get("count") or 1)
        same = other is None or other.id == task.data["reward"]
        if not same or (count and count != known):
            turn.memory.drop(task)
            choice = other.id if other else str(task.data["reward"])
            await self.start(turn, Request(text=text, choice=choice))
            return True
        if _ANOTHER_REWARD.fullmatch(text) and not turn.message.chosen:
            turn.memory.drop(task)
            await self.start(turn, Request())
            return True
        answer = turn.answer()
        if answer is None:
            return False
        turn.memory.drop(task)
        if answer == "no":
            turn.use("utter_not_redeemed")
            return True
        who = await turn.who()
        if who.customer_id is None:
            return False
        await self._buy(turn, who.customer_id, task)
        return True

    async def _buy(self, turn: Turn, customer_id: str, task: Task) -> None:
        """Buy what was confirmed, one by one: the same yes again buys nothing twice."""
        reward, nonce = str(task.data["reward"]), str(task.data.get("nonce", ""))
        count = min(int(task.data.get("count") or 1), MAX_COUNT)
        done = []
        refusal = None
        for number in range(count):
            key = turn.key("redeem", reward, nonce, *([str(number)] if number else []))
            try:
                done.append(await turn.shop.redeem(customer_id, reward, key))
            except ShopRefused as refused:
                refusal = refused
                break
        if done:
            turn.memory.about[_BOUGHT] = reward
            turn.use(
                "utter_redeemed",
                reward=reward_title(done[0].reward, len(done)),
                points=sum(d.reward.points for d in done),
                left=done[-1].balance_after,
                number=joined(d.number for d in done),
            )
            turn.fulfil()
        if refusal:
            turn.offer_human("utter_refused_offer", "complex_intent", reason=refusal.message)

    async def continues(self, turn: Turn, request: Request) -> bool:
        """Goes on with "再换一个" after a reward was bought."""
        del turn
        return "换" in request.text

    def remind(self, turn: Turn, task: Task) -> bool:
        """Ask again which reward, or for the confirmation."""
        if task.awaits == "confirm":
            turn.use("utter_confirm_redeem_again", reward=task.data.get("title", ""))
        else:
            turn.use("utter_choose_reward_again")
            titles: dict[str, str] = dict(task.data.get("titles") or {})
            turn.offer(choice_button(i, title) for i, title in titles.items())
        return True


def _by_price(rewards: list[Reward], text: str) -> Reward | None:
    """The dearest or the cheapest of them, if a text asks for that."""
    by_price = sorted(rewards, key=lambda r: r.points)
    if by_price and _MOST.search(text):
        return by_price[-1]
    return by_price[0] if by_price and _LEAST.search(text) else None


def _too_dear(turn: Turn, reward: Reward, count: int, balance: int) -> None:
    turn.use(
        "utter_reward_too_dear",
        reward=reward_title(reward, count),
        price=reward.points * count,
        points=balance,
    )


def _confirm(turn: Turn, reward: Reward, count: int, balance: int) -> None:
    # The balance tells one purchase from the next: a retried yes buys once, a later one again.
    title = reward_title(reward, count)
    data = {"reward": reward.id, "title": title, "count": count, "nonce": str(balance)}
    turn.memory.push(Task(Redeem.intent, "confirm", data))
    price = reward.points * count
    turn.use("utter_confirm_redeem", reward=title, price=price, left=balance - price)
