"""What a running return and the rules take from other skills: with the router's ``claims``."""

from __future__ import annotations

from collections.abc import Callable

from tests.actions.talk import Talk

Meet = Callable[..., Talk]


async def test_a_submitted_return_is_no_goodbye_and_no_order_to_cancel(meet: Meet) -> None:
    returner = meet("returner")
    await returner.say("卫衣不喜欢，要退", "request_return", product="FS3005")
    await returner.press("确认提交")
    said = await returner.say("算了先不退", "deny", 0.91)
    assert "撤" in said.text and "转人工" in said.buttons
    await returner.press("不用了")
    cancelled = await returner.say("那个退货帮我取消", "cancel_order", 0.7)
    assert "没有可以取消的订单" not in cancelled.text and "转人工" in cancelled.buttons
    diamond = meet("diamond")
    kept = await diamond.say("蚕丝被不退了", "request_return", product="JF2005")
    assert "撤" in kept.text and "转人工" in kept.buttons


async def test_the_address_starts_no_second_return(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("牛仔裤不喜欢，要退", "request_return", product="FS3006")
    await shopper.press("确认提交")
    said = await shopper.say("退货地址呢", "request_return")
    assert "退货仓" in said.text and "哪一件" not in said.text
    assert "退货仓" in (await shopper.say("那寄到哪里啊", "query_logistics", 0.76)).text


async def test_why_and_repair_go_on_with_the_refusal(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("窗帘尺寸买错了，要退", "request_return", product="JF2012")
    why = await shopper.say("为什么不能退", "request_return")
    assert "12 天" in why.text and "12月10日" in why.text and "转人工" in why.buttons
    assert "转人工" in (await shopper.unclear("通融一下", "query_points")).buttons
    lin = meet("lin")
    refused = await lin.say("吹风机不转了", "request_return", product="XJ1012")
    assert "2027年" in refused.text and "15 天" in refused.text
    assert "登记" in (await lin.unclear("那修吧")).text
    again = meet("lin")
    await again.say("吹风机坏了", "request_return", product="XJ1012")
    assert "登记" in (await again.say("那给我修", "request_return")).text


async def test_freight_means_the_return_while_one_is_spoken_of(meet: Meet) -> None:
    returner = meet("returner")
    await returner.say("卫衣我要退", "request_return", product="FS3005")
    said = await returner.say("运费多少", "faq/shipping_fee")
    assert "无理由" in said.text and "99" not in said.text and "质量问题" in said.buttons
    await returner.press("不喜欢或不想要了")
    await returner.press("确认提交")
    assert "垫付" in (await returner.unclear("我先垫着？")).text
    assert "抬头" not in (await returner.say("发给谁报", "invoice", 0.61)).text


async def test_an_old_order_is_refused_by_the_article_that_was_named(meet: Meet) -> None:
    said = await meet("lin").say("咖啡要退货", "request_return", product="SP5002")
    assert "云南小粒咖啡" in said.text and "枕" not in said.text
