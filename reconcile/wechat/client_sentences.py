"""The client's own sentences, which text forms print like speech: notices, recalls, copied replies."""

from collections.abc import Sequence

import polars as pl

from reconcile.column_ops import kept_for_few
from reconcile.vocabulary import Kind
from reconcile.wechat.chinese_script import in_both_scripts
from reconcile.wechat.kinds import (
    KINDS,
    RECALL_NOTICE,
    REFUSED_NOTICE,
    SYSTEM_KINDS,
    WORD_KINDS,
    Marks,
    extracted_where,
    first_fit,
    fits_where,
    fitting,
)
from reconcile.wechat.whatsapp_languages import NAME, in_all_languages

# The client's own sentences, which text forms print like speech. A pattern fits whole bodies only, so a remark about
# one does not match.
SYSTEM_SENTENCES = (
    r"^(?:你已添加了.*，现在可以开始聊天了。|以上是打招呼的(?:内容|消息)。?|我通过了你的朋友验证请求，现在我们可以开始聊天了"
    r"|消息已发出，但被对方拒收了。?|.*开启了(?:朋友|好友)验证，你还不是.{0,3}(?:她|他|TA|对方)?.*朋友.*"
    r"|收到红包，请在手机上查看。?|如果?对方涉及[^\n]{0,10}，请谨防(?:诈骗|被骗)。?|该类型文件可能存在安全风险，建议先检查文件安全性后再打开。?"
    r"|.{1,40}邀请.{1,200}加入了群聊(?:，群聊参与人还有：.{1,200})?|.{1,40}修改群名为.{1,60}|.{1,40}拍了拍.{1,60}"
    r"|.{1,40}(?:领取了|已领取).{1,40}的?红包(?:，你的红包已被领完)?"
    r"|(?:你|\"[^\n]{1,60}\")通过扫描.{0,60}二维码加入群聊(?:，群聊参与人还有：.{1,200})?|(?:你|\"[^\n]{1,60}\")将\"[^\n]{1,200}\"移出了群聊"
    r"|你被\"[^\n]{1,60}\"移出群聊|\"[^\n]{1,60}\"(?:退出了群聊|已成为新群主|与群里其他人都不是(?:微信)?朋友关系，请注意隐私安全)|你已成为新群主"
    r"|(?:你|\"[^\n]{1,60}\")将群主转让给了?(?:你|\"[^\n]{1,60}\")|(?:你|\"[^\n]{1,60}\") ?(?:(?:发布|完成|修改|取消|结束)了?一?条?群待办|将一条消息设为群待办)"
    r"|.{0,60}群聊邀请确认.{1,10}群成员需群主或群管理员确认才能邀请朋友进群。?|(?:你|.{1,60})(?:置顶了一条|(?:取消|移除)了(?:一条)?置顶)消息"
    r"|当前群聊人数较多，已显示群成员昵称，同时为了信息安全，请注意聊天隐私|对方的朋友验证已通过)$"
)

RECALL_SENTENCE = (
    r"^(?:你|\"[^\n]{1,60}\"|“[^\n]{1,60}”|「[^\n]{1,60}」|对方) ?"
    r"撤回了?(?:你的|成员 ?(?:\"[^\n]{1,60}\"|“[^\n]{1,60}”) ?的)?一条消息(?:\s*重新编辑)?[。.]?$"
)

# What WhatsApp writes in place of a message that its author or an administrator deleted for everyone.
DELETED = f"(?:{in_all_languages('deleted')})[.。।]?"

# What other clients and services write in place of a recalled message.
RECALLED_IN_PLACE = (
    r"(?i:(?:the|this|that|a) message (?:was|has been) (?:deleted|recalled|unsent|removed|withdrawn|retracted)(?: by {name})?|message (?:recalled|unsent|withdrawn)"
    r"|(?:you|{name}) (?:recalled|unsent|withdrew) (?:a|this|the) message)|(?:此|该|該|此条|该条|这条|本条)?(?:消息|讯息|訊息)已(?:经|經)?(?:被(?:[“\"「][^“”\"「」\n]{1,30}[”\"」]|[^\s，。]{1,6}|[!-~][ -~]{0,38}[!-~])?)?(?:撤回|收回)"
    r"|(?:この)?メッセージ(?:は|が)(?:取り消|撤回)されました|(?:삭제|회수)된 메시지입니다|메시지가 (?:삭제|회수)되었습니다"
).replace("{name}", NAME)

# What a pat says.
PATTED = "拍了拍|tickled"

# Kinds of client notices. Two notices of one event are of one kind, each in its device's words.
NOTICES = (
    f"{RECALL_NOTICE}|{DELETED}", REFUSED_NOTICE, r"加入(?:了)?群聊|邀请|joined|invited| added ", r"移出|退出(?:了)?群聊|removed|left the", r"修改群名|group name", r"红包|[Rr]ed [Pp]acket",
    PATTED, r"收款|收钱|转账|退还|[Tt]ransfer", r"添加|好友|朋友|打招呼|可以开始聊天", r"通话", r"群公告|公告", r"群主|管理员", r"系统消息",
)  # fmt: skip

# How the client names the peer of a direct chat when two people become friends.
PEER_NAMED = r"^(?:你已添加了(.{1,60})，现在可以开始聊天了|(.{1,60})已通过你的(?:朋友|好友)验证请求)"

_LONGEST_SENTENCE = 300

_LEAST_BEGUN = 16


def _begun(sentence: str) -> str:
    """The pattern of the beginning of a sentence in a table that cuts its cells and marks the cut."""
    rest = ""
    for letter in reversed(sentence[_LEAST_BEGUN:]):
        rest = f"(?:{letter}{rest})?"
    return sentence[:_LEAST_BEGUN] + rest + r"(?:…|\.{3})"


_CUT = "|".join(map(_begun, ("This message was deleted", "You deleted this message")))
_SENTENCES = (
    (Kind.RECALL, in_both_scripts(RECALL_SENTENCE)),
    (Kind.SYSTEM, in_both_scripts(SYSTEM_SENTENCES)),
    (Kind.RECALL, f"^(?:{DELETED}|{_CUT}|(?:{RECALLED_IN_PLACE})[.。]?)$"),
)

# A pat: the client writes names in quotation marks, and tools that know no pats show it as a body of another kind.
PAT = rf"(?:我|I|\"[^\n]{{1,60}}\") ?(?:{PATTED}) ?(?:我|自己|me|myself|\"[^\n]{{1,60}}\")[^\n]{{0,60}}"
_MARKED_PAT = rf"^(?:\[[^\[\]\n]{{1,8}}\]\s+)?({PAT})$"

# Each sentence contains one of these words.
SENTENCE_WORDS = in_both_scripts(
    r"一条消息|置顶|聊天|打招呼|拒收|验证|红包|安全风险|谨防|群|拍了拍"
    r"|撤回|收回|[Rr]ecalled|[Uu]nsent|withdr|delete|[Mm]essage (?:was|has been)|メッセージ|메시지|verwijder|gelöscht|[Ee]limin|apag|supprimé|удал|видал|zpráv|hapus|xo[áa]|xóa|डिलीट|削除|ลบ|حذ|删除|刪除|silindi|sildiniz"
    r"|usuni|usuną|raderade|tagit bort|slett|[Pp]oisti|[Tt]öröl|șters|ιαγρά|padam|נמחקה|מחקת|odstrán|zbrisa|suprimit|esborrat"
)

OWN_RECALL = (
    r"^[你您] ?(?:已?撤回(?:[^了]|了[^成]|$)|已?收回|已?回收)|^You (?:recalled|unsent)|^メッセージを取り消しました"
)


def notice_kind(text: pl.Expr) -> pl.Expr:
    """`recall` or `system` for the text of a system row."""
    return pl.when(text.str.contains(RECALL_NOTICE)).then(pl.lit("recall")).otherwise(pl.lit("system"))


def told_notice(kind: pl.Expr, text: pl.Expr) -> pl.Expr:
    """The kind, changed to `recall` for system rows whose text is a recall notice; only these are read."""
    is_recall = fits_where(kind == str(Kind.SYSTEM), text, RECALL_NOTICE)
    return pl.when(is_recall).then(pl.lit(str(Kind.RECALL))).otherwise(kind)


def with_marked_notices(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in which a pat of another kind, or behind its mark such as `[链接]`, is the client's notice."""
    others = ~pl.col("kind").cast(pl.String).is_in([str(k) for k in (*WORD_KINDS, *SYSTEM_KINDS)])
    said = extracted_where(others & pl.col("text").str.contains(PATTED), pl.col("text"), _MARKED_PAT)
    found = rows.select(said.alias("said"))["said"]
    if found.null_count() == len(found):
        return rows
    notice = pl.lit(str(Kind.SYSTEM), dtype=rows.schema["kind"])
    return rows.with_columns(
        pl.when(found.is_not_null()).then(notice).otherwise("kind").alias("kind"),
        found.fill_null(rows["text"]).alias("text"),
    )


def sentence_kind(text: pl.Expr) -> pl.Expr:
    """`recall` or `system` where a whole body is one of the client's own sentences, else null.

    For forms that print system rows like speech. A person who types the very sentence looks like the client.
    """
    return text.map_batches(_kinds_of_sentences, return_dtype=pl.String)


@kept_for_few
def _kinds_of_sentences(column: pl.Series) -> pl.Series:
    """`sentence_kind` of a whole column, which one reader asks for several times."""
    short = pl.when(pl.col("text").str.len_chars() < _LONGEST_SENTENCE).then("text")
    kinds = first_fit(short, _SENTENCES, SENTENCE_WORDS).alias(column.name)
    return column.to_frame("text").select_seq(kinds).to_series()


# The client's form of a copied or mailed reply: the quoted words, a line of dashes, the reply.
_COPIED_QUOTE = r"(?s)\A「[^：:\n]{1,80}[：:].*?」\n[- ]{5,}\n"


def copied_quote(text: pl.Expr) -> pl.Expr:
    """`quote` where a body has the shape of a copied reply, else null. Whole-column."""
    return pl.when(text.str.contains(_COPIED_QUOTE)).then(pl.lit(str(Kind.QUOTE)))


def kinds_of_bodies(texts: pl.Series, placeholders: Sequence[tuple[Kind, str]], marks: Marks) -> pl.Series:
    """The kind of each text: by the form's placeholders, else by the client's sentences, else text."""
    kinds = pl.Series("kind", [str(Kind.TEXT)], dtype=KINDS).new_from_index(0, texts.len())
    # A body that matches both is what its placeholder says.
    for places, told in (sentences(texts), fitting(texts, placeholders, marks)):
        kinds = kinds if places.is_empty() else kinds.scatter(places, told)
    return kinds


def sentences(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Positions of bodies that are one of the client's own sentences, and their kinds (`sentence_kind`)."""
    places, kinds = fitting(texts, _SENTENCES, SENTENCE_WORDS)
    short = texts[places].str.len_chars() < _LONGEST_SENTENCE
    return places.filter(short), kinds.filter(short)
