"""Bodies as exporters show them, taken apart: amount, state, length, file, address, reply, quote.

One table of patterns serves few texts, by Python's engine, and whole columns, by that of polars; a test compares both.
The patterns only use syntax that Python's `re` and Rust's `regex` read alike. Spellings: wechat-exports 10 and
16.
"""

import functools
import operator
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from unicodedata import category

import polars as pl

from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind
from reconcile.wechat.kinds import LOST_SIGN, in_square_brackets
from reconcile.wechat.payment_words import FATE, payment_state, payment_state_of

# What a body may show: an amount in yuan with two places (decimal text); the state sent, received, returned or expired;
# seconds; a file's name without its folder, and its bytes unless rounded; a lower-case digest; a link's address; the
# heading of a link, forward, card or place; and of a quote its words, its sender and its time as shown.
FIELDS: dict[str, type[pl.DataType]] = {
    "amount": pl.String, "payment_state": pl.String, "duration": pl.Float64, "file_name": pl.String, "file_size": pl.Int64,
    "media_hash": pl.String, "url": pl.String, "title": pl.String, "quoted_text": pl.String, "quoted_sender": pl.String,
    "quoted_at": pl.String,
}  # fmt: skip

_MONEY = r"(?P<amount>[0-9][0-9,]*(?:\.[0-9]+)?)"
_CLOCK = r"(?:(?P<hours>[0-9]{1,3}):)?(?P<minutes>[0-9]{1,3}):(?P<seconds>[0-9]{2})"
# Patterns by kind, first match wins; each has one group that takes part in every match.
PATTERNS: dict[Kind, tuple[str, ...]] = {
    Kind.TRANSFER: (
        rf"^\[转账[|｜](?P<state>[^￥¥\]]*)[￥¥]\s?{_MONEY}",
        # PyWxDump's word for every card except receipts, even for returned ones.
        rf"^转账：[￥¥]\s?{_MONEY}",
        rf"^微信转账 ?[￥¥]\s?{_MONEY}(?: ?- ?(?P<state>\S+))?",
        rf"^转账\[[￥¥]?{_MONEY}元?\]",
        # What became of a payment, behind its sum and memo.
        rf"^\W*(?:微信)?转账[^￥¥\n]*[￥¥]\s?{_MONEY}(?:\s[^\n]*?)?\s(?P<state>已(?:收款|收钱|接收|被接收|退还|退回|过期))\s*$",
        # Sum and fate inside the brackets; a table may have lost the sign of the currency.
        rf"^[\[【][^0-9\]】\n]*?{_MONEY}\s?元?[|｜，,：: ]+(?P<state>{FATE})[\]】]",
        rf"^\W*(?P<state>[^\]】￥¥:：|｜\s(]*)[^￥¥]*[￥¥]\s?{_MONEY}",
        rf"^[\[【](?P<state>[^0-9\]】\n|｜：:，,?？ ]*)[：:，, ]?\s?{LOST_SIGN}?\s?{_MONEY}[\]】]",
        rf"金额=[￥¥]?{_MONEY}(?:.*?状态=(?P<state>\S+))?",
        # As somebody types it: what was done, and the sum.
        rf"^(?P<state>[^\W\d]{{2,10}})\s?{_MONEY}\s?元",
        rf"{_MONEY}\s?元",
    ),
    Kind.RED_PACKET: (rf"^[\[【][^0-9\]】\n]*?{_MONEY}\s?元?(?P<state>[^0-9\]】\n]*)[\]】]",),
    Kind.VOICE: (
        r"(?:语音时长：|语音 ?|[Vv]oice ?)(?P<seconds>[0-9]+(?:\.[0-9]+)?)\s*(?:秒|″|\"|s)",
        rf"(?:语音|[Vv]oice|[Aa]udio) ?{_CLOCK}",
    ),
    Kind.VIDEO: (r"(?:视频 ?|[Vv]ideo ?)(?P<seconds>[0-9]+(?:\.[0-9]+)?)\s*(?:秒|″|\"|s)",),
    Kind.CALL: (_CLOCK,),
    Kind.IMAGE: (
        r"^!\[图片\]\(\S*?/(?P<hash>[0-9a-fA-F]{32})(?:[,)?.]|$)",
        r"^\[图片[:：] ?(?P<hash>[0-9a-fA-F]{32})\.",
    ),
    Kind.FILE: (
        r"^【文件】(?P<name>[^\n]*?) [0-9.]+ [KMG]?B [^\n]* (?P<hash>[0-9a-fA-F]{32})\s*$",
        r"^【文件】(?P<name>[^\n]*?) [0-9.]+ [KMG]?B ",
        r"^\[文件[|｜](?P<name>[^\n]*)\]\(\S*?/(?P<hash>[0-9a-fA-F]{32})",
        r"^\[文件[|｜](?P<name>[^\n]*?)\](?:\(|\s*$)",
        r"^\[文件[:：] ?(?P<name>[^\n]+)\]\s*$",
        # The size is rounded, and the ending follows it.
        r"^(?:\[文件\]|【文件】) ?(?P<name>[^\n]+?) \([0-9.]+ [KMG]?B(?:, [A-Za-z0-9]{1,10})?\)\s*$",
        r"^(?:\[文件(?:已[^\[\]\n]{2,20})?\]|【文件】) ?(?P<name>[^\n]+?)(?: size=(?P<size>[0-9]+))?\s*$",
    ),
    Kind.LINK: (
        r"(?s)^【[^】]*】\s*标题：(?P<title>.*?)\n描述：.*?\n链接: ?(?P<url>\S*)",
        r"(?s)^\s*\[链接\]:title:(?P<title>.*?)\n\s*description:.*?\n\s*url:(?P<url>\S*)",
        r"(?s)^(?P<title>[^\n]*)\n.*<a href=\"(?P<url>[^\"]*)\"",
        r"^\[[^\]|｜]{2,5}[|｜](?P<title>[^\n]*?)\]\((?P<url>[^)\n]*)\)",
        r"^\[(?:链接|图文|小程序|音乐|视频号|Link)\] ?(?P<title>[^\n]*)(?:\n(?P<url>\S+))?",
        # Markdown's own spelling, whose words are the heading.
        r"^\[(?P<reply>[^\n]*)\]\((?P<url>[^\n]*)\)\s*$",
        r"^URL:(?P<url>\S+)",
        r"^【[^】]*】[:：]? ?(?P<title>[^\n]*)",
    ),
    Kind.FORWARD: (
        r"^\[(?:转发的聊天记录|聊天记录|合并转发)[|｜](?P<title>[^\]\n]*)\]",
        r"^\[(?:转发的聊天记录|聊天记录|合并转发)\] ?(?P<title>[^\n]+)",
    ),
    Kind.CARD: (
        r"(?s)^【名片】\n.*?昵称: ?(?P<title>[^\n]+)",
        r"^(?:\[(?:个人)?名片\]|【[^】]*名片】)[:：]? ?(?P<title>[^\n]+)",
    ),
    Kind.LOCATION: (
        r"(?s)^(?:纬度|【位置分享】\s*坐标).*?\n(?:位置：|名称: ?)(?P<title>[^\n]+)",
        r"^(?:\[位置\]|【位置(?:分享)?】|LOCATION:)[:：]?[ \n]?(?P<title>[^\n]+)",
    ),
    Kind.QUOTE: (
        r"(?s)^(?P<reply>.*?)\n+\[引用\]\((?P<at>[^)\n]*)\)(?P<quoter>[^:\n]*):(?P<quoted>.*)$",
        # A name may contain a colon; MemoTrace's second generation adds a blank behind its own.
        r"(?s)^(?P<reply>.*?)\n引用：(?P<quoter>[^\n]{0,80}?): (?P<quoted>.*)$",
        r"(?s)^(?P<reply>.*?)\n引用[：:] ?(?P<quoter>[^:：\n]*)[:：] ?(?P<quoted>.*)$",
        r"(?s)^(?P<reply>.*?)\n引用[：:](?P<quoted>.*)$",
        r"(?s)^\[引用 (?P<quoter>[^：\n\]]{0,80})[：:](?P<quoted>(?:\[[^\[\]\n]*\]|[^\[\]])*)\]\s*(?P<reply>\S.*)$",
        r"(?s)^(?P<reply>.*?)\[引用 (?P<quoter>[^：\n]{0,80})：(?P<quoted>.*)\]\s*$",
        r"(?s)^(?P<reply>.*?)\[引用 (?P<quoter>[^：:\]]*)[：:](?P<quoted>.*)\]\s*$",
        r"(?s)^「(?P<quoter>[^：:\n]*)[：:](?P<quoted>.*?)」\n[- ]+\n(?P<reply>.*)$",
        r"(?s)^> (?P<quoter>[^\n]*?)(?:\([^)\n]*\))? ?(?P<at>(?:[0-9]{2,4}-)?(?:[0-9][0-9]-[0-9][0-9] )?[0-9][0-9]:[0-9][0-9]:[0-9][0-9])\n(?P<lines>(?:>[^\n]*\n)*)(?P<reply>.*)$",
    ),
}
# Compiling a pattern takes Rust's engine most of a millisecond, so a few short texts go through Python's, with `$` as
# the very end there, too.
FEW_ROWS, _SHORT = 64, 200
_SIGNS = "\t\n\r_"
_ALIKE = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Po", "Ps", "Pe", "Pi", "Pf", "Pd", "Sc", "Sm", "Sk", "Zs"})


_LITERAL_START = lazy_pattern(r"(?:\(\?s\))?\^((?:\\[\[\].]|[^\\\[\](){}|.*+?^$])*)(?![*+?{])")


def _fixed_start(pattern: str) -> str:
    """The characters with which every fitting text begins; '' where the pattern begins with a choice."""
    found = _LITERAL_START.match(pattern)
    return found[1].replace("\\", "") if found else ""


_STARTS = {kind: tuple(map(_fixed_start, patterns)) for kind, patterns in PATTERNS.items()}


def shown_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame of `text` and `kind` with FIELDS as columns and the words as `text`, in the same order.

    The words are the reply of a quote, the heading of a Markdown link, and for every other kind the body as it
    stands. Kinds without patterns cost nothing.
    """
    found = shown_fields(frame)
    return frame.with_columns(*words_of(frame["text"], found), *spread(found, tuple(FIELDS), frame.height))


def shown_fields(frame: pl.DataFrame) -> pl.DataFrame:
    """The fields shown by rows that show any: their positions `at_row`, `words` and filled FIELDS."""
    parts: list[pl.DataFrame] = []
    # Most rows are plain words. The others are picked once for all kinds.
    where = frame.select(pl.col("kind").is_in([str(k) for k in PATTERNS]).fill_null(value=False).alias("where"))[
        "where"
    ]
    patterned = frame.select("kind", "text").with_row_index("at_row").filter(where)
    # A quote's body begins with words that somebody typed.
    marked = pl.when(pl.col("kind") != str(Kind.QUOTE)).then(in_square_brackets(pl.col("text"))).otherwise("text")
    patterned = patterned.with_columns(marked.alias("text"))
    if (few := shown_fields_of_few(patterned)) is not None:
        return few
    present = set(patterned["kind"].unique().to_list())
    with ThreadPoolExecutor(2) as pool:
        # The pattern engine releases the interpreter lock, and each kind has rows of its own.
        for found_parts in pool.map(
            lambda k: _match_distinct_bodies(patterned, k), (k for k in PATTERNS if str(k) in present)
        ):
            parts.extend(found_parts)
    nothing = pl.DataFrame(schema={"at_row": pl.UInt32})
    return pl.concat([nothing, *parts], how="diagonal")


def shown_fields_of_few(rows: pl.DataFrame) -> pl.DataFrame | None:
    """The fields that a few rows show, by Python's engine; None for many rows or ambiguous characters.

    Ambiguous are the characters that the two engines may not read alike.
    """
    if rows.height > FEW_ROWS or not all(map(_reads_alike, rows["text"].to_list())):
        return None
    found = [
        (at, groups.get("reply"), *map(_fields_of_groups(groups).get, FIELDS))
        for at, kind, text in rows.iter_rows()
        if (groups := _first_groups(kind, text)) is not None
    ]
    types: dict[str, type[pl.DataType]] = {"at_row": pl.UInt32}
    types |= {"words": pl.String, **FIELDS} if found else {}
    return pl.DataFrame(found, schema=types, orient="row")


# Compiled when the first text is asked, which many runs never do.
@cache
def _whole_patterns(kind: str) -> tuple[re.Pattern[str], ...]:
    """The patterns of a kind for Python's engine."""
    return tuple(re.compile(p.replace("$", r"\Z")) for p in PATTERNS[Kind(kind)])


def _first_groups(kind: str, text: str) -> dict[str, str | None] | None:
    """The groups of the first pattern that fits; None where none does."""
    return next((m.groupdict() for p in _whole_patterns(kind) if (m := p.search(text)) is not None), None)


def words_of(texts: pl.Series, found: pl.DataFrame) -> list[pl.Series]:
    """The texts, replaced by the words that their bodies show; [] where no body shows any words."""
    if "words" not in found.columns:
        return []
    few = found.select("at_row", "words").drop_nulls()
    return [] if few.is_empty() else [texts.clone().scatter(few["at_row"], few["words"])]


def spread(found: pl.DataFrame, names: Sequence[str], height: int) -> list[pl.Series | pl.Expr]:
    """The fields as columns of `height` rows; columns that nobody fills cost nothing."""
    held = {n for n in names if n in found.columns and found[n].null_count() < found.height}
    # One empty column for each type, copied and filled for each field.
    nothing = {t: pl.Series([None], dtype=t).new_from_index(0, height) for t in {FIELDS[n] for n in held}}
    return [
        nothing[FIELDS[n]].alias(n).scatter(found["at_row"], found[n])
        if n in held
        else pl.lit(None, dtype=FIELDS[n]).alias(n)
        for n in names
    ]


def plain_amount(amount: pl.Expr) -> pl.Expr:
    """Decimal text with two places at least and no separators: `30,000` becomes `30000.00`."""
    bare = amount.str.replace_all(",", "", literal=True)
    return (
        pl.when(~bare.str.contains(".", literal=True)).then(bare + ".00")
        .when(bare.str.contains(r"\.[0-9]$")).then(bare + "0")
        .otherwise(bare)
    )  # fmt: skip


def _fields_of_groups(groups: dict[str, str | None]) -> dict[str, object]:
    """FIELDS by the groups of the pattern that fits."""
    amount, state, quoted = (groups.get(n) for n in ("amount", "state", "quoted"))
    if (lines := groups.get("lines")) is not None:
        quoted = re.sub(r"(?m)^> ?", "", lines.removesuffix("\n"))
    return {
        "amount": None if amount is None else _plain_amount(amount),
        "payment_state": None if state is None else payment_state_of(state),
        "duration": _duration_seconds(groups),
        "file_name": _once((groups.get("name") or "").strip()) or None,
        "file_size": int(size) if (size := groups.get("size")) and len(size) < 16 else None,
        "media_hash": (groups.get("hash") or "").lower() or None,
        "url": groups.get("url") or None,
        "title": None if groups.get("title") in (None, "", "None") else groups["title"],
        "quoted_text": quoted,
        "quoted_sender": groups.get("quoter") or None,
        "quoted_at": groups.get("at") or None,
    }


def _plain_amount(amount: str) -> str:
    """The amount without separators and with at least two decimals."""
    bare = amount.replace(",", "")
    if "." not in bare:
        return bare + ".00"
    return bare + "0" if re.search(r"\.[0-9]$", bare) else bare


def _duration_seconds(groups: dict[str, str | None]) -> float | None:
    """The length in seconds; None where none is shown."""
    if groups.get("seconds") is None:
        return None
    hours, minutes = (float(groups.get(n) or 0) for n in ("hours", "minutes"))
    return hours * 3600 + minutes * 60 + float(groups["seconds"] or 0)


def _match_distinct_bodies(patterned: pl.DataFrame, kind: Kind) -> list[pl.DataFrame]:
    """The kind's rows with the fields of the first pattern that fits; other rows are left out."""
    held = patterned.filter(pl.col("kind") == str(kind)).select("at_row", "text")
    # Each distinct body once, since most pictures and stickers of a chat are shown by the same words.
    rows = held.select(pl.col("text").unique(maintain_order=True)).with_row_index("at_row")
    if rows.height * 2 < held.height:
        few = shown_fields_of_few(rows.select("at_row", pl.lit(str(kind)).alias("kind"), "text"))
        found = _match_rows(rows, kind) if few is None else [few]
        which = held.join(rows, on="text", how="left", nulls_equal=True, maintain_order="left").select(
            pl.col("at_row").alias("row"), pl.col("at_row_right").alias("at_row")
        )
        return [
            which.join(f, on="at_row", how="inner", maintain_order="left").select(
                pl.col("row").alias("at_row"), pl.exclude("row", "at_row")
            )
            for f in found
        ]
    return _match_rows(held, kind)


def _match_rows(rows: pl.DataFrame, kind: Kind) -> list[pl.DataFrame]:
    """The rows that fit a pattern, with their fields, one frame for each pattern."""
    parts = []
    for pattern, start in zip(PATTERNS[kind], _STARTS[kind], strict=True):
        if rows.is_empty():
            break
        # Searching for the pattern's first characters costs a tenth of compiling it.
        if start and not rows["text"].str.starts_with(start).any():
            continue
        groups = rows["text"].str.extract_groups(pattern).struct.unnest()
        hit = groups.select(pl.any_horizontal(pl.all().is_not_null()).alias("hit"))["hit"]
        if hit.any():
            parts.append(_field_columns(pl.concat([rows.filter(hit), groups.filter(hit)], how="horizontal")))
            rows = rows.filter(~hit)
    return parts


@lru_cache(maxsize=4096)
def _reads_alike(text: str | None) -> bool:
    """Whether both regex engines treat every character alike; they differ on marks and controls."""
    return text is not None and len(text) <= _SHORT and all(c in _SIGNS or category(c) in _ALIKE for c in text)


def _field_columns(part: pl.DataFrame) -> pl.DataFrame:
    """The fields for which the pattern has groups."""
    held = set(part.columns)
    made = [expr.alias(name) for name, (group, expr) in _MADE.items() if group in held]
    if "seconds" in held:
        parts = (
            pl.col(n).cast(pl.Float64, strict=False).fill_null(0.0) * factor
            for n, factor in (("hours", 3600), ("minutes", 60), ("seconds", 1))
            if n in held
        )
        whole = functools.reduce(operator.add, parts)
        made.append(pl.when(pl.col("seconds").is_not_null()).then(whole).alias("duration"))
    if "lines" in held:
        quoted = pl.col("lines").str.strip_suffix("\n").str.replace_all(r"(?m)^> ?", "")
        made.append(quoted.alias("quoted_text"))
    return part.select("at_row", *made)


def _once(name: str) -> str:
    """The name, once where a tool writes title and name in a row."""
    half = name[: len(name) // 2]
    return half if half + half == name else name


def _each_once(name: pl.Expr) -> pl.Expr:
    """`_once` of a whole column."""
    half = name.str.head(name.str.len_chars() // 2)
    return pl.when(half + half == name).then(half).otherwise(name)


def _unless_empty(expr: pl.Expr) -> pl.Expr:
    return pl.when(expr != "").then(expr)


# Field -> the group that it needs and its expression.
_MADE: dict[str, tuple[str, pl.Expr]] = {
    "words": ("reply", pl.col("reply")),
    "amount": ("amount", plain_amount(pl.col("amount"))),
    "payment_state": ("state", payment_state(pl.col("state"))),
    "file_name": ("name", _unless_empty(_each_once(pl.col("name").str.strip_chars()))),
    "file_size": (
        "size",
        pl.when(pl.col("size").str.len_chars() < 16).then(pl.col("size").cast(pl.Int64, strict=False)),
    ),
    "media_hash": ("hash", _unless_empty(pl.col("hash").str.to_lowercase())),
    "url": ("url", _unless_empty(pl.col("url"))),
    "title": ("title", pl.when(~pl.col("title").is_in(["", "None"])).then(pl.col("title"))),
    "quoted_text": ("quoted", pl.col("quoted")),
    "quoted_sender": ("quoter", _unless_empty(pl.col("quoter"))),
    "quoted_at": ("at", _unless_empty(pl.col("at"))),
}
