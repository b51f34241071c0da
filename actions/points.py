"""Points: the balance, what lapses when, what they are good for, and where they went."""

from __future__ import annotations

import re
from enum import Enum

from actions.asking_on import HOW, asked_of
from actions.dialogue import Request, Skill, Turn, require_identity
from actions.faq import entry_told, tell_entry
from actions.rewards import LEAST_POINTS, affordable, reward_button, with_price
from actions.shop.models import PointsAccount
from actions.wording import Button, full_day, joined, yuan_said

POINTS_PER_YUAN = 100
SOON_DAYS = 62
"""Points that lapse later are mentioned only when asked for."""
REDEEM = "redeem_points"
_EXPIRY = re.compile(r"过期|到期|清零|失效|作废|截止")
_LAPSES = re.compile(r"就(会)?(没|作废|清|失效)|几年|一直")
_BUYS = re.compile(r"换什么|换点|兑换|能换|可以换|换些|能买|可以买")
_GIVE_BACK = {"request_return", "return_policy", "query_refund", "cancel_order"}
_GIVEN_BACK = "扣|收回|退|返|还(?![有剩差够])"
"""「还」 before these is "still" and no giving back: 「还有多少积分」."""
_TAKEN = re.compile(
    rf"积分.{{0,6}}({_GIVEN_BACK}|没了|怎么算|怎么办|清)|({_GIVEN_BACK}).{{0,3}}积分"
)
_OWN = re.compile(r"我(?!想|要|们)|查一?下|帮我")
_NOUN = re.compile(r"^(用|花)?(我的?)?(这些?|那些?)?积?分(?!期)")


class Part(Enum):
    """What of points a bare question is about."""

    HOW = "how"
    WHAT = "what they buy"
    WORTH = "worth"
    EARNING = "earning"
    VALIDITY = "validity"
    LATE = "late"
    GONE = "gone"
    BACK = "back"
    RETURNED = "after a return"


_CAN = r"(能|可以|能不能|可不可以|还能)"
_WHEN = r"((什么|啥)时候|几时|哪天|几号|多久|几天)"
_BOUGHT = r"(我|上次|前几天|昨天|之前|刚|那天|买|下|的|东西|那?[一个]?单|订单|已经|都|签收|收货|收到|了|货|积?分|[，, ])*"
_PARTS = {
    Part.WHAT: rf"(都)?{_CAN}(换|兑|兑换|买)(点|些)?(什么|啥|哪些|多少).{{0,3}}|有?(什么|啥|哪些)(东西)?{_CAN}(换|兑换).{{0,2}}",
    Part.WORTH: rf"{_CAN}?(值|抵|顶|当|换)(多少|几)(块|毛)?(钱)?|(一次|一单|最多)*{_CAN}?(抵|用)(多少|几).{{0,2}}",
    Part.HOW: rf"{HOW}(用|使|使用|花|抵|抵扣|抵现|换|兑|兑换)(掉|钱|东西)?|有?(什么|啥)用(处)?|{_CAN}(干|做)(嘛|啥|什么)?|(买东西|下单|付款|结账|购物)?(的)?(时候)?{_CAN}(直接)?(用|拿)?(积分)?(来)?(直接)?(当|抵|顶)(钱|现|现金|扣)?(用|花)?(钱|现金)?|在?(哪里?|哪儿)(能|可以)?(用|换|兑换)",
    Part.EARNING: rf"{HOW}(攒|得|来|赚|积|获得|拿|有|多弄|弄|增加)(到|的|点)?(快)?|在?哪里?(赚|得|领)|(注册|签到|评价)(会)?(送|给|有)(积分|分)?",
    Part.VALIDITY: rf"{_WHEN}(会)?(过期|到期|清零|失效|作废|没)|(会|能)?不?会?(过期|到期|清零|作废)|(有效期|期限)(是)?(多久|多长|几年)?|有(有效期|期限)|{_CAN}?(放|留|用)(多久|几年)|过期(了)?(就)?(没|作废|清零)(了)?|不用(会|就)?(没|过期|清零|作废)",
    Part.LATE: rf"{_BOUGHT}{_WHEN}(能|会|才)?(到账|到|给|有|发|入账)|{_BOUGHT}(怎么|为什么|为啥|咋)?(还|都)?(没有?|不)(到账?|给|加|送|积|入账|算)(我)?(积?分)?(到账)?",
    Part.GONE: r"(怎么|为什么|为啥|咋)(就|又|都|还|突然)*(变?少|没|扣|不见|清零|被扣|变成0).{0,3}|去哪(里|儿)?|(被)?(扣|用)(到)?哪(里|儿)?去?",
    Part.RETURNED: r"(退货|退款|退|取消)(了|后|的话|订单|以后)*(积?分)?(会|还|能|要|就)*(退|还|扣|返|没|给)(回来|给我|掉|还)?",
    Part.BACK: rf"(过期(了|的)?)?(还)?({_CAN}|{HOW})(恢复|补|找回|要回|补回|延期)(回?来?|给我|一下)?",
}
_COMPILED = {part: re.compile(words) for part, words in _PARTS.items()}


def part_asked(text: str) -> Part | None:
    """What a bare question after one about points is about."""
    return asked_of(text, _NOUN, _COMPILED)


class Points(Skill):
    """query_points: balance and expiry, the rules, and what the points can buy."""

    intent = "query_points"
    follow_ups = re.compile(
        r"((什么|啥)时候|几号|哪天|几时)(会|要|就|开始)?(过期|到期|清零|失效|作废|没)?|(会|能|是)不(会|是)(过期|清零|扣)|多少分?"
    )

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Take what goes on with points, rules that were told included."""
        del request
        if _asks_after_return(turn):
            return True
        told = entry_told(turn) or ""
        of_points = turn.memory.topic in (self.intent, REDEEM) or told.startswith("points_")
        if turn.message.chosen or not of_points:
            return False
        part = part_asked(turn.message.text)
        return part is not None and part is not Part.WHAT

    async def start(self, turn: Turn, request: Request) -> None:
        """Tell balance and what lapses next; on demand, what it buys; rules need no identity."""
        part = Part.RETURNED if _asks_after_return(turn) else part_asked(request.text)
        turn.answers = part is not None  # a bare question, in which no feeling is to be read
        who = await turn.who()
        own = who.verified or bool(_OWN.search(request.text))
        if part and self._tells_rule(turn, part, request.text, own=own):
            return
        proved = await require_identity(turn, self.intent, request)
        if proved is None or proved.customer_id is None:
            return
        account = await turn.shop.points(proved.customer_id)
        if account is None or (account.balance == 0 and not account.expiring):
            turn.use("utter_no_points")
            turn.fulfil()
            return
        expiry = part is Part.VALIDITY or bool(_EXPIRY.search(request.text))
        if not expiry:
            turn.use(
                "utter_points_balance",
                points=account.balance,
                worth=yuan_said(account.balance * 100 // POINTS_PER_YUAN),
            )
        if part is Part.WORTH:
            turn.fulfil()
            return
        _tell_expiry(turn, account, asked=expiry)
        if expiry or _BUYS.search(request.text):
            await _tell_rewards(turn, account)
        elif account.balance < LEAST_POINTS:
            turn.use("utter_points_too_few", missing=LEAST_POINTS - account.balance)
        else:
            turn.use("utter_points_use")
            if not turn.on_phone:
                turn.offer([Button("看看能换什么", "/redeem_points")])
        turn.fulfil()

    @staticmethod
    def _tells_rule(turn: Turn, part: Part, text: str, *, own: bool) -> bool:
        """Tell a rule; False where the speaker's own points are the answer."""
        match part:
            case Part.WHAT:
                turn.redirect = (REDEEM, Request(text=text))
            case Part.HOW:
                turn.use("utter_points_how")
                turn.fulfil()
                if not turn.on_phone:
                    turn.offer([Button("看看能换什么", "/redeem_points")])
            case Part.EARNING:
                tell_entry(turn, "points_earning")
            case Part.LATE:
                turn.offer_human("utter_points_late_offer", "complex_intent")
            case Part.GONE:
                turn.offer_human("utter_points_gone_offer", "complex_intent")
            case Part.BACK:
                turn.offer_human("utter_points_back_offer", "complex_intent")
            case Part.RETURNED:
                turn.offer_human("utter_points_return_offer", "complex_intent")
            case Part.VALIDITY if not own or _LAPSES.search(text):
                tell_entry(turn, "points_validity")
            case Part.WORTH if not own:
                tell_entry(turn, "points_value")
            case _:
                return False
        return True


def _asks_after_return(turn: Turn) -> bool:
    """Whether it is asked, of goods that go back or an order that is cancelled, what becomes of the points."""
    text, task = turn.message.text, turn.memory.task
    spoken_of = {turn.memory.topic, task.skill if task else None} & _GIVE_BACK
    return bool(spoken_of and not turn.message.chosen and _TAKEN.search(text))


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
    rewards = await affordable(turn, account.balance)
    if not rewards:
        turn.use("utter_no_reward", points=account.balance)
        return
    turn.use("utter_points_buy", rewards=with_price(rewards))
    turn.offer(reward_button(r) for r in rewards)
