"""Form against substance: whether two paired rows differ in what they say, or only in how it was written down."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import Indel

from reconcile.intake.contract import FormLimits
from reconcile.match.cells import is_resaved_value
from reconcile.match.quotes import begun_lines, parted, put_together, reply_of
from reconcile.vocabulary import Cause, Form, Kind, Relation
from reconcile.wechat.classes import CALL, CARD, FILE, FORWARD, LINK, OTHER, PAYMENT, PLACE, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.escapes import written_out
from reconcile.wechat.kinds import BARE_MARK, WIDE_BRACKET, kind_of_placeholder
from reconcile.wechat.text import PREFIX, canonical, form_steps, numbers_in, unescape, unpacked, without_blanks

# Shorter limits than this are no exporter's cut but a short message.
LEAST_CUT = 16
# A card in a form that writes it like words: its title and its app, or nothing where none is named; its title and its address.
_WITH_APP = re.compile(r"(?s)\A(.+) -(?: [^\n]{0,40})?\Z")
_WITH_ADDRESS = re.compile(r"(?s)\A(.+)\n[a-z]+://\S+\Z")
# PyWxDump's own words behind a card's title and what describes it.
_WITH_DETAILS = re.compile(r"(?s)\A([^\n]+)\n.*<a href=\"[^\"\n]*\">点击查看详情</a>\s*\Z")
_AMOUNT = re.compile(r"(?:[¥￥$]\s*|RMB\s*)(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*(?:\.\d+)?)\s*(?:元|yuan)")
# A sum with two places right behind the placeholder, without a sign of money.
_BARE_SUM = re.compile(r"\A\[转账\]\s*(\d[\d,]*\.\d{2})(?!\d)")
# A placeholder and the one line behind it: `[文件] 合同.docx`, `[链接] 标题`.
_SHOWN = re.compile(r"\A(\[[^\]\n]{1,8}\]|【[^】\n]{1,8}】)\s*([^\n]{1,200})\Z")
# A file's name inside its placeholder: `[文件: 合同.docx]`, `[文件|合同.docx](http://…)`, `FILE:合同.docx`.
_FILE_INSIDE = re.compile(r"\A(?:\[(?:文件|[Ff]ile)\s*[:：|｜]\s*([^\]\n]{1,200})\]|FILE:\s*([^\n]{1,200}))")
# How wechat-dump shows a file.
_DUMPED_FILE = "FILE:"
_BARE_FILE = re.compile(r"\A[^\n\[\]【】]{1,200}\.[A-Za-z0-9]{1,6}\Z")
_NEGATIONS = re.compile(r"不|没|無|无|未|别|勿|非|莫|\b(?:not|no|never)\b|n't")
_DATE = re.compile(
    r"\d{1,4}[-/.年]\d{1,2}|\d{1,2}月|\d{1,2}[日号]|周[一二三四五六日天]|星期|今天|明天|后天|昨天|前天|[上下]个?(?:周|月|星期)|去年|今年|明年"
)


# Doubts about a pair of words that no habit of a tool settles.
WEAK_DETAILS = ("heading_in_text", "kind", "text")


@dataclass(frozen=True, slots=True)
class SideForm:
    """What is known of one export's writing: its reader's limits and the cut learnt from its longest texts (None = none)."""

    limits: FormLimits
    cut_at: int | None

    def cut_and_trimmed(self, text: str, whole: str) -> bool:
        """Whether a text is the other's beginning up to the form's cut, without the blanks that the cut left at its ends."""
        reached = self.cut_at is not None and len(text) < self.cut_at < len(whole)
        return reached and whole[: self.cut_at].strip() == text

    def cuts_at(self, text: str) -> bool:
        """Whether a text is as long as the form's cut: in characters, or, where its reader states the limit, in bytes."""
        return self.cut_at == len(text) or (self.limits.text_cut_at is not None and self.cut_at == len(text.encode()))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Relation and cause of a pair, the finer codes, and the similarity of the words (1 where neither states any)."""

    relation: Relation
    cause: Cause | None
    detail: str | None
    similarity: float


def judge_words(left: str, right: str, left_form: SideForm, right_form: SideForm) -> Judgement:
    """Two texts of one message: equal, equal in form, or different in substance."""
    told = _judge_as_written(left, right, left_form, right_form)
    shown = unmasked(left, right), unmasked(right, left)
    if told.relation is not Relation.CONFLICT or shown == (left, right):
        return told
    beside = _judge_as_written(*shown, left_form, right_form)
    return _form([Form.EXPORTER_SPELLING]) if beside.relation is Relation.AGREEMENT else beside


def _judge_as_written(left: str, right: str, left_form: SideForm, right_form: SideForm) -> Judgement:
    if left == right:
        return Judgement(Relation.AGREEMENT, None, None, 1.0)
    steps = form_steps(left, right)
    if steps:
        return _form(steps)
    harmless = _exporter_form(left, right, left_form, right_form)
    if harmless:
        return _form([harmless])
    a, b = canonical(left), canonical(right)
    similarity = Indel.normalized_similarity(a, b)
    if (
        _parted_at_heading(a, b, left_form)
        or _parted_at_heading(b, a, right_form)
        or _runs_on(a, b, left_form, right_form)
    ):
        # A text export cannot tell a typed line that looks like its own heading from a heading.
        return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "heading_in_text", similarity)
    # Of a note one form that writes cards like words shows the title, another its words, which begin with that.
    is_note = _writes_cards_as_words(left_form) and _writes_cards_as_words(right_form) and _is_first_line(a, b)
    if doubt := ("text" if is_note else _shown_beside(a, b)):
        return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, doubt, similarity)
    return Judgement(Relation.CONFLICT, Cause.TEXT_DIFFERS, _what_differs(a, b), similarity)


_ONE_MARK = re.compile(r"\[[^\[\]\n]{2,24}\]")


# PyWxDump's words for what is no text, which stand without brackets.
# WechatExporter's forward, where no column names kinds, shows its title twice and some of what it holds.
_FORWARDED = re.compile(r"(?s)<< .+ >>")
_BARE_WORDS = frozenset({"图片", "视频", "文件", "表情", "名片", "语音通话", "未知"})


def _is_unknown_mark(canon: str) -> bool:
    """Whether a canonical text is one name in brackets, and none of an emoji, or a bare word that a tool writes: some placeholder for what is no text."""
    return canon in _BARE_WORDS or _ONE_MARK.fullmatch(canon) is not None or _FORWARDED.fullmatch(canon) is not None


HEADING = re.compile(r"\n\s*(?:\[?\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}|[^\n]{1,40}[（(]?\d{1,2}:\d{2})")


# How a link is shown below its title, by a form that names no kind.
GOES_ON = re.compile(r"\s+https?://\S+\s*")
# Who is meant by @ stands there as each device calls him; a translation that a client shows below the words is none of the message's.
MENTION = re.compile(r"@([^@\s]{1,40})(?=\s|\Z)")
_TRANSLATION = re.compile(
    r"\n\W*(?:译文?|翻译|[Tt]ranslat(?:ion|ed))\W|\n[-—=_]{3,}\n|\n[^\n]+(?:翻译|[Tt]ranslated by [^\n]{1,20})\W*\Z"
)
_FORMULA, _VALUE = re.compile(r"=[\d.+\-*/() ]+"), re.compile(r"-?\d+(?:\.\d+)?")
# What a spreadsheet program shows where it takes words for a formula that it cannot read.
_NO_FORMULA = re.compile(r"#(?:NAME\?|VALUE!|REF!|DIV/0!|N/A|NUM!|NULL!|名称\?)")


def _shown_beside(left: str, right: str) -> str | None:
    """`kind` where a text is a placeholder in brackets, `pauses` where nothing but marks of a pause differs, `mention` where nothing but the names behind @ differs, `translation` where one text goes on with one, `formula` where one is the other's value, `address` where one goes on with one."""
    if "@" in left and without_blanks(MENTION.sub("@", left)) == without_blanks(MENTION.sub("@", right)):
        return "mention"
    if _is_unknown_mark(left) or _is_unknown_mark(right):
        return "kind"
    short, long = sorted((left, right), key=len)
    if differ_in_pauses(left, right):
        return "pauses"
    unread = any(_NO_FORMULA.fullmatch(a) and b[:1] in "=+-@" for a, b in ((left, right), (right, left)))
    if unread or (_FORMULA.fullmatch(long) and _VALUE.fullmatch(short)):
        return "formula"
    if short and long.startswith(short) and GOES_ON.fullmatch(long[len(short) :]):
        return "address"
    return "translation" if long.startswith(short) and _TRANSLATION.match(long[len(short) :]) else None


# Dots of any kind trail off alike.
_DOTS = ".。…"
# Marks at which a reader pauses, where no figure stands on both sides of them: who types a text anew leaves many of them out. No question mark.
_PAUSE = re.compile(r"(?<![0-9])[,.、;:!~。…]+|[,.、;:!~。…]+(?![0-9])")


def differ_in_pauses(left: str, right: str) -> bool:
    """Whether two canonical texts are the same words, parted by other marks of a pause."""
    a, b = (_PAUSE.sub("", re.sub(r"\s*\n\s*", "", t)) for t in (left, right))
    return a == b and (bool(a) or set(left) == set(right) or {*left, *right} <= {*_DOTS})


# Headings of what was copied out of WeChat: a name and a colon behind an empty line, a name and a time in one line or in two. As text has them
# that is canonical or not.
NAME_HEADING = r"\n[ \t]*\n[^\s][^\n]{0,60}[:：] *\n|\n[^\n]{1,61}[\n ][0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日[^\n]{1,9}\n"
_NAMED = re.compile(NAME_HEADING)


def _parted_at_heading(short: str, long: str, form: SideForm) -> bool:
    """Whether one text is what stands before a heading inside the other, or, in a form that parts texts there, what stands behind one."""
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


def _runs_on(left: str, right: str, left_form: SideForm, right_form: SideForm) -> bool:
    """Whether one text goes on, a line below the other's words, in a form where notices stand bare below the message before them."""
    return any(
        Kind.QUOTE in form.limits.unplaced_kinds and long.startswith(f"{short}\n")
        for short, long, form in ((left, right, right_form), (right, left, left_form))
    )


def _form(steps: list[Form]) -> Judgement:
    return Judgement(Relation.AGREEMENT, Cause.FORM, ",".join(sorted(set(map(str, steps)))), 1.0)


def _is_resaved(whole: str, kept: str, form: SideForm) -> bool:
    """Whether one text is the other as a spreadsheet program saves it."""
    lost = form.limits.loses_signs and "?" in kept and _without_signs(whole) == kept
    return lost or is_resaved_value(whole.strip(), kept.strip()) or _lost_digits(whole.strip(), kept.strip())


def _without_signs(text: str) -> str:
    """The text as GBK keeps it: of a sign that it lacks a question mark for each of its 16-bit units."""
    return "".join(c if c.isascii() or c.encode("gbk", "ignore") else "?" * (1 + (ord(c) > 0xFFFF)) for c in text)


_LONG_NUMBER = re.compile(r"\d{16,25}")


def _lost_digits(whole: str, kept: str) -> bool:
    """Whether a message that is nothing but a long number (of an identity card, a bank card) stands as a spreadsheet keeps it: 15 digits."""
    return bool(_LONG_NUMBER.fullmatch(whole)) and len(whole) == len(kept) and kept == whole[:15].ljust(len(whole), "0")


def is_form(left: str, right: str) -> bool:
    """Whether two texts differ in form alone, whatever tools wrote them."""
    return left == right or bool(form_steps(left, right)) or _quotes_otherwise(left, right)


def _quotes_otherwise(left: str, right: str) -> bool:
    """Whether one reply stands in both, with what it quotes shown in two ways or by one side alone."""
    if _without_quote(left) == _without_quote(right):
        return True
    (reply, said), (other, also) = parted(canonical(left)), parted(canonical(right))
    if _in_one_line(canonical(left), other, also) or _in_one_line(canonical(right), reply, said):
        return True
    if said is None and also is None:
        return False
    # Where both show the words quoted, these tell that nothing but the spelling parts the two texts.
    same = said is None or also is None or said.startswith(also.rstrip("….")) or also.startswith(said.rstrip("…."))
    return same and bool(reply.strip()) and _blankless(reply) == _blankless(other)


def _in_one_line(canon: str, reply: str, said: str | None) -> bool:
    """Whether a text is the quoted row and the reply in one line; where the words quoted are not shown, a blank stands before the reply."""
    rest, reply = put_together(canon), re.sub(r"\s*\n\s*", " ", reply.strip())
    if rest is None or not reply or not rest.endswith(reply):
        return False
    before = rest.removesuffix(reply)
    return before[-1:] in ("", " ") and (said is None or _blankless(before.replace("> ", "")) == said)


_HIDDEN = re.compile(r"(?<![\d*])[\d*]*\*{2,}[\d*]*")


def unmasked(shown: str, whole: str) -> str:
    """The text with each number, some or all of whose figures are asterisks, as the other text writes it; unchanged where one has no like there."""
    if "**" not in shown:
        return shown
    at, parts, end = 0, [], 0
    for hidden in _HIDDEN.finditer(shown):
        number = re.compile(rf"(?<!\d){hidden[0].replace('*', '[0-9]')}(?!\d)").search(whole, at)
        if number is None:
            return shown
        parts += [shown[end : hidden.start()], number[0]]
        at, end = number.end(), hidden.end()
    return "".join([*parts, shown[end:]])


def _blankless(text: str) -> str:
    return re.sub(r"\s", "", text)


_MASK = re.compile(r"(?<=\d)\*{2,}(?=\d)|\*{3,}")


def _is_masked(shown: str, whole: str) -> bool:
    """Whether one text is the other with figures inside a number replaced by as many asterisks: what is not shown cannot differ."""
    masks = list(_MASK.finditer(shown))
    if not masks or len(shown) != len(whole):
        return False
    open_places = {i for m in masks for i in range(m.start(), m.end())}
    return all(whole[i].isdigit() if i in open_places else shown[i] == whole[i] for i in range(len(shown)))


def _exporter_form(left: str, right: str, left_form: SideForm, right_form: SideForm) -> Form | None:
    if _quotes_otherwise(left, right) or _replies_alike(left, right, left_form, right_form):
        return Form.QUOTED_PART
    told = (
        _one_way(short, long, form, other)
        for short, long, form, other in (
            (left, right, left_form, right_form),
            (right, left, right_form, left_form),
        )
    )
    if habit := next((h for h in told if h), None):
        return habit
    a, b = (re.sub(r"[^\w\s⟦⟧]|_", "", canonical(t)) for t in (left, right))
    if a == b and re.sub(r"\W", "", left) == re.sub(r"\W", "", right) and _same_marks(left, right):
        return Form.PUNCTUATION
    return Form.PUNCTUATION if _same_marks(canonical(left), canonical(right)) else None


def _replies_alike(left: str, right: str, left_form: SideForm, right_form: SideForm) -> bool:
    """Whether the replies of two texts that quote the same words differ by a habit of one tool."""
    (reply, said), (other, also) = parted(canonical(left)), parted(canonical(right))
    if (said is None and also is None) or not (reply.strip() and other.strip()):
        return False
    same = said is None or also is None or said.startswith(also.rstrip("….")) or also.startswith(said.rstrip("…."))
    same = same or _is_masked(said or "", also or "") or _is_masked(also or "", said or "")
    habit = _one_way(reply, other, left_form, right_form) or _one_way(other, reply, right_form, left_form)
    return same and (habit is not None or _blankless(reply) == _blankless(other))


def _one_way(kept: str, whole: str, form: SideForm, whole_form: SideForm) -> Form | None:
    """The habit by which `kept`, of an export of that form, is what became of `whole`."""
    if _is_cut(kept, whole, form) or _is_cut_reply(kept, whole, form):
        return Form.TRUNCATION
    if _is_masked(canonical(kept), canonical(whole)):
        return Form.EXPORTER_SPELLING
    layers = {kept, unescape(kept), *written_out(kept)}
    if any(_same_marks(canonical(text), canonical(whole)) for layer in layers for text in written_out(layer)):
        return Form.ESCAPES
    is_unpacked = any(canonical(kept) == canonical(PREFIX.sub("", t)) for t in unpacked(whole))
    if is_unpacked or _is_resaved(whole, kept, form) or _is_with_app(whole, kept, whole_form, form):
        return Form.EXPORTER_SPELLING
    if PREFIX.match(whole) and canonical(PREFIX.sub("", whole, count=1)) == canonical(kept):
        return Form.PREFIX_STRIPPED
    return None


def _is_with_app(long: str, title: str, form: SideForm, title_form: SideForm) -> bool:
    """Whether one text is the other and the app that a card came from, or its address, in a form that writes cards like words: `title - app`.

    Where both forms do so, one may write the app and the other the address.
    """
    if detailed := _WITH_DETAILS.match(long):
        bare = _WITH_APP.match(title)
        return canonical(detailed[1]) in (canonical(title), canonical(bare[1]) if bare else None)
    if not _writes_cards_as_words(form) or not title.strip():
        return False
    shown = _WITH_APP.match(long), _WITH_ADDRESS.match(long)
    if any(s is not None and canonical(s[1]) == canonical(title) for s in shown):
        return True
    app = _WITH_APP.match(title) if _writes_cards_as_words(title_form) else None
    return app is not None and shown[1] is not None and canonical(shown[1][1]) == canonical(app[1])


def _is_first_line(left: str, right: str) -> bool:
    """Whether one text is the first line of the other, without what ends a sentence."""
    short, long = sorted((left, right), key=len)
    return long.startswith(f"{short}\n") and not re.search(r"[。！？!?；;\n]", short)


def _writes_cards_as_words(form: SideForm) -> bool:
    return form.limits.kinds_merged.get(Kind.LINK) is Kind.TEXT


_MARKS = str.maketrans("，。！？：；（）【】“”‘’、「」『』", ",.!?:;()[]\"\"'',\"\"''")


def _same_marks(left: str, right: str) -> bool:
    """Whether two texts that differ in marks alone have the same marks once both are in one script's spelling."""
    return left.translate(_MARKS) == right.translate(_MARKS)


@lru_cache(maxsize=65_536)
def _without_quote(text: str) -> str:
    return canonical(reply_of(canonical(text)))


# What tools set behind words that they cut, or leave of a character that was cut in two.
CUT_MARK = re.compile(
    r"(?:(?:\.{3}|…)*[\[(（](?:\.{3}|…+|(?:查看|阅读|展开)?(?:更多|全文)|展开|已?截断|[Rr]ead more|[Ss]ee more|[Mm]ore)[\])）]|\.{3}|…+|\ufffd+)\Z"
)
# What a cut may leave of a sign's name, a tag, an entity or an escape into which it fell.
_BROKEN = re.compile(
    r"(?:\[[^\[\]]{0,6}|<[^<>]{0,60}|&#?\w{0,8}|\\u?\{?[0-9A-Fa-f]{0,5}|\\u[0-9A-Fa-f]{4}\\?u?[0-9A-Fa-f]{0,3})\Z"
)


def _is_cut(short: str, long: str, form: SideForm) -> bool:
    marked = CUT_MARK.sub("", short)
    if len(short) >= LEAST_CUT and form.cut_and_trimmed(short, long):
        return True
    at_limit = form.cuts_at(short)
    for whole in {short, marked}:
        if len(whole) < LEAST_CUT or (whole == short and not at_limit):
            continue
        if _starts(long, whole) or _breaks_off(long, whole):
            return True
    return False


def _starts(long: str, start: str) -> bool:
    if long.startswith(start) or canonical(long).startswith(canonical(start)):
        return True
    return any(
        _bare(whole).startswith(_bare(begun))
        for whole in (long, *written_out(long))
        for begun in (start, *written_out(start))
    )


def _breaks_off(long: str, kept: str) -> bool:
    """Whether words that were cut are the other's beginning up to a mark of a program into which the cut fell, and the other goes on with what such a mark stands for."""
    broken = _BROKEN.search(kept)
    if broken is None:
        return False
    start, whole = _bare(kept[: broken.start()]), _bare(long)
    rest = whole[len(start) :]
    return (
        whole.startswith(start)
        and rest != ""
        and (not rest[0].isalnum() or rest.startswith("http") or broken[0].startswith("\\u"))
    )


def _bare(text: str) -> str:
    """The canonical text in one script's marks and without blanks, with which no two tools agree."""
    return _blankless(canonical(text)).translate(_MARKS)


_MARK_BEGUN = re.compile(r"\s*(?:\[(?:引(?:用(?:[^\]\n:]*|\](?:\([^)\n]*)?))?)?|\n引(?:用[^\n]*)?)\Z")


def _is_cut_reply(short: str, long: str, form: SideForm) -> bool:
    """Whether a cut fell into a text that shows what it quotes: before, so that little or nothing of the reply is left, or behind the reply."""
    stem = CUT_MARK.sub("", short)
    if len(short) < LEAST_CUT or (stem == short and not form.cuts_at(short)):
        return False
    return any(_is_begun_reply(stem, whole) for whole in (long, *written_out(long)))


def _is_begun_reply(stem: str, long: str) -> bool:
    (kept, said), (reply, also) = parted(canonical(stem)), parted(canonical(long))
    lines = begun_lines(canonical(stem))
    if lines is not None and (also is None or also.startswith(lines)):
        return True
    if said is None:
        # Behind the reply there may stand the beginning of the mark of what it quotes.
        begun = _MARK_BEGUN.sub("", kept) == reply
        return begun or (also is not None and len(kept) >= LEAST_CUT and reply.startswith(kept))
    same = also is None or also.startswith(said)
    return same and (reply == kept or (canonical(stem).startswith(("「", "[引用")) and reply.startswith(kept)))


def _what_differs(left: str, right: str) -> str:
    codes = []
    if numbers_in(left) != numbers_in(right):
        codes.append("number")
    if len(_NEGATIONS.findall(left)) != len(_NEGATIONS.findall(right)):
        codes.append("negation")
    if _DATE.findall(left) != _DATE.findall(right):
        codes.append("date")
    return ",".join(codes) or "words"


def differing_spans(left: str, right: str) -> list[tuple[str, int, int, int, int]]:
    """The stretches in which two texts differ: operation, start and end in the left text, start and end in the right one."""
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return [op for op in matcher.get_opcodes() if op[0] != "equal"]


# ------------------------------------------------------------------------------------- whole rows


def judge_pair(left: dict[str, Any], right: dict[str, Any], left_form: SideForm, right_form: SideForm) -> Judgement:
    """Two paired rows (dicts of the row frame): agreement, conflict, and why.

    What only one side states is never a difference. Sender and time are judged by the caller, who knows names and clocks.
    """
    return (
        _differs(left, right)
        or _without_content(left, right, left_form, right_form)
        or _entitled_otherwise(left, right)
        or _same_body(left, right, left_form, right_form)
    )


def _differs(left: dict[str, Any], right: dict[str, Any]) -> Judgement | None:
    amounts = amount_of(left), amount_of(right)
    if None not in amounts and amounts[0] != amounts[1] and (left["cls"], right["cls"]) == (PAYMENT, PAYMENT):
        return Judgement(Relation.CONFLICT, Cause.AMOUNT_DIFFERS, "amount", _similar(left, right))
    hashes = left["media_hash"], right["media_hash"]
    if all(hashes) and len(hashes[0]) == len(hashes[1]) and hashes[0].lower() != hashes[1].lower():
        return Judgement(Relation.CONFLICT, Cause.MEDIA_DIFFERS, "media_hash", _similar(left, right))
    if (left["cls"], right["cls"]) == (FILE, FILE) and _names_differ(left, right):
        if _saved_again(left, right):
            return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "file_name", _similar(left, right))
        if any(r["text"].startswith(_DUMPED_FILE) for r in (left, right)) and _is_shortened(
            _name_of(left), _name_of(right)
        ):
            return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "file_name", _similar(left, right))
        return Judgement(Relation.CONFLICT, Cause.MEDIA_DIFFERS, "file_name", _similar(left, right))
    return None


# A client that saves a file under a name that is taken puts a number behind it.
_COPY_NUMBER = re.compile(r"\s?[(（]\d{1,2}[)）](?=\.[A-Za-z0-9]{1,6}\Z)")


def _saved_again(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether one of the names is the other with the number of a second copy behind it."""
    names = [_name_of(r) or r["text"].strip() for r in (left, right)]
    plain = [_COPY_NUMBER.sub("", n) for n in names]
    return plain != names and _safe_name(plain[0]) == _safe_name(plain[1]) and names[0] != names[1]


def _is_shortened(left: str, right: str) -> bool:
    """Whether one name is the other without a piece inside: an Android store may keep a title otherwise than the file is called."""
    short, long = sorted(map(_safe_name, (left, right)), key=len)
    return bool(short) and any(long.startswith(short[:k]) and long.endswith(short[k:]) for k in range(1, len(short)))


def _without_content(
    left: dict[str, Any], right: dict[str, Any], left_form: SideForm, right_form: SideForm
) -> Judgement | None:
    """A form that writes a kind without its content has the exporter's words in its place: they never differ from the message's."""
    silent = any(r["kind"] in f.limits.kinds_without_content for r, f in ((left, left_form), (right, right_form)))
    if not silent or left["text"] == right["text"] or SYSTEM in (left["cls"], right["cls"]):
        return None
    return _form([Form.PLACEHOLDER if left["kind"] == right["kind"] else Form.KIND_NAME])


def _names_differ(left: dict[str, Any], right: dict[str, Any]) -> bool:
    names = [_safe_name(_name_of(r)) for r in (left, right)]
    if all(names):
        return names[0] != names[1]
    # A file shown by its name alone may stand there with its folder, or with words of the exporter before it.
    bare = [
        n or _safe_name(r["text"] if _BARE_FILE.match(r["text"]) else "")
        for n, r in zip(names, (left, right), strict=True)
    ]
    return all(bare) and not (bare[0].endswith(bare[1]) or bare[1].endswith(bare[0]))


def _name_of(row: dict[str, Any]) -> str:
    """The file name that a row states: its column, else what follows the placeholder when it ends like a file name; '' = none."""
    if row["file_name"]:
        return str(row["file_name"])
    inside = _FILE_INSIDE.match(row["text"])
    shown = inside or _SHOWN.match(row["text"])
    name = str(shown.group(shown.lastindex or 0)) if shown else ""
    return name if re.search(r"\.[A-Za-z0-9]{1,6}\Z", name) else ""


def _safe_name(name: str) -> str:
    return re.sub(r"[\W_]", "", canonical(name))


def _same_body(left: dict[str, Any], right: dict[str, Any], left_form: SideForm, right_form: SideForm) -> Judgement:
    classes = {left["cls"], right["cls"]}
    same_kind = left["kind"] == right["kind"]
    if left["text"] == right["text"]:
        return Judgement(
            Relation.AGREEMENT, None if same_kind else Cause.FORM, None if same_kind else str(Form.KIND_NAME), 1.0
        )
    if classes == {WORDS} and _states_words(left) and _states_words(right):
        return judge_words(left["text"], right["text"], left_form, right_form)
    if len(classes) == 1 and classes & {LINK, FILE, PAYMENT, FORWARD, CALL, *WORDLESS}:
        return _shown_body(left, right, left_form, right_form)
    if not (_states_words(left) and _states_words(right)) or OTHER in classes or SYSTEM in classes:
        return _form([Form.PLACEHOLDER if same_kind else Form.KIND_NAME])
    words = judge_words(left["text"], right["text"], left_form, right_form)
    if WORDS in classes and words.relation is not Relation.AGREEMENT:
        named = link_title(left["text"] if left["cls"] != WORDS else right["text"])
        spoken = right["text"] if left["cls"] != WORDS else left["text"]
        if named and stands_in(canonical(named), canonical(spoken)):
            return _form([Form.KIND_NAME])
    doubt = Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "kind", words.similarity)
    return doubt if words.relation is Relation.CONFLICT else words


def _entitled_otherwise(left: dict[str, Any], right: dict[str, Any]) -> Judgement | None:
    """One row of words, and a link whose title has nothing in common with them: in doubt."""
    if {left["cls"], right["cls"]} != {WORDS, LINK}:
        return None
    spoken, link = (left, right) if left["cls"] == WORDS else (right, left)
    words, title = canonical(spoken["text"]), canonical(link_title(link["text"]))
    shown = link["text_quality"] != "absent" and _states_words(spoken) and not _is_placeholder(spoken["text"])
    told = bool(title) and shown and "://" not in words
    if not told or title in words or words in canonical(link["text"]):
        return None
    return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "kind", _similar(left, right))


def _states_words(row: dict[str, Any]) -> bool:
    """Whether the row's text is words of the message and not a placeholder or nothing."""
    text, quality = row["text"], row["text_quality"]
    return bool(text.strip()) and quality not in ("absent",) and not (row["cls"] != WORDS and _is_placeholder(text))


def _is_placeholder(text: str) -> bool:
    return kind_of_placeholder(text) is not None


def _shown_body(left: dict[str, Any], right: dict[str, Any], left_form: SideForm, right_form: SideForm) -> Judgement:
    """Bodies that an exporter put into words: only what both state as words may differ."""
    if left["cls"] == LINK:
        return _links(left, right, left_form, right_form)
    shown = _SHOWN.match(left["text"]), _SHOWN.match(right["text"])
    if left["cls"] in (CARD, PLACE) and shown[0] and shown[1] and shown[0].group(1) == shown[1].group(1):
        # One spelling on both sides: what stands behind the placeholder is the message's own.
        return _titles(shown[0].group(2), shown[1].group(2), left_form, right_form)
    stated = [t.strip() and not _is_placeholder(t) for t in (left["text"], right["text"])]
    if left["cls"] not in (LINK, FILE, FORWARD) or not all(stated):
        return _form([Form.PLACEHOLDER])
    return _titles(left["text"], right["text"], left_form, right_form)


# A link's placeholder of any language, with its title inside or behind it.
_ANY_MARK = re.compile(r"\A\[[^\]\n:：|｜]{1,16}(?:[:：]\s*(?P<inside>[^\n]*)\]\Z|\]\s*(?P<behind>[^\n(]+))")
_TITLE = (
    re.compile(r"\A\[(?:链接|图文|小程序|视频号|音乐)[|｜]?([^\]]*)\]\s*:?(?:title:)?([^\n(]*)"), re.compile(r"\A!?\[([^\]\n]+)\]\("),
    re.compile(r"(?:标题|title)[：:]\s*([^\n]+?)(?=\s(?:描述|链接)[：:]|\n|\Z)"), re.compile(r"\A(?:URL:)?\s*([^\n<]+)"),
)  # fmt: skip


def link_title(text: str) -> str:
    """The title that a shown link states, in whichever exporter's spelling; '' = none found. A placeholder alone is no title."""
    if text[:1] == WIDE_BRACKET:
        text = unicodedata.normalize("NFKC", text)
    if re.match(BARE_MARK, text.strip()) and kind_of_placeholder(text.strip()) is not None:
        return ""
    marked = _ANY_MARK.match(text)
    if marked and kind_of_placeholder(text) is Kind.LINK:
        text = f"[链接] {marked['inside'] or marked['behind']}"
    for pattern in _TITLE:
        if found := pattern.search(text):
            title = "".join(g for g in found.groups() if g).strip()
            if title:
                return title
    return ""


def _links(left: dict[str, Any], right: dict[str, Any], left_form: SideForm, right_form: SideForm) -> Judgement:
    """Two shown links: the address or the title decides, the rest is an exporter's spelling."""
    form = Judgement(Relation.AGREEMENT, Cause.FORM, str(Form.EXPORTER_SPELLING), _similar(left, right))
    addresses = [canonical(r.get("url") or "").split("#")[0] for r in (left, right)]
    if (all(addresses) and addresses[0] == addresses[1]) or "absent" in (left["text_quality"], right["text_quality"]):
        return form
    titles = [link_title(r["text"]) for r in (left, right)]
    if not all(titles) or canonical(titles[0]) == canonical(titles[1]):
        return form
    if _is_cut(left["text"], right["text"], left_form) or _is_cut(right["text"], left["text"], right_form):
        return _form([Form.TRUNCATION])
    # A limit counts the placeholder too, which each language writes otherwise.
    same_mark = [f"[链接] {t}" for t in titles]
    if _is_cut(same_mark[0], same_mark[1], left_form) or _is_cut(same_mark[1], same_mark[0], right_form):
        return _form([Form.TRUNCATION])
    return _titles(titles[0], titles[1], left_form, right_form)


def _titles(left: str, right: str, left_form: SideForm, right_form: SideForm) -> Judgement:
    words = judge_words(left, right, left_form, right_form)
    if words.relation is not Relation.CONFLICT:
        return words
    if _safe_name(left) == _safe_name(right):
        return _form([Form.PUNCTUATION])
    a, b = canonical(left), canonical(right)
    if stands_in(a, b) or stands_in(b, a) or words.similarity < 0.5:
        # One exporter prints the title, the other title and address, or quite another rendering.
        return Judgement(Relation.AGREEMENT, Cause.FORM, str(Form.EXPORTER_SPELLING), words.similarity)
    # Words that run on without a break may be a rendering, or another sentence: 同意 in 不同意.
    return Judgement(Relation.DOUBTFUL, Cause.WEAK_MATCH, "text", words.similarity) if a in b or b in a else words


def stands_in(part: str, whole: str) -> bool:
    """Whether the words stand in the others as words of their own: no letter, digit or ideograph runs on before or behind, but an address."""
    places = (m.start() for m in re.finditer(re.escape(part), whole)) if part else ()
    rest = ((whole[i - 1 : i] if i else "", whole[i + len(part) :]) for i in places)
    return any(not a.isalnum() and (not b[:1].isalnum() or b.startswith(("http", "www."))) for a, b in rest)


def amount_of(row: dict[str, Any]) -> Decimal | None:
    """The amount a payment row states, in yuan: its column, else the sum in its words; None where neither does."""
    stated = row["amount"]
    if not stated:
        if row["cls"] != PAYMENT:
            return None
        found = _AMOUNT.search(canonical(row["text"]))
        bare = None if found else _BARE_SUM.match(row["text"])
        stated = bare.group(1) if bare else found and (found.group(1) or found.group(2))
    if not stated:
        return None
    try:
        return Decimal(re.sub(r"[^\d.\-]", "", stated)).normalize()
    except InvalidOperation:
        return None


def _similar(left: dict[str, Any], right: dict[str, Any]) -> float:
    return Indel.normalized_similarity(left["text"], right["text"])
