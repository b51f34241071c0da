"""Frames and lines, cut anywhere and broken in every way."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.transports.asterisk.agi import MAX_LINE_BYTES, Agi, AgiError
from ivr.transports.asterisk.audiosocket import AudioSocketError, Decoder, Frame, Kind
from ivr.transports.asterisk.conduct import number_of
from tests.ivr.transports.asterisk.line import frame

FRAMES = [
    Frame(Kind.UUID, bytes(range(16))),
    Frame(Kind.SOUND, bytes(320)),
    Frame(Kind.DIGIT, b"#"),
    Frame(Kind.SOUND, b""),
    Frame(Kind.ERROR, b"\x01"),
    Frame(Kind.END, b""),
]


class TestFrames:
    @given(st.lists(st.integers(1, 400), max_size=20))
    def test_frames_are_read_however_the_stream_is_cut(self, cuts: list[int]) -> None:
        stream = b"".join(frame(f.kind, f.payload) for f in FRAMES)
        decoder, found = Decoder(), []
        for size in [*cuts, len(stream)]:
            found += decoder.feed(stream[:size])
            stream = stream[size:]
        assert found == FRAMES

    @given(st.binary(max_size=2000))
    def test_any_bytes_are_frames_or_refused(self, data: bytes) -> None:
        try:
            for found in Decoder().feed(data):
                assert isinstance(found.kind, Kind)
        except AudioSocketError:
            pass

    @pytest.mark.parametrize(
        "broken",
        [
            frame(0x02),
            frame(0x11, bytes(480)),
            frame(0x12, bytes(640)),
            frame(0x01, bytes(15)),
            frame(0x03, b"12"),
            frame(0x03),
            frame(0x00, b"x"),
            frame(0x10, bytes(321)),
            frame(0x10, bytes(65534)),
            frame(0xFF, bytes(64)),
            b"\x10\xff\xff",
        ],
    )
    def test_wrong_kinds_and_lengths_are_refused(self, broken: bytes) -> None:
        with pytest.raises(AudioSocketError):
            Decoder().feed(broken)


class Written:
    """A writer that only keeps."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    async def drain(self) -> None: ...


def agi(said: bytes) -> tuple[Agi, Written]:
    """An Agi whose peer says this and closes."""
    reader, writer = asyncio.StreamReader(limit=MAX_LINE_BYTES), Written()
    reader.feed_data(said)
    reader.feed_eof()
    return Agi(reader, writer), writer  # type: ignore[arg-type]


class TestLines:
    async def test_the_introduction_is_read(self) -> None:
        talk, _ = agi(b"agi_network: yes\nagi_callerid: 138\nagi_calleridname: a: b\n\n")
        introduction = await talk.introduction()
        assert introduction["agi_callerid"] == "138"
        assert introduction["agi_calleridname"] == "a: b"

    @pytest.mark.parametrize(
        "said",
        [
            b"",
            b"agi_network: yes\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\xff\xfe\x00\n\n",
            b"agi_x: " + b"x" * 5000 + b"\n\n",
            b"agi_x: y\n" * 1000 + b"\n",
            b"agi_x: y" * 10000,
        ],
    )
    async def test_what_is_no_introduction_is_refused(self, said: bytes) -> None:
        with pytest.raises(AgiError):
            await agi(said)[0].introduction()

    async def test_a_hangup_among_the_answers_is_noticed(self) -> None:
        talk, _ = agi(b"HANGUP\n200 result=1 (NOANSWER)\n")
        assert await talk.variable("DIALSTATUS", 1) == "NOANSWER"
        assert talk.hung_up

    async def test_an_unset_variable_is_none(self) -> None:
        assert await agi(b"200 result=0\n")[0].variable("DIALSTATUS", 1) is None

    @pytest.mark.parametrize(
        "said",
        [
            b"",
            b"200 result=",
            b"hello\n",
            b"510 Invalid or unknown command\n",
            b"520-Invalid command syntax.  Proper usage follows:\nUsage\n520 End of proper usage.\n",
            b"520-Invalid\n" + b"and so on\n" * 1000,
            b"200 " + b"x" * 5000 + b"\n",
        ],
    )
    async def test_what_is_no_good_answer_is_refused(self, said: bytes) -> None:
        with pytest.raises(AgiError):
            await agi(said)[0].command("ANSWER", 1)

    async def test_a_dead_channel_is_a_hangup(self) -> None:
        talk, _ = agi(b"511 Command Not Permitted on a dead channel or intercept routine\n")
        with pytest.raises(AgiError):
            await talk.command("ANSWER", 1)
        assert talk.hung_up

    async def test_a_command_cannot_carry_a_second_one(self) -> None:
        talk, writer = agi(b"200 result=0\n")
        with pytest.raises(ValueError):
            await talk.command("ANSWER\nHANGUP", 1)
        with pytest.raises(ValueError):
            await talk.execute("Dial", 'PJSIP/8001" "x')
        assert writer.data == b""


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ("13800138000", "13800138000"),
        ("+8613800138000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("013800138000", "13800138000"),
        ("01062345678", "01062345678"),
        ("+85291234567", "+85291234567"),
        ("7001", "7001"),
        ("unknown", None),
        ("anonymous", None),
        ("", None),
        ("1380013800x", None),
        ("1" * 50, None),
    ],
)
def test_numbers_as_carriers_write_them(sent: str, number: str | None) -> None:
    assert number_of(sent) == number
