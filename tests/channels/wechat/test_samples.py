"""Every type of message and event that wechatpy knows, written out from the documentation.

Fields: developers.weixin.qq.com (接收普通消息, 接收事件推送, 自定义菜单事件推送, 模板消息事件推送) and,
for the rarer events, wechatpy's classes. Each must be read, and none may be a surprise.
"""

from __future__ import annotations

import pytest
from wechatpy.events import EVENT_TYPES
from wechatpy.messages import MESSAGE_TYPES

from channels.wechat.errors import Refused
from channels.wechat.inbound import Kind, read

MESSAGES = {
    "text": ("<Content>你好</Content>", Kind.TEXT),
    "image": ("<PicUrl>http://x/1</PicUrl><MediaId>m1</MediaId>", Kind.IMAGE),
    "voice": ("<MediaId>m1</MediaId><Format>amr</Format>", Kind.VOICE),
    "video": ("<MediaId>m1</MediaId><ThumbMediaId>t1</ThumbMediaId>", Kind.VIDEO),
    "shortvideo": ("<MediaId>m1</MediaId><ThumbMediaId>t1</ThumbMediaId>", Kind.VIDEO),
    "location": (
        "<Location_X>23.1</Location_X><Location_Y>113.3</Location_Y><Scale>20</Scale>"
        "<Label>广州市</Label>",
        Kind.LOCATION,
    ),
    "link": ("<Title>标题</Title><Description>描述</Description><Url>http://x</Url>", Kind.LINK),
    "miniprogrampage": (
        "<AppId>wx1</AppId><Title>小程序</Title><PagePath>p</PagePath><ThumbUrl>u</ThumbUrl>"
        "<ThumbMediaId>t</ThumbMediaId>",
        Kind.OTHER,
    ),
    "file": ("<Title>a.pdf</Title>", Kind.OTHER),
}
EVENTS = {
    "subscribe": ("<EventKey></EventKey>", Kind.FOLLOW),
    "subscribe_scan": ("<EventKey>qrscene_7</EventKey><Ticket>T</Ticket>", Kind.FOLLOW),
    "subscribe_scan_product": ("<EventKey>scanbarcode|k|1</EventKey>", Kind.FOLLOW),
    "unsubscribe": ("<EventKey></EventKey>", Kind.UNFOLLOW),
    "scan": ("<EventKey>7</EventKey><Ticket>T</Ticket>", Kind.SCAN),
    "click": ("<EventKey>order</EventKey>", Kind.CLICK),
    "templatesendjobfinish": ("<MsgID>200</MsgID><Status>success</Status>", Kind.TEMPLATE_RESULT),
    "location_select": (
        "<EventKey>k</EventKey><SendLocationInfo><Location_X>23</Location_X>"
        "<Location_Y>113</Location_Y><Scale>15</Scale><Label>广州</Label><Poiname/>"
        "</SendLocationInfo>",
        Kind.NOTED,
    ),
    "pic_sysphoto": (
        "<EventKey>k</EventKey><SendPicsInfo><Count>1</Count><PicList><item>"
        "<PicMd5Sum>1b5f7c23b5bf75682a53e7b6d163e185</PicMd5Sum></item></PicList></SendPicsInfo>",
        Kind.NOTED,
    ),
    "scancode_push": (
        "<EventKey>k</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType>"
        "<ScanResult>1</ScanResult></ScanCodeInfo>",
        Kind.NOTED,
    ),
    "masssendjobfinish": (
        "<MsgID>1000</MsgID><Status>sendsuccess</Status><TotalCount>100</TotalCount>"
        "<FilterCount>80</FilterCount><SentCount>75</SentCount><ErrorCount>5</ErrorCount>",
        Kind.NOTED,
    ),
    "location": (
        "<Latitude>23.1</Latitude><Longitude>113.3</Longitude><Precision>119.3</Precision>",
        Kind.NOTED,
    ),
}
"""What has fields of its own that matter; every other event is read with the usual ones."""


def document(kind: str, more: str, event: str | None = None) -> bytes:
    event_name = {"subscribe_scan": "subscribe", "subscribe_scan_product": "subscribe"}.get(
        event or "", event
    )
    named = f"<Event><![CDATA[{event_name}]]></Event>" if event else "<MsgId>1234567890</MsgId>"
    return (
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oUser_1]]>"
        f"</FromUserName><CreateTime>1348831860</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>"
        f"{named}{more}</xml>"
    ).encode()


@pytest.mark.parametrize("kind", sorted({*MESSAGE_TYPES, *MESSAGES}))
def test_every_type_of_message_is_read(kind: str) -> None:
    more, expected = MESSAGES[kind]
    received = read(document(kind, more))
    assert (received.kind, received.openid, received.once) == (
        expected,
        "oUser_1",
        "oUser_1:1234567890",
    )


@pytest.mark.parametrize("event", sorted({*EVENT_TYPES, *EVENTS}))
def test_every_type_of_event_is_read(event: str) -> None:
    more, expected = EVENTS.get(event, ("<EventKey>k</EventKey>", Kind.NOTED))
    received = read(document("event", more, event))
    assert received.kind is expected
    # A repeat is the same, another second is another event.
    assert received.once == read(document("event", more, event)).once
    later = document("event", more, event).replace(b"1348831860", b"1348831861")
    assert received.once != read(later).once


def test_a_message_of_wrong_shape_is_refused_whatever_wechatpy_would_raise() -> None:
    for hostile in (
        document("text", "").replace(b"<MsgId>1234567890</MsgId>", b""),
        document("text", "<Content><a>1</a></Content>"),
        document("text", "<Content>1</Content><Content>2</Content>"),
        document("event", "", "subscribe").replace(b"1348831860", b"now"),
        document("event", "<EventKey><a/></EventKey>", "subscribe"),
        b"<xml><FromUserName>o</FromUserName></xml>",
    ):
        with pytest.raises(Refused):
            read(hostile)
