"""What people write: stock replies, small talk, business and admissions, drawn from a phrase grammar and optional lines of a corpus."""

import random

STOCK = (
    "好", "好的", "嗯", "嗯嗯", "行", "可以", "收到", "OK", "ok", "哦", "哦哦", "谢谢", "不客气", "在吗", "在", "？", "好吧", "对", "对的",
    "是的", "没事", "明白", "知道了", "稍等", "马上", "哈哈", "哈哈哈", "[强]", "[呲牙]", "[OK]", "[捂脸]", "👌", "😂", "👍", "没问题", "晚安",
    "早", "早上好", "辛苦了", "[玫瑰]", "嗯呢", "好滴", "1", "。", "到了", "你说", "没", "有", "真的吗", "[微笑]",
)  # fmt: skip
WHO = (
    "我",
    "我们这边",
    "工人",
    "老王",
    "会计",
    "我爱人",
    "陈工",
    "业主",
    "仓库那边",
    "小刘",
    "厂里",
    "我妈",
    "物业",
    "司机",
)
WHEN = (
    "今天",
    "明天",
    "后天",
    "下周一",
    "周三下午",
    "月底",
    "15号",
    "过年前",
    "晚上8点",
    "10:30",
    "昨晚",
    "这两天",
    "节后",
    "端午前",
)
DO = (
    "过去看一下",
    "把合同签了",
    "送货",
    "对一下账",
    "拍照发你",
    "去银行",
    "把尾工做完",
    "请假",
    "装灯",
    "接孩子",
    "补样品",
    "开发票",
    "改图纸",
    "去医院",
)
THING = (
    "瓷砖",
    "水电",
    "二期的图纸",
    "门锁",
    "那批货",
    "空调外机",
    "吊顶",
    "车",
    "发票",
    "钥匙",
    "防水",
    "橱柜",
    "样品",
    "押金条",
    "快递",
    "猫",
)
STATE = (
    "还没到",
    "有点问题",
    "已经弄好了",
    "颜色不对",
    "少了两件",
    "太贵了",
    "我看可以",
    "坏了",
    "要重做",
    "没人签收",
    "比上次好",
    "超预算了",
)
MOOD = ("哈哈", "唉", "真的", "说实话", "反正", "对了", "不好意思", "你看", "那个", "哎呀", "老实讲", "话说")
SMALL = ("吃饭了没", "今天堵死了", "外面下雨呢", "刚开完会", "孩子发烧了", "周末去爬山不", "昨天没睡好", "这天气真热", "我在开车 晚点说", "手机快没电了",
         "刚看到", "你那边几点了", "别熬夜了", "咱妈生日你记得不", "看到你朋友圈了", "电影挺好看的")  # fmt: skip
CLAIM = (
    "我欠你的{a}元{w}一定还", "{t}的款一共{a}，已经付了{b}", "还差{b}没结，{w}前打给你", "这{a}是借款，不是投资", "我没有收到{a}元", "{w}先还{b}，剩下的{v}再说",
    "合同价{a}，增项另算{b}", "你说过{t}包在{a}里面的", "定金{b}不退", "不同意{w}交货", "我同意{w}付{a}", "{t}的质量问题我们负责", "利息按{c}%算，每月{b}",
    "违约金{b}我不认", "{a}元已转，请查收", "发票开{a}，抬头不变", "{p}说{a}没到账", "尾款{b}元，验收后付", "房租{b}一个月，押一付三", "你不能再拖了，{w}不还{a}我就起诉",
)  # fmt: skip
FILES = (
    "合同终稿.pdf",
    "报价单0312.xlsx",
    "对账单.xlsx",
    "施工图(3).dwg",
    "收据.jpg",
    "验收记录.docx",
    "身份证正反面.pdf",
    "增项清单.xls",
)
LINKS = (
    "今年建材价格走势",
    "民法典关于定金的规定",
    "这家店排队两小时",
    "周末去哪儿玩",
    "医保新政策解读",
    "车险怎么买最划算",
)


class Talk:
    """Draws what one dispute's people write. `stock` is the share of stock replies, `lines` optional sentences of a corpus."""

    def __init__(self, rng: random.Random, stock: float, lines: tuple[str, ...] = ()) -> None:
        self.rng, self.stock, self.lines = rng, stock, lines
        self.favourites = rng.sample(STOCK, 8)

    def amount(self) -> str:
        """A sum as people write it, mostly round."""
        r = self.rng
        value = r.choice(
            (r.randint(1, 99) * 100, r.randint(1, 60) * 1000, r.randint(1, 40) * 5000, r.randint(101, 99999))
        )
        return f"{value}"

    def reply(self) -> str:
        """A stock reply; each conversation has its favourites."""
        return self.rng.choice(self.favourites if self.rng.random() < 0.7 else STOCK)

    def claim(self) -> str:
        """A sentence that matters in court: sums, promises, denials."""
        r = self.rng
        words = r.choice(CLAIM).format(a=self.amount(), b=self.amount(), c=r.randint(3, 24), w=r.choice(WHEN), v=r.choice(WHEN), t=r.choice(THING), p=r.choice(WHO))  # fmt: skip
        return words if r.random() < 0.7 else f"{words}，{self.clause()}"

    def clause(self) -> str:
        """A few everyday words."""
        r = self.rng
        kind = r.random()
        if kind < 0.4:
            return f"{r.choice(THING)}{r.choice(STATE)}"
        if kind < 0.75:
            return f"{r.choice(WHO)}{r.choice(WHEN)}{r.choice(DO)}"
        return r.choice(SMALL)

    def sentence(self) -> str:
        """One message of everyday talk, now and then long, in several lines, with signs or figures that exporters trip over."""
        r = self.rng
        if self.lines and r.random() < 0.4:
            return r.choice(self.lines)
        parts = [self.clause() for _ in range(r.choice((1, 1, 1, 1, 2, 2, 3, 6)))]
        if r.random() < 0.3:
            parts[0] = r.choice(MOOD) + r.choice(("，", "", " ")) + parts[0]
        text = r.choice(("，", "，", " ", "。", "\n")).join(parts)
        tail = r.random()
        if tail < 0.08:
            return text + r.choice(("[捂脸]", "[呲牙]", "[强]", "😂", "🙏", "[抱拳]"))
        if tail < 0.14:
            return text + r.choice(("？", "！", "...", "~", "，是吧?", " (急)", "!"))
        if tail < 0.17:
            return r.choice((f"10:{r.randint(10, 59)}见", f"价格 < {r.randint(2, 90)}00 & 包邮", f"https://b23.tv/{r.randint(10**5, 10**6)}", f"wifi: home{r.randint(10, 99)}", f"\"{text}\"他说的"))  # fmt: skip
        return text

    def line(self) -> tuple[str, bool]:
        """A message and whether it matters in court."""
        if self.rng.random() < self.stock:
            return self.reply(), False
        if self.rng.random() < 0.15:
            return self.claim(), True
        return self.sentence(), False
