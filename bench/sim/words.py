"""Chinese chat text of our own making: sentences with amounts, dates, names and negations, stock replies, names of people."""

from pathlib import Path
from random import Random

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "zh_live_chat.txt"

STOCK = (
    "好的", "嗯", "嗯嗯", "好", "收到", "可以", "行", "没问题", "哦", "知道了", "谢谢", "在吗", "在的", "好吧", "ok", "OK", "是的", "对",
    "哈哈", "哈哈哈", "不客气", "辛苦了", "明白", "稍等", "？", "。。。", "[微笑]", "[OK]", "[抱拳]", "👌", "👍", "晚安", "早", "随便", "再说吧",
)  # fmt: skip
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"  # fmt: skip
GIVEN = ("伟", "芳", "娜", "敏", "静", "磊", "洋", "艳", "勇", "军", "杰", "涛", "明", "超", "秀兰", "建国", "志强", "晓东", "雅琴", "海燕", "文博", "思远", "子涵", "雨桐", "嘉怡", "浩然", "欣妍", "国栋", "丽华", "永康")  # fmt: skip
ROLES = ("同学", "老板", "总", "工", "老师", "房东", "中介", "会计", "师傅", "表哥", "邻居", "律师", "财务", "店长")
TAGS = ("建材", "Design", "🌸", "装修", "小店", "_2019", "Hi", "说说", "在路上", "物流", "")
PLACES = (
    "城北建材市场",
    "人民路工地",
    "二楼会议室",
    "翡翠湾12栋",
    "高铁站",
    "物业办公室",
    "老城派出所",
    "仓库",
    "银行柜台",
    "甲方办公室",
)
ITEMS = ("瓷砖", "水泥", "门窗", "电缆", "地板", "发票", "合同", "借条", "收据", "验收单", "工资表", "样品", "货", "押金条", "对账单", "图纸", "设备", "保修卡")  # fmt: skip
THINGS = ("尾款", "工程款", "本金", "利息", "货款", "押金", "工资", "定金", "房租", "违约金", "进度款", "运费")

# {money} amount with its unit, {day} a date, {hour} a time of day, {n} a small number, {who} a name, {place}, {item}, {thing}
SENTENCES = (
    "{thing}{money}什么时候能到账？", "说好{day}之前付{money}，怎么还没动静", "我{day}转了你{money}，你查一下", "还差{money}没结清", "这个月只能先还{money}",
    "{thing}一共{money}，已经付了{money}", "{day}我去{place}找你，把{item}带上", "{item}{day}到货，一共{n}箱", "{who}说{item}有{n}个破损的", "你答应过{day}交货的",
    "我没收到{item}，你寄到哪里去了", "对方不同意这个价格，最少要{money}", "同意按{money}结算，{day}签字", "{who}今天不来了，改到{day}", "工人{n}个，每人每天{money}",
    "我从来没有说过不付{thing}", "当时讲好是{money}，不是{money}", "{place}那边已经验收了，没有问题", "验收没通过，还要返工{n}天", "发票开{money}的，抬头写{who}的公司",
    "你把账号发我，我{hour}之前打过去", "{hour}在{place}门口见，别迟到", "这批{item}不合格，要求全部退货", "合同第{n}条写得很清楚，逾期要付违约金", "利息按每月{n}分算，你自己算算",
    "我承诺{day}前还清全部{thing}，还不上就拿车抵", "不好意思，最近实在周转不开，宽限到{day}行不行", "你不要再给{who}打电话了", "{who}已经把{money}退给我了", "剩下的{money}分{n}期付，每期都写借条",
    "图纸改到第{n}版了，以最后一版为准", "你先把{item}拉走，{thing}我们{day}再算", "刚才给你打电话没接", "昨天在{place}说的事情你考虑好了吗", "押金{money}，退房的时候不退给我是什么意思",
    "上次那个{item}的事，{who}怎么讲", "我跟家里商量一下再答复你", "这不是钱的问题", "你发的图我看不清楚，重新拍一张", "麻烦把{day}的对账单发我一份", "收货人写{who}，电话不变",
    "加班费按{n}倍算，公司一直没给", "{day}起每天扣{money}，直到完工", "房子{day}必须腾出来", "水电费{money}，你转给{who}就行", "能不能便宜点，{money}我就要了", "已经超过{n}天了，再不处理我只能起诉",
    "你看一下聊天记录，{day}你自己说的", "我不认识{who}，也没借过他的钱", "公章在{who}那里，{day}才能盖", "下雨，今天工地停工", "孩子发烧了，我得去医院一趟", "晚上一起吃饭吗？{place}旁边新开了一家",
    "快递单号发你了，记得签收", "周末有空的话来{place}看看样板", "那就这样定了，{day}见", "我把{item}放在{place}了，你自己去拿", "这个价格包不包括安装？", "对了，{item}要买{n}个，别买错型号",
)  # fmt: skip
LONG = "情况是这样的：{day}我和{who}在{place}当面谈过，约定{thing}一共{money}，分{n}次付清，第一次{money}，剩下的等{item}全部到货以后再付；如果到{day}还没有付，就按每天{money}计算违约金。当时{who}也在场，他可以证实我说的话，{item}的数量是{n}件，其中有{n}件是不合格的，已经退回{place}，运费由你们承担，这一点在{day}的电话里你也承认过，没有提出任何异议。"  # fmt: skip
_DIGITS = "零一二三四五六七八九"


class Slots:
    """Values for the blanks of a sentence, drawn when they are asked for."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def __getitem__(self, name: str) -> str:
        return getattr(self, name)()  # type: ignore[no-any-return]

    def money(self) -> str:
        """A sum with its unit, in one of the usual spellings."""
        rng = self.rng
        amount = rng.randint(1, 99) * 10 ** rng.choice((1, 2, 2, 3, 3))
        style = rng.random()
        if style < 0.4:
            return f"{amount}元"
        if style < 0.55:
            return f"{amount:,}元"
        if style < 0.75:
            return f"{amount / 10000:g}万" if amount >= 1000 else f"{amount}块"
        if style < 0.9:
            return f"{amount}块"
        return f"￥{amount}.00" if style < 0.95 else f"{_DIGITS[rng.randint(2, 9)]}万块"

    def day(self) -> str:
        """A date, full or loose."""
        rng = self.rng
        style = rng.random()
        if style < 0.6:
            return f"{rng.randint(1, 12)}月{rng.randint(1, 28)}日"
        if style < 0.75:
            return f"{rng.randint(1, 28)}号"
        return (
            "周" + rng.choice("一二三四五六日")
            if style < 0.85
            else rng.choice(("月底", "明天", "下周一", "后天", "年前"))
        )

    def hour(self) -> str:
        """A time of day."""
        return f"{self.rng.randint(7, 21)}:{self.rng.choice(('00', '15', '30', '45'))}"

    def n(self) -> str:
        """A small number."""
        return str(self.rng.randint(2, 48))

    def who(self) -> str:
        """A name with a title."""
        return self.rng.choice(SURNAMES) + self.rng.choice(("总", "工", "师傅", "老师", "会计", "经理"))

    def place(self) -> str:
        """A place."""
        return self.rng.choice(PLACES)

    def item(self) -> str:
        """A thing that is delivered or handed over."""
        return self.rng.choice(ITEMS)

    def thing(self) -> str:
        """What money is owed for."""
        return self.rng.choice(THINGS)


class Words:
    """Draws message texts. `stock` is the share of stock replies, `lines` optional sentences of a corpus."""

    def __init__(self, rng: Random, stock: float, lines: tuple[str, ...] = ()) -> None:
        self.rng, self.stock, self.lines = rng, stock, lines
        self.slots = Slots(rng)

    def text(self) -> str:
        """A stock reply or a sentence."""
        return self.rng.choice(STOCK) if self.rng.random() < self.stock else self.sentence()

    def sentence(self) -> str:
        """A sentence of its own, sometimes of two clauses, with an emoji or a line end."""
        rng = self.rng
        if self.lines and rng.random() < 0.3:
            return rng.choice(self.lines)
        first = rng.choice(SENTENCES).format_map(self.slots)
        more = rng.random()
        if more < 0.12:
            return first + rng.choice(("，", "\n", " ", "。")) + rng.choice(SENTENCES).format_map(self.slots)
        if more < 0.2:
            return first + rng.choice(("[微笑]", "[抱拳]", "[流泪]", "🙏", "😅", "！", "～"))
        return first

    def long(self) -> str:
        """A message of more than two hundred characters."""
        return LONG.format_map(self.slots) + LONG.format_map(self.slots)

    def fill(self, pattern: str) -> str:
        """A pattern with its blanks filled."""
        return pattern.format_map(self.slots)


def corpus_lines() -> tuple[str, ...]:
    """Real chat lines where the optional corpus is present, else none."""
    if not CORPUS.is_file():
        return ()
    return tuple(line for line in CORPUS.read_text("utf-8").splitlines() if line.strip())
