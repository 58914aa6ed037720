"""Recognises texts that a tool cut off: at a length limit, before a mark, or inside a character."""

from functools import lru_cache

from reconcile.engine.content.judgement import SideForm
from reconcile.engine.content.quotations import begun_lines, blankless, parted
from reconcile.engine.params import PARAMS
from reconcile.patterns import lazy_pattern
from reconcile.wechat.escapes import written_out
from reconcile.wechat.text import PREFIX, canonical

MARKS_ALIKE = str.maketrans("，。！？：；（）【】“”‘’、「」『』", ",.!?:;()[]\"\"'',\"\"''")


# Dots of an ellipsis, and dashes that are no hyphen between letters or numerals, in the ways that editors write them.
_DOTS = lazy_pattern(r"(?:…|⋯|\.{3}|。{3})[.…⋯。]*")
_DASH = lazy_pattern(r"\s*(?:[—–―]+|-{2,}|(?<=\s)-(?=\s))\s*")


def same_marks(left: str, right: str) -> bool:
    """Whether two texts are equal once punctuation, dots and dashes are written the same way."""
    return plain_marks(left) == plain_marks(right)


# A long text is compared with several others in a row.
@lru_cache(maxsize=128)
def plain_marks(text: str) -> str:
    """The text with Latin punctuation in place of Chinese, and one writing of quotes, dots and dashes."""
    return _DASH.sub("-", _DOTS.sub("...", text)).translate(MARKS_ALIKE)


# The mark that a tool writes after a cut: dots, words in brackets, or the replacement of a split character.
CUT_MARK = lazy_pattern(
    r"(?:(?:\.{3}|…){0,20}[\[(（【](?:\.{3}|…+|[^\[\]()（）【】\n0-9]{0,10}(?:更多|全文|展[开開]|截[断斷]|省略|[过過][长長]|未完|[Mm]ore|[Tt]runcated|[Oo]mitted)[^\[\]()（）【】\n]{0,20})[\])）】]|\.{3}|…{1,60}|\ufffd{1,60})\Z"
)
# The same at the end of a text, for polars, which writes that end as \z; other marks may follow it.
CUT_AT_END = CUT_MARK.pattern.replace(r"\Z", r"\W*\z")
# What a cut may leave of an emoji's name, a tag, an entity or an escape.
_BROKEN = lazy_pattern(
    r"(?:\[[^\[\]]{0,14}|<[^<>]{0,60}|&#?\w{0,8}|\\u?\{?[0-9A-Fa-f]{0,5}|\\u[0-9A-Fa-f]{4}\\?u?[0-9A-Fa-f]{0,3})\Z"
)


def _without_cut_mark(short: str, long: str) -> str:
    """The text without a cut mark at its end; a mark that also ends the whole text is the writer's own."""
    found, own = CUT_MARK.search(short), CUT_MARK.search(long)
    return short if found is None or (own and own.group() == found.group()) else short[: found.start()]


def _hold_the_same(short: str, long: str) -> bool:
    """Whether two texts differ at most by marks at their ends, so that neither is cut."""
    return _uniform_text(CUT_MARK.sub("", short)) == _uniform_text(CUT_MARK.sub("", long))


def is_cut(short: str, long: str, form: SideForm, long_form: SideForm | None = None) -> bool:
    """Whether `short`, in a form that may cut texts, is what it left of `long`.

    `long_form`: the form of the other side, which may have lost the beginning of the text.
    """
    if len(short) >= PARAMS.cut_characters_least and form.cut_and_trimmed(short, long):
        return True
    at_limit = form.cuts_at(short)
    stems = {_without_cut_mark(short, long), *({short, CUT_MARK.sub("", short)} if at_limit else ())}
    stems = {s for s in stems if len(s) >= PARAMS.cut_characters_least and (s != short or at_limit)}
    if long_form is not None and long_form.limits.strips_prefix:
        stems |= {PREFIX.sub("", s, count=1) for s in stems}
    if _hold_the_same(short, long):
        return False
    return any(_begins_with(long, s) or _breaks_off(long, s) for s in stems)


def _begins_with(long: str, start: str) -> bool:
    """Whether long begins with start, also after written-out or uniform spelling."""
    if long.startswith(start) or canonical(long).startswith(canonical(start)):
        return True
    texts = [[_uniform_text(t) for t in (text, *written_out(text))] for text in (long, start)]
    # A cut leaves out more than blanks.
    return any(whole.startswith(begun) and whole != begun for whole in texts[0] for begun in texts[1])


def _breaks_off(long: str, kept: str) -> bool:
    """Whether a cut fell inside an emoji's name, a tag or an escape that the other text still has."""
    broken = _BROKEN.search(kept)
    if broken is None:
        return False
    start, whole = _uniform_text(kept[: broken.start()]), _uniform_text(long)
    rest = whole[len(start) :]
    return (
        whole.startswith(start)
        and rest != ""
        and (not rest[0].isalnum() or rest.startswith("http") or broken[0].startswith("\\u"))
    )


def _uniform_text(text: str) -> str:
    """The canonical text with uniform punctuation and without blanks."""
    return blankless(canonical(text)).translate(MARKS_ALIKE)


_MARK_BEGUN = lazy_pattern(
    r"\s*(?:\[(?:引(?:用(?:[^\]\n:]*|\](?:\([^)\n]*)?))?)?|\((?:引(?:用[^)\n]*)?)?|\n引(?:用[^\n]*)?)\Z"
)


def is_cut_reply(short: str, long: str, form: SideForm) -> bool:
    """Whether a cut fell into a text with a quotation, before or after the reply."""
    stem = _without_cut_mark(short, long)
    if _ends_in_begun_quotation(short, long):
        return True
    if _hold_the_same(short, long):
        return False
    if len(short) < PARAMS.cut_characters_least or (stem == short and not form.cuts_at(short)):
        return False
    return any(_is_begun_reply(stem, whole) for whole in (long, *written_out(long)))


def _ends_in_begun_quotation(short: str, long: str) -> bool:
    """Whether one text is the other's reply with the beginning of a quotation, whose bracket stays open."""
    whole = canonical(short)
    begun = _MARK_BEGUN.search(whole)
    return begun is not None and "引用" in begun[0] and (whole[: begun.start()], None) == parted(canonical(long))


def _is_begun_reply(stem: str, long: str) -> bool:
    """Whether stem is the beginning of a reply, with or without its quotation."""
    (kept, said), (reply, also) = parted(canonical(stem)), parted(canonical(long))
    lines = begun_lines(canonical(stem))
    if lines is not None and (also is None or also.startswith(lines)):
        return True
    if said is None:
        # The reply may be followed by the beginning of a quotation mark.
        begun = _MARK_BEGUN.sub("", kept) == reply
        return begun or (also is not None and len(kept) >= PARAMS.cut_characters_least and reply.startswith(kept))
    same = also is None or also.startswith(said)
    return same and (reply == kept or (canonical(stem).startswith(("「", "[引用")) and reply.startswith(kept)))
