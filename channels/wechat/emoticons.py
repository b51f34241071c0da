"""WeChat's own little faces: they reach us as codes, and are read as the emoji that they show.

A face comes as ``/::)``, ``[微笑]`` or ``[Smile]``, by the phone's age and language. As a code it
would be words that nobody said: 「在吗[微笑]」 was not understood.
"""

from __future__ import annotations

import re

_FACES = {
    "🙂": "/::) [微笑] [Smile]",
    "😂": "[破涕为笑] [笑哭] [Lol]",
    "😒": "/::~ [撇嘴] [Grimace]",
    "😍": "/::B [色] [Drool]",
    "😳": "/::| [发呆] [Scowl]",
    "😎": "/:8-) /::+ [得意] [酷] [CoolGuy]",
    "😭": "/::< /::'( /::'| [流泪] [大哭] [快哭了] [Sob] [Cry] [TearingUp]",
    "😊": "/::$ /:,@-D [害羞] [愉快] [嘿哈] [Shy] [Joyful] [Hey] [憨笑] /::> [Laugh]",
    "🤐": "/::X /:,@x [闭嘴] [嘘] [Silent] [Shhh]",
    "😴": "/::Z /:|-) /::-O [睡] [困] [哈欠] [Sleep] [Drowsy] [Yawn]",
    "😅": "/::-| /:--b /::L /:wipe /:&-( "
    "[尴尬] [冷汗] [流汗] [擦汗] [糗大了] [汗] [Awkward] [Sweat] [Speechless]",
    "😡": "/::@ /::-S /:<O> [发怒] [咒骂] [怄火] [Angry] [Scold]",
    "😜": "/::P [调皮] [吐舌] [Tongue]",
    "😁": "/::D /:,@P /:B-) [呲牙] [偷笑] [坏笑] [奸笑] [Grin] [Chuckle] [Trick] [Smirk]",
    "😮": "/::O /::! /:@x [惊讶] [惊恐] [吓] [Surprise] [Panic] [Wow] [哇]",
    "😔": "/::( /:P-( /:8* "
    "[难过] [委屈] [可怜] [失望] [叹气] [Frown] [Shrunken] [Whimper] [Sigh] [LetDown]",
    "😫": "/::Q /::8 /:,@@ /:,@! "
    "[抓狂] [疯了] [折磨] [晕] [衰] [裂开] [Scream] [Dizzy] [Toasted] [Broken]",
    "🤮": "/::T [吐] [Puke]",
    "🙄": "/::d /:,@o /:<@ /:@> /:>-| "
    "[白眼] [翻白眼] [傲慢] [左哼哼] [右哼哼] [鄙视] [Slight] [Smug] [Pooh-pooh]",
    "😋": "/::g [饥饿] [Hungry]",
    "😌": "/::,@ [悠闲]",
    "💪": "/:,@f [奋斗] [加油] [加油加油] [Commando] [GoForIt]",
    "🤔": "/:? [疑问] [思考] [Confused] [Hmm] [Thinking]",
    "👋": "/:bye [再见] [Bye] [Wave]",
    "👏": "/:handclap [鼓掌] [Clap]",
    "😏": "/:X-) /:dig [阴险] [抠鼻] [机智] [Sly] [NosePick] [Smart]",
    "😘": "/::* /:<L> /:kiss /:showlove [亲亲] [飞吻] [嘴唇] [Kiss] [Blowkiss] [Lips]",
    "🤦": "[捂脸] [Facepalm] [苦涩] [Bitter]",
    "🌹": "/:rose [玫瑰] [Rose]",
    "🥀": "/:fade [凋谢] [枯萎] [Wilt]",
    "❤️": "/:heart /:love /:lvu [爱心] [爱情] [爱你] [Heart]",
    "💔": "/:break [心碎] [BrokenHeart]",
    "🎂": "/:cake [蛋糕] [Cake]",
    "🎁": "/:gift [礼物] [Gift]",
    "🧧": "[红包] [Packet]",
    "🎉": "[庆祝] [烟花] [爆竹] [Party] [Fireworks] [Firecracker]",
    "☕": "/:coffee [咖啡] [Coffee]",
    "🌙": "/:moon [月亮] [Moon]",
    "☀️": "/:sun [太阳] [Sun]",
    "🤗": "/:hug [拥抱] [Hug]",
    "👍": "/:strong [强] [666] [ThumbsUp]",
    "👎": "/:weak /:bad [弱] [差劲] [ThumbsDown]",
    "🤝": "/:share [握手] [Shake]",
    "✌️": "/:v [胜利] [耶] [Peace] [Yeah!]",
    "🙏": "/:@) /:kotow [抱拳] [合十] [磕头] [Salute] [Worship]",
    "👊": "/:@@ [拳头] [Fist]",
    "🙅": "/:no [NO]",
    "👌": "/:ok [OK] [好的]",
    "💩": "/:shit [便便] [Poop]",
    "💣": "/:bome [炸弹] [Bomb]",
    "🔪": "/:pd /:kn [菜刀] [Cleaver]",
    "👀": "[吃瓜] [旺柴] [Onlooker] [Doge] [让我看看]",
}
_EMOJI = {code: emoji for emoji, codes in _FACES.items() for code in codes.split()}
_CODE = re.compile("|".join(map(re.escape, sorted(_EMOJI, key=len, reverse=True))))
_STICKER = re.compile(r"[【\[]收到不支持的消息类型，暂无法显示[】\]]")


def with_emoji(text: str) -> str:
    """The text with the faces as emoji."""
    return _CODE.sub(lambda found: _EMOJI[found[0]], text)


def is_sticker(text: str) -> bool:
    """Whether this is what WeChat writes in place of a sticker, which it does not pass on."""
    return _STICKER.fullmatch(text.strip()) is not None
