"""What customers ask of a product, and the words with which the catalogue tells it.

The catalogue knows a title, a price and one line. A question is answered with them where they tell what is
asked ("能机洗吗" and the line says 可机洗); otherwise it is said plainly that they do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from actions.shop.models import Product


@dataclass(frozen=True)
class Feature:
    """Something that is asked of a product."""

    name: str
    """How we call it when the catalogue does not tell it; follows 的."""
    asks: re.Pattern[str]
    told: re.Pattern[str] | None = None
    """What a title or line that tells it has in it; None where none ever does."""

    def told_of(self, product: Product) -> bool:
        """Whether the catalogue tells it of a product."""
        return bool(self.told and self.told.search(f"{product.title} {product.blurb}"))


def _feature(name: str, asks: str, told: str | None = None) -> Feature:
    words = re.compile(asks, re.IGNORECASE)
    return Feature(name, words, re.compile(told) if told else None)


_WHO = "孕妇|怀孕|备孕|哺乳|宝宝|婴儿|小孩|孩子|儿童|小朋友|老人|学生|男生|男士|女生|猫|狗|宠物|糖尿病|高血压|敏感肌|干皮|油皮|[黄白黑]皮|肤质|皮肤|[一二三四五六七八九十两\\d]+岁"
FEATURES = (
    _feature("适用人群", _WHO, r"干敏皮|儿童|无添加糖"),
    _feature(
        "颜色和款式",
        r"颜色|花色|色号|什么色|啥色|几种色|款式|图案|花纹|(黑|白|红|蓝|粉|灰|绿|黄|紫|米|咖啡?|深|浅)色",
        r"(豆沙|黑|白|红|蓝|灰|米|粉|三档)色",
    ),
    _feature("功率", r"功率|多少瓦|几瓦|费电|耗电|电费|电压|伏"),
    _feature(
        "尺码",
        r"尺码|码数|(什么|啥|多大|几|大|小|加)码|[大中小均]号|偏[大小]|显[胖瘦]|穿多大|\bx*[sml]\b|x+[sl]码?|身高|体重|\d斤|1[4-9]\d",
    ),
    _feature("尺寸", r"尺寸|多[长宽高厚]|(\d\.\d|[一二]米[二五八]).{0,3}[床米m]|床", r"\d\.\d ?m"),
    _feature(
        "容量", r"容量|多大|几升|多少升|能装|多少(毫升|ml|克)|净含量|几斤装", r"\d ?(L|ml|g|kg)"
    ),
    _feature("噪音大小", r"噪音|声音|吵|静音|分贝", r"静音|分贝"),
    _feature(
        "洗涤方式", r"机洗|水洗|手洗|怎么洗|能洗|能不能洗|洗衣机|拆洗|好(清)?洗|清洗", r"机洗"
    ),
    _feature("变形起球的情况", r"起球|变形|缩水|勾丝", r"不变形"),
    _feature("掉色掉毛的情况", r"[掉褪]色|掉毛|掉絮|钻绒|跑绒|掉渣", r"不掉毛"),
    _feature("厚薄", r"透不透|会透|太?[薄厚](不|吗|么)|厚不厚|薄不薄|多厚|厚度", r"不透|厚|薄|轻"),
    _feature(
        "材质",
        r"材质|面料|(什么|啥)(料|做的|棉|绒|材料)|[纯全]棉|真丝|蚕丝|不锈钢|塑料|充绒|含绒|羊毛|羊绒|成分|含量",
        r"棉|蚕丝|天丝|亚麻|羊毛|羊绒|绒子|乳胶|不锈钢|玻璃|法兰绒|珊瑚绒|纤维|莫代尔|橡胶|酰胺|玻尿酸|氨基酸",
    ),
    _feature("适合的人数", r"[几多两三四五六]少?[个口]人|一个人|一家", r"人份"),
    _feature(
        "续航和充电",
        r"续航|充(一次)?电|电池|用多久|usb|插电|无线",
        r"续航|充一?次电|USB|一次充电|无线",
    ),
    _feature("保暖程度", r"暖|冷(不|吗)|冬天|御寒|零下", r"暖|冬|羊毛|绒"),
    _feature("凉快程度", r"凉快|热不热|闷(不|吗|热)|透气|夏天|春秋", r"凉|透气|不闷|夏|春秋|清爽"),
    _feature("档位", r"[几多]少?档|档位|几种模式|调温|恒温|控温|几个菜单", r"档|恒温|模式|菜单"),
    _feature("快慢", r"快不快|几分钟|几秒|多久(能|可以)?(出|干|热|熟|煮|好|吹)|快吗", r"分钟|秒"),
    _feature("软硬", r"软|硬|舒服|高低|高不高|护颈|颈椎|压肩|回弹", r"软|回弹|高低|护颈|压肩"),
    _feature("味道", r"味道|好吃|口味|什么味|香味|甜|辣|酸|苦|留香", r"香|口味|嚼劲|酥|脆|醇|糖"),
    _feature(
        "保质期和生产日期", r"保质期|生产日期|日期新|新鲜|过期|能放多久", r"当年|当季|现烤|现磨"
    ),
    _feature("气味和检测", r"甲醛|有毒|异味|味儿|气味|有味|辐射|环保|检测|质检|A类|安全(吗|不)"),
    _feature(
        "产地",
        r"产地|哪里?(产|生产|做)的|哪儿产|进口|国产|厂家|哪国",
        r"新疆|云南|内蒙|澳洲|法国|福鼎|五常|苏式",
    ),
    _feature("配件", r"配件|配什么|送什么配|带.{0,4}(盖|滤芯|遥控|支架|包装)吗", r"带"),
    _feature("重量", r"多重|重量|重不重|轻不轻|沉不沉", r"\d ?(g|kg)|轻|克"),
    _feature(
        "功效",
        r"效果|功效|美白|保湿|补水|祛痘|防水|防晒|控油|刺激|有用吗|管用",
        r"刺激|补水|提亮|修护|控油|UPF|防水|滋润|保湿|清爽",
    ),
)
"""The first that is asked counts."""

_COMPARES = re.compile(
    r"哪[个款种]|区别|不同|差别|对比|比(较|一比)|[和跟与比].{1,10}(好|哪|选)|选哪|推荐"
)
_STOCK = re.compile(r"(有没有|有|没|还有)(现)?货|库存|现货|缺货|断货|卖完|补货|买得到")
_OPINION = re.compile(
    r"质量|好用|好不好|耐用|评价|口碑|靠谱|值得|值不值|怎么样|咋样|如何|可以吗|(好|行|中)吗$"
)
_GENUINE = re.compile(r"正品|真货|假货|真的假的|保真|是真的吗|授权|山寨|高仿")
_USAGE = re.compile(r"怎么用|咋用|如何使用|用法|使用方法|说明书|怎么(清洁|保养|操作|开机|安装|调)")
_SUGGEST = re.compile(
    r"推荐|(卖|有|出)(些|点)?(什么|啥|哪些)(东西|商品|产品|好东西|新品|新款|好的|卖)?(吗|呢|的|啊|呀|？|\?)*$|新品|新款|上新|热卖|爆款|热销|畅销|卖得?最?好|礼物"
    r"|(送|买)(点|些)?(什么|啥|哪)"
)
_KIND = re.compile(
    r"(?:有没有|有卖|卖不卖|想买|要买|想要|想看|看看|来|买|卖|找|有)(?:一?[个台件条双瓶盒款些点只把套张床]|什么样的|什么)?"
    r"([一-鿿A-Za-z]{2,10}?)(?:卖|买|吗|么|嘛|没有|没|不|呢|啊|呀|的|？|\?|。)*$"
)
_KIND_FIRST = re.compile(
    r"^(?:你们|你家|店里|请问|咱们|这里|那|[，, ])*([一-鿿A-Za-z]{2,6}?)(?:有没有|卖不卖|有得?卖|有|卖)(?:吗|么|嘛|没有|没|不|呢|的|？|\?)*$"
)
_NO_KIND = re.compile(
    r"什么|哪|几|多少|怎么|别的|其他|[颜花][色纹]|款|尺|码|大小|小的|大的|优惠|活动|券|货|人|保修|质保|发票|店|这|那|它|我|你|便宜|东西|现|会|能|可以"
)
CATEGORIES = {
    "小家电": re.compile(r"家电|电器|厨房用品"),
    "家纺": re.compile(r"家纺|床上用品|床品"),
    "服饰": re.compile(r"衣服|服装|服饰|衣裳|穿的"),
    "美妆个护": re.compile(r"护肤|化妆|美妆|彩妆|个护|洗护"),
    "食品": re.compile(r"零食|吃的|食品|食物|特产|点心"),
}
"""What the shop's categories are called."""


def feature_in(text: str) -> Feature | None:
    """What a text asks of a product, if it is one of the usual things."""
    return next((feature for feature in FEATURES if feature.asks.search(text)), None)


def compares(text: str) -> bool:
    """Whether several products shall be weighed against each other."""
    return bool(_COMPARES.search(text))


def asks_stock(text: str) -> bool:
    """Whether it is asked if there is any left."""
    return bool(_STOCK.search(text))


def asks_opinion(text: str) -> bool:
    """Whether it is asked if a product is any good."""
    return bool(_OPINION.search(text))


def doubts_genuine(text: str) -> bool:
    """Whether it is asked if the goods are what they say."""
    return bool(_GENUINE.search(text))


def asks_usage(text: str) -> bool:
    """Whether it is asked how a product is used."""
    return bool(_USAGE.search(text))


def wants_suggestion(text: str) -> bool:
    """Whether somebody does not know yet what to buy."""
    return bool(_SUGGEST.search(text))


def category_in(text: str) -> str | None:
    """The category that is asked for, if one is."""
    return next((name for name, words in CATEGORIES.items() if words.search(text)), None)


def kind_in(text: str) -> str | None:
    """The kind of thing that is asked for: "有没有洗衣机卖" → "洗衣机"."""
    found = _KIND.search(text) or _KIND_FIRST.search(text)
    kind = found[1].rpartition("的")[2] if found else ""
    return kind if len(kind) > 1 and not _NO_KIND.search(kind) else None


def of_kind(kind: str, products: list[Product]) -> list[Product]:
    """The products that are called so: "被子" is a 冬被, too."""
    stem = kind.removesuffix("子")
    return [p for p in products if any(_called(name, kind, stem) for name in (p.title, *p.aliases))]


def _called(title: str, kind: str, stem: str) -> bool:
    name = title.partition(" ")[0]
    return (
        kind in name or (len(name) > 1 and name in kind) or (stem != kind and name.endswith(stem))
    )
