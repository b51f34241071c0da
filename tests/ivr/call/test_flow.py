"""The call flow, in virtual time."""

from __future__ import annotations

import itertools

from tests.ivr.call.world import World, reply


def test_the_greeting_begins_within_200_ms_and_says_that_a_machine_speaks_and_records() -> None:
    async def story(world: World) -> None:
        await world.hears(
            "我是智能客服小禾。为了服务质量，本次通话可能会被录音。请问有什么可以帮您？"
        )
        world.transport.hang_up()

    world = World().run(story)
    assert world.session.trace.greeting_s is not None
    assert world.session.trace.greeting_s <= 0.2
    assert world.why == "hangup"
    assert world.service.ended == ["hangup"]


def test_free_speech_goes_to_the_turn_and_its_answer_is_spoken() -> None:
    async def story(world: World) -> None:
        world.service.answers["我的快递到哪了"] = reply("静音加湿器正在路上，明天送到。")
        await world.hears("有什么可以帮您？")
        await world.says("我的快递到哪了")
        await world.hears("静音加湿器正在路上，明天送到。")
        world.transport.hang_up()

    world = World().run(story)
    assert world.service.asked == [("我的快递到哪了", None)]
    turn = world.session.trace.exchanges[0]
    assert turn.heard == "我的快递到哪了"
    # Recognition began at the pause, so that of its 0.3 s nothing is left after the 0.55 s.
    assert turn.recognition is not None and turn.recognition < 0.05
    assert turn.total is not None and 0.5 < turn.total < 0.8


def test_where_an_answers_voice_is_slow_a_hesitation_is_heard_before_it() -> None:
    async def story(world: World) -> None:
        world.voice.remembers = {"好的，"}
        world.voice.first_ms = 1500  # the greeting is as slow, and nothing is said before it
        await world.hears("有什么可以帮您？")
        await world.says("我的快递到哪了")
        await world.hears("您说的是我的快递到哪了。")
        world.voice.first_ms = 200
        await world.says("有几件")
        await world.hears("您说的是有几件。")
        world.transport.hang_up()

    world = World().run(story)
    heard = "".join(char for _, char in world.transport.heard_at)
    assert heard.startswith("您好，") and heard.count("好的，") == 1
    assert "帮您？好的，您说的是我的快递到哪了。" in heard
    slow, quick = world.session.trace.exchanges
    assert slow.total is not None and slow.words is not None
    assert slow.total < 1.2 < slow.words
    assert quick.total == quick.words is not None


def test_who_interrupts_a_hesitation_has_heard_nothing_of_the_answer() -> None:
    async def story(world: World) -> None:
        world.voice.remembers = {"好的，"}
        await world.hears("有什么可以帮您？")
        world.voice.first_ms = 1500
        await world.says("我的快递到哪了")
        await world.hears("好的")
        await world.says("算了，查积分吧")
        await world.hears("您说的是算了，查积分吧。")
        world.transport.hang_up()

    assert World().run(story).session.trace.cuts == [""]


def test_a_pause_within_a_sentence_does_not_end_it() -> None:
    async def story(world: World) -> None:
        await world.hears("有什么可以帮您？")
        await world.says("我想问", 500)
        await world.quiet(0.4)
        await world.says("我想问一下积分", 800)
        await world.hears("您说的是我想问一下积分")
        world.transport.hang_up()

    world = World().run(story)
    assert [text for text, _ in world.service.asked] == ["我想问一下积分"]


def test_keys_of_the_menu_ask_for_what_they_stand_for_and_the_first_one_interrupts() -> None:
    async def story(world: World) -> None:
        await world.hears("您好，这里")
        world.transport.press("2")
        await world.hears("您说的是查一下我的积分。")
        world.transport.hang_up()

    world = World().run(story)
    assert world.service.asked == [("查一下我的积分", None)]
    assert ("cut_off", "您好，") in [(kind, text[:3]) for kind, text in world.service.told]


def test_star_repeats_and_hash_ends() -> None:
    async def story(world: World) -> None:
        await world.hears("有什么可以帮您？")
        world.transport.press("*")
        await world.hears("您好，这里是禾沐生活，我是智能客服小禾。")
        world.transport.press("#")
        await world.hears("再见")

    world = World().run(story)
    assert world.why == "caller_ended"
    assert world.transport.hung_up_by_us


def test_speech_interrupts_within_200_ms_and_it_is_known_what_was_heard() -> None:
    spoke_at = 0.0

    async def story(world: World) -> None:
        nonlocal spoke_at
        await world.hears("您好，这里是")
        spoke_at = world.now
        await world.says("转人工吧我有急事")
        await world.quiet(3)
        world.transport.hang_up()

    world = World().run(story)
    after = [at for at, _ in world.transport.heard_at if spoke_at < at < spoke_at + 1.0]
    assert not after or after[-1] - spoke_at <= 0.15
    heard = world.session.trace.cuts[0]
    assert heard.startswith("您好，这里") and len(heard) <= 10


def test_a_cough_and_our_own_echo_do_not_interrupt() -> None:
    async def story(world: World) -> None:
        world.transport.echo_db = -20
        await world.hears("您好，这里是")
        world.transport.speak(90)
        await world.hears("请问有什么可以帮您？", within_s=8)
        world.transport.hang_up()

    world = World().run(story)
    assert world.session.trace.cuts == []


def test_a_cough_makes_us_hold_our_breath_and_loses_no_word() -> None:
    async def story(world: World) -> None:
        await world.hears("您好，这里是")
        world.transport.speak(50)
        await world.hears("请问有什么可以帮您？", within_s=8)
        world.transport.hang_up()

    heard = World().run(story).transport.heard_at
    text = "".join(char for _, char in heard)
    assert text.startswith("您好，这里是禾沐生活，我是智能客服小禾。") and text.count("我是") == 1
    first = [at for at, _ in heard][:15]
    gaps = [later - sooner for sooner, later in itertools.pairwise(first)]
    assert 0.13 < max(gaps) < 0.25 and sorted(gaps)[-2] < 0.13


def test_what_cannot_be_interrupted_is_not_held_either() -> None:
    async def story(world: World) -> None:
        await world.hears("有什么可以帮您？")
        world.transport.press("#")
        await world.hears("感谢")
        world.transport.speak(2000)
        await world.quiet(5)

    heard = World().run(story).transport.heard_at
    farewell = [at for at, _ in heard][-8:]
    assert all(later - sooner < 0.13 for sooner, later in itertools.pairwise(farewell))


def test_after_a_noise_that_says_nothing_the_sentence_goes_on() -> None:
    async def story(world: World) -> None:
        await world.hears("您好，这里是禾沐生活，我是")
        await world.says("嗯", 400)
        await world.hears("我是智能客服小禾。", within_s=3)
        await world.hears("请问有什么可以帮您？")
        world.transport.hang_up()

    assert World().run(story).service.asked == []


def test_who_says_nothing_is_asked_once_then_keys_then_a_person() -> None:
    async def story(world: World) -> None:
        await world.hears("有什么可以帮您？")
        await world.hears("您好，还在听吗？", within_s=8)
        await world.hears("查订单请按1，查积分请按2", within_s=20)
        await world.hears("您排在第一位", within_s=40)
        world.transport.hang_up()

    world = World().run(story)
    assert ("person", "no_input") in world.service.told


def test_a_silent_line_in_the_queue_ends_by_itself() -> None:
    async def story(world: World) -> None:
        await world.hears("您排在第一位", within_s=60)
        await world.hears("您还在线上吗？", within_s=120)
        await world.hears("我先挂断了")

    world = World().run(story)
    assert world.why == "nobody"
    assert world.service.ended == ["nobody"]


def test_not_understood_twice_leads_to_keys_then_to_a_person() -> None:
    async def story(world: World) -> None:
        await world.hears("有什么可以帮您？")
        await world.says("", 800)
        await world.hears("我没听清")
        await world.hears("再说一遍。")
        await world.says("", 800)
        await world.hears("结束请按井号键。")
        await world.says("", 800)
        await world.hears("您排在第一位")
        world.transport.hang_up()

    world = World().run(story)
    assert ("person", "not_understood") in world.service.told


def test_what_the_dialogue_did_not_understand_twice_leads_to_keys() -> None:
    async def story(world: World) -> None:
        world.service.answers["天王盖地虎"] = reply(
            "没太明白，换个说法好吗？", intent="nlu_fallback"
        )
        for _ in range(2):
            await world.quiet(1)
            await world.says("天王盖地虎")
            await world.hears("没太明白")
        await world.hears("查订单请按1")
        world.transport.hang_up()

    World().run(story)


def test_without_a_recogniser_keys_still_work_and_options_have_keys() -> None:
    async def story(world: World) -> None:
        world.service.answers["我要退货"] = reply("要退空气炸锅吗？", options=("是的", "不是"))
        await world.hears("现在暂时只能用按键办理。查订单请按1")
        world.transport.press("3")
        await world.hears("要退空气炸锅吗？是的请按1，不是请按2")
        world.transport.press("1")
        await world.quiet(1)
        world.transport.hang_up()

    world = World(deaf=True).run(story)
    assert world.service.asked == [("我要退货", None), ("", (10, 0))]


def test_an_order_number_by_keys_is_read_back_before_it_is_used() -> None:
    async def story(world: World) -> None:
        world.service.answers["查一下我的订单"] = reply("请报订单号。", expects="order_number")
        await world.hears("有什么可以帮您？")
        world.transport.press("1")
        await world.hears("请报订单号。")
        for key in "261119004217":
            world.transport.press(key)
            await world.quiet(0.3)
        await world.hears("您的订单号是261119004217，对吗？")
        world.transport.press("2")
        await world.hears("请重新报一下订单号")
        for key in "261119004218":
            world.transport.press(key)
            await world.quiet(0.3)
        await world.hears("您的订单号是261119004218，对吗？")
        await world.says("对的")
        await world.quiet(2)
        world.transport.hang_up()

    world = World().run(story)
    assert [text for text, _ in world.service.asked] == ["查一下我的订单", "261119004218"]


def test_an_order_number_by_voice_may_be_dictated_in_groups() -> None:
    async def story(world: World) -> None:
        world.service.answers["查一下我的订单"] = reply("请报订单号。", expects="order_number")
        await world.hears("有什么可以帮您？")
        world.transport.press("1")
        await world.hears("可以说用手机号验证。")
        await world.says("二六一一", 700)
        await world.quiet(0.9)
        await world.says("二六一一一九零零四二一七", 1500)
        await world.hears("您的订单号是261119004217，对吗？")
        await world.says("是的")
        await world.quiet(2)
        world.transport.hang_up()

    world = World().run(story)
    assert world.service.asked[-1][0] == "261119004217"


def test_too_few_digits_are_asked_for_again_and_another_wish_is_heard() -> None:
    async def story(world: World) -> None:
        world.service.answers["查一下我的订单"] = reply("请报订单号。", expects="order_number")
        await world.hears("有什么可以帮您？")
        world.transport.press("1")
        await world.hears("请报订单号。")
        for key in "2611#":
            world.transport.press(key)
        await world.hears("我这边没有收全")
        await world.quiet(2)
        await world.says("算了我要退货")
        await world.hears("您说的是算了我要退货。")
        world.transport.hang_up()

    World().run(story)


def test_the_members_mobile_and_a_code_verify_instead_of_an_order() -> None:
    async def story(world: World) -> None:
        world.service.answers["查一下我的积分"] = reply("请报订单号。", expects="order_number")
        await world.hears("有什么可以帮您？")
        world.transport.press("2")
        await world.hears("可以说用手机号验证。")
        await world.says("用手机号验证")
        await world.hears("请说出或者按键输入您的会员手机号")
        for key in "13800005678":
            world.transport.press(key)
        await world.hears("尾号5678的手机上")
        for key in "111111":
            world.transport.press(key)
        await world.hears("验证码不对")
        for key in "246810":
            world.transport.press(key)
        await world.hears("验证好了。")
        await world.quiet(1)
        world.transport.hang_up()

    world = World().run(story)
    assert world.service.asked[-1][0] == "我已经用手机号验证过了"


def test_a_list_is_told_one_by_one() -> None:
    async def story(world: World) -> None:
        world.service.answers["查一下我的订单"] = reply(
            "您有三笔订单：\n1. 空气炸锅，已发货\n2. 加湿器，待发货\n3. 枕头，已签收"
        )
        await world.hears("有什么可以帮您？")
        world.transport.press("1")
        await world.hears("空气炸锅，已发货。要听下一个吗？")
        assert "加湿器" not in world.transport.heard
        await world.says("要")
        await world.hears("加湿器，待发货。要听下一个吗？")
        await world.says("下一个")
        await world.hears("枕头，已签收。就这些了。")
        world.transport.hang_up()

    assert len(World().run(story).service.asked) == 1


def test_a_yes_to_a_question_that_was_not_heard_out_does_not_count() -> None:
    async def story(world: World) -> None:
        world.service.answers["我要退货"] = reply(
            "您买的空气炸锅已经过了七天，确定要取消整个订单吗？"
        )
        await world.hears("有什么可以帮您？")
        world.transport.press("3")
        await world.hears("您买的")
        await world.says("对对对")
        await world.hears("确定要取消整个订单吗？")
        await world.says("是的")
        await world.quiet(2)
        world.transport.hang_up()

    assert [text for text, _ in World().run(story).service.asked] == ["我要退货", "是的"]


def test_a_slow_turn_is_bridged_by_one_moment() -> None:
    async def story(world: World) -> None:
        world.service.turn_s = 4
        await world.hears("有什么可以帮您？")
        world.transport.press("1")
        await world.hears("好的，请稍等。", within_s=3)
        await world.hears("您说的是查一下我的订单。")
        world.transport.hang_up()

    World().run(story)


def test_a_service_that_is_down_is_apologised_for_and_the_call_ends() -> None:
    async def story(world: World) -> None:
        await world.hears("有什么可以帮您？")
        world.service.broken = True
        world.transport.press("1")
        await world.hears("刚才没能办成")
        await world.quiet(4)
        world.transport.press("1")
        await world.hears("系统出了点问题，请您稍后再拨")

    assert World().run(story).why == "service_down"


def test_a_voice_that_fails_leaves_tones_and_not_silence() -> None:
    async def story(world: World) -> None:
        await world.hears("有什么可以帮您？")
        world.voice.broken = True
        world.transport.press("1")
        await world.quiet(2)
        world.voice.broken = False
        world.transport.press("2")
        await world.hears("您说的是查一下我的积分。")
        world.transport.hang_up()

    world = World().run(story)
    assert len(world.service.asked) == 2


def test_an_announcement_on_the_other_end_ends_the_call() -> None:
    async def story(world: World) -> None:
        await world.hears("您好")
        await world.says("您拨打的用户暂时无法接通请在滴声后留言", 4000)
        await world.quiet(30)

    assert World().run(story).why == "machine"


def test_endless_music_is_cut_and_ends_in_the_end() -> None:
    async def story(world: World) -> None:
        world.transport.speak(600_000)
        await world.quiet(600)

    world = World(longest_s=100).run(story)
    assert world.service.ended == [world.why]
    assert world.lasted_s < 120


def test_the_longest_call_ends_with_a_sentence() -> None:
    async def story(world: World) -> None:
        for _ in range(40):
            await world.quiet(4)
            world.transport.press("*")
        await world.quiet(60)

    world = World(longest_s=60).run(story)
    assert world.why == "too_long"
    assert "本次通话时间到了" in world.transport.heard
    assert world.lasted_s < 75


def test_hanging_up_at_any_moment_ends_cleanly() -> None:
    """At moments all over a call that goes through all its states."""
    for step in range(2, 90, 8):

        async def story(world: World, at: float = step * 0.7) -> None:
            import asyncio

            async def talk() -> None:
                service = world.service
                service.answers["转人工"] = service.waiting()
                service.answers["查一下我的订单"] = reply("请报订单号。", expects="order_number")
                await world.hears("有什么可以帮您？")
                await world.says("我的快递到哪了")
                await world.hears("到哪了。")
                world.transport.press("1")
                await world.hears("请报订单号。")
                for key in "261119004217":
                    world.transport.press(key)
                await world.hears("对吗？")
                world.transport.press("1")
                await world.quiet(3)
                await world.says("转人工")
                await world.hears("取消排队")
                service.agent()
                await world.hears("请不要挂断")
                await world.quiet(100)

            talking = asyncio.create_task(talk())
            await world.quiet(at)
            talking.cancel()
            world.transport.hang_up()
            await world.quiet(5)

        world = World().run(story)
        assert world.why == "hangup", step
        assert world.service.ended == ["hangup"]
        assert world.left_behind == 0
        assert world.open_streams == 0


def test_who_ends_the_call_is_asked_for_a_score_and_may_press_it() -> None:
    async def story(world: World) -> None:
        world.service.may = True
        await world.hears("有什么可以帮您？")
        await world.says("我的快递到哪了")
        await world.hears("您说的是我的快递到哪了。")
        world.transport.press("#")
        await world.hears("请为这次服务打个分")
        world.transport.press("4")
        await world.hears("谢谢您的评价。感谢您的来电，再见。")

    world = World().run(story)
    assert world.service.rated == ["4"]
    assert world.why == "caller_ended"


def test_who_hangs_up_or_keeps_silent_instead_of_a_score_has_given_none() -> None:
    async def story(world: World) -> None:
        world.service.may = True
        await world.hears("有什么可以帮您？")
        await world.says("我的快递到哪了")
        await world.hears("您说的是我的快递到哪了。")
        world.transport.press("#")
        await world.hears("请为这次服务打个分")
        await world.hears("感谢您的来电，再见。")

    world = World().run(story)
    assert world.service.rated == []
    assert world.service.ended == ["caller_ended"]
