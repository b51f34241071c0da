"""Our second implementation against vectors that others have published, and against wechatpy."""

from __future__ import annotations

import pytest

from tests.fakes.wechat_platform.cipher import BadCipherText, MessageCipher, signature

# From wechatpy's own tests (tests/test_crypto.py).
TOKEN = "123456"
AES_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
CORP = "wx49f0ab532d5d035a"
SALT = b"1234567890123456"
REPLY = """<xml>
<MsgType><![CDATA[text]]></MsgType>
<Content><![CDATA[test]]></Content>
<FromUserName><![CDATA[wx49f0ab532d5d035a]]></FromUserName>
<ToUserName><![CDATA[messense]]></ToUserName>
<AgentID>1</AgentID>
<CreateTime>1411525903</CreateTime>
</xml>"""
ENCRYPTED = (
    "9s4gMv99m88kKTh/H8IdkOiMg6bisoy3ypwy9H4hvSPe9nsGaqyw5hhSjdYbcrKk+j3nba4HMOTzHrluLBYqxgNcBqGs"
    "L8GqxlhZgURnAtObvesEl5nZ+uBE8bviY0LWke8Zy9V/QYKxNV2FqllNXcfmstttyIkMKCCmVbCFM2JTF5wY0nFhHZSj"
    "PUL2Q1qvSUCUld+/WIXrx0oyKQmpB6o8NRrrNrsDf03oxI1p9FxUgMnwKKZeOA/uu+2IEvEBtb7muXsVbwbgX05UPPJv"
    "FurDXafG0RQyPR+mf1nDnAtQmmNOuiR5MIkdQ39xn1vWwi1O5oazPoQJz0nTYjxxEE8kv3kFxtAGVRe3ypD3WeK2XeFY"
    "FMNMpatF9XiKzHo3"
)
ECHO = "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q=="
MESSAGES = [
    "<xml><Content>你好</Content></xml>",
    "",
    "x" * 31,
    "x" * 32,
    "😀" * 3000,
    "a]]>b&<c>\n",
]


def test_the_published_reply_is_encrypted_and_signed_as_published() -> None:
    cipher = MessageCipher(AES_KEY, CORP)
    assert cipher.encrypt(REPLY, SALT) == ENCRYPTED
    expected = "407518b7649e86ef23978113f92d27afa9296533"
    assert signature(TOKEN, "1411525903", "461056294", ENCRYPTED) == expected


def test_the_published_address_check_is_signed_and_readable() -> None:
    expected = "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96"
    assert signature(TOKEN, "1411443780", "437374425", ECHO) == expected
    assert MessageCipher(AES_KEY, CORP).decrypt(ECHO).isdecimal()


@pytest.mark.parametrize("message", MESSAGES)
def test_wechatpy_reads_what_we_encrypt_and_we_read_what_it_encrypts(message: str) -> None:
    crypto = __import__("wechatpy.crypto").crypto
    theirs = crypto.PrpCrypto(MessageCipher(AES_KEY, CORP)._key)
    ours = MessageCipher(AES_KEY, CORP)
    assert theirs.decrypt(ours.encrypt(message), CORP) == message
    assert ours.decrypt(theirs.encrypt(message, CORP)) == message


def test_a_message_for_another_account_or_with_a_broken_end_is_refused() -> None:
    encrypted = MessageCipher(AES_KEY, CORP).encrypt("hello")
    with pytest.raises(BadCipherText):
        MessageCipher(AES_KEY, "wx-somebody-else").decrypt(encrypted)
    for broken in ("", "AAAA", encrypted[:-8], "!" + encrypted[1:]):
        with pytest.raises(BadCipherText):
            MessageCipher(AES_KEY, CORP).decrypt(broken)
