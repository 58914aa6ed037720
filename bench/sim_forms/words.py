"""What people write in a quarrel about money, goods, rent or work: stock replies, sentences made of clauses, changes to them."""

import random
import re

STOCK = (
    "好的", "嗯", "好", "收到", "行", "可以", "嗯嗯", "OK", "知道了", "谢谢", "在吗", "哈哈", "没问题", "稍等", "对", "是的", "1", "？", "[强]", "[OK]",
    "不客气", "辛苦了", "[抱拳]", "早", "明白", "好吧", "哦", "等下", "嗯好", "晚点说", "在的", "😂", "好的，谢谢", "行，知道了", "[微笑]", "你好", "怎么样了",
)  # fmt: skip
PLACES = (
    "中山路店",
    "二号仓库",
    "城东工地",
    "老厂房",
    "建设路12号",
    "金桥园区",
    "三楼办公室",
    "物流园A区",
    "河西门面",
    "市场北门",
)
GOODS = (
    "瓷砖",
    "不锈钢管",
    "防水涂料",
    "电缆",
    "办公桌",
    "空调外机",
    "冷冻虾",
    "面料",
    "包装箱",
    "门锁",
    "LED灯",
    "轴承",
    "茶叶",
    "木地板",
)
PEOPLE = ("小李", "王工", "会计", "张姐", "老陈", "司机", "刘总", "物业", "对接的人", "我老婆")
DAYS = ("今天", "明天", "后天", "周五", "下周一", "月底", "15号", "3月28日", "节后", "这两天", "昨天", "上周")
PARTS = ("上午", "下午", "晚上", "中午前", "一早", "")
ASKS = (
    "{day}{part}能把{goods}送到{place}吗", "{goods}的尾款{amount}什么时候能结", "{people}说{goods}少了{n}件，你查一下", "上次说的{amount}到账了没有",
    "{place}的钥匙在谁那里", "合同{day}能签吗", "这批{goods}还是{price}一件吗", "你{day}{part}在{place}吗", "发票开{amount}还是分两张", "{place}那边几点能进场",
)  # fmt: skip
TELLS = (
    "我{day}{part}让{people}过去", "{amount}我先付，余下的{day}再说", "{goods}到了{n}件，有{few}件是坏的", "{place}{day}停电，进不了场",
    "{people}刚给我打电话，说不同意{price}", "钱已经转给{people}了，一共{amount}", "我没有答应过{price}的价格", "押金{amount}不退，合同里写着的", "对账单发你了，差{amount}",
    "{place}的租金从{day}开始算，每月{amount}", "{day}之前不付清，我就不发货", "同意，按{amount}结算", "你的{goods}验收不合格，我们不收",
    "{people}不在，{day}{part}再约", "我不是说不付，是要先看到发票", "这事{people}知道，{place}有监控", "车牌苏A{plate}，{day}{part}到", "快递单号SF{track}",
)  # fmt: skip
TAILS = (
    "",
    "",
    "",
    "。",
    "！",
    "，麻烦了",
    "，你看行不行",
    "，尽快",
    "哈",
    "，不好意思",
    "，我等你消息",
    "，到时候联系",
    "……",
    "～",
)
OPENERS = ("", "", "", "", "那个，", "对了，", "张总，", "兄弟，", "不好意思，", "你好，", "我跟你说，", "老板，")
ODD = ("10:30见", "ok: {amount}", "TEL:13{track}", "P{plate}: 改成{n}件", "https://example.com/d/{track}")
LINKS = ("关于{place}的通知", "{goods}报价单（{day}）", "导航到{place}", "{goods}行情一周")
FILES = ("{place}租赁合同.pdf", "{goods}对账单.xlsx", "报价单{n}.docx", "送货单{plate}.jpg", "验收记录-{place}.pdf")
MEMOS = ("{goods}定金", "房租", "尾款", "", "{place}押金", "工人工资", "运费", "货款")


def filled(rng: random.Random, template: str) -> str:
    """A template with its blanks filled."""
    amount = rng.choice(
        (
            f"{rng.randint(2, 99) * 100}",
            f"{rng.randint(1, 40)}万",
            f"{rng.randint(1000, 99999)}.{rng.randint(0, 99):02}",
            f"{rng.randint(2, 80) * 500}元",
        )
    )
    slots = {
        "day": rng.choice(DAYS), "part": rng.choice(PARTS), "goods": rng.choice(GOODS), "place": rng.choice(PLACES), "people": rng.choice(PEOPLE), "amount": amount,
        "price": f"{rng.randint(3, 980)}块", "n": str(rng.randint(2, 460)), "few": str(rng.randint(1, 9)), "plate": f"{rng.randint(10000, 99999)}", "track": f"{rng.randint(10**8, 10**9 - 1)}",
    }  # fmt: skip
    return template.format(**slots)


def words(rng: random.Random) -> str:
    """One text message."""
    draw = rng.random()
    if draw < 0.34:
        return STOCK[min(int(rng.expovariate(0.16)), len(STOCK) - 1)]
    if draw < 0.365:
        return filled(rng, rng.choice(ODD))
    clauses = [
        filled(rng, rng.choice(ASKS if rng.random() < 0.35 else TELLS))
        for _ in range(1 + (rng.random() < 0.22) + 3 * (rng.random() < 0.04))
    ]
    joined = ("\n" if rng.random() < 0.12 else "，").join(clauses)
    asks = clauses[-1].endswith(("吗", "没有", "结", "场", "件", "张", "里"))
    return rng.choice(OPENERS) + joined + ("？" if asks and rng.random() < 0.6 else rng.choice(TAILS))


def distinct(rng: random.Random) -> str:
    """One text message that is nobody's stock reply."""
    return rng.choice(OPENERS) + filled(rng, rng.choice(TELLS)) + rng.choice(TAILS)


def other_amount(rng: random.Random, text: str) -> str | None:
    """The text with one of its numbers changed in substance; None where it has none."""
    found = list(re.finditer(r"(?<![.\d])\d+", text))
    if not found:
        return None
    one = rng.choice(found)
    old = one.group()
    new = rng.choice((old + "0", str(int(old[0]) % 9 + 1) + old[1:], old[:-1] + str((int(old[-1]) + 3) % 10)))
    return text[: one.start()] + new + text[one.end() :]


def negated(text: str) -> str | None:
    """The text with a negation put in or taken out; None where there is no place for one."""
    for old, new in (
        ("不是说不", "是说"),
        ("没有答应", "答应"),
        ("不同意", "同意"),
        ("同意", "不同意"),
        ("不退", "可退"),
        ("不收", "收下"),
        ("不在", "在"),
        ("我先付", "我不付"),
        ("已经转", "没有转"),
        ("能", "不能"),
    ):
        if old in text:
            return text.replace(old, new, 1)
    return None
