"""One part of a message that a row states otherwise than its partner: a habit of two exports, or a change of this row."""

from typing import Any

import polars as pl
import pytest

from reconcile.intake.contract import FormLimits
from tests.build.chats import Row, chat, grade_of, held, held_direct, relations_in, said
from tests.build.together import Comparing

# What the left side writes at some places, what the right side writes there, and the kind of these rows.
Table = dict[str, tuple[str, list[tuple[str, str]]]]

# A value that both sides state differently in a single message, with nothing to compare it with.
CHANGED: Table = {
    "memo of a transfer": ("transfer", [("[转账] ￥50000.00 借款", "[转账] ￥50000.00 自愿赠与")]),
    "memo below its label": ("transfer", [("【发起转账】:￥500.00\n备注: 借款\n", "【发起转账】:￥500.00\n备注: 赠与\n")]),
    "received against returned": ("transfer", [("微信转账 ￥500.00 - 已收款", "微信转账 ￥500.00 - 已退还")]),
    "receipt against refund": ("transfer", [("[转账收款] ￥500.00", "[转账退还] ￥500.00")]),
    "currency": ("transfer", [("[转账] ￥500.00", "[转账] $500.00")]),
    "greeting of a red packet": ("red_packet", [("[红包]还你上次借的钱", "[红包]恭喜发财，大吉大利")]),
    "transcript of a voice": ("voice", [("[语音] 转写：我同意延期到月底", "[语音] 转写：我不同意延期到月底")]),
    "transcripts of other words": ("voice", [("[语音] 转写：这批货我要四万五", "[语音] 转写：最多给你两万块钱"), ("[语音] 转写：明天上午见面谈", "[语音] 转写：没有别的办法了")]),
    "lines of a forwarded bundle": ("forward", [("[聊天记录]两人的聊天记录\n甲: 已收到五万", "[聊天记录]两人的聊天记录\n甲: 还差五万")]),
    "line of a bundle without a title": ("forward", [("甲: 我出5万\n乙: 可以", "甲: 我出2万\n乙: 可以")]),
    "sum in a line of a bundle": ("forward", [("[聊天记录]\n甲: 我出￥500\n乙: 可以", "[聊天记录]\n甲: 我出￥5000\n乙: 可以")]),
    "line that one bundle lacks": ("forward", [("[聊天记录]\n甲: 我出5万\n乙: 亏了我也担", "[聊天记录]\n甲: 我出5万")]),
    "day of a transfer": ("transfer", [("转账：￥500.00\n转账时间：2024-03-11 09:34:20", "转账：￥500.00\n转账时间：2024-04-11 09:34:20")]),
    "name of a group": ("system", [('"甲" 修改群名为“开店5万群”', '"甲" 修改群名为“开店3万群”')]),
    "sum in a notice": ("system", [("对方已收款500.00元", "你已收款5000元")]),
    "broken line": ("text", [("不同意加价", "不\n同意加价")]),
    "moved line end": ("text", [("押金可以退\n不扣清洁费", "押金可以退不\n扣清洁费")]),
    "digits that one row masks": ("text", [("6228480338219930577 农行", "6228***********0577 农行")]),
    "place": ("location", [("[位置]苏州工业园12号", "【位置】西安朝阳路88号")]),
    "coordinates of a place": ("location", [("[位置|上海市浦东新区店里11号|上海|31.2|121.5]", "[位置] 小区门口 上海市浦东新区店里11号 (31.900000,121.500000)")]),
    "number in the address of a place": ("location", [("[位置|上海市浦东新区店里1号|上海|31.2|121.5]", "[位置] 小区门口 上海市浦东新区店里11号 (31.200000,121.500000)")]),
    "words of a bundle in two layouts": ("forward", [("[合并转发|群聊]\n  甲 2024-05-26 07:52:50\n  ok: 不同意\n", "【合并转发的聊天记录】\n\n    - 2024-05-26 07:52:50 甲: ok: 同意\n")]),
    "person on a card": ("card", [("[名片]陈建国", "【名片】李敏")]),
    "call that was answered": ("call", [("[语音通话] 通话时长 12:33", "[语音通话] 已取消")]),
    "name of a file": ("file", [("[文件] 报价-5.20.xlsx", "[文件] 报价520.xlsx")]),
    "notice of a payment": ("system", [("对方已确认收款", "你的转账已被退还")]),
    "unit of a sum": ("text", [("还100块", "还100")]),
    "words for a number": ("text", [("月底前还3万元", "月底前还三万元")]),
    "comma in the number of a thing": ("text", [("2,345号箱还在仓库", "2345号箱还在仓库")]),
    "emoji in two writings": ("text", [("[强]", "👎")]),
    "version": ("text", [("按1.0版的合同办", "按1版的合同办")]),
    "prefix": ("text", [("50000:这是总价，不含税", "这是总价，不含税")]),
    "direction of writing": ("text", [("月底前付30000元", "月底前付\u202e30000\u202c元")]),
    "digits of a number": ("text", [("6222021234567890123", "6222021234567890000")]),
    "question alone": ("text", [("？？？", "")]),
    "picture in place of an emoji": ("text", [("👌", "[图片]")]),
    "condition that was quoted": ("quote", [("行\n引用：甲: 可以，但人为损坏不算", "行\n引用：甲: 可以")]),
    "words behind what was quoted": ("quote", [("不拖\n引用：甲: 尾款别拖", "不拖\n引用：甲: 尾款别拖，利息就算了")]),
    "quotation of nothing that was said": ("quote", [("行", "行\n引用：甲: 本金也可以不还")]),
}  # fmt: skip
# Two statements of one person, whose words no tool makes equal.
ALTERED: Table = {
    "about three to five": ("text", [("三五天之内付清", "35天之内付清")]),
    "January and February": ("text", [("一二月的房租", "12月的房租")]),
    "two months": ("text", [("两月的房租", "二月的房租")]),
    "two times": ("text", [("二次付款", "两次付款")]),
    "unit of a house": ("text", [("3单元", "3单")]),
    "articles in circles": ("text", [("第①②条作废", "第12条作废")]),
    "square": ("text", [("仓库10²平", "仓库102平")]),
    "lower digits": ("text", [("单价23.5", "单价23.₅")]),
    "emoji codes": ("text", [("[OK]", "[NO]")]),
}
# Differences that two tools make, or that a later export shows.
HABITS: Table = {
    "placeholder in other brackets": ("location", [("[位置]苏州工业园12号", "【位置】苏州工业园12号")]),
    "place with its coordinates": ("location", [("[位置] 东莞235号 (38.08447,115.72115)", "东莞235号")]),
    "place with its address and city": ("location", [("[位置|上海市浦东新区店里11号|上海|31.2|121.5]", "[位置] 小区门口 上海市浦东新区店里11号 (31.200000,121.500000)")]),
    "place with its name and address": ("location", [("[位置|上海市浦东新区店里11号|上海|31.2|121.5]", "【位置】小区门口 上海市浦东新区店里11号")]),
    "file that a phone no longer has": ("file", [("【文件】设计图V51.dwg 0.25 MB FileStorage/File/2023-09/设计图V51.dwg dwg 0f1179beced9612bfcf6a2f33b5929f3", "[文件] 设计图V51.dwg（已过期）")]),
    "bundle in two layouts": ("forward", [("[合并转发|群聊的聊天记录]\n  甲 2024-05-26 07:52:50\n  ok: 10000，周六付\n\n", "【合并转发的聊天记录】\n\n    - 2024-05-26 07:52:50 甲: ok: 10000，周六付\n")]),
    "memo below its label": ("transfer", [("[转账] ￥500.00 房租", "【发起转账】:￥500.00\n备注: 房租\n")]),
    "transfer that was received later": ("transfer", [("[转账] ￥500.00 房租", "[转账收款] ￥500.00 房租")]),
    "memo that one tool leaves out": ("transfer", [("[转账] ￥500.00 房租", "[转账] ￥500.00")]),
    "memo beside a sum between both its signs": ("transfer", [("[转账] ￥500.00 房租", "转账[￥500.00元]")]),
    "greeting behind a label": ("red_packet", [("[红包]恭喜发财，大吉大利", "微信红包")]),
    "title of a bundle against its lines": ("forward", [("[聊天记录]甲和乙的聊天记录", "【合并转发的聊天记录】\n\n    - 2024-03-01 甲: 工地")]),
    "names in a bundle": ("forward", [("[聊天记录]群聊的聊天记录\n甲: 收到", "[聊天记录]群聊的聊天记录\n甲（老板）: 收到")]),
    "times in a bundle": ("forward", [("[合并转发|群聊]\n  甲 05-26 07:52:50\n  我出5万\n\n  乙 05-26 11:31:05\n  可以\n", "群聊的聊天记录\n甲: 我出5万\n乙: 可以")]),
    "kind of an item of a bundle": ("forward", [("群聊的聊天记录\n甲: 行\n乙: [图片]\n甲: 我出500元", "[聊天记录] 群聊\n甲: 行\n乙: \n甲: 我出500元")]),
    "end of a bundle": ("forward", [("<< 群聊\n甲 (2022-02-12 13:25:04):我出5万\n群聊 结束 >>", "【合并转发的聊天记录】\n\n    - 2022-02-12 13:25:04 甲: 我出5万\n")]),
    "calls by the point of view": ("call", [("[语音通话] 对方无应答", "[语音通话] 未接听")]),
    "notice by the point of view": ("system", [("你领取了甲的红包", "乙领取了你的红包")]),
    "sum in a notice by the point of view": ("system", [("对方已收款5,000.00元", "你已收款5000元")]),
    "lines joined by a blank": ("text", [("同意\n明天付", "同意 明天付")]),
    "a memo that speaks of a refund": ("transfer", [("[转账] ￥705.00 退款", "【已收款】:￥705.00\n备注: 退款\n")]),
    "a transcript made on one phone": ("voice", [("[语音] 我明天还你", "[语音] 我明天还你"), ("[语音] 在路上了", "[语音] 在路上了"), ("[语音] 我同意", "[语音]")]),
    "the length of a voice in seconds": ("voice", [("[语音] 12″", "[语音]"), ("[语音] 我同意", "[语音] 我同意"), ("[语音] 行", "[语音] 行")]),
    "transcripts of two engines": ("voice", [("[语音] 我明天还你", "[语音] 我明天换你"), ("[语音] 在路上了", "[语音] 再路上了")]),
    "sums with separated thousands": ("text", [("尾款3,000元", "尾款3000元"), ("定金12,500.00元", "定金12500元"), ("2024年付3次", "2024年付3次")]),
    "emoji that a tool leaves out": ("text", [("👌", "")]),
    "emoji behind words that a tool leaves out": ("text", [("好的👌", "好的")]),
    "quotation that a tool leaves out": ("quote", [("行\n引用：甲: 第3批水泥20件已经送到3号楼了", "行")]),
    "quoted message that is gone": ("quote", [("行\n引用：甲: 可以，但人为损坏不算", "行「引用内容不存在」")]),
    "another part of each place": ("location", [("[位置]苏州中心", "[位置]星海街2号"), ("[位置]东方之门", "[位置]星港街9号"), ("[位置]月光码头", "[位置]广大路3号")]),
}  # fmt: skip
# A part that both sides state equally twice, and that one side leaves out once.
SELECTIVE: Table = {
    "memo": ("transfer", [("[转账] ￥1.00 货款", "[转账] ￥1.00 货款"), ("[转账] ￥2.00 定金", "[转账] ￥2.00 定金"), ("[转账] ￥3.00 借款", "[转账] ￥3.00")]),
    "digits under a mask": ("text", [("尾款50000元", "尾款50000元"), ("定金86500元", "定金86500元"), ("月底前付30000元", "月底前付*****元")]),
    "emoji": ("text", [("👍", "👍"), ("👍👍", "👍👍"), ("👌", "[表情]")]),
    "emoji by its name": ("text", [("好[强]", "好[强]"), ("谢谢[微笑]", "谢谢[微笑]"), ("我同意[捂脸]", "我同意")]),
    "end of a text": ("text", [(t, t) for t in ("尾款八万六千五百元别拖了拖一天算一天违约金拖满一月我就起诉", "补货已经发出请在三天之内派人到仓库点清楚少了的下周再补发")] + [("我同意这笔钱算借款年底前连本带利一起还给你不还就拿房子抵", "我同意这笔钱算借款年底前连本带利一起...")]),
    "ends at unequal places": ("text", [("我同意这笔钱算借款年底前连本带利一起还给你", "我同意这笔钱算借款年底前连本带利……"), ("关于押金这件事我再说一遍月底之前你先把材料交给王师傅看我就全额退款", "关于押金这件事我再说一遍月底之前你先把材料交给王师傅看……"), ("上次在店里谈的时候大家都说好了其余的我放弃不用你还", "上次在店里谈的时候大家都说好了...")]),
    "quotation": ("quote", [(t, t) for t in ("行\n引用：甲: 第3批水泥20件已经送到3号楼了", "好\n引用：甲: 第5批水泥26件已经送到5号楼了")] + [("可以\n引用：甲: 第7批水泥32件已经送到7号楼了", "可以")]),
}  # fmt: skip
# One value in place of several.
CONSTANT: Table = {
    "places": ("location", [("[位置]双桥东路5号", "[位置]胜太西路1号"), ("[位置]文三路9号", "[位置]胜太西路1号"), ("[位置]广大路3号", "[位置]胜太西路1号")]),
    "people on cards": ("card", [("[名片]李敏", "[名片]陈建国"), ("[名片]王强", "[名片]陈建国")]),
    "lines of bundles": ("forward", [("[聊天记录]\n甲: 已收到五万", "[聊天记录]\n甲: 详见附件"), ("[聊天记录]\n甲: 货退回了", "[聊天记录]\n甲: 详见附件")]),
}  # fmt: skip
# Words of a form that names no kinds, the record that the other side holds there, and its kind.
AS_WORDS: Table = {
    "file under a label": ("file", [("文件：设计图V20.dwg（可在附件中查看）", "【文件】设计图V20.dwg 0.49 MB FileStorage/File/2024-05/设计图V20.dwg dwg 2780e3ea426c77385a4a00749a1c0d5c")]),
    "receipt": ("transfer", [("[已收款] ¥50000.50", "[转账收款] ￥50000.50 工资")]),
    "link": ("link", [("[链接: 电子发票8891下载]", "【分享链接】\n标题：电子发票8891下载\n描述：点击查看\n链接: https://a.cn/s/1\n应用：\n")]),
    "mark alone": ("link", [("[非文本消息]", "[链接] 今年建材价格走势")]),
    "name of a file told by hand": ("file", [("发送文件“设计图V20.dwg”", "[文件] 设计图V20.dwg")]),
    "file, its name and its size": ("file", [("文件 设计图V20.dwg 1.2MB", "[文件] 设计图V20.dwg")]),
    "sum told by hand": ("transfer", [("向对方转账50000.50元（工资）", "[转账] ￥50000.50 工资")]),
    "sum without a sign": ("transfer", [("微信转账 50000.50", "[转账] ￥50000.50 工资")]),
    "place told by hand": ("location", [("定位：幸福小区 中山路12号", "[位置] 幸福小区 中山路12号 (31.2,121.5)")]),
    "length of a call in words": ("call", [("语音通话1分5秒", "[语音通话] 01:05")]),
    "place": ("location", [("[地点] 店里 上海市浦东新区店里11号", "[位置|上海市浦东新区店里11号|上海|31.2|121.5]")]),
}  # fmt: skip
OTHER_AS_WORDS: Table = {
    "file of another name": ("file", [("文件：设计图V21.dwg（可在附件中查看）", "【文件】设计图V20.dwg 0.49 MB FileStorage/File/2024-05/设计图V20.dwg dwg 2780e3ea426c77385a4a00749a1c0d5c")]),
    "words in brackets behind a file": ("file", [("文件：设计图V20.dwg（我已同意）", "[文件] 设计图V20.dwg")]),
    "another sum": ("transfer", [("[已收款] ¥5000.50", "[转账收款] ￥50000.50 工资")]),
    "returned and received": ("transfer", [("[已退还] ¥50000.50", "[转账收款] ￥50000.50")]),
    "words of a person about a sum": ("transfer", [("你还欠我 ¥50000.50", "[转账收款] ￥50000.50")]),
    "another memo": ("transfer", [("[已收款] ¥50000.50 借款", "[转账收款] ￥50000.50 工资")]),
    "link of another title": ("link", [("[链接: 电子发票8892下载]", "【分享链接】\n标题：电子发票8891下载\n描述：点击查看\n链接: https://a.cn/s/1\n应用：\n")]),
    "another name told by hand": ("file", [("发送文件“设计图V21.dwg”", "[文件] 设计图V20.dwg")]),
    "another sum told by hand": ("transfer", [("向对方转账5000.50元（工资）", "[转账] ￥50000.50 工资")]),
    "another sum without a sign": ("transfer", [("微信转账 5000.50", "[转账] ￥50000.50 工资")]),
    "a negation before a sum": ("transfer", [("不转账50000.50元", "[转账] ￥50000.50")]),
    "another length of a call": ("call", [("语音通话2分40秒", "[语音通话] 01:05")]),
    "another place": ("location", [("[地点] 店里 上海市浦东新区店里12号", "[位置|上海市浦东新区店里11号|上海|31.2|121.5]")]),
}  # fmt: skip


def placed(table: tuple[str, list[tuple[str, str]]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Both sides of a chat that holds these bodies, each between plain messages."""
    kind, bodies = table
    who: dict[str, Any] = {"who": None} if kind == "system" else {}
    left, right = (
        said(chat(20), {9 + 2 * i: b[side] for i, b in enumerate(bodies)}, kind=kind, **who) for side in (0, 1)
    )
    return left, right


def placed_as_words(table: tuple[str, list[tuple[str, str]]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """As `placed`, with the left bodies as words."""
    left, right = placed(table)
    return [r | {"kind": "text"} for r in left], right


@pytest.mark.parametrize("name", CHANGED)
def test_a_part_that_both_sides_state_differently_once_is_in_doubt(name: str) -> Comparing:
    assert grade_of((yield placed(CHANGED[name]))) == "cannot_determine"


@pytest.mark.parametrize("name", ALTERED)
def test_words_that_only_look_like_another_spelling_are_altered(name: str) -> Comparing:
    assert grade_of((yield placed(ALTERED[name]))) == "conflicting"


@pytest.mark.parametrize("name", SELECTIVE)
def test_a_part_that_one_side_leaves_out_although_it_states_it_elsewhere_is_in_doubt(name: str) -> Comparing:
    assert grade_of((yield placed(SELECTIVE[name]))) == "cannot_determine"


@pytest.mark.parametrize("name", CONSTANT)
def test_one_value_in_place_of_several_states_none_of_them(name: str) -> Comparing:
    found = yield placed(CONSTANT[name])
    assert grade_of(found) in ("cannot_determine", "conflicting")


@pytest.mark.parametrize("name", HABITS)
def test_what_two_tools_write_differently_is_a_difference_of_form(name: str) -> Comparing:
    assert grade_of((yield placed(HABITS[name]))) == "explained_differences"


@pytest.mark.parametrize("name", AS_WORDS)
def test_a_record_that_one_side_shows_as_words_agrees_by_the_facts_that_both_state(name: str) -> Comparing:
    assert grade_of((yield placed_as_words(AS_WORDS[name]))) == "explained_differences"


@pytest.mark.parametrize("name", OTHER_AS_WORDS)
def test_words_that_state_other_facts_than_the_record_are_not_clean(name: str) -> Comparing:
    assert grade_of((yield placed_as_words(OTHER_AS_WORDS[name]))) not in ("explained_differences", "no_gap_found")


# What one side leaves out in all messages of a kind.
THROUGHOUT: dict[str, tuple[str, str, str]] = {
    "memo": ("transfer", "[转账] ￥{}00.00 借款", "[转账] ￥{}00.00"),
    "quotation": ("quote", "行，{}号见\n引用：甲: 第3批水泥20件已经送到3号楼了", "行，{}号见"),
    "name of a file": ("file", "[文件] 补充协议{}.pdf", "[文件]"),
}


@pytest.mark.parametrize(("tool", "grade"), [("WeFlow", "cannot_determine"), (None, "explained_differences")])
@pytest.mark.parametrize("name", THROUGHOUT)
def test_what_one_tool_writes_it_writes_in_both_exports(name: str, tool: str | None, grade: str) -> Comparing:
    kind, stated, silent = THROUGHOUT[name]
    left, right = (said(chat(), {i: t.format(i) for i in (4, 9, 14, 19)}, kind=kind) for t in (stated, silent))
    limits = FormLimits(is_of_known_make=tool is not None)
    found = yield held(left, 0, tool=tool, limits=limits), held(right, 1, tool=tool, limits=limits)
    assert grade_of(found) == grade


# A part that all devices hold alike, with two values.
TWO_VALUES: dict[str, tuple[Row, Row]] = {
    "memo": ({"kind": "transfer", "text": "[转账] ￥500.00 货款"}, {"text": "[转账] ￥500.00 还清全部欠款"}),
    "greeting": ({"kind": "red_packet", "text": "[红包] 本月工资"}, {"text": "[红包] 赔偿款"}),
    "address": ({"kind": "link", "text": "水泥报价", "url": "https://a.cn/s/ab12"}, {"url": "https://b.cn/p/zz99"}),
    "size": ({"kind": "file", "text": "[文件] 合同.pdf", "file_size": 71_000}, {"file_size": 161_000}),
}


@pytest.mark.parametrize(("tool", "grade"), [("WeFlow", "conflicting"), (None, "cannot_determine")])
@pytest.mark.parametrize("name", TWO_VALUES)
def test_two_values_of_a_part_are_a_conflict_where_one_tool_wrote_both(
    name: str, tool: str | None, grade: str
) -> Comparing:
    one, other = TWO_VALUES[name]
    left, right = ([r | told if i == 9 else r for i, r in enumerate(chat())] for told in (one, one | other))
    limits = FormLimits(is_of_known_make=tool is not None)
    found = yield held(left, 0, tool=tool, limits=limits), held(right, 1, tool=tool, limits=limits)
    assert grade_of(found) == grade


@pytest.mark.parametrize(("is_known", "grade"), [(True, "cannot_determine"), (False, "explained_differences")])
def test_words_before_a_colon_that_a_known_form_never_strips_are_in_doubt_however_many_lack_them(
    grade: str, *, is_known: bool
) -> Comparing:
    rows = said(chat(), {i: f"{i}500:这是第{i}件的总价，不含税" for i in (4, 9, 14, 19)})
    bare = [r | {"text": r["text"].rpartition(":")[2]} for r in rows]
    limits = FormLimits(is_of_known_make=is_known)
    assert grade_of((yield rows, held(bare, 1, limits=limits))) == grade


def test_a_doubtful_part_is_named_in_its_row() -> Comparing:
    left, right = placed(CHANGED["memo of a transfer"])
    found = (yield left, right).alignment
    doubtful = found.filter(pl.col("relation").cast(pl.String) == "doubtful")
    assert doubtful.select(pl.col("cause", "detail").cast(pl.String)).rows() == [("weak_match", "memo")]


def test_a_prefix_that_the_form_is_known_to_strip_is_a_difference_of_form() -> Comparing:
    left, right = placed(CHANGED["prefix"])
    found = yield held_direct(left, 0), held_direct(right, 1, limits=FormLimits(strips_prefix=True))
    assert found.verdicts["grade"].to_list() == ["explained_differences"]


def test_a_part_that_the_form_is_known_to_cut_is_a_difference_of_form() -> Comparing:
    left = said(chat(20), {9: "我同意这笔钱算借款，年底前连本带利一起还给你"})
    right = said(left, {9: left[9]["text"][:18]})
    found = yield held_direct(left, 0), held_direct(right, 1, limits=FormLimits(text_cut_at=18))
    assert "doubtful" not in found.alignment["relation"].cast(pl.String).to_list()


def test_a_text_that_a_form_with_marked_cuts_does_not_mark_was_not_cut_by_it() -> Comparing:
    left = said(chat(20), {9: "我同意这笔钱算借款，年底前连本带利一起还给你"})
    right = said(left, {9: left[9]["text"][:18]})
    limits = FormLimits(text_cut_at=18, marks_cuts=True)
    found = yield held_direct(left, 0), held_direct(right, 1, limits=limits)
    assert "doubtful" in found.alignment["relation"].cast(pl.String).to_list()


@pytest.mark.parametrize(
    ("lengths", "grade"), [((31,) * 6, "explained_differences"), ((31,) * 6 + (20,), "cannot_determine")]
)
def test_marked_cuts_at_one_length_are_a_tools_and_one_before_its_limit_is_not(
    lengths: tuple[int, ...], grade: str
) -> Comparing:
    whole = said(
        chat(),
        {
            2 + 3 * i: f"关于第{i}批货我们之前谈好的条件是这样的，先付一半，余下的等验收以后一次付清"
            for i in range(len(lengths))
        },
    )
    cut = [
        r | {"text": r["text"][: lengths[(i - 2) // 3]] + "…(内容过长已截断)"} if len(r["text"]) > 32 else r
        for i, r in enumerate(whole)
    ]
    assert grade_of((yield whole, cut)) == grade


@pytest.mark.parametrize(("line", "relations"), [("我出5万", {"agreement"}), ("我出2万", {"agreement", "doubtful"})])
def test_lines_of_a_bundle_are_compared_with_those_that_another_form_keeps_beside_the_title(
    line: str, relations: set[str]
) -> Comparing:
    rows = said(chat(20), {9: "群聊的聊天记录\n甲: 我出5万\n乙: 可以"}, kind="forward")
    beside = [
        r | {"text": "群聊的聊天记录", "quoted_text": f"甲: {line}\n乙: 可以"} if i == 9 else r
        for i, r in enumerate(rows)
    ]
    assert relations_in((yield rows, beside)) == relations


def _with_payments(received: str, *, first: str) -> list[Row]:
    """A chat of transfers by one party, each followed by the other's receipt, the first written otherwise."""
    rows = chat()
    for i in range(4, 28, 8):
        rows = said(rows, {i: f"[转账] ￥{i}00.00"}, kind="transfer")
        rows = said(rows, {i + 1: f"{first if i == 4 else received} ￥{i}00.00"}, kind="transfer")
    return rows


@pytest.mark.parametrize(
    ("received", "first", "grade"),
    [("[已收款]", "[转账]", "cannot_determine"), ("[转账]", "[转账]", "explained_differences")],
)
def test_a_receipt_that_alone_looks_like_a_further_payment_is_in_doubt(
    received: str, first: str, grade: str
) -> Comparing:
    left = held(_with_payments("[转账收款]", first="[转账收款]"), 0)
    assert grade_of((yield left, _with_payments(received, first=first))) == grade


def test_a_payment_that_alone_looks_like_a_receipt_is_in_doubt_where_both_sides_hold_its_receipt() -> Comparing:
    left = _with_payments("[转账收款]", first="[转账收款]")
    right = said(left, {12: "[转账收款] ￥1200.00"}, kind="transfer")
    assert grade_of((yield left, right)) == "cannot_determine"


@pytest.mark.parametrize(("returned", "grade"), [(False, "explained_differences"), (True, "cannot_determine")])
def test_a_side_that_calls_no_payment_open_or_returned_has_no_word_for_a_return(
    returned: bool, grade: str
) -> Comparing:
    left = _with_payments("[转账收款]", first="[转账退还]")
    right = said(_with_payments("[已收款]", first="转账："), {5: "转账：￥400.00"}, kind="transfer")
    if returned:
        left, right = said(left, {13: "[转账退还] ￥1200.00"}), said(right, {13: "[已退还] ￥1200.00"})
    assert grade_of((yield held(left, 0), right)) == grade


def test_a_call_of_which_one_side_alone_leaves_out_how_it_ended_is_in_doubt() -> Comparing:
    rows = said(chat(), {9: "[语音通话] 通话时长 12:33"}, kind="call")
    words = said(rows, {9: "[语音通话 未接通]"})
    assert grade_of((yield rows, words)) == "cannot_determine"


def test_numbers_that_one_side_hides_whole_are_not_compared_however_many() -> Comparing:
    rows = said(chat(), {i: f"货款一共5{i:02}00元，年底付清" for i in (4, 9, 14, 19, 24)})
    hidden = said(rows, dict.fromkeys((4, 9, 14, 19, 24), "货款一共*****元，年底付清"))
    verdict = (yield rows, hidden).verdicts.row(0, named=True)
    assert (verdict["grade"], "content_not_stated" in verdict["reasons"]) == ("cannot_determine", True)


OLD = "[Money Transfer]\n收到转账{}.00元。如需收钱，请点此升级至最新版本"


def test_the_description_that_old_clients_show_on_both_cards_of_a_payment_is_neither_a_memo_nor_a_state() -> Comparing:
    sums = {2: 500, 12: 500, 22: 700, 32: 20000}
    shown = {i: f"[转账] ￥{n}.00 {'房租' if i < 20 else ''}" for i, n in sums.items()}
    shown |= {i + 1: t.replace("转账", "转账收款") for i, t in shown.items()}
    described = {i + k: OLD.format(n) for i, n in sums.items() for k in (0, 1)}
    left, right = (held(said(chat(), t, kind="transfer"), n) for n, t in enumerate((described, shown)))
    assert relations_in((yield left, right)) == {"agreement"}


@pytest.mark.parametrize(
    ("lacking", "grade"),
    [
        ({5, 13, 21, 29}, "explained_differences"),
        ({5}, "cannot_determine"),
        ({5, 13, 21, 28}, "cannot_determine"),
        ({4, 5, 13, 21, 29}, "cannot_determine"),
    ],
)
def test_receipts_of_a_form_that_writes_memos_on_payments_alone_state_none(lacking: set[int], grade: str) -> Comparing:
    left = right = chat()
    for i in range(4, 36, 8):
        for at, mark in ((i, "转账"), (i + 1, "已收款")):
            words = f"[{mark}] ￥{i}00.00"
            left = said(left, {at: f"{words} 货款"}, kind="transfer")
            right = said(right, {at: words if at in lacking else f"{words} 货款"}, kind="transfer")
    assert grade_of((yield left, right)) == grade


@pytest.mark.parametrize(
    ("memo", "receipt", "grade"),
    [
        ("货款", "[已收款] ￥500.00 货款", "explained_differences"),
        ("货款", "[已收款] ￥500.00 定金", "cannot_determine"),
        ("", "[已收款] ￥500.00 货款", "cannot_determine"),
    ],
)
def test_one_receipt_without_a_memo_lacks_nothing_that_its_payment_states_on_both_sides(
    memo: str, receipt: str, grade: str
) -> Comparing:
    stated = {i: f"[转账] ￥{i}00.00 工资" for i in (10, 16, 22)}
    paid = said(chat(), stated | {4: f"[转账] ￥500.00 {memo}".strip()}, kind="transfer")
    left, right = (said(paid, {5: words}, kind="transfer") for words in (receipt, "[已收款] ￥500.00"))
    assert grade_of((yield left, right)) == grade


@pytest.mark.parametrize(("many", "grade"), [(3, "explained_differences"), (2, "cannot_determine")])
def test_several_receipts_show_that_a_form_writes_no_memos_on_them_whenever_their_payments_were(
    many: int, grade: str
) -> Comparing:
    left = right = said(chat(), {i: f"[转账] ￥{i}00.00 工资" for i in (10, 16, 22)}, kind="transfer")
    for at in (5, 13, 21)[:many]:
        left = said(left, {at: f"[已收款] ￥{at}50.00 货款"}, kind="transfer")
        right = said(right, {at: f"[已收款] ￥{at}50.00"}, kind="transfer")
    assert grade_of((yield left, right)) == grade


CALLS = ("[语音通话] 通话时长 12:48", "[语音通话] 已拒绝")


def test_two_calls_of_one_minute_in_another_order_are_the_same_calls() -> Comparing:
    rows = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in chat()]
    rows[10] |= {"at": rows[9]["at"], "who": rows[9]["who"]}
    sides = [said(rows, dict(zip((9, 10), calls, strict=True)), kind="call") for calls in (CALLS, CALLS[::-1])]
    assert relations_in((yield sides[0], sides[1])) == {"agreement"}


def test_a_length_beside_a_call_that_nobody_answered_states_nothing() -> Comparing:
    rows = chat()
    calls = {3: "[语音通话] 通话时长 07:09", 9: "[语音通话] 通话时长 12:33", 15: "[语音通话] 对方无应答"}
    ringing = said(rows, calls | {15: "[语音通话] 对方无应答 26:32"}, kind="call")
    assert relations_in((yield ringing, said(rows, calls | {15: "[语音通话] 未接听"}, kind="call"))) == {"agreement"}


def test_a_number_that_one_file_hides_is_form_where_it_shows_longer_ones_alone() -> Comparing:
    rows = said(chat(), {3: "电话17787549909", 9: "电话18612349858", 15: "单号6986527420023", 21: "单号7243212099384"})
    hidden = said(rows, {3: "电话177****9909", 9: "电话186****9858"})
    assert relations_in((yield rows, hidden)) == {"agreement"}
    rows = said(rows, {27: "电话13900001111", 33: "电话13900002222"})
    shown = said(rows, {3: "电话177****9909"})
    assert relations_in((yield rows, shown)) == {"agreement", "doubtful"}


def test_dots_of_another_number_are_one_pause() -> Comparing:
    rows = said(chat(), {3: "行，就这样", 15: "好，明天见", 21: "那…再说", 9: "能不能先给2600……"})
    assert relations_in((yield rows, said(rows, {9: "能不能先给2600…"}))) == {"agreement"}


@pytest.mark.parametrize(("cells", "grade"), [(("=合计3万", "=合计12,800元"), "explained_differences"), (("=合计3万", "合计5万"), "cannot_determine")])  # fmt: skip
def test_words_behind_an_equals_sign_that_a_spreadsheet_shows_empty_are_its_doing_where_it_shows_none(
    cells: tuple[str, str], grade: str
) -> Comparing:
    rows = said(chat(), {9: cells[0], 15: cells[1]})
    assert grade_of((yield said(rows, {9: "", 15: ""}), rows)) == grade


def test_a_memo_that_one_form_writes_among_words_is_not_compared_with_a_payment_without_one() -> Comparing:
    paid = said(chat(), {9: "[转账] ￥200.00"}, kind="transfer")
    worded = said(chat(), {9: "[转账] ￥200.00 7月利息"})
    assert relations_in((yield worded, paid)) == {"agreement"}


def test_a_number_that_is_masked_in_a_text_of_other_line_ends_is_form() -> Comparing:
    rows = said(chat(), {9: "地点：派出所\n电话：13074585939", 15: "地点：学校\n电话：13097154065"})
    hidden = said(rows, {9: "地点：派出所 电话：130****5939", 15: "地点：学校 电话：130****4065"})
    assert grade_of((yield rows, hidden)) == "explained_differences"


@pytest.mark.parametrize(
    ("left", "right", "relation"),
    [
        ("[转账收款] ￥300.00 房租", "【已退还】:￥300.00\n备注: 房租\n", "conflict"),
        ("[转账] ￥300.00 已退还", "[转账收款] ￥300.00", "doubtful"),
    ],
)
def test_a_payment_of_one_second_was_not_both_received_and_returned_but_a_memo_may_speak_of_either(
    left: str, right: str, relation: str
) -> Comparing:
    paid = {4: "[转账收款] ￥500.00 货款", 20: "[转账收款] ￥620.00 货款", 28: "[转账退还] ￥710.00 货款"}
    sides = [said(chat(), paid | {12: text}, kind="transfer") for text in (left, right)]
    assert relations_in((yield sides[0], sides[1])) == {"agreement", relation}


@pytest.mark.parametrize(
    ("seconds", "sum_of_text", "result"), [(0, 2000, "agreement"), (0, 1000, "conflict"), (30, 1000, "doubtful")]
)
def test_words_that_are_a_payment_conflict_with_one_of_another_sum_in_their_second(
    seconds: float, sum_of_text: int, result: str
) -> Comparing:
    rows = chat()
    card = rows[20] | {"kind": "transfer", "text": "[转账] ￥2000.00", "amount": "2000.00"}
    spoken = rows[20] | {"text": f"转账￥{sum_of_text}.00", "at": rows[20]["at"] + seconds}
    sides = ([r if i != 20 else row for i, r in enumerate(rows)] for row in (card, spoken))
    assert relations_in((yield tuple(sides))) - {"agreement"} == {result} - {"agreement"}


def test_a_sum_right_behind_the_name_of_a_payment_is_no_memo() -> Comparing:
    memos = {5: " 房租", 12: " 定金", 20: " 还款", 30: ""}
    left, right = (
        [r | ({"kind": "transfer", "text": text(memos[i])} if i in memos else {}) for i, r in enumerate(chat())]
        for text in ("[转账]￥1500.00{}".format, lambda _: "转账￥1500.00")
    )
    assert grade_of((yield left, right)) == "explained_differences"
