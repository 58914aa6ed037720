"""Facts that records of files, payments, links and places state, whatever a tool writes around them."""

import pytest

from reconcile.engine.content.facts import are_one_record, link_title, name_in, stands_for_record
from reconcile.wechat.kind_classes import FILE, LINK, PAYMENT, PLACE


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("【文件】设计图V51.dwg 0.25 MB FileStorage/File/2023-09/设计图V51.dwg dwg 0f1179beced9612bfcf6a2f33b5929f3", "设计图V51.dwg"),
        ("[文件] 设计图V51.dwg（已过期）", "设计图V51.dwg"),
        ("文件：设计图V20.dwg（可在附件中查看）", "设计图V20.dwg"),
        ("（文件，合同.docx）", "合同.docx"),
        ("[文件|合同.docx](http://127.0.0.1/a)", "合同.docx"),
        ("[文件] 报价 v1.2 终.xlsx", "报价 v1.2 终.xlsx"),
        ("[文件] 送货单2306.jpg.pdf (0.5 MB, pdf)", "送货单2306.jpg.pdf"),
        (r"D:\合同\合同.docx", "合同.docx"),
        ("[文件] v1.2", ""),
    ],
)  # fmt: skip
def test_the_name_of_a_file_ends_with_its_ending(text: str, name: str) -> None:
    assert name_in(text) == name


@pytest.mark.parametrize(
    ("cls", "left", "right", "told"),
    [
        (FILE, "[文件] 合同.docx（已过期）", "【文件】合同.docx 0.25 MB a/合同.docx docx", True),
        (FILE, "[文件] 合同.docx（已过期）", "【文件】合同2.docx 0.25 MB a/合同2.docx docx", False),
        (FILE, "[文件]", "[文件] 合同.docx", None),
        (PAYMENT, "[已收款] ¥5,000.50", "[转账收款] ￥5000.50 工资", True),
        (PAYMENT, "[已收款] ¥5000.50", "[转账收款] ￥50000.50 工资", False),
        (PAYMENT, "[转账] ¥5000.50 借款", "[转账] ￥5000.50 工资", False),
        (PAYMENT, "[转账] 你发起了一笔转账 ￥5000.50", "[转账] 请收款 ￥5000.50 工资", True),
        (LINK, "[链接: 发票8891下载]", "【分享链接】\n标题：发票8891下载\n描述：点击\n链接: https://a.cn/1", True),
        (PLACE, "[位置|上海市浦东新区店里11号|上海|31.2|121.5]", "[位置] 店里 上海市浦东新区店里11号 (31.200000,121.500000)", True),
        (PLACE, "[位置|上海市浦东新区店里11号|上海|31.2|121.5]", "[位置] 市场（435号店） 上海市浦东新区店里11号", True),
        (PLACE, "[位置|上海市浦东新区店里11号|上海|31.2|121.5]", "[位置] 市场（435号店） 上海市浦东新区店里12号", False),
        (PLACE, "[位置|31.23|121.47]", "[位置] (121.473701, 31.230416)", True),
        (PLACE, "[位置|31.23|121.47]", "[位置] (121.473701, 31.330416)", False),
        (PLACE, "[位置|上海市浦东新区店里1号|上海]", "[位置] 上海市浦东新区店里12号", False),
        (PLACE, '纬度:【31.23】 经度:【121.47】\n位置：店里28号 \n其他信息：{\n "scale": "15",\n "cityname": "上海市"\n}', "【位置分享】\n坐标: (31.230416,121.473701)\n名称: 店里28号\n标签: 店里28号\n", True),
        (PLACE, "纬度:【31.23】 经度:【121.47】\n位置：店里28号", "坐标: (31.330416,121.473701)\n名称: 店里28号", False),
        (PLACE, "[位置|上海市浦东新区店里1|上海]", "[位置] 上海市浦东新区店里12", False),
    ],
)  # fmt: skip
def test_records_are_one_by_the_facts_that_both_state(cls: int, left: str, right: str, *, told: bool | None) -> None:
    assert are_one_record(left, right, cls) is told
    assert are_one_record(right, left, cls) is told


def test_words_of_a_person_stand_for_no_record() -> None:
    assert stands_for_record("你还欠我 ¥5000.50", "￥5000.50", PAYMENT) is None


def test_words_behind_a_file_that_the_record_does_not_state_are_somebodys() -> None:
    assert stands_for_record("文件：合同.docx（我已同意）", "合同.docx", FILE) is False


@pytest.mark.parametrize("words", ["房租 金额=￥5000.00 状态=转账", "金额：5000元 状态：已收款"])
def test_named_fields_of_a_sum_and_a_state_are_how_a_tool_writes_the_payment(words: str) -> None:
    assert stands_for_record(words, "转账 ￥5000.00 房租", PAYMENT)
    assert stands_for_record(words, "微信转账 ￥5000.00 - 转账", PAYMENT)
    assert stands_for_record(words, "转账 ￥500.00 房租", PAYMENT) is False


@pytest.mark.parametrize(
    "text",
    [
        "[链接|[腾讯文档] 对账表4月](https://docs.qq.com/sheet/DCM8301)",
        "[[腾讯文档] 对账表4月](https://docs.qq.com/sheet/DCM8301)",
        "[链接] [腾讯文档] 对账表4月\nhttps://docs.qq.com/sheet/DCM8301",
        "【分享链接】\n标题：[腾讯文档] 对账表4月\n描述：点击查看\n链接: https://docs.qq.com/sheet/DCM8301",
        "[腾讯文档] 对账表4月 https://docs.qq.com/sheet/DCM8301",
    ],
)
def test_a_title_may_begin_with_a_source_in_brackets(text: str) -> None:
    assert link_title(text) == "[腾讯文档] 对账表4月"


def test_a_links_title_stands_in_a_mark_of_any_brackets() -> None:
    written = "[链接] 利率怎么算\nhttps://a.cn/b", "（链接：利率怎么算）", "(链接: 利率怎么算)", "[链接：利率怎么算]"
    assert {link_title(t) for t in written} == {"利率怎么算"}
    assert link_title("（注意：利率怎么算）") != "利率怎么算"
