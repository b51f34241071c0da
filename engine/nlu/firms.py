"""Names of other firms that customers mistake us for, as one and the same word.

「唯品会退货地址是啥」 is none of our returns, whichever shop it names. The classifiers cannot know a
name that no example has, so all names of this list are read as one character, ``FIRM``. Left out on
purpose: couriers, banks and wallets (our parcels, cards and payments), makers of goods, and words
that mean something else, too (移动, 电信).
"""

from __future__ import annotations

import re

FIRM = "\x04"

_SHOPS = (
    "淘宝 天猫 拼多多 唯品会 苏宁 国美 亚马逊 当当网 小红书 得物 闲鱼 聚美 蘑菇街 网易严选 "
    "阿里巴巴 1688 抖音 快手 微店 希音 shein temu ebay 山姆 沃尔玛 大润发 永辉 盒马 叮咚买菜 "
    "朴朴 多多买菜 美团优选 屈臣氏 名创优品 宜家 优衣库 迪卡侬"
)
_FOOD = (
    "美团 饿了么 大众点评 肯德基 麦当劳 必胜客 汉堡王 德克士 华莱士 星巴克 瑞幸 喜茶 奈雪 蜜雪冰城 "
    "海底捞 西贝 呷哺呷哺"
)
_TRAVEL = (
    "携程 去哪儿网 去哪网 飞猪 同程旅行 途牛 马蜂窝 爱彼迎 12306 铁路局 滴滴打车 滴滴出行 滴滴司机 滴滴车主 高德 花小猪 曹操出行 t3出行 哈啰单车 哈啰出行 "
    "青桔 货拉拉 南航 国航 东航 海航 川航 厦航 春秋航空 如家酒店 汉庭 全季酒店 亚朵 锦江之星 七天酒店 希尔顿 万豪"
)
_MEDIA = (
    "爱奇艺 优酷 腾讯视频 芒果tv 哔哩哔哩 b站 网易云 qq音乐 酷狗 喜马拉雅 番茄小说 知乎 豆瓣 "
    "王者荣耀 原神 和平精英 英雄联盟 蛋仔派对 steam 百度 百度网盘 钉钉 飞书 腾讯会议 作业帮 学习通 "
    "boss直聘 智联招聘 58同城 贝壳找房 链家 安居客"
)
_LINES = "中国移动 中国联通 中国电信 中国广电 移动营业厅 10086 10010 10000号 国家电网 供电局 燃气公司 自来水公司"
_NAMES = sorted(" ".join((_SHOPS, _FOOD, _TRAVEL, _MEDIA, _LINES)).split(), key=len, reverse=True)
_ANY = re.compile("|".join(re.escape(name) for name in _NAMES))


def with_firms_alike(read: str) -> str:
    """Replace every name by ``FIRM`` in a text that ``reading`` has made."""
    return _ANY.sub(FIRM, read)
