"""A voice message from WeChat to its answer, with the recogniser that is installed.

``recordings/points.amr`` is 「你好，我想查一下我还有多少积分。」, spoken by our local voice and written
as WeChat records (AMR, 8 kHz, 12.2 kbit/s).
"""

from __future__ import annotations

from pathlib import Path

from pypinyin import lazy_pinyin

from bot.records.tables import media_jobs, messages
from tests.channels.wechat.conftest import OPENID, Shop, ShopFactory
from tests.fakes.wechat_platform import Message, voice
from tests.support.speech import need_model

RECORDING = Path(__file__).with_name("recordings") / "points.amr"


async def answer(shop: Shop, message: Message) -> str:
    """What the customer is told, at once or by the message API."""
    delivery = await shop.platform.say(OPENID, message)
    if delivery.passive_reply is not None:
        return delivery.passive_reply.text
    return (await shop.platform.wait_for_sent(OPENID, timeout_s=90))[-1].text or ""


async def test_a_spoken_message_is_understood_and_answered(
    open_shop: ShopFactory, tmp_path: Path
) -> None:
    (tmp_path / "speech").symlink_to(need_model("whisper-base").parent)
    shop = open_shop()
    media_id = shop.platform.media.add(RECORDING.read_bytes(), "audio/amr", "voice.amr")
    answered = await answer(shop, voice(media_id=media_id))
    heard = shop.rows(messages)[0].text
    # Which of several homophones is written is not certain; the sounds are.
    sounds = lazy_pinyin(heard)
    assert {"hai", "you", "duo", "shao"} <= set(sounds) and "fen" in sounds
    assert heard[-1] not in "。，,.!"
    assert answered == f"收到：{heard}"
    assert shop.rows(media_jobs)[0].status == "done"


async def test_a_recording_without_speech_asks_for_typing(
    open_shop: ShopFactory, tmp_path: Path
) -> None:
    (tmp_path / "speech").symlink_to(need_model("whisper-base").parent)
    shop = open_shop()
    assert "打字" in await answer(shop, voice())  # three notes
    assert shop.engine.texts() == []
