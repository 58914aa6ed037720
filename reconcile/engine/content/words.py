"""Judges two texts: the same words in another writing, or a difference in substance."""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from rapidfuzz.distance import Indel

from reconcile.engine.content.facts import ADDRESS_BEHIND
from reconcile.engine.content.formulas import FORMULA, is_value
from reconcile.engine.content.judgement import Judgement, SideForm, by_form
from reconcile.engine.content.masks import hides_a_number, is_masked, unmasked
from reconcile.engine.content.mentions import words_around
from reconcile.engine.content.quotations import blankless, in_one_line, parted, reply_of
from reconcile.engine.content.renderings import tell_one_record
from reconcile.engine.content.sense import NUMERAL, difference_codes
from reconcile.engine.content.truncation import is_cut, is_cut_reply, plain_marks, same_marks
from reconcile.engine.params import PARAMS
from reconcile.intake.text.endings import PAPER_LINE
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import SELECTIVE, Cause, Form, Kind, Relation
from reconcile.wechat.chinese_script import simplified
from reconcile.wechat.escapes import unescape, written_out
from reconcile.wechat.kinds import RECALL_NOTICE, TRANSLATED, UNSHOWN, kind_of_placeholder
from reconcile.wechat.look_alikes import with_digits_read
from reconcile.wechat.spellings import form_steps
from reconcile.wechat.text import PREFIX, canonical, unpacked, without_blanks

# A card written like text: title and app (may be empty), or title and address. An address may also follow a blank.
_WITH_APP = lazy_pattern(r"(?s)\A(.+) -(?: [^\n]{0,40})?\Z")
_WITH_ADDRESS = lazy_pattern(r"(?s)\A(.+)\n[a-z]+://\S+\Z")
# PyWxDump's own words after a card's title and description.
_WITH_DETAILS = lazy_pattern(r"(?s)\A([^\n]+)\n.*<a href=\"[^\"\n]*\">点击查看详情</a>\s*\Z")


def judge_words(left: str, right: str, left_form: SideForm, right_form: SideForm) -> Judgement:
    """The judgement on two texts of one message: equal, equal in form, or different in substance."""
    told = _judge_as_written(left, right, left_form, right_form)
    shown = unmasked(left, right), unmasked(right, left)
    if told.relation is not Relation.CONFLICT or shown == (left, right):
        return told
    beside = _judge_as_written(*shown, left_form, right_form)
    if beside.relation is not Relation.AGREEMENT:
        return beside
    # Of a number that is hidden whole nothing is compared; the figures that a mask leaves are.
    if any(map(hides_a_number, (left, right))):
        return Judgement(Relation.AGREEMENT, Cause.NOT_STATED, SELECTIVE, beside.similarity)
    return by_form([Form.EXPORTER_SPELLING])


def _judge_as_written(left: str, right: str, left_form: SideForm, right_form: SideForm) -> Judgement:
    """Relation of two texts as they are, without other spellings."""
    if left == right:
        return Judgement(Relation.AGREEMENT, None, None, 1.0)
    steps = form_steps(left, right)
    if steps:
        return by_form(steps)
    a, b = canonical(left), canonical(right)
    harmless = _exporter_form(left, right, left_form, right_form)
    one_record = False if harmless else tell_one_record(a, b)
    if harmless or one_record:
        return by_form([harmless or Form.EXPORTER_SPELLING])
    similarity = Indel.normalized_similarity(a, b)
    goes_on = _continues_on_new_line(a, b, left_form, right_form)
    if goes_on or _parted_at_heading(a, b, left_form) or _parted_at_heading(b, a, right_form):
        # A text export cannot distinguish its own heading, or another's note, from typed lines that look like one.
        return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "words" if goes_on else "heading_in_text", similarity)
    # Formats that write cards like text may show a note's title, or its words, which begin with the title.
    is_note = _writes_cards_as_words(left_form) and _writes_cards_as_words(right_form) and _is_first_line(a, b)
    told = "text" if is_note else "mention" if words_around(left, right) else _doubt_code(a, b)
    if doubt := (told or ("kind" if one_record is None else None)):
        return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, doubt, similarity)
    return Judgement(Relation.CONFLICT, Cause.TEXT_DIFFERS, difference_codes(a, b), similarity)


# Names of kinds and emoji have no figures and few characters; longer ones are known or somebody's words.
_ONE_MARK = lazy_pattern(r"\[(?:[^\[\]\n0-9]{2,6}|[A-Za-z /_-]{2,24})\]")
_IN_BRACKETS = lazy_pattern(r"\[[^\[\]\n]{2,24}\]")
# Kinds that PyWxDump names without brackets are in _BARE_WORDS.
# WechatExporter shows a forward as its title and part of its content.
_FORWARDED = lazy_pattern(r"(?s)<< .+ >>")
_BARE_WORDS = frozenset({"图片", "视频", "文件", "表情", "名片", "语音通话", "未知"})


def _is_unknown_mark(canon: str) -> bool:
    """Whether a canonical text is only a placeholder for something that is not text."""
    if canon in _BARE_WORDS or _ONE_MARK.fullmatch(canon) or _FORWARDED.fullmatch(canon):
        return True
    known = kind_of_placeholder(canon) is not None or re.match(UNSHOWN, canon) is not None
    return known and _IN_BRACKETS.fullmatch(canon) is not None


HEADING = lazy_pattern(r"\n\s*(?:\[?\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}|[^\n]{1,40}[（(]?\d{1,2}:\d{2})")
# A link's address below its title, in a format that names no kinds.
GOES_ON = lazy_pattern(r"\s+https?://\S+\s*")
# A translation below the words is the client's, not the message's.
_TRANSLATION = lazy_pattern(
    rf"(?:\n\W*|\s*[(\[【]\s*){TRANSLATED}\W|\n[-—=_]{{3,}}\n|\n[^\n]+(?:翻译|[Tt]ranslated by [^\n]{{1,20}})\W*\Z"
)
_VALUE = lazy_pattern(r"-?\d+(?:\.\d+)?")
# What a spreadsheet shows for text that it takes as an invalid formula.
_NO_FORMULA = lazy_pattern(r"#(?:NAME\?|VALUE!|REF!|DIV/0!|N/A|NUM!|NULL!|名称\?)")


def _doubt_code(left: str, right: str) -> str | None:
    """A code for a difference that leaves doubt, or None.

    kind: one text is a placeholder. pauses: only punctuation differs. formula: one is the other's spreadsheet value.
    address: one continues with an address. translation: one continues with a translation. misread: letters stand for
    figures in a number, as somebody types or a machine reads them.
    """
    if _is_unknown_mark(left) or _is_unknown_mark(right):
        return "kind"
    short, long = sorted((left, right), key=len)
    if differ_in_pauses(left, right):
        return "pauses"
    read = with_digits_read(left), with_digits_read(right)
    if read != (left, right) and (read[0] == read[1] or form_steps(*read)):
        return "misread"
    unread = any(_NO_FORMULA.fullmatch(a) and b[:1] in "=+-@" for a, b in ((left, right), (right, left)))
    if unread or (FORMULA.fullmatch(long) and _VALUE.fullmatch(short)):
        return "formula"
    if short and long.startswith(short) and GOES_ON.fullmatch(long[len(short) :]):
        return "address"
    return "translation" if long.startswith(short) and _TRANSLATION.match(long[len(short) :]) else None


# Dots of any kind mean the same pause.
_DOTS = ".。…"
# Punctuation not between numerals. People who retype a text leave much of it out. Question marks carry meaning and are not included.
# A blank is one too, but between Latin letters or figures it parts words and numbers.
_PAUSE = lazy_pattern(
    rf"(?<!{NUMERAL})[,.、;:!~。…]+|[,.、;:!~。…]+(?!{NUMERAL})|(?<!{NUMERAL})(?<![A-Za-z]) +(?!{NUMERAL})| +(?!{NUMERAL}|[A-Za-z])"
)


def differ_in_pauses(left: str, right: str) -> bool:
    """Whether two canonical texts have the same words and differ only in punctuation of a pause."""
    a, b = _without_pauses(left), _without_pauses(right)
    return a == b and (bool(a) or set(left) == set(right) or {*left, *right} <= {*_DOTS})


@lru_cache(maxsize=128)
def _without_pauses(text: str) -> str:
    """The text in one line, without the punctuation of a pause."""
    return _PAUSE.sub("", re.sub(r"\s*\n\s*", "", plain_marks(text)))


# Headings in text copied out of WeChat: a name and a colon after an empty line, or a name and a time in one or two
# lines. They fit canonical and raw text.
NAME_HEADING = r"\n[ \t]*\n[^\s][^\n]{0,60}[:：] *\n|\n[^\n]{1,61}[\n ][0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日[^\n]{1,9}\n"
_NAMED = lazy_pattern(NAME_HEADING)
# A further line of raw text with both a date and a time, where nothing but the line itself says that it is a heading.
DATED_HEADING = r"\n[^\n]{0,60}\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?[ T:]?[^\n\d]{0,4}\d{1,2}:\d{2}[^\n]{0,60}(?:\n|$)"


def _parted_at_heading(short: str, long: str, form: SideForm) -> bool:
    """Whether one text is the part of the other before (or after) a line that looks like a heading.

    The part after it counts only in formats that split texts at such lines.
    """
    if not short or len(short) == len(long):
        return False
    is_parting = form.limits.ambiguous_headers
    if long.startswith(short):
        rest = long[len(short) :]
        return HEADING.match(rest) is not None or (is_parting and _NAMED.match(rest) is not None)
    if not is_parting or not long.endswith(f"\n{short}"):
        return False
    before, line = long[: -len(short) - 1].rpartition("\n")[::2]
    named = f"\n{before.rpartition(chr(10))[2]}\n{line}\n"
    return HEADING.match(f"\n{line}") is not None or _NAMED.match(named) is not None


# What may stand below a message without being part of it: a line in brackets or begun by them, a copied reply, a recall,
# a line of a paper, anything below two empty lines.
_OUTSIDE = lazy_pattern(
    rf"(?:\n[ \t]*){{3,}}(?s:.*)|\s*\n\s*(?:(?:[【〔(《]|\[[^\[\]\n]*[:\s]|{PAPER_LINE})[^\n]*|「[^\n]*:(?s:.*?)」\n[- ]{{3,}}\n(?s:.*)|[^\n]{{0,60}}{RECALL_NOTICE}[^\n]*)\Z"
)


def _continues_on_new_line(left: str, right: str, left_form: SideForm, right_form: SideForm) -> bool:
    """Whether one text goes on below the other with what may be no part of the message in its form."""
    return any(
        long.startswith(f"{short}\n")
        and (
            Kind.QUOTE in form.limits.unplaced_kinds
            or (form.limits.ambiguous_headers and _OUTSIDE.match(long[len(short) :]) is not None)
        )
        for short, long, form in ((left, right, right_form), (right, left, left_form))
    )


def _is_resaved(whole: str, kept: str, form: SideForm) -> bool:
    """Whether one text is the other as a spreadsheet program saves it."""
    bare, value = whole.strip(), kept.strip()
    is_held = form.limits.is_resaved and simplified(kept) in _without_signs(simplified(whole))
    is_held |= form.limits.is_resaved and is_value(bare, value)
    return is_held or is_resaved_value(bare, value) or _lost_digits(bare, value)


def _without_signs(text: str) -> tuple[str, ...]:
    """The text as programs save it in GBK: a `?` per 16-bit unit, or per character, that it lacks."""
    lost = [not c.isascii() and not c.encode("gbk", "ignore") for c in text]
    units = [1 + (ord(c) > 0xFFFF) for c in text]
    told = list(zip(text, lost, units, strict=True))
    return "".join("?" * n if gone else c for c, gone, n in told), "".join("?" if gone else c for c, gone, _ in told)


_LONG_NUMBER = lazy_pattern(r"\d{16,25}")


def _lost_digits(whole: str, kept: str) -> bool:
    """Whether a long number, such as a bank card's, is stored with a spreadsheet's 15 digits."""
    return (
        bool(_LONG_NUMBER.fullmatch(whole))
        and len(whole) == len(kept)
        and kept == whole[: PARAMS.sure_digits].ljust(len(whole), "0")
    )


def is_form(left: str, right: str) -> bool:
    """Whether two texts differ only in form, whatever tools wrote them."""
    # No tool respells numbers.
    steps = form_steps(left, right)
    return left == right or (bool(steps) and Form.NUMBER_SPELLING not in steps) or _quotes_otherwise(left, right)


def _quotes_otherwise(left: str, right: str) -> bool:
    """Whether both texts hold the same reply, with its quotation shown differently or on one side only."""
    if _reply_only(left) == _reply_only(right):
        return True
    (reply, said), (other, also) = parted(canonical(left)), parted(canonical(right))
    if in_one_line(canonical(left), other, also) or in_one_line(canonical(right), reply, said):
        return True
    if said is None and also is None:
        return False
    return _quoted_alike(said, also) and bool(reply.strip()) and blankless(reply) == blankless(other)


def _quoted_alike(said: str | None, also: str | None) -> bool:
    """Whether the quoted words agree or begin alike, in any spelling of marks. None = not shown."""
    if said is None or also is None:
        return True
    begun = ((said.rstrip("…."), also), (also.rstrip("…."), said))
    return any(same_marks(short, long[: len(short)]) for short, long in begun)


def _exporter_form(left: str, right: str, left_form: SideForm, right_form: SideForm) -> Form | None:
    """The form by which exporters explain the difference; null without one."""
    if _quotes_otherwise(left, right) or _replies_alike(left, right, left_form, right_form):
        return Form.QUOTED_PART
    told = (
        _tool_habit(short, long, form, other)
        for short, long, form, other in (
            (left, right, left_form, right_form),
            (right, left, right_form, left_form),
        )
    )
    if habit := next((h for h in told if h), None):
        return habit
    a, b = (without_blanks(plain_marks(canonical(t))) for t in (left, right))
    return Form.PUNCTUATION if a == b else None


def _replies_alike(left: str, right: str, left_form: SideForm, right_form: SideForm) -> bool:
    """Whether two texts quote the same words in replies that differ only by marks or a habit of one tool."""
    (reply, said), (other, also) = parted(canonical(left)), parted(canonical(right))
    if (said is None and also is None) or not (reply.strip() and other.strip()):
        return False
    same = _quoted_alike(said, also) or is_masked(said or "", also or "") or is_masked(also or "", said or "")
    habit = _tool_habit(reply, other, left_form, right_form) or _tool_habit(other, reply, right_form, left_form)
    return same and (habit is not None or same_marks(blankless(reply), blankless(other)))


def _tool_habit(kept: str, whole: str, form: SideForm, whole_form: SideForm) -> Form | None:
    """The habit of one tool that turns `whole` into `kept`; None = there is none."""
    if is_cut(kept, whole, form, whole_form) or is_cut_reply(kept, whole, form):
        return Form.TRUNCATION
    if is_masked(canonical(kept), canonical(whole)):
        return Form.EXPORTER_SPELLING
    layers = {kept, unescape(kept), *written_out(kept)}
    if any(same_marks(canonical(text), canonical(whole)) for layer in layers for text in written_out(layer)):
        return Form.ESCAPES
    is_unpacked = any(canonical(kept) == canonical(PREFIX.sub("", t)) for t in unpacked(whole))
    if is_unpacked or _is_resaved(whole, kept, form) or _is_with_app(whole, kept, whole_form, form):
        return Form.EXPORTER_SPELLING
    bare = PREFIX.sub("", whole, count=1)
    return Form.PREFIX_STRIPPED if bare != whole and (bare == kept or form_steps(bare, kept)) else None


def _is_with_app(long: str, title: str, form: SideForm, title_form: SideForm) -> bool:
    """Whether `long` is a card's title plus its app or address, in a format that writes cards like text.

    Where both formats do so and one writes the app, the other may write the title twice, or the address and before the
    title a description.
    """
    detailed, app = _WITH_DETAILS.match(long), _WITH_APP.match(title)
    named = canonical(app[1]) if app else ""
    if detailed:
        return canonical(detailed[1]) in (canonical(title), named)
    if not _writes_cards_as_words(form) or not title.strip():
        return False
    shown = _WITH_APP.match(long), _WITH_ADDRESS.match(long)
    if any(s is not None and canonical(s[1]) == canonical(title) for s in shown):
        return True
    words, addresses = ADDRESS_BEHIND.subn("", long)
    is_told = canonical(words) == named * 2 or (addresses > 0 and canonical(words).endswith(named))
    return bool(named) and _writes_cards_as_words(title_form) and is_told


def _is_first_line(left: str, right: str) -> bool:
    """Whether one text is the first line of the other and has no mark that ends a sentence."""
    short, long = sorted((left, right), key=len)
    return long.startswith(f"{short}\n") and not re.search(r"[。！？!?；;\n]", short)


def _writes_cards_as_words(form: SideForm) -> bool:
    return form.limits.kinds_merged.get(Kind.LINK) is Kind.TEXT


@lru_cache(maxsize=65_536)
def _reply_only(text: str) -> str:
    """The reply without the quotation before it."""
    return canonical(reply_of(canonical(text)))


# A text that a spreadsheet program reads as a value.
CELL = r"^(?:[+-]?\d{1,25}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,2})?|\d{1,4}[-/]\d{1,2}(?:[-/]\d{1,2})?|\d{1,2}月\d{1,2}日|\d{1,2}:\d{2}(?::\d{2})?|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"
_DAY = lazy_pattern(r"(?:(\d{4})[-/])?(\d{1,2})(?:[-/]|月)(\d{1,2})日?")
_CLOCK = lazy_pattern(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def cell_key(text: str) -> str:
    """A key that a value shares with its form as saved by a spreadsheet; other texts stay as they are."""
    if text.lower() in ("true", "false"):
        return text.lower()
    if day := _DAY.fullmatch(text):
        return "-".join(str(int(part)) for part in day.groups() if part)
    if clock := _CLOCK.fullmatch(text):
        return ":".join(str(int(part or 0)) for part in clock.groups())
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return (
        f"{number:.2E}" if abs(number) >= 10**PARAMS.plain_digits or "e" in text.lower() else f"{number.normalize():f}"
    )


def is_resaved_value(whole: str, kept: str) -> bool:
    """Whether `kept` is the value `whole` as a spreadsheet saves it, possibly rounded."""
    if not (re.match(CELL, whole) and re.match(CELL, kept)):
        return False
    days = _DAY.fullmatch(whole), _DAY.fullmatch(kept)
    if days[0] and days[1] and None in (days[0][1], days[1][1]):
        # A spreadsheet adds a year to a day and a month.
        return [*map(int, days[0].groups()[1:])] == [*map(int, days[1].groups()[1:])]
    if not (whole[-1].isdigit() and kept[-1].isdigit()) or days[0] or ":" in whole:
        return cell_key(whole) == cell_key(kept)
    try:
        one, other = Decimal(whole), Decimal(kept)
    except InvalidOperation:
        return False
    power = re.search(r"(?:\.(\d+))?[eE]", kept)
    return one == other or (
        power is not None and f"{one:.{len(power[1] or '')}E}" == f"{other:.{len(power[1] or '')}E}"
    )
