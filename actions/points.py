"""Points: the balance, what lapses when, what it buys, and buying it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.dialogue import Request, Skill, Task, Turn, require_identity
from actions.reading import ordinal_in, plain_digits
from actions.shop.client import ShopRefused
from actions.shop.models import PointsAccount, Reward
from actions.wording import Button, full_day, joined, yuan_said

POINTS_PER_YUAN = 100
MAX_REWARDS = 4
SOON_DAYS = 62
"""Points that lapse later are mentioned only when asked for."""
HEARD_REWARDS = 2
_TENS = (("一百", "100"), ("二十", "20"), ("五十", "50"), ("十", "10"))
_EXPIRY = re.compile(r"过期|到期|清零|失效|作废|截止")
_VAGUE = re.compile(r"门槛|支装|^张$")
_BUYS = re.compile(r"换什么|换点|兑换|能换|可以换|换些|能买|可以买|抵")


class Points(Skill):
    """query_points: balance and expiry, and what the points can buy."""

    intent = "query_points"
    follow_ups = re.compile(
        r"((什么|啥)时候|几号|哪天|几时)(会|要|就|开始)?(过期|到期|清零|失效|作废|没)?|(会|能|是)不(会|是)(过期|清零|扣)|(能|可以)?(值|抵)(多少|几块)钱?|多少分?"
    )

    async def start(self, turn: Turn, request: Request) -> None:
        """Tell balance and what lapses next; on demand, what it buys."""
        who = await require_identity(turn, self.intent, request)
        if who is None or who.customer_id is None:
            return
        account = await turn.shop.points(who.customer_id)
        if account is None or (account.balance == 0 and not account.expiring):
            turn.use("utter_no_points")
            turn.fulfil()
            return
        if not _EXPIRY.search(request.text):
            turn.use(
                "utter_points_balance",
                points=account.balance,
                worth=yuan_said(account.balance * 100 // POINTS_PER_YUAN),
            )
        _tell_expiry(turn, account, asked=bool(_EXPIRY.search(request.text)))
        if _EXPIRY.search(request.text) or _BUYS.search(request.text):
            await _tell_rewards(turn, account)
        elif not turn.on_phone:
            turn.offer([Button("看看能换什么", "/redeem_points")])
        turn.fulfil()


def _tell_expiry(turn: Turn, account: PointsAccount, *, asked: bool) -> None:
    if not account.expiring:
        if asked:
            turn.use("utter_nothing_expires", points=account.balance)
        return
    soon = account.expiring[0]
    if not asked and (soon.on - turn.today).days > SOON_DAYS:
        return
    turn.use(
        "utter_points_expire_asked" if asked else "utter_points_expire",
        points=soon.points,
        day=full_day(soon.on, turn.today),
        balance=account.balance,
    )
    if asked and len(account.expiring) > 1 and not turn.on_phone:
        later = joined(f"{full_day(e.on, turn.today)} {e.points} 分" for e in account.expiring[1:3])
        turn.use("utter_points_expire_later", later=later)


async def _tell_rewards(turn: Turn, account: PointsAccount) -> None:
    rewards = await _affordable(turn, account.balance)
    if not rewards:
        turn.use("utter_no_reward", points=account.balance)
        return
    turn.use("utter_points_buy", rewards=joined(f"{_title(r)}（{r.points} 分）" for r in rewards))
    turn.offer(_button(r) for r in rewards)


async def _affordable(turn: Turn, balance: int) -> list[Reward]:
    rewards = await turn.shop.rewards(max_points=balance)
    return rewards[: HEARD_REWARDS if turn.on_phone else MAX_REWARDS]


def _title(reward: Reward) -> str:
    """``10 元无门槛券`` → ``10元无门槛券``: reads better within a sentence."""
    return reward.title.replace(" ", "")


def _button(reward: Reward) -> Button:
    return Button(f"换{_title(reward)}", f'/redeem_points{{"choice":"{reward.id}"}}')


class Redeem(Skill):
    """redeem_points: choose a reward, confirm, and buy it."""

    intent = "redeem_points"
    follow_ups = re.compile(
        r"(再|还|想|要|又)*(换|兑)(一?[个张份])?(\d+|[一二两三五六十百]+)(块|元)?钱?的?(券)?|(再|还)(换|兑)一?[个张份]?(别的|其他的)?"
    )

    async def start(self, turn: Turn, request: Request) -> None:
        """Find the reward meant, or offer what the balance can buy."""
        who = await require_identity(turn, self.intent, request)
        if who is None or who.customer_id is None:
            return
        account = await turn.shop.points(who.customer_id)
        balance = account.balance if account else 0
        every = await turn.shop.rewards()
        meant = _meant(request.choice or "", request.text, every)
        if meant and meant.points > balance:
            turn.use(
                "utter_reward_too_dear", reward=_title(meant), price=meant.points, points=balance
            )
            meant = None
        elif meant:
            _confirm(turn, meant, balance)
            return
        rewards = await _affordable(turn, balance)
        if not rewards:
            turn.use("utter_no_reward", points=balance)
            turn.fulfil()
            return
        offered = [r.id for r in rewards]
        turn.memory.push(Task(self.intent, "reward", {"offered": offered, "balance": balance}))
        turn.use(
            "utter_choose_reward",
            points=balance,
            rewards=joined(f"{_title(r)}（{r.points} 分）" for r in rewards),
        )
        turn.offer(_button(r) for r in rewards)

    async def go_on(self, turn: Turn, task: Task) -> bool:
        """Take the choice of a reward, then the confirmation."""
        if task.awaits == "confirm":
            return await self._confirmed(turn, task)
        every = {r.id: r for r in await turn.shop.rewards()}
        offered = [every[i] for i in task.data.get("offered") or [] if i in every]
        index = ordinal_in(turn.message.text, len(offered))
        choice = str(turn.message.value("choice") or "")
        meant = offered[index] if index is not None else None
        meant = meant or _meant(choice, turn.message.text, list(every.values()))
        if meant is None and len(offered) == 1:
            answer = turn.answer()
            meant = offered[0] if answer == "yes" else None
        if meant is None:
            if turn.answer() == "no":
                turn.memory.drop(task)
                turn.use("utter_cancelled")
                return True
            return False
        balance = int(task.data.get("balance") or 0)
        if meant.points > balance:
            turn.use(
                "utter_reward_too_dear", reward=_title(meant), price=meant.points, points=balance
            )
            return True
        _confirm(turn, meant, balance)
        return True

    async def _confirmed(self, turn: Turn, task: Task) -> bool:
        other = _meant("", turn.message.text, await turn.shop.rewards())
        if other and other.id != task.data["reward"]:
            turn.memory.drop(task)
            await self.start(turn, Request(text=turn.message.text, choice=other.id))
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
        reward, nonce = str(task.data["reward"]), str(task.data.get("nonce", ""))
        try:
            done = await turn.shop.redeem(
                who.customer_id, reward, turn.key("redeem", reward, nonce)
            )
        except ShopRefused as refusal:
            turn.offer_human("utter_refused_offer", "complex_intent", reason=refusal.message)
            return True
        turn.use(
            "utter_redeemed",
            reward=_title(done.reward),
            points=done.reward.points,
            left=done.balance_after,
            number=done.number,
        )
        turn.fulfil()
        return True

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
        return True


def _confirm(turn: Turn, reward: Reward, balance: int) -> None:
    # The balance tells one purchase from the next: a retried yes buys once, a later one again.
    data = {"reward": reward.id, "title": _title(reward), "nonce": str(balance)}
    turn.memory.push(Task(Redeem.intent, "confirm", data))
    turn.use(
        "utter_confirm_redeem",
        reward=_title(reward),
        price=reward.points,
        left=balance - reward.points,
    )


def _meant(choice: str, text: str, rewards: Sequence[Reward]) -> Reward | None:
    """The reward that is named by id, by title, by its yuan ("10元券") or its price in points."""
    for reward in rewards:
        if choice and choice == reward.id:
            return reward
    for word, figure in _TENS:
        text = text.replace(word, figure)
    plain = plain_digits(text).replace(" ", "")
    said = re.search(r"(?<!\d)(\d+)(?:元|块|的)", plain)
    for reward in rewards:
        yuan = re.match(r"(\d+)元", _title(reward))
        if (yuan and said and yuan[1] == said[1]) or plain.endswith(_title(reward)):
            return reward
    for reward in rewards:
        if re.search(rf"(?<!\d){reward.points}积?分", plain):
            return reward
        words = re.findall(r"[一-鿿]{2,}", reward.title)
        if any(w in plain or w[-2:] in plain for w in words if not _VAGUE.search(w)):
            return reward
    return None
