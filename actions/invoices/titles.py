"""Reading what an invoice needs: the title, a person's name or a company's, and the tax number."""

from __future__ import annotations

import re

from actions.dialogue import Task

TAX_ID = re.compile(r"(?<![0-9A-Z@.])[0-9A-HJ-NP-Z]{13,22}(?![0-9A-Z@])")
TAX_LENGTHS = frozenset({15, 18, 20})
"""A unified social credit code has 18 characters (GB 32100-2015); older tax numbers have 15 or 20."""
COMPANY = re.compile(
    r"[一-鿿A-Za-z0-9（）()]{2,40}?(?:公司|集团|事务所|工作室|中心|学校|医院|大学|幼儿园|研究所|经营部|服务部|门市部|商行|超市|协会|委员会|厂|店|社|院|局)"
)
_TITLE_FOLLOWS = re.compile(
    r"^.*(?:抬头|公司名称?|单位名称?|名称|名字|应该是|应为|改成|改为|开给|叫做?|票(?![务据]))(?:是|为|写|开|用|：|:)*(?=.{4})"
)
_ASKS = re.compile(r"[吗么呢？?]|什么|哪|怎么|多少|几[点个家]")
_SURELY_COMPANY = re.compile(r"公司|集团|事务所|工作室|抬头|税号")
_ONLY_COMPANY = re.compile(
    r"(等一?下|等等|那|就|还是|算了|我们?|你们|儿子|女儿|老公|老婆|爸|妈|家|给我|要|想|[换改]成?|开|写|用|是|个|的|抬头|[，, ])*(公司|单位|企业)(的|抬头|名字|名称|名义|吧|发?票|了|啊|呀|好了)*[。！]*"
)
"""Says only that it is for a company ("换成公司的"), not which."""
_ANY_NAME = re.compile(
    r"(?!.*[你我他她您们谁问等找看帮没不怎什吗呢吧啊想给稍晚会了])[一-鿿（）()]{6,40}"
)
"""Where a company is asked for, a name of any ending."""
_NOISE = re.compile(r"^(抬头|公司|单位|企业|开|名称|是|叫|的|：|:|发票|写)+")
_PERSON = re.compile(r"个人|私人|(?<!^写)我自己(?!.{0,2}名)")
_NAME_SAID = re.compile(
    r"(?:名字|姓名|抬头|开|写|填|叫|给)(?:就|是|写|填|开|用|叫|成|：|:|的)*([一-鿿]{2,4}?)(?:就行|就好|就可以|吧|的|这个名字)*[。！\s]*$"
)
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘"
    "杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_NAME = re.compile(rf"(?:我?叫|就|是|写|开)*((?:[{_SURNAMES}]|欧阳|司马|上官|诸葛)[一-鿿]{{1,2}})")
_NO_NAME = re.compile(
    r"[吗么呢吧啊的了好行不没上]|方便|高兴|常用|余额|任何|文件|白色|金卡|名字|自己|票|电子|纸质|增值|普通"
)


def person_in(text: str) -> str | None:
    """The name of a person that an invoice shall bear, where a text is nothing but that or says so."""
    said = _NAME_SAID.search(text)
    bare = _NAME.fullmatch(text.strip(" ，,。吧"))
    name = said[1] if said and _NAME.fullmatch(said[1]) else bare[1] if bare else ""
    return name if name and not _NO_NAME.search(name) else None


def read_title(task: Task, text: str, *, free: bool = False) -> bool:
    """Read title and tax id into the task; whether there was something.

    Args:
        task: the invoice task.
        text: what the customer wrote.
        free: any words left beside the tax id are the company's name.
    """
    if _ONLY_COMPANY.fullmatch(text.strip()):
        if not task.data.get("company"):
            task.data.pop("title", None)
        task.data["company"] = True
        return True
    tax = TAX_ID.search(text.upper())
    asks = _ASKS.search(text) and not tax and not _SURELY_COMPANY.search(text)
    found = None if asks else COMPANY.search(text)
    name = _NOISE.sub("", _TITLE_FOLLOWS.sub("", found.group())) if found else ""
    person = None if found or asks or tax else person_in(text)
    if name not in ("", "司"):
        task.data |= {"title": name, "company": True}
    elif free and tax:
        rest = re.sub(
            r"[税号纳识别人,，。:：\s]|抬头|公司名称", "", text.upper().replace(tax.group(), "")
        )
        if len(rest) >= 2:
            task.data["title"] = rest[:40]
    elif person or (_PERSON.search(text) and not _ASKS.search(text)):
        task.data |= {"title": person or "个人", "company": False}
        task.data.pop("tax_id", None)
        return True
    elif free and not task.data.get("title") and not asks and _ANY_NAME.fullmatch(text.strip()):
        task.data["title"] = text.strip()
        return True
    if tax:
        task.data |= {"tax_id": tax.group(), "company": True}
    return bool(tax or (name and task.data.get("title")))
