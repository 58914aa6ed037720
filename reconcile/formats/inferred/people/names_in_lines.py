"""Speakers in lines of text: a name before, behind or above the time, or at the words' beginning."""

import re

import polars as pl

from reconcile.column_ops import (
    all_contain,
    filled,
    in_one_query,
    kept_for_few,
    lacks,
    none_of,
    occurs,
    present,
    share_of,
)
from reconcile.formats.inferred.direction_words import DIRECTIONS
from reconcile.formats.inferred.people.bare_names import common_words
from reconcile.formats.inferred.people.named_accounts import PHONE
from reconcile.formats.inferred.words.bodies_in_lines import are_rules
from reconcile.intake.text.bullets import without_bullets

MOST_NAME = 60
_SEPARATORS = (
    ": ", "：", " : ", ":\t", ":", "\t", " | ", "|", "> ", " > ", " - ", " — ", "] ", "】", "** ", "  ", "「", "“",
)  # fmt: skip
# A name between angles before the words, as logs of servers write it, and what begins their other lines.
ANGLED = r"<[^<>=\"/\n]{1,40}>(?:\s|$)"
BY_A_SERVER = r"(?:[(\[]|(?:has |was )?(?:joined|left|quit|parted|kicked|banned)\b|is (?:now|away|back)|sets? |changed|changes|mode\b)"
_NO_SPEECH = rf"(?i)^\s*(?:[*•·=!→←⇐⇒↔—–-]|(?:join|part|quit|nick|mode|topic|kick|action|notice)s?\b|\S+ (?:[(\[]\S*[)\]] )?{BY_A_SERVER})"
# A telephone number, which names somebody however seldom he writes.
_PHONE = rf"^\W*{PHONE}\W*$"
# Opening signs that belong to the words.
_OPENING = ("「", "“")
# A sign of a form's own behind names, and the share of lines that show it or a name.
_SIGN_BETWEEN_BLANKS, _OWN = rf"^\S.{{0,{MOST_NAME}}}?(\s[^\w\s]{{1,3}}\s)", 0.9
# Least number and share of named lines, since a notice may have a colon too; how many different names are few.
_LEAST_NAMED, _NAMED_SHARE, _FEW = 2, 0.1, 8
_LONG, _LOOK = 25, 5_000
# Least share of each of two signs at one place, so that they show two sides and are no marks of the form.
_BOTH_SIGNS = 0.1
# For a name before a mere blank: lines of one that recurs, their least share, and most words of a name.
_LEAST_LINES, _MOST_AGAIN, _MOST_PARTS = 2, 0.8, 4
# Largest share of lines that are one word: notices.
_NOTICES = 0.05
# Without an empty line above names: least headings, and largest share of different names.
_MANY_NAMED, _MOST_RECURRING = 6, 0.3
# For headings that are only names: largest share of different ones, and least share with words in the next line.
_MOST_NAMES, _WORDS_BELOW, _SOME_BELOW = 0.2, 0.9, 0.5
_SENTENCE = r"[.。!！?？;；,，]\s|[。！？；]"
# Most words of a long name that is no sentence, and largest share of them in small letters.
_MOST_CAPITALS, _MOST_SMALL = 6, 0.25
_UNCLOSED = r"^[（(【\[][^）)】\]]*$"
_REMARK = r"^[\s*_]*[(\[（].*[)\]）][\s*_]*$"
# A kind in such a remark.
_KIND_IN_REMARK = r"(?i)(?:类型|消息类型|type|kind)\s?[:：=]\s?([^\s*_)\]）,，;；]{1,20})"
# The rest of a name in front of the words, and least rows that show that names hold a colon.
_REST_OF_NAME, _CONTINUED = r"(?s)^\s*(?P<rest>[^\n:：<>]{1,40}?)\s?(?:[:：]\**\s?)(?P<words>[^/].*)$", 8
# Who wrote to whom.
_TO = r"^(?P<sender>[^<>→⇒➡=]*[^<>→⇒➡=\s-])\s*(?:-+>|=+>|→|⇒|➡\ufe0f?|>>)\s*(?P<receiver>[^<>→⇒➡=\s][^<>→⇒➡=]*)$"
# A remark behind a name.
_REMARKED = r"^(?P<name>.*\S)\s*[(（\[](?P<remark>[^()（）\[\]]{2,40})[)）\]]$"
# A word between name and words, as forms write it that tell a talk like a story.
_SPEAKS = r"(?i)^(?:said|says|wrote|writes|sent|replied|replies|asked|answered|说道?|写道|回复道?)[:：]?\s+"
# Least headings of which the first may differ.
_LEAST_SHOWN = 3

Named = tuple[pl.Series | None, pl.Series, bool, bool]


def named_behind(rest: pl.Series, lines: pl.Series, heads: pl.DataFrame) -> Named | None:
    """Sender, text behind it, whether the name is in the line above, and whether it has to be asked about.

    Sender None = the name begins the body.
    """
    filled = (rest.str.strip_chars() != "") & ~rest.str.contains(_REMARK)
    if float(filled.mean()) < 0.2:  # type: ignore[arg-type]
        return _named_apart(lines, heads, rest.set(~filled, ""))
    nothing = pl.Series([""]).new_from_index(0, rest.len())
    short, different = float((rest.str.len_chars() <= MOST_NAME).mean()) > 0.9, rest.n_unique()  # type: ignore[arg-type]
    if (
        short
        and different <= max(_FEW, _MOST_NAMES * rest.len())
        and _words_below(lines, heads, nearest=1) > _WORDS_BELOW
    ):
        return *_with_some_words(rest), False, False
    if is_two_sided(rest):
        return _first_words(rest)
    found = "<" if _are_angled(rest.filter(filled)) else separator_of(rest.filter(filled))
    if found is None:
        recur = (2 * different <= rest.len() or different <= _FEW) and _words_below(lines, heads) > _SOME_BELOW
        return (rest, nothing, False, False) if short and recur else _first_words(rest)
    named, words = _angled(rest) if found == "<" else _parted(rest, found)
    if found in _OPENING:
        words = words.set(named.is_not_null(), None).fill_null(found + words)
    if found.strip() in (":", "："):
        named, words = with_whole_names(rest, *_with_either_colon(rest, named, words))
    return named, _behind_emphasis(named, words), False, False


def _with_some_words(rest: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Names that stand alone in most headings, and the words that a few have behind the name and a colon."""
    parts = rest.str.extract_groups(r"^\s*(?P<name>[^\n:：]+[:：])\s*(?P<words>\S.*)$").struct.unnest()
    known = parts["name"].is_in(rest.str.strip_chars().unique().implode()).fill_null(value=False)
    return rest.set(known, None).fill_null(parts["name"]), parts["words"].set(~known, "").fill_null("")


def _named_apart(lines: pl.Series, heads: pl.DataFrame, rest: pl.Series) -> Named:
    """Names above headings that hold a time alone; else those that begin the lines below.

    `rest`: the words that few headings have behind their times, as notices do.
    """
    nothing = pl.Series([""]).new_from_index(0, heads.height)
    above = lines.shift(1, fill_value="")[heads["line"] - 1].str.strip_chars()
    before = lines.shift(2, fill_value="")[heads["line"] - 1].str.strip_chars()
    is_above = (above != "") & (above.str.len_chars() <= MOST_NAME) & (before == "")
    if heads.height >= _LEAST_SHOWN:
        # A title may stand directly above the first name.
        is_above = is_above.slice(1)
    is_apart = float(is_above.mean()) > 0.8 and above.n_unique() <= max(_FEW, 0.5 * above.len())  # type: ignore[arg-type]
    below = lines.shift(-1, fill_value="")[heads["line"] - 1].str.strip_chars()
    if is_apart or (recur(above) and not recur(below)):
        return without_bullets(above), nothing, True, False
    return None, rest, False, False


def recur(names: pl.Series) -> bool:
    """Whether a few short lines come again and again, and none only once."""
    counts = names.value_counts()["count"]
    is_few = names.len() >= _MANY_NAMED and names.n_unique() <= _MOST_RECURRING * names.len() and not names.null_count()
    return is_few and bool((counts > 1).all()) and bool(names.str.len_chars().is_between(1, MOST_NAME).all())


def _angled(rest: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Names between `<` and `>`, and words; other lines are all words.

    A mark of those who rule a channel is no part of the name.
    """
    parts = rest.str.extract_groups(rf"^\s*(?P<name>{ANGLED})(?P<words>.*)$").struct.unnest()
    names = parts["name"].str.replace(r"^<[@+%&~!\s]", "<").str.strip_chars_end()
    return names, parts["words"].fill_null(rest)


def _are_angled(rest: pl.Series) -> bool:
    """Whether all who speak stand between `<` and `>`.

    All other lines are of a server, or tell what somebody does.
    """
    spoken = rest.str.contains(rf"^\s*{ANGLED}")
    said = int(spoken.sum())
    return said >= _LEAST_NAMED and bool(rest.filter(~spoken).str.contains(_NO_SPEECH).all())


def _behind_emphasis(named: pl.Series, words: pl.Series) -> pl.Series:
    """The words without the sign of Markdown that ends every name behind its colon: `**name:** words`."""
    signs = words.filter(named.is_not_null()).str.extract(r"^(\*{1,3}|_{1,3})(?:\s|$)", 1)
    if signs.is_empty() or signs.null_count() or signs.n_unique() > 1:
        return words
    bare = words.str.strip_prefix(signs[0]).str.strip_chars_start(" ")
    return words.set(named.is_not_null(), None).fill_null(bare)


def is_two_sided(rest: pl.Series) -> bool:
    """Whether a sign that opens begins many texts and one that closes others: `<<` and `>>`."""
    return all(share_of(rest, rf"^\s*{sign}") >= _BOTH_SIGNS for sign in "<>")


def _first_words(rest: pl.Series) -> Named | None:
    """The first word of each line as its speaker, if a few such words begin all lines; null otherwise.

    Words that all lines of a speaker share belong to the name. A word such as `wrote` in all lines belongs to the form.
    A few lines of one word are notices.
    """
    first = rest.str.extract(r"^(\S+)\s", 1)
    counts = first.drop_nulls().value_counts()
    again = int(counts.filter(pl.col("count") >= _LEAST_LINES)["count"].sum())
    notices = first.null_count()
    if notices > _NOTICES * rest.len() or not 1 < counts.height <= _FEW or again < _MOST_AGAIN * rest.len():
        return None
    names: dict[str, str] = {}
    for name in counts[first.name].to_list():
        words = [
            line.split(None, _MOST_PARTS if name.isalnum() else 1) for line in rest.filter(first == name).to_list()
        ]
        shared = common_words(words)
        names[name] = " ".join(shared[: min(map(len, words)) - 1] if len(words) > 1 else [name]) or name
    named = first.replace_strict(names, default=None, return_dtype=pl.String)
    behind = rest.str.slice(named.str.len_chars().fill_null(0)).str.strip_chars_start()
    if all_contain(behind, _SPEAKS):
        return named, behind.str.replace(_SPEAKS, ""), False, False
    return named, behind, False, bool(named.str.contains(r"\w").any())


def _words_below(lines: pl.Series, heads: pl.DataFrame, nearest: int = MOST_NAME) -> float:
    """The share of headings with words so near below them, which hold a name alone if nearly all have."""
    filled = (lines.str.strip_chars() != "") & ~are_rules(lines)
    at = pl.int_range(1, lines.len() + 1, eager=True).set(~filled, None)
    following = at.shift(-1).fill_null(strategy="backward")[heads["line"] - 1]
    below = ((following - heads["line"]) <= nearest).fill_null(value=False)
    below &= (following != heads["line"].shift(-1, fill_value=0)).fill_null(value=False)
    return float(below.mean())  # type: ignore[arg-type]


def _parted(rest: pl.Series, separator: str) -> tuple[pl.Series, pl.Series]:
    """Name and words of each line; a line whose first separator follows no name is all words, a notice."""
    parts = rest.str.splitn(separator, 2).struct.unnest()
    if not separator.strip(" "):
        parts = parts.with_columns(pl.col("field_1").str.strip_chars_start())
    is_name = parts["field_1"].is_not_null() & parts["field_0"].str.len_chars().is_between(1, MOST_NAME)
    empty = rest.str.ends_with(separator.rstrip()) & ~is_name & rest.str.len_chars().is_between(2, MOST_NAME)
    if not separator.strip():
        # Without the blank, only a known name says nothing.
        empty &= rest.is_in(parts["field_0"].filter(is_name).unique().implode())
    bare = rest.set(~empty, None).str.strip_suffix(separator.rstrip())
    known = filled(parts["field_0"].set(~is_name, None), bare)
    words = parts["field_1"].set(~is_name, None)
    once = known.is_not_null() & ~known.is_duplicated()
    notice = once
    if once.any():
        sentence = in_one_query(
            known, lambda n: n.str.contains(_SENTENCE) | (n.str.len_chars() > _LONG) | n.str.contains(_UNCLOSED)
        )
        notice = (once & sentence).fill_null(value=False)
    notice = notice & ~_are_phones(known) & ~_are_capitalised(known) if notice.any() else notice
    named = known.set(notice, None)
    words = pl.DataFrame({"named": named, "words": words.set(notice, None), "rest": rest}).select(
        pl.coalesce("words", pl.when(pl.col("named").is_not_null()).then(pl.lit("")), "rest").alias("words")
    )["words"]
    return named, words


def _are_phones(names: pl.Series) -> pl.Series:
    """Which names are telephone numbers with the sign of a country."""
    # The pattern is only compiled where a name has the sign.
    return names.str.contains(_PHONE) if occurs(r"\+", names) else none_of(names)


def _are_capitalised(names: pl.Series) -> pl.Series:
    """Which names are one word, or few words with hardly one in small letters, as no sentence is."""
    words, small = (names.str.count_matches(rf"(?:^|\s)[^\w\s]*{first}") for first in (r"[\p{Lu}\p{Ll}]", r"\p{Ll}"))
    is_name = (words <= _MOST_CAPITALS) & ((small <= _MOST_SMALL * words) | ~names.str.contains(r"\s"))
    return is_name & (words > 0) & ~names.str.contains(r"\p{Lo}")


def _with_either_colon(rest: pl.Series, named: pl.Series, words: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Names and words, also of lines that set a colon of the other script behind a name that recurs."""
    again = (named.is_not_null() & named.is_duplicated()).fill_null(value=False)
    if again.all():
        return named, words
    known = named.filter(again).unique()
    parts = rest.str.extract_groups(r"^(?P<name>[^:：\n]{1,60}?)\s?[:：]\s?(?P<words>.*)$").struct.unnest()
    missed = (~again & parts["name"].is_in(known.implode())).fill_null(value=False)
    if not missed.any():
        return named, words
    return parts["name"].set(~missed, None).fill_null(named), parts["words"].set(~missed, None).fill_null(words)


def with_whole_names(whole: pl.Series, named: pl.Series, words: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Names and words; where a form's names hold a colon, as `Sales: Anna` does, with the whole names.

    The words of every sender then begin with the rest of one name, and those of several senders with different ones.

    Args:
        whole: name, sign and words of each row.
        named: the names, cut at the first colon; null = none.
        words: what follows it.
    """
    if lacks(words, "[:：]"):
        return named, words
    parts = words.str.extract_groups(_REST_OF_NAME).struct.unnest()
    is_cut = ~named.str.contains("[:：]").fill_null(value=True)
    told = pl.DataFrame({"name": named, "rest": parts["rest"]}).filter(is_cut)
    rests = told.group_by("name").agg(pl.col("rest").unique())["rest"]
    is_whole = told.height >= _CONTINUED and not told["rest"].null_count() and rests.list.len().max() == 1
    if not is_whole or named.drop_nulls().n_unique() < _LEAST_NAMED or rests.explode().is_duplicated().any():
        return named, words
    bare = parts["words"].set(~is_cut, None).fill_null(words)
    name = whole.str.head(whole.str.len_chars() - bare.str.len_chars()).str.strip_chars(" \t:：*")
    return name.set(~is_cut, None).fill_null(named), bare


@kept_for_few
def separator_of(rest: pl.Series) -> str | None:
    """The sign that names most headings with the fewest names, between name and words; None without one."""
    best: tuple[float, str] | None = None
    rest = rest if rest.len() <= 2 * _LOOK else pl.concat([rest.head(_LOOK), rest.tail(_LOOK)])
    written = "\n".join(present(rest).to_list())
    for one in (s for s in (*_SEPARATORS, *_own_sign(rest)) if s.rstrip() in written):
        names = rest.str.extract(rf"^(.{{1,{MOST_NAME}}}?){re.escape(one)}", 1)
        if one.strip():
            names = filled(names, rest.str.extract(rf"^(.{{1,{MOST_NAME}}}?){re.escape(one.rstrip())}$", 1))
        known, least = names.drop_nulls(), max(_LEAST_NAMED, _NAMED_SHARE * rest.len())
        if known.len() < least:
            continue
        # Names recur, and are no sentences.
        known = known.filter(~known.str.contains(_SENTENCE) | known.is_duplicated())
        if one.strip() == ">":
            # An arrow ends no name.
            known = known.filter(~known.str.contains(r"[-=]$"))
        different = known.filter(~_are_phones(known)).n_unique()
        again = known.len() - different
        if not again and 2 * known.len() < rest.len():
            continue
        if known.len() < least:
            continue
        if different > max(_FEW, 0.5 * known.len()) and not (":" in one and _names_all(known, rest)):
            continue
        score = again - 0.5 * different
        if best is None or score > best[0]:
            best = (score, one)
    return best[1] if best else None


def _names_all(known: pl.Series, rest: pl.Series) -> bool:
    """Whether nearly all lines begin with a short name, however rarely each one recurs."""
    return int((known.str.len_chars() <= _LONG).sum()) >= _OWN * rest.len()


def _own_sign(rest: pl.Series) -> list[str]:
    """The sign between blanks that comes first in nearly all lines, such as ` · `; [] without one."""
    first = rest.str.extract(_SIGN_BETWEEN_BLANKS, 1)
    # An arrow stands between two names.
    usual = [s for s in first.drop_nulls().mode().sort().head(1).to_list() if not re.search("[<>→⇒➡]", s)]
    return [s for s in usual if s not in _SEPARATORS and float((first == s).fill_null(value=False).mean() or 0) > _OWN]


def without_shared_remarks(names: pl.Series) -> pl.Series:
    """The names without the remark behind every one, as in `Dana (Work notes)`, if it is no part of it.

    There are no more different remarks than names, and they stand behind the same names in turn. A side is no remark.
    """
    if lacks(names, r"[)）\]]"):
        return names
    distinct = present(names).unique()
    parts = distinct.str.extract_groups(_REMARKED).struct.unnest()
    if parts["name"].null_count() or parts["remark"].str.to_lowercase().is_in([*DIRECTIONS]).any():
        return names
    is_shared = parts["remark"].n_unique() <= parts["name"].n_unique() < distinct.len()
    return names.str.replace(_REMARKED, "${name}") if is_shared else names


def with_receivers(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with sender and receiver split, where senders are `Anna -> Ben`.

    Nearly every sender must be written like that, and the same people stand on both sides.
    """
    if lacks(frame["sender"], "[>→⇒➡]"):
        return frame
    distinct = present(frame["sender"]).unique()
    if distinct.is_empty() or float(distinct.str.contains(_TO).mean()) < 0.9:  # type: ignore[arg-type]
        return frame
    parts = frame["sender"].str.extract_groups(_TO).struct.unnest()
    if parts["sender"].drop_nulls().is_in(parts["receiver"].drop_nulls().unique().implode()).mean() != 1:
        return frame
    return frame.with_columns(parts["sender"].fill_null(frame["sender"]), parts["receiver"])


def kinds_in_remarks(rest: pl.Series) -> pl.Series | None:
    """The kinds that remarks behind the times state, as `(type: 34)`; None where a remark states none."""
    remarks = rest.set(rest.str.strip_chars() == "", None).drop_nulls()
    if remarks.is_empty() or not all_contain(remarks, _KIND_IN_REMARK):
        return None
    return rest.str.extract(_KIND_IN_REMARK, 1).alias("kind")
