"""The packet: everything the next person should know, complete, masked, in readable Chinese."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import insert, update

from actions.context import IdentityLevel
from actions.shop import HttpShop, ShopClient, personas
from bot.conversations import ConversationKey
from bot.customers import link_customer
from bot.handoff import HandoffDesk
from bot.records import new_id
from bot.records.tables import canned_replies, conversations, episodes, events, messages
from tests.bot.handoff.conftest import Room

ANGRY = {"label": "negative", "level": "severe", "score": 0.96}
CALM = {"label": "neutral", "level": "none", "score": 0.1}
PARTS = (
    "version handoff at channel reason reason_text priority skill evidence summary transcript "
    "intents slots identity profile orders points tried emotion reply_window sla suggestions"
)


async def understood(
    room: Room, conversation: str, seq: int, intent: str, emotion: dict[str, Any], **turn: Any
) -> None:
    """What a turn leaves of the message ``seq``."""
    row = await room.conversation(conversation)
    note = (
        update(messages)
        .where(messages.c.conversation_id == conversation, messages.c.seq == seq)
        .values(intent=intent, confidence=0.9, emotion=emotion)
    )
    event = {"seq": seq, "intent": intent, "confidence": 0.9, "fulfilled": False, "errors": []}
    log = insert(events).values(
        episode_id=row.episode_id,
        conversation_id=conversation,
        kind="turn",
        data=event | turn,
        at=room.clock(),
    )
    await room.database.write(lambda tx: (tx.execute(note), tx.execute(log)))


async def verified(room: Room, conversation: str, customer: str, **slots: Any) -> None:
    """The customer has proved who they are."""
    row = await room.conversation(conversation)
    snapshot = {"version": 1, "slots": slots, "loop": None}
    proved = (
        update(episodes)
        .where(episodes.c.id == row.episode_id)
        .values(level="verified", shop_customer_id=customer, snapshot=snapshot)
    )
    log = insert(events).values(
        episode_id=row.episode_id,
        conversation_id=conversation,
        kind="verified",
        data={"by": "order_and_phone_tail"},
        at=room.clock(),
    )

    def work(tx: Any) -> None:
        tx.execute(proved)
        tx.execute(log)
        link_customer(tx, row.identity_id, customer, IdentityLevel.LINKED, room.clock())

    await room.database.write(work)


async def a_story(room: Room, shop: ShopClient) -> tuple[str, dict[str, str]]:
    """林晓雨 asks on two channels, gets angry, and is handed over."""
    lin = personas(shop)  # type: ignore[arg-type]
    elsewhere = await room.say("lin-wx", "昨天在微信问过一次", channel="wechat")
    await verified(room, elsewhere, lin["lin.id"])
    room.clock.advance(seconds=1)
    conversation = await room.say("lin", "我叫林晓雨，13800005678，包裹到哪了")
    await understood(room, conversation, 1, "query_logistics", CALM, fulfilled=True)
    room.clock.advance(seconds=1)
    await room.say("lin", "顺便问下，运费怎么算")
    await understood(
        room,
        conversation,
        2,
        "faq/shipping_fee",
        CALM,
        ranking=[{"name": "faq/shipping_fee", "confidence": 0.9}],
    )
    await room.say("lin", "阿巴阿巴")
    await understood(room, conversation, 3, "nlu_fallback", CALM)
    await room.say("lin", "都三天没动了，你们骗子吧！寄到上海市浦东新区张杨路500弄6号的")
    await understood(room, conversation, 4, "complaint", ANGRY)
    await verified(
        room,
        conversation,
        lin["lin.id"],
        order_number=lin["lin.in_transit.number"],
        tasks=[{"skill": "request_return", "awaits": "reason"}],
    )
    canned = insert(canned_replies).values(
        id=new_id("cr"),
        shortcut="wl",
        title="物流延误",
        body="您的订单{订单号}正在催件",
        intents=["query_logistics"],
        changed_at=room.clock(),
    )
    await room.database.write(lambda tx: tx.execute(canned))
    await room.open(conversation, reason="frustration", priority=2, skill="投诉", tier="gold")
    return conversation, lin


async def test_a_packet_is_complete_and_reads_like_a_colleague_wrote_it(
    room: Room, shop: ShopClient
) -> None:
    conversation, lin = await a_story(room, shop)
    assert await room.desk.packer.run_once() == 1
    assert await room.desk.packer.run_once() == 0
    handoff = await room.handoff(conversation)
    packet = handoff.packet
    assert set(PARTS.split()) <= set(packet)
    assert (packet["version"], handoff.packet_version) == (1, 1)
    number = lin["lin.in_transit.number"]
    summary = packet["summary"]
    for part in (
        "林**（金卡会员，身份已验证）",
        "查询物流进度",
        "投诉",
        number,
        "没听懂",
        "情绪激烈",
    ):
        assert part in summary, summary
    assert packet["slots"]["订单号"] == number
    assert packet["slots"]["没办完"] == "申请退换货"
    assert packet["identity"] == {"level": "verified", "how": "订单号和手机尾号核对"}
    assert packet["profile"]["tier_name"] == "金卡会员"
    assert number in {order["number"] for order in packet["orders"]["items"]}
    assert packet["points"]["balance"] > 0
    assert [entry["result"] for entry in packet["tried"]] == [
        "已答复",
        "还没办完",
        "没听懂",
        "还没办完",
    ]
    assert packet["emotion"]["now"]["level"] == "severe"
    assert [entry["seq"] for entry in packet["emotion"]["trend"]] == [1, 2, 3, 4]
    assert {line["channel"] for line in packet["transcript"]} == {"app_chat", "wechat"}
    suggested = {entry["from"]: entry["text"] for entry in packet["suggestions"]}
    assert suggested["快捷回复·物流延误"] == f"您的订单{number}正在催件"
    assert any(source.startswith("知识库·") for source in suggested)


async def test_a_packet_gives_nobody_away(room: Room, shop: ShopClient) -> None:
    conversation, _lin = await a_story(room, shop)
    await room.desk.packer.run_once()
    text = json.dumps((await room.handoff(conversation)).packet, ensure_ascii=False)
    for secret in ("林晓雨", "13800005678", "张杨路"):
        assert secret not in text
    assert "上海市浦东新区***" in text


async def test_a_stranger_sees_no_other_channel_in_the_packet(room: Room) -> None:
    conversation = await room.waiting(text="转人工")
    await room.desk.packer.run_once()
    packet = (await room.handoff(conversation)).packet
    assert packet["profile"] is packet["orders"] is packet["points"] is None
    assert packet["identity"] == {"level": "anonymous", "how": ""}
    assert "未验证身份" in packet["summary"]


async def test_a_shop_that_is_away_is_said_to_be(room: Room, shop: ShopClient) -> None:
    conversation, _lin = await a_story(room, shop)
    away = HttpShop("http://127.0.0.1:9", "token", timeout_s=0.1)
    desk = HandoffDesk(room.database, room.desk.bus, room.clock, room.desk.policy, away)
    await desk.packer.run_once()
    packet = (await room.handoff(conversation)).packet
    assert packet["profile"] is None
    assert "没有及时响应" in packet["orders"]["error"]
    assert packet["transcript"]
    await away.close()


async def test_the_reply_window_of_the_channel_is_in_the_packet(room: Room) -> None:
    class Window:
        def as_json(self) -> dict[str, Any]:
            return {"text": "微信 48 小时内还可发 3 条", "left": 3}

    class Rule:
        async def window(self, key: ConversationKey) -> Window:
            assert key == ConversationKey("wechat", "wx")
            return Window()

    conversation = await room.say("wx", "转人工", channel="wechat")
    await room.open(conversation)
    await room.replica(windows={"wechat": Rule()}).packer.run_once()
    packet = (await room.handoff(conversation)).packet
    assert packet["reply_window"]["left"] == 3


async def test_what_an_agent_agreed_before_is_in_the_next_packet(room: Room) -> None:
    conversation, agent = await room.waiting(), await room.agent()
    await room.desk.take(conversation, agent)
    await room.desk.hand_back(conversation, agent, "已同意补发一件")
    room.clock.advance(minutes=1)
    await room.open(conversation)
    await room.desk.packer.run_once()
    packet = (await room.handoff(conversation)).packet
    assert "小李曾经处理过：已同意补发一件" in packet["summary"]
    assert packet["slots"]["已谈好"] == "已同意补发一件"


@pytest.mark.parametrize("own", [True, False])
async def test_handing_back_remembers_the_order_if_it_is_the_customers_own(
    room: Room, shop: ShopClient, own: bool
) -> None:
    lin = personas(shop)  # type: ignore[arg-type]
    conversation = await room.waiting()
    await verified(room, conversation, lin["lin.id"] if own else lin["solo.id"])
    agent = await room.agent()
    await room.desk.take(conversation, agent)
    number = lin["lin.stuck.number"]
    await room.desk.reply(conversation, agent, f"{number} 我来催")
    await room.desk.hand_back(conversation, agent, "已催件")
    (episode,) = [row for row in await room.rows(episodes)]
    remembered = episode.snapshot["slots"].get("order_number")
    assert remembered == (number if own else None)


async def test_handed_back_conversations_keep_no_trace_of_an_owner(room: Room) -> None:
    conversation, agent = await room.waiting(), await room.agent()
    await room.desk.take(conversation, agent)
    await room.desk.hand_back(conversation, agent, "")
    (row,) = await room.rows(conversations)
    assert (row.owner, row.agent_id, row.handoff_id, row.snoozed_until) == ("bot", None, None, None)


async def test_a_product_is_named_and_never_shown_by_its_number(
    room: Room, shop: ShopClient
) -> None:
    lin = personas(shop)  # type: ignore[arg-type]
    (named,) = [one for one in await shop.products("XJ1014") if one.sku == "XJ1014"]

    async def packet_of(who: str, **slots: Any) -> dict[str, Any]:
        conversation = await room.say(who, "这个怎么不转了")
        row = await room.conversation(conversation)
        snapshot = {"version": 1, "slots": slots, "loop": None}
        noted = update(episodes).where(episodes.c.id == row.episode_id).values(snapshot=snapshot)
        await room.database.write(lambda tx: tx.execute(noted))
        if who == "lin":
            await verified(room, conversation, lin["lin.id"], **slots)
        await room.open(conversation)
        await room.desk.packer.run_once()
        packet: dict[str, Any] = (await room.handoff(conversation)).packet
        return packet

    assert (await packet_of("pressed", product="XJ1014"))["slots"]["商品"] == named.title
    assert (await packet_of("typed", product="小风扇"))["slots"]["商品"] == "小风扇"
    assert "商品" not in (await packet_of("unknown", product="ZZ9999"))["slots"]
    # An order older than those that are listed is told of all the same.
    newest = {order.number for order in await shop.orders(lin["lin.id"], 5)}
    older = next(o for o in await shop.orders(lin["lin.id"], 50) if o.number not in newest)
    packet = await packet_of("lin", order_number=older.number, product=older.lines[0].sku)
    assert packet["slots"]["商品"] == older.lines[0].title
    assert older.lines[0].title in packet["summary"]
    assert older.number in {order["number"] for order in packet["orders"]["items"]}
