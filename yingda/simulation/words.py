"""What simulated customers say: lines of the training data, and things that are in none."""

from __future__ import annotations

from functools import cache
from random import Random

import yaml

from yingda.launcher import ROOT

NOT_UNDERSTOOD = (
    "能不能分期付款", "可以分期吗", "支持花呗分期不", "分其付款可以吗", "花呗能分几期",
    "有没有以旧换新", "以旧换新怎么弄", "旧机子能换新吗", "旧的能抵多少钱",
    "加湿器冒白汽正常吗", "加湿器有白汽", "加湿器喷白粉", "空气炸锅有塑料味",
    "你们招人吗", "想应聘客服", "招聘吗", "有没有兼职",
    "可以刻字吗", "能刻名字不", "礼盒能不能写贺卡", "帮我写张贺卡",
    "送货能不能装上楼", "有人上门安装吗", "安装要钱不", "多久上门装",
)  # fmt: skip
GUESSES = ("promotion", "product_question", "store_info", "request_return")

REPLIES = {
    "query_order": "您的订单已经发货，预计明天送达。",
    "query_logistics": "包裹今天上午到达杭州转运中心，预计明天派送。",
    "query_points": "您现在有 1280 积分，年底前有效。",
    "return_policy": "签收后 7 天内，商品完好可以无理由退货，运费由平台承担。",
    "request_return": "退货申请已提交，审核通过后会短信通知您寄回地址。",
    "query_refund": "退款已原路退回，一般 1–3 个工作日到账。",
    "invoice": "电子发票已开好，可以在订单详情里下载。",
}
REPLY = "已经为您查到了，详情见上方卡片。"
ASK_BACK = "麻烦您再说具体一点，我好帮您查。"
NOT_CAUGHT = "抱歉，我没太明白您的意思，可以换个说法吗？"
THANKS = ("谢谢", "好的谢谢", "明白了，谢谢", "收到，多谢")
GREETINGS = ("你好", "在吗", "hi", "您好")
ABUSE = ("傻子", "滚")
AGENT_SAYS = ("您好，我是人工客服，前面的对话我都看到了，正在为您处理。", "已经为您处理好了。")


@cache
def lines_of(intent: str) -> tuple[str, ...]:
    """Training lines of an intent; its name where there are none."""
    path = ROOT / "data" / "nlu" / f"{intent}.yml"
    if not path.exists():
        return ("运费怎么算", "多少钱包邮", "降价了能补差价吗")
    data = yaml.safe_load(path.read_text("utf-8"))
    lines = [
        line.removeprefix("- ")
        for part in data["nlu"]
        for line in part.get("examples", "").splitlines()
        if "[" not in line and len(line) < 40
    ]
    return tuple(lines[:200])


def request(random: Random, intent: str) -> str:
    """How somebody asks for something."""
    return random.choice(lines_of(intent))


def reply(intent: str) -> str:
    """What the assistant says to it."""
    return REPLIES.get(intent, REPLY)
