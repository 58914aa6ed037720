"""The same message spelt by another exporter: placeholders, cuts, escapes, glyphs, widths, invisible characters. Never a difference."""

import hashlib
import html
import re
import unicodedata
from collections.abc import Callable
from random import Random

from bench.sim.model import Copy, Row
from bench.sim.stage import Fault, Scene, Stage, both, hooks, wants
from bench.sim.truth import Plan
from reconcile.vocabulary import Form, Kind, Side

Spell = Callable[[Row, Random], str | None]
GLYPHS = {
    "微笑": "🙂",
    "抱拳": "🙏",
    "OK": "👌",
    "流泪": "😭",
    "强": "👍",
    "玫瑰": "🌹",
    "捂脸": "🤦",
    "呲牙": "😁",
    "再见": "👋",
    "鼓掌": "👏",
    "爱心": "❤️",
}
EMOJI_SENTENCES = (
    "{item}收到了[强]",
    "辛苦{who}了[抱拳][抱拳]",
    "你说的这叫什么话[捂脸]",
    "谢谢支持[玫瑰]",
    "那就{day}见[OK]",
    "[再见]",
    "[呲牙]没事",
)
MARKED_SENTENCES = (
    "A & B两种{item}都要",
    "数量<{n}的不发货",
    '他说"{day}付{money}"，你听到了吗',
    "Tom's店 & 仓库，{hour}关门",
    "单价>{n}元的不要",
)
PREFIXED_SENTENCES = (
    "10:30见，{place}",
    "ok: {money}",
    "16:00之前把{item}送到{place}",
    "note: {who}说{day}不来",
    "{hour}我到{place}",
)
MIXED_SENTENCES = (
    "型号ABC-120，数量{n}（含税）",
    "价格：{money}！不含运费",
    "卡号 6222 0000 1234，户名{who}",
    "第1次{day}，第2次{day}；一共{money}",
)
LINED_SENTENCES = (
    "第一条：{day}交货\n第二条：付{money}\n第三条：{who}负责",
    "地址：{place}\n电话：13800000000",
    "清单\n{item} {n}个\n{item} {n}个",
)
NUMBERED_SENTENCES = ("一共30000元，没有别的了", "押金20000元，{day}退", "借款50000元已收到", "尾款120000元{day}结清")
CUT_SENTENCES = (
    "{who}说{day}把{item}拉到{place}，一共{n}件，请你当面点清楚以后再签字确认",
    "如果{day}之前没有收到{money}，我就按合同第{n}条向法院起诉，你考虑清楚",
)


def _respell(
    spell: Spell, form: Form, sides: int = 1, tables: dict[str, object] | None = None
) -> Callable[[Scene], bool]:
    """Spell texts of one side anew; each row whose text changes is noted as that difference of form."""

    def run(scene: Scene) -> bool:
        done = 0
        for side in tuple(Side)[:sides] if sides == 2 else (scene.side(),):
            copy = scene.dispute.copies[side]
            for name, value in (tables or {}).items():
                setattr(copy.dialect, name, value)
            for row in copy.rows:
                text = spell(row, scene.rng)
                if text is not None and text != row.text:
                    row.text = text
                    scene.dispute.fact(row.truth).forms.add(form)
                    done += 1
        return done > 0

    return run


# --- placeholders -------------------------------------------------------------------------------------------------

STYLES: dict[str, Callable[[Row], str | None]] = {
    "plain": lambda r: {Kind.IMAGE: "[图片]", Kind.VOICE: "[语音]", Kind.VIDEO: "[视频]", Kind.STICKER: "[表情]", Kind.FILE: "[文件]", Kind.CALL: "[通话]"}.get(r.kind),
    "black": lambda r: {Kind.IMAGE: "【图片】", Kind.VOICE: "【语音】", Kind.VIDEO: "【视频】", Kind.STICKER: "【表情包】", Kind.FILE: "【文件】" + _name(r), Kind.TRANSFER: _black_transfer(r), Kind.RED_PACKET: "【红包】", Kind.CALL: "【音视频通话】", Kind.LINK: "【分享链接】" + _name(r), Kind.CARD: "【名片】" + _name(r), Kind.LOCATION: "【位置】" + _name(r)}.get(r.kind),
    "marked": lambda r: {Kind.IMAGE: "![图片](http://127.0.0.1:5030/image/0a1b2c)", Kind.VIDEO: "![视频](http://127.0.0.1:5030/video/3d4e)", Kind.STICKER: "![动画表情](https://example.invalid/e.gif)", Kind.FILE: f"[文件|{_name(r)}]", Kind.TRANSFER: f"[转账|{_state(r)} ￥{r.amount}]", Kind.LINK: f"[链接|{_name(r)}]"}.get(r.kind),
    "timed": lambda r: {Kind.VOICE: f"[语音 {int(r.duration or 0) // 60:02}:{int(r.duration or 0) % 60:02}]", Kind.FILE: f"[文件: {_name(r)}]", Kind.TRANSFER: f"微信转账 ￥{r.amount} - {_state(r)}", Kind.STICKER: "[表情]", Kind.CALL: "[视频/语音通话]"}.get(r.kind),
    "counted": lambda r: {Kind.VOICE: f"[语音 {int(r.duration or 0)}秒]", Kind.VIDEO: f"[视频 {int(r.duration or 0)}秒]", Kind.TRANSFER: f"转账[￥{r.amount}元]", Kind.CALL: "[通话消息]"}.get(r.kind),
    "english": lambda r: {Kind.IMAGE: "[Image]", Kind.VOICE: "[Voice]", Kind.VIDEO: "[Video]", Kind.STICKER: "[Sticker]", Kind.FILE: "[File] " + _name(r), Kind.LINK: "[Link] " + _name(r), Kind.LOCATION: "[Location]", Kind.CARD: "[Card]"}.get(r.kind),
}  # fmt: skip


def _name(row: Row) -> str:
    return row.text.partition("] ")[2]


def _state(row: Row) -> str:
    return "已收款" if "收款" in row.text else "转账"


def _black_transfer(row: Row) -> str:
    return f"【已收款】￥{row.amount}" if "收款" in row.text else f"【发起转账】￥{row.amount}"


def _placeholders(scene: Scene) -> bool:
    """Another exporter's spelling of everything that is no text, without hashes, sometimes without kinds."""
    style = STYLES[scene.rng.choice(list(STYLES))]
    dialect = scene.dispute.copies[(side := scene.side())].dialect
    dialect.has_hash = False
    dialect.has_amount = dialect.has_amount and scene.rng.random() < 0.5
    dialect.has_duration = dialect.has_duration and scene.rng.random() < 0.5
    dialect.has_kind = scene.rng.random() < 0.6
    done = 0
    for row in scene.dispute.copies[side].rows:
        text = style(row)
        if text is not None and text != row.text:
            row.text, row.media_hash = text, ""
            scene.dispute.fact(row.truth).forms.add(Form.PLACEHOLDER)
            done += 1
    return done > 0


def _bodiless(scene: Scene) -> bool:
    """One side writes no words for anything but text."""
    copy = scene.dispute.copies[scene.side()]
    copy.dialect.has_kind, copy.dialect.has_hash, copy.dialect.has_amount, copy.dialect.has_duration = (
        True,
        False,
        False,
        False,
    )
    done = 0
    for row in copy.rows:
        if row.kind not in (Kind.TEXT, Kind.QUOTE, Kind.SYSTEM, Kind.RECALL):
            row.text = ""
            scene.dispute.fact(row.truth).is_soft = True
            done += 1
    return done > 0


def _other_digest(scene: Scene) -> bool:
    """One side hashes with another algorithm: the digests cannot be compared."""
    rows = [r for r in scene.dispute.copies[scene.side()].rows if r.media_hash]
    for row in rows:
        row.media_hash = hashlib.sha256(row.media_hash.encode()).hexdigest()
    return bool(rows)


def _capital_digest(scene: Scene) -> bool:
    rows = [r for r in scene.dispute.copies[scene.side()].rows if r.media_hash]
    for row in rows:
        row.media_hash = row.media_hash.upper()
    return bool(rows)


def _amount_column(scene: Scene) -> bool:
    """The amount column of one side without trailing zeros, with a currency sign or separators."""
    style = scene.rng.choice(("{0:g}", "{0:,.2f}", "￥{0:.2f}", "{0:.1f}"))
    rows = [r for r in scene.dispute.copies[scene.side()].rows if r.amount]
    for row in rows:
        value = float(row.amount)
        row.amount = style.format(value) if round(value, 1) == value else row.amount
        scene.dispute.fact(row.truth).is_soft = True
    return bool(rows)


def _rounded_durations(scene: Scene) -> bool:
    rows = [r for r in scene.dispute.copies[scene.side()].rows if r.duration is not None]
    for row in rows:
        row.duration = (row.duration or 0) + scene.rng.choice((-0.4, 0.3, 0.49))
    return bool(rows)


def _no_hashes(scene: Scene) -> bool:
    scene.dispute.copies[scene.side()].dialect.has_hash = False
    return True


# --- words --------------------------------------------------------------------------------------------------------


def _is_words(row: Row) -> bool:
    return row.kind in (Kind.TEXT, Kind.QUOTE)


def _cut(length: int) -> Callable[[Scene], bool]:
    def run(scene: Scene) -> bool:
        ending = scene.rng.choice(("", "", "…", "..."))
        return _respell(
            lambda r, _: r.text[:length] + ending if _is_words(r) and len(r.text) > length else None, Form.TRUNCATION
        )(scene)

    return run


def _escape(row: Row, _rng: Random) -> str | None:
    return html.escape(row.text) if _is_words(row) else None


def _strip_prefix(row: Row, _rng: Random) -> str | None:
    return re.sub(r"^[A-Za-z0-9_-]+:", "", row.text) if row.kind is Kind.TEXT else None


def _glyph(row: Row, _rng: Random) -> str | None:
    return re.sub(r"\[(\w+)\]", lambda m: GLYPHS.get(m[1], m[0]), row.text) if _is_words(row) else None


def _wide(row: Row, _rng: Random) -> str | None:
    table = {c: c + 0xFEE0 for c in range(0x21, 0x7F) if chr(c) not in "[]"}
    return row.text.translate(table) if _is_words(row) and "[" not in row.text and "\n" not in row.text else None


def _narrow(row: Row, _rng: Random) -> str | None:
    return unicodedata.normalize("NFKC", row.text) if _is_words(row) else None


def _invisible(row: Row, rng: Random) -> str | None:
    if not _is_words(row) or len(row.text) < 4 or "[" in row.text:
        return None
    place = rng.randrange(1, len(row.text))
    return row.text[:place] + rng.choice(("\u200b", "\u200d", "\ufeff", "\u2060", "\u200e")) + row.text[place:]


def _line_ends(row: Row, rng: Random) -> str | None:
    return row.text.replace("\n", "\r\n") + ("" if rng.random() < 0.5 else " ") if _is_words(row) else None


def _colour(row: Row, rng: Random) -> str | None:
    if not _is_words(row) or rng.random() < 0.5:
        return None
    return rng.choice(
        (f"\x1b[31m{row.text}\x1b[0m", f"\x0304{row.text}\x03" if not row.text[:1].isdigit() else f"\x02{row.text}\x02")
    )


_WIDE_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")


def _wide_digits(row: Row, _rng: Random) -> str | None:
    return row.text.translate(_WIDE_DIGITS) if row.kind is Kind.TEXT else None


def _payments(scene: Scene) -> bool:
    """Each device tells a payment in its own words."""
    done = 0
    for side, copy in scene.dispute.copies.items():
        for row in copy.rows:
            if row.kind is Kind.TRANSFER:
                row.text = _payment_words(row, copy)
                done += side is Side.LEFT
                scene.dispute.fact(row.truth).forms.add(Form.WORDING_BY_SIDE)
    return done > 0


def _payment_words(row: Row, copy: Copy) -> str:
    is_own = row.author == copy.owner
    if "收款" in row.text:
        return f"[转账收款] {'已收款' if is_own else '已被接收'} ￥{row.amount}"
    return f"[转账] {'你发起了一笔转账' if is_own else '请收款'} ￥{row.amount}"


def _quoted_part(scene: Scene) -> bool:
    """One side writes the quoted words under, or before, the words of a quote."""
    side = scene.side()
    style = scene.rng.choice(("\n引用：{n}: {q}", "「{n}：{q}」\n- - - - - - - - - -\n"))
    texts = {r.message_id: r for r in scene.dispute.said}
    done = 0
    for row in scene.dispute.copies[side].rows:
        quoted = texts.get(row.reply_to) if row.kind is Kind.QUOTE and row.reply_to else None
        if quoted is None or quoted.author is None:
            continue
        part = style.format(n=scene.dispute.name_on(side, quoted.author), q=quoted.text)
        row.text = part + row.text if style.startswith("「") else row.text + part
        scene.dispute.fact(row.truth).forms.add(Form.QUOTED_PART)
        done += 1
    return done > 0


def _amounts(plan: Plan, _rng: Random) -> None:
    both(plan, has_amount=True)


def _quotes(plan: Plan, _rng: Random) -> None:
    both(plan, has_kind=True, has_reply=True, has_ids=True)


MEDIA = (Kind.IMAGE, Kind.VOICE, Kind.FILE, Kind.STICKER, Kind.VIDEO, Kind.TRANSFER)
FORMS = (
    Fault("placeholders", _placeholders, Stage.FORM, wants(kinds=MEDIA), slot="media"),
    Fault("bodies without words", _bodiless, Stage.FORM, wants(kinds=MEDIA), slot="media"),
    Fault("hashes of two kinds", _other_digest, Stage.FORM, wants(kinds=MEDIA), slot="media"),
    Fault("hash in capitals", _capital_digest, Stage.FORM, wants(kinds=MEDIA), slot="media"),
    Fault("amount column respelt", _amount_column, Stage.FORM, hooks(wants(kinds=MEDIA), _amounts), slot="media"),
    Fault("durations rounded", _rounded_durations, Stage.FORM, wants(kinds=MEDIA), slot="media"),
    Fault("no hashes on one", _no_hashes, Stage.FORM, wants(kinds=MEDIA), slot="media"),
    Fault("truncation at 20", _cut(20), Stage.FORM, wants(CUT_SENTENCES), slot="words"),
    Fault("truncation at 200", _cut(200), Stage.FORM, wants(long=0.05), slot="words"),
    Fault("prefix stripped", _respell(_strip_prefix, Form.PREFIX_STRIPPED), Stage.FORM, wants(PREFIXED_SENTENCES), slot="words"),
    Fault("HTML escapes", _respell(_escape, Form.ESCAPES), Stage.FORM, wants(MARKED_SENTENCES), slot="words"),
    Fault("emoji glyphs", _respell(_glyph, Form.EMOJI_SPELLING), Stage.FORM, wants(EMOJI_SENTENCES), slot="words"),
    Fault("full width", _respell(_wide, Form.WIDTH), Stage.FORM, wants(MIXED_SENTENCES), slot="words"),
    Fault("half width", _respell(_narrow, Form.WIDTH), Stage.FORM, wants(MIXED_SENTENCES), slot="words"),
    Fault("invisible characters", _respell(_invisible, Form.INVISIBLE), Stage.FORM, slot="words"),
    Fault("line ends", _respell(_line_ends, Form.LINE_ENDS), Stage.FORM, wants(LINED_SENTENCES), slot="words"),
    Fault("colour codes", _respell(_colour, Form.CONTROL_CODES), Stage.FORM, slot="words"),
    Fault("digits in full width", _respell(_wide_digits, Form.WIDTH), Stage.FORM, wants(NUMBERED_SENTENCES), slot="words"),
    Fault("payment words by side", _payments, Stage.FORM, wants(kinds=(Kind.TRANSFER,)), slot="media"),
    Fault("quoted part shown", _quoted_part, Stage.FORM, hooks(wants(kinds=(Kind.QUOTE, Kind.QUOTE)), _quotes), slot="words"),
)  # fmt: skip
