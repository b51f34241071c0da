"""What only leads to a wish, or says to whom, is taken off; what may be the message stays."""

from __future__ import annotations

import pytest

from engine.nlu.frills import question_behind_answer, without_frills
from engine.nlu.text import reading


class TestTakenOff:
    @pytest.mark.parametrize(
        ("said", "matter"),
        [
            ("你好，请问包邮吗", "包邮吗"),
            ("您好我想问一下退货运费谁出", "退货运费谁出"),
            ("你好 麻烦问下快递到哪了", "快递到哪了"),
            ("亲，在吗，请问有现货吗", "有现货吗"),
            ("在吗？我要退货", "我要退货"),
            ("那个，我想知道积分怎么用", "积分怎么用"),
            ("嗯怎么不动了", "怎么不动了"),
            ("喂 你好，我要查快递", "我要查快递"),
            ("请问一下保修几年", "保修几年"),
            ("晚上好！想问下门店几点关门", "门店几点关门"),
            ("嗯，我的快递到哪了", "我的快递到哪了"),
            ("快递到哪了，老板", "快递到哪了"),
            ("好的，客服", "好的"),
            ("不用了，师傅！", "不用了"),
            ("你好，查下订单，亲", "查下订单"),
            ("你好，老板", "你好"),
            ("喂喂，我的货呢", "我的货呢"),
            ("到底什么时候发？？？！", "到底什么时候发"),
            ("我的包裹已经到了？？", "我的包裹已经到了?"),
            ("你好线有多长呀", "线有多长呀"),
            ("老板枕头多高合适", "枕头多高合适"),
            ("我是说上个月那个", "上个月那个"),
            ("有赠品没有，谢谢", "有赠品没有"),
            ("哎呀我的券用不了", "我的券用不了"),
            ("对了，门店几点关门！", "门店几点关门"),
            ("还要多久才到，谢谢啦！", "还要多久才到"),
            ("发票怎么开 麻烦你了", "发票怎么开"),
            ("签到送什么？谢谢，在线等", "签到送什么"),
            ("还没到，急！！", "还没到"),
            ("要退款 在吗", "要退款"),
            ("你好，发票怎么开，在不在？", "发票怎么开"),
            ("有现货吗，请尽快回复，谢谢老板", "有现货吗,请尽快回复,谢谢老板"),
        ],
    )
    def test_openers(self, said: str, matter: str) -> None:
        assert without_frills(reading(said)) == matter


class TestLeft:
    @pytest.mark.parametrize(
        "said",
        [
            *(
                "你好",
                "你好，",
                "您好啊",
                "你好吗",
                "老板娘在吗",
                "到底有没有人在吗",
                "请问",
                "请问一下",
                "嗯",
                "嗯嗯",
                "嗯好的",
                "哎呀",
            ),
            *(
                "你好慢",
                "你好漂亮啊",
                "你好慢啊等半天了",
                "老板娘你好呀",
                "对了",
                "到了？",
                "好！",
                "亲爱的",
                "老板呢",
                "那个呢",
                "就是它",
                "问一下",
                "我想知道",
            ),
            *(
                "嗯，谢谢",
                "嗯，不要",
                "你好 老板",
                "我要找客服",
                "人工，客服呢",
                "，亲",
            ),
            *("想问问", "哦知道了", "喂？", "hi", "快递到哪了", "那退货吧"),
        ],
    )
    def test_what_may_be_the_message(self, said: str) -> None:
        assert without_frills(reading(said)) == reading(said)


class TestBehindAnAnswer:
    @pytest.mark.parametrize(
        ("said", "asked"),
        [
            ("好的，那什么时候发货", "那什么时候发货"),
            ("不是，不是说次日达吗", "不是说次日达吗"),
        ],
    )
    def test_a_question_is_found(self, said: str, asked: str) -> None:
        assert question_behind_answer(without_frills(reading(said))) == asked

    @pytest.mark.parametrize(
        "said", ["好的", "好的，收到了", "行，好的", "不是，我不买了", "什么时候发货", "可以吗"]
    )
    def test_an_answer_alone_asks_nothing(self, said: str) -> None:
        assert question_behind_answer(without_frills(reading(said))) == ""
