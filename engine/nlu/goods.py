"""Names of kinds of goods, as one and the same word.

「裤子多少钱」 and 「吹风机多少钱」 ask the same, but no set of examples names every article with every question. The
classifiers read any name of this list as one character, ``GOODS``; what the article is, the entities and the
sentence vector still tell. Left out on purpose: words that mean something else as often (小说, 篮球, 开关), and
single characters.
"""

from __future__ import annotations

from typing import Dict, List

GOODS = "\x05"

_CLOTHES = (
    "衣服 上衣 外套 大衣 风衣 羽绒服 棉服 棉衣 棉袄 毛衣 针织衫 卫衣 衬衫 衬衣 t恤 体恤 短袖 长袖 背心 "
    "吊带 裙子 连衣裙 半身裙 短裙 长裙 裤子 牛仔裤 短裤 长裤 运动裤 休闲裤 打底裤 西裤 西装 西服 马甲 "
    "夹克 皮衣 睡衣 睡裙 家居服 内衣 内裤 文胸 胸罩 秋衣 秋裤 保暖内衣 袜子 丝袜 棉袜 校服 泳衣 泳裤 "
    "运动服 瑜伽服 瑜伽裤 冲锋衣 防晒衣 旗袍 汉服 童装 婴儿服 连体衣 哈衣 围巾 丝巾 手套 帽子 皮带 腰带 "
    "领带 披肩"
)
_SHOES_AND_BAGS = (
    "鞋子 运动鞋 跑鞋 跑步鞋 球鞋 篮球鞋 板鞋 帆布鞋 皮鞋 高跟鞋 凉鞋 拖鞋 棉拖 靴子 短靴 长靴 雪地靴 "
    "马丁靴 登山鞋 老爹鞋 童鞋 雨鞋 洞洞鞋 鞋垫 鞋带 包包 书包 双肩包 背包 挎包 斜挎包 手提包 钱包 卡包 "
    "行李箱 拉杆箱 旅行箱 公文包 化妆包 电脑包 腰包 帆布袋 项链 手链 戒指 耳环 耳钉 手镯 吊坠 发夹 发箍 "
    "发圈 手表 腕表 眼镜 墨镜 太阳镜 近视镜 镜框 镜片"
)
_BEDDING = (
    "被子 被芯 羽绒被 蚕丝被 棉被 夏凉被 空调被 毛毯 毯子 盖毯 床单 床笠 被套 被罩 四件套 三件套 枕头 "
    "枕芯 枕套 乳胶枕 抱枕 靠枕 靠垫 坐垫 床垫 凉席 蚊帐 窗帘 地毯 地垫 毛巾 浴巾 洗脸巾 浴袍 桌布 "
    "沙发套 沙发垫"
)
_KITCHEN = (
    "炒锅 汤锅 奶锅 高压锅 压力锅 砂锅 蒸锅 平底锅 不粘锅 铁锅 电饭煲 电饭锅 空气炸锅 电煮锅 电火锅 电炖锅 "
    "电磁炉 电陶炉 微波炉 烤箱 蒸烤箱 面包机 早餐机 豆浆机 破壁机 榨汁机 料理机 绞肉机 咖啡机 电水壶 热水壶 "
    "烧水壶 养生壶 水壶 保温壶 保温杯 杯子 水杯 玻璃杯 马克杯 茶杯 随行杯 焖烧杯 茶具 茶壶 盘子 碟子 筷子 "
    "勺子 餐具 菜刀 刀具 水果刀 砧板 案板 菜板 饭盒 保鲜盒 保鲜膜 保鲜袋 围裙 洗碗机 消毒柜 油烟机 "
    "抽油烟机 热水器 净水器 饮水机 滤芯"
)
_APPLIANCES = (
    "冰箱 冰柜 洗衣机 烘干机 干衣机 空调 电视 电视机 风扇 电风扇 落地扇 循环扇 取暖器 电暖器 暖风机 电热毯 "
    "暖手宝 加湿器 除湿机 空气净化器 净化器 扫地机 扫地机器人 拖地机 洗地机 吸尘器 除螨仪 挂烫机 熨斗 电熨斗 "
    "吹风机 电吹风 卷发棒 直发器 剃须刀 刮胡刀 理发器 脱毛仪 美容仪 洁面仪 电动牙刷 冲牙器 按摩仪 按摩椅 "
    "按摩枕 足浴盆 泡脚桶 体重秤 体脂秤 血压计 血糖仪 体温计 额温枪 台灯 吊灯 吸顶灯 灯泡 灯带 小夜灯 插座 "
    "插线板 排插"
)
_DEVICES = (
    "手机 苹果手机 电脑 手机壳 手机膜 钢化膜 保护套 保护壳 充电器 充电线 数据线 充电头 充电宝 移动电源 耳机 蓝牙耳机 音箱 音响 "
    "蓝牙音箱 键盘 鼠标 鼠标垫 显示器 笔记本电脑 平板电脑 平板 打印机 墨盒 硒鼓 路由器 摄像头 u盘 硬盘 "
    "固态硬盘 支架 手环 智能手表 相机 镜头 三脚架 无人机 游戏机 手柄 投影仪 学习机 点读笔 电纸书"
)
_HOME = (
    "沙发 椅子 电脑椅 办公椅 餐椅 凳子 桌子 书桌 餐桌 茶几 电脑桌 折叠桌 床架 衣柜 鞋柜 鞋架 书架 置物架 "
    "收纳箱 收纳盒 收纳袋 储物柜 衣架 晾衣架 挂钩 镜子 花瓶 花盆 相框 摆件 挂钟 闹钟 马桶 马桶盖 花洒 "
    "水龙头 浴帘 浴室柜 门锁 智能锁 指纹锁 垃圾桶 垃圾袋 拖把 扫把 抹布 水桶 脸盆 雨伞 雨衣 工具箱 电钻 "
    "螺丝刀 梯子 墙纸 壁纸"
)
_BEAUTY = (
    "面膜 面霜 乳液 爽肤水 化妆水 精华 精华液 眼霜 防晒霜 防晒乳 防晒 洗面奶 洁面乳 卸妆水 卸妆油 护肤品 "
    "化妆品 口红 唇膏 唇釉 粉底 粉底液 气垫 粉饼 散粉 眼影 眼线笔 睫毛膏 眉笔 腮红 香水 指甲油 护手霜 "
    "身体乳 沐浴露 洗发水 洗发露 护发素 发膜 染发剂 香皂 肥皂 洗手液 牙膏 牙刷 漱口水 卫生巾 护垫 卫生纸 "
    "抽纸 纸巾 湿巾 卷纸 洗衣液 洗衣粉 洗衣凝珠 柔顺剂 洗洁精 消毒液 洁厕灵 棉签 化妆棉 美妆蛋 剃毛刀"
)
_FOOD = (
    "零食 饼干 薯片 坚果 瓜子 花生 核桃 开心果 碧根果 巧克力 糖果 果冻 蛋糕 面包 月饼 粽子 肉干 牛肉干 "
    "猪肉脯 鸭脖 辣条 海苔 果干 蜜饯 红枣 枸杞 水果 苹果 橙子 橘子 香蕉 葡萄 芒果 榴莲 草莓 车厘子 樱桃 "
    "猕猴桃 西瓜 柚子 梨子 桃子 蔬菜 土豆 红薯 玉米 鸡蛋 牛排 牛肉 羊肉 猪肉 鸡肉 海鲜 螃蟹 大闸蟹 "
    "三文鱼 大米 面粉 面条 挂面 方便面 泡面 螺蛳粉 食用油 花生油 橄榄油 酱油 调料 调味料 火锅底料 辣椒酱 "
    "蜂蜜 牛奶 酸奶 奶粉 奶酪 饮料 果汁 可乐 矿泉水 咖啡 咖啡豆 茶叶 红茶 绿茶 花茶 白酒 红酒 啤酒 "
    "葡萄酒 保健品 维生素 钙片 鱼油 蛋白粉 益生菌 燕窝 阿胶 麦片 燕麦 礼盒"
)
_CHILDREN = (
    "奶瓶 奶嘴 尿不湿 纸尿裤 拉拉裤 婴儿车 推车 安全座椅 婴儿床 学步车 爬行垫 围栏 吸奶器 温奶器 辅食 玩具 "
    "积木 乐高 拼图 娃娃 毛绒玩具 公仔 手办 遥控车 滑板车 平衡车 自行车 童车 童书 绘本 图书 字典 笔记本 "
    "本子 钢笔 圆珠笔 铅笔 文具 文具盒 贴纸 画笔 颜料 书签"
)
_LEISURE = (
    "跑步机 动感单车 哑铃 瑜伽垫 跳绳 羽毛球 羽毛球拍 乒乓球拍 球拍 帐篷 睡袋 鱼竿 钓鱼竿 渔具 头盔 护膝 "
    "泳镜 轮滑鞋 滑板 登山杖 水杯架 猫粮 狗粮 猫砂 猫砂盆 猫爬架 狗窝 猫窝 牵引绳 宠物零食 鱼缸 行车记录仪 "
    "车载充电器 脚垫 座套 车衣 雨刮器 导航仪 鲜花 绿植 盆栽 多肉 肥料 口罩 手电筒 电池 蜡烛 香薰 熏香 "
    "打火机 电子烟 避孕套"
)
_ANYTHING_ELSE = (
    "手机号 手机上 手机端 手机卡 手机店 手机验证 手机短信 手机收 手机银行 电脑上 电脑端 电脑店 电脑城 电脑系统 电视台 电视剧 "
    "电视盒子 电视机顶盒 苹果系统 蛋糕店 面包房 咖啡店 咖啡馆 眼镜店 水果店 水果摊 图书馆 文具店 家具城"
)
"""Longer words that begin like a name and are none: they stay as they are."""


def _by_first_character() -> Dict[str, List[str]]:
    """Every name by its first character, the longest first."""
    goods = " ".join(
        (
            _CLOTHES,
            _SHOES_AND_BAGS,
            _BEDDING,
            _KITCHEN,
            _APPLIANCES,
            _DEVICES,
            _HOME,
            _BEAUTY,
            _FOOD,
        )
    )
    names = f"{goods} {_CHILDREN} {_LEISURE} {_ANYTHING_ELSE}".split()
    found: Dict[str, List[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        found.setdefault(name[0], []).append(name)
    return found


_NAMES = _by_first_character()
_OTHERS = frozenset(_ANYTHING_ELSE.split())


def with_goods_alike(read: str) -> str:
    """Replace every name by ``GOODS`` in a text that ``reading`` has made."""
    parts: List[str] = []
    at = 0
    while at < len(read):
        name = next((n for n in _NAMES.get(read[at], ()) if read.startswith(n, at)), read[at])
        parts.append(GOODS if len(name) > 1 and name not in _OTHERS else name)
        at += len(name)
    return "".join(parts)
