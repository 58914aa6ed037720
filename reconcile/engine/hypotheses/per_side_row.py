"""The client writes such notices on each device separately."""

import polars as pl

from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis, is_speech, said_where
from reconcile.engine.hypotheses.reactions import reactions
from reconcile.engine.hypotheses.recalled import told_by_both
from reconcile.engine.params import PARAMS
from reconcile.engine.records import Flags
from reconcile.vocabulary import Cause
from reconcile.wechat.chinese_script import in_both_scripts
from reconcile.wechat.client_sentences import NOTICES, SYSTEM_SENTENCES
from reconcile.wechat.kind_classes import SYSTEM, WORDS
from reconcile.wechat.kinds import RECALL_NOTICE, TRANSCRIPT, UNSHOWN

# What a client notice does not contain: an amount, a receipt of money, or a person's words.
AMOUNT = r"[￥¥$]\s*\d|\d[\d,]*(?:\.\d+)?\s*(?:元|块|万|千|yuan|RMB)"
RECEIPT = r"(?:确认|已)?(?:收到|收款|付款|还款|结清|转账成功)"
SPEECH = r"[：:]\s*[“\"「]?[^\s：:]{6,}|[“\"「][^”\"」]{13,}[”\"」]"
# Sentences of the client that mention money or names in quotation marks.
CLIENT = (
    r"领取了.{0,40}红包|红包已被领完|红包.{0,12}(?:过期|退回|超时|未领取)|你已收款|已被(?:对方)?(?:领取|接收|收款)|(?:对方|你)(?:已)?(?:确认)?(?:收款|收钱)$|资金已存入|"
    r"撤回了?|拍了拍|加入(?:了)?群聊|移出(?:了)?群聊|退出(?:了)?群聊|修改群名|群公告|群主|拒收|好友验证|朋友验证|以上是|可以开始聊天|"
    r"recalled|joined|left the|has (?:left|quit)\b|group name|red packet"
)


# All sentences that a client writes in Chinese. Any other sentence may be a person's words.
_KNOWN = in_both_scripts("|".join((*NOTICES, CLIENT, SYSTEM_SENTENCES, UNSHOWN)))
_SENTENCE = rf"(?:\p{{Han}}\P{{Han}}?){{{PARAMS.distinctive_characters}}}"

# Notices in formats that do not distinguish them from text.
TYPED = (
    r"^(?:\[拍一拍\]\s*)?[^\n]{0,40}拍了拍|^(?:[^\n]{1,40}领取了你的红包|你领取了[^\n]{1,40}的红包)[。.]?$|^\W*(?:你的|对方的?)?(?:语音|视频|音视频)?通话(?:已经|已)?(?:被)?(?:结束|取消|中断|拒绝)\W*$"
    r"|^(?:对方)?(?:已取消|已拒绝|无应答|忙线未接听|未接听|未应答)$|^为(?:了)?(?:保障|确保)[^\n]{0,12}安全[^\n]{0,30}(?:转账|陌生人|诈骗)[^\n]{0,12}$"
    r"|^(?:❗|\(!\)|\[!\]|[\[(（【](?:发送失败|未发送|發送失敗|傳送失敗|Failed|Not sent)[\])）】])|(?:❗|[\[(（【](?:发送失败|未发送|發送失敗|傳送失敗|Failed|Not sent)[\])）】])$"
)
# Each of them holds one of these words, and so does what a voice message says.
_OF_TYPED = "拍了拍|红包|通话|取消|拒绝|应答|接听|安全|❗|!|失败|失敗|未发送|Failed|Not sent|转文字|转写|识别"


def assess(a: Absences) -> Assessed:
    """System rows and reactions in words; none with an amount, a receipt or a person's words.

    Nor is a Chinese sentence that no client is known to write, nor a notice of a recall where the other side shows such
    notices: the client writes it on both devices.
    """
    text = pl.col("text")
    states = text.str.contains(AMOUNT) | (
        (text.str.contains(RECEIPT) | text.str.contains(SPEECH)) & ~text.str.contains(CLIENT)
    )
    is_system, typed = a.several_flags(pl.col("cls") == SYSTEM, (pl.col("cls") == WORDS) & text.str.contains(_OF_TYPED))
    typed = typed & a.flags(text.str.contains(f"{TYPED}|^{TRANSCRIPT}")) if typed.any() else typed
    odd, unknown = a.none, a.none
    if is_system.any():
        odd, unknown = (found & is_system for found in a.several_flags(states, text.str.contains(_SENTENCE)))
    # What finds all known sentences takes long to compile.
    odd |= unknown & ~a.flags(text.str.contains(_KNOWN)) if unknown.any() else unknown
    against = said_where(odd, "states_more_than_a_notice")
    lone = _recalls_shown_by_one(a) if is_system.any() else is_system
    if lone.any():
        odd |= lone
        recalls = said_where(lone, "the_other_side_shows_recalls")
        against = pl.select(pl.coalesce(against, recalls).alias("against"))["against"]
    reacts, contradicted, single = reactions(a)
    for flags, state in ((single, "a_single_reaction"), (contradicted, "the_other_side_shows_reactions")):
        if flags.any():
            against = pl.select(pl.coalesce(against, said_where(flags, state)).alias("against"))["against"]
    return Assessed(is_system | typed | reacts, is_system & ~odd | reacts & ~contradicted & ~single, None, against)


def _recalls_shown_by_one(a: Absences) -> Flags:
    """The recall notices in the midst of chats in which the other export would show them.

    It shows others of this chat, or both exports have one form and it shows notices of this chat.
    """
    recall = a.flags(
        (pl.col("cls") == SYSTEM) & pl.col("text").str.contains(RECALL_NOTICE) & (pl.col("edge") == "inside")
    )
    if not recall.any():
        return recall
    notices = a.lacking_rows.filter((pl.col("cls") == SYSTEM) & pl.col("is_paired"))
    if a.holder.facts.reader != a.lacking.facts.reader:
        notices = notices.filter(pl.col("text").str.contains(RECALL_NOTICE))
    recall &= a.flags(pl.col("pair").is_in(notices["pair"].unique().cast(pl.Int64).implode()))
    # A notice beside one of the other side stands there twice. One client keeps the time of the message for its notice,
    # another takes that of the recall, and each by its own clock.
    marks = a.lacking_rows.filter((pl.col("cls") == SYSTEM) & pl.col("text").str.contains(RECALL_NOTICE))
    wide = a.rows["unit"] + a.rows["range"] + a.params.recall_seconds
    beside = _beside(a, marks, a.rows["unit"] + a.params.late_settle_seconds)
    # Where words are set aside by such notices, it must be sure which notice speaks of which recall.
    explained = a.rows.filter(pl.Series(a.assessed[Cause.RECALLED].permitted) & is_speech())
    beside |= _beside(a, marks.filter(~pl.col("is_paired")), wide) & ~_beside(a, explained, wide)
    lone: Flags = recall & ~beside
    # A notice written over the words, as one client does, and one at the time of the recall speak of one recall.
    return lone & ~a.among(told_by_both(a)) if lone.any() else lone


def _beside(a: Absences, marks: pl.DataFrame, most: pl.Series) -> Flags:
    """Whether one of these rows lies no more seconds away from each record."""
    marks = marks.select(pl.col("pair").cast(pl.Int64), "u").drop_nulls().sort("u").with_columns(shown=pl.col("u"))
    asked = a.rows.select("pair", pl.col("u").fill_null(float("inf"))).with_row_index("at").sort("u")
    near = asked.join_asof(marks, on="u", by="pair", strategy="nearest", check_sortedness=False).sort("at")
    flags: Flags = ((near["shown"] - near["u"]).abs() <= most).fill_null(value=False).to_numpy()
    return flags


HYPOTHESIS = Hypothesis(
    Cause.PER_SIDE_ROW,
    assess,
    "The record is a notice of the client, or nothing but a reaction that quotes an earlier message of its own export.",
    "It states an amount, a receipt, or words of a person, a sentence that no client is known to write, or a recall where the other side shows recalls, or a reaction that is the only one or where the other side shows the author's reactions in words.",
)
