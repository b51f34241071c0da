"""What points buy: how a reward is called, found in words, counted, and offered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from actions.dialogue import Turn
from actions.reading import plain_digits
from actions.shop.models import Reward
from actions.wording import Button, joined

LEAST_POINTS = 500
"""What the cheapest reward costs."""
MAX_REWARDS = 4
HEARD_REWARDS = 2
MAX_COUNT = 5
_TENS = (("一百", "100"), ("二十", "20"), ("五十", "50"), ("十", "10"))
_VAGUE = re.compile(r"门槛|支装|^张$")
_COUNTS = {"一": 1, "1": 1, "两": 2, "二": 2, "2": 2, "俩": 2, "三": 3, "3": 3, "四": 4, "4": 4}
_COUNTS |= {"五": 5, "5": 5}
_COUNT = re.compile(r"(?<![第0-9十])([一二两俩三四五1-5])(?:张|个|份|件|支|盒)(?!月|人)|(俩)")


def reward_title(reward: Reward, count: int = 1) -> str:
    """``10 元无门槛券`` → ``10元无门槛券``: reads better within a sentence; several with their number."""
    title = reward.title.replace(" ", "")
    return title if count == 1 else f"{title.removesuffix('1张')} {counted(title, count)}"


def counted(title: str, count: int) -> str:
    """``2 张``: coupons come in sheets, goods in pieces."""
    return f"{count} {'张' if '券' in title else '份'}"


def with_price(rewards: Iterable[Reward]) -> str:
    """Rewards with what they cost, in a sentence."""
    return joined(f"{reward_title(r)}（{r.points} 分）" for r in rewards)


def reward_button(reward: Reward) -> Button:
    """The quick reply that chooses a reward."""
    return choice_button(reward.id, reward_title(reward))


def choice_button(reward_id: str, title: str) -> Button:
    """The same of one whose title is known."""
    return Button(f"换{title}", f'/redeem_points{{"choice":"{reward_id}"}}')


async def affordable(turn: Turn, balance: int, *, coupons: bool = False) -> list[Reward]:
    """The rewards (or coupons only) that a balance can buy, as many as can be read or heard.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    every = await turn.shop.rewards(max_points=balance)
    rewards = [r for r in every if "券" in r.title] if coupons else every
    return rewards[: HEARD_REWARDS if turn.on_phone else MAX_REWARDS]


def count_in(text: str) -> int | None:
    """How many are wanted ("换两张"); "第二张" counts nothing."""
    found = _COUNT.search(text)
    return _COUNTS[found[1] or found[2]] if found else None


def reward_meant(choice: str, text: str, rewards: Sequence[Reward]) -> Reward | None:
    """The reward that is named by id, by title, by its yuan ("10元券") or its price in points."""
    for reward in rewards:
        if choice and choice == reward.id:
            return reward
    for word, figure in _TENS:
        text = text.replace(word, figure)
    plain = plain_digits(text).replace(" ", "")
    said = re.search(r"(?<!\d)(\d+)(?:元|块|的)", plain)
    for reward in rewards:
        yuan = re.match(r"(\d+)元", reward_title(reward))
        if (yuan and said and yuan[1] == said[1]) or plain.endswith(reward_title(reward)):
            return reward
    for reward in rewards:
        if re.search(rf"(?<!\d){reward.points}积?分", plain):
            return reward
        words = re.findall(r"[一-鿿]{2,}", reward.title)
        if any(w[:2] in plain or w[-2:] in plain for w in words if not _VAGUE.search(w)):
            return reward
    return None
