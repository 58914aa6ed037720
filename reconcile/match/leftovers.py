"""Rows that no equal key paired: likely pairs by similarity, sender, time and place, each accepted only where chance cannot explain it."""

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from reconcile.match.group import no_pairs
from reconcile.settings import Settings
from reconcile.vocabulary import Kind
from reconcile.wechat.classes import LINK, OTHER, PAYMENT, SECONDS, SHARED, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.kinds import BARE_MARK, MARK
from reconcile.wechat.text import PREFIX, canonical_text

# Below this length two different Chinese messages are alike by chance.
LEAST_LENGTH = 6
# At most this many chance meetings may be expected in a conversation for a resemblance of time alone to count.
CHANCE = 0.05
# The same for what stands more than once in the chat: two messages, of which each side lacks one, are as likely there as an altered time is elsewhere.
RECURRING_CHANCE = 0.01
# Of the like but unequal texts at most this share may be chance at a pair's distance, told by those too far apart to be one message.
LIKE_CHANCE = 0.1
MOST_CANDIDATES = 4_000_000
# What is left of a cut text tells one message from another from this length on.
CUT_CHARACTERS = 10
# What tools set behind words that they cut, dots bare or in brackets, or leave of a character that was cut in two.
CUT_MARK = r"(?:[….]*[\[(（](?:\.{3}|…+|(?:查看|阅读|展开)?(?:更多|全文)|展开|已?截断|[Rr]ead more|[Ss]ee more|[Mm]ore)[\])）]|[….]+|\x{FFFD}+)$"


def pair_leftovers(left: pl.DataFrame, right: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """left_row, right_row, confidence, method of likely pairs among unpaired rows, one-to-one, best first.

    Both frames are rows with t, x, spread and `duration_s` (seconds that the conversation spans). A pair needs one conversation, classes that
    may be one message, and

    * similar words (from `similar_from`, six characters or more) within the window, by one sender, or
    * one text cut out of the other's start, or
    * the same moment and place, by one sender, where so few leftovers meet by chance that a wholly changed text is the better reading, or
    * the same distinctive words at the same moment under another sender.
    """
    if left.is_empty() or right.is_empty():
        return no_pairs()
    found = [_scored(*part, settings) for part in _parts(left, right)]
    accepted = pl.concat(found) if found else no_pairs()
    return _one_to_one(accepted) if accepted.height else no_pairs()


def _parts(left: pl.DataFrame, right: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """The rows in runs of conversations, so that many small ones together never reach the limit that is meant for one."""
    counts = left.group_by("pair").len("a").join(right.group_by("pair").len("b"), on="pair").sort("pair")
    part = ((pl.col("a").cast(pl.Int64) * pl.col("b")).cum_sum() // MOST_CANDIDATES).alias("part")
    parts = counts.select("pair", part)
    if parts["part"].n_unique() <= 1:
        yield left, right
        return
    for run in parts.partition_by("part", maintain_order=True):
        yield (
            left.join(run, on="pair", how="semi", maintain_order="left"),
            right.join(run, on="pair", how="semi", maintain_order="left"),
        )


def _scored(left: pl.DataFrame, right: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    candidates = _candidates(left, right, settings)
    if candidates.is_empty():
        return _NOTHING_SCORED
    scored = _score(candidates, settings).rename({"row": "left_row", "row_right": "right_row"})
    return scored.filter(pl.col("method").is_not_null()).select(*_NOTHING_SCORED.columns)


_NOTHING_SCORED = pl.DataFrame(
    schema={"left_row": pl.UInt32, "right_row": pl.UInt32, "similarity": pl.Float32, "expected": pl.Float64, "method": pl.String, "score": pl.Float64}
)  # fmt: skip


# The title of a shown link, in the spellings that put words around it; else its first line.
_HEADING = pl.coalesce(
    pl.col("text").str.extract(r"(?:标题|title)[：:]\s*([^\n]+)"),
    pl.col("text").str.extract(r"：\[([^\n]+)\]\(\S*\)\s*$"),
    pl.col("text").str.extract(r"^(?:\[(?:链接|图文|小程序|音乐|视频号)\])?\s*([^\n]+)"),
)


def _candidates(left: pl.DataFrame, right: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    window = int(settings.window_seconds * SECONDS)
    columns = [
        "pair",
        "row",
        "t",
        "x",
        "cls",
        "party",
        "canon",
        "heading",
        "spread",
        "is_filled",
        "unwritten",
        "moving",
        "as_link",
    ]
    timed = [
        f.filter(pl.col("t").is_not_null()).with_columns(
            (pl.col("unwritten") if "unwritten" in f.columns else pl.lit(value=False)).alias("unwritten"),
            (pl.col("text") == IN_MOTION).alias("moving"),
            _as_link().alias("as_link"),
            # What an exporter calls the kind, in place of words that it does not write, is none of the message's.
            canonical_text(
                pl.when(pl.col("text_quality").ne_missing("absent")).then("text").otherwise(pl.lit(""))
            ).alias("canon"),
            canonical_text(pl.when(pl.col("cls") == LINK).then(_HEADING)).alias("heading"),
            (pl.col("t") // window).alias("bucket"),
        )
        for f in (left, right)
    ]
    a = timed[0].join(_like_rates(*timed), on="pair", how="left", maintain_order="left")
    a = a.select(*columns, "bucket", "chance_rate", pl.col("like_rate").fill_null(0.0))
    b = timed[1].select(*columns, "bucket")
    near = pl.concat([b.with_columns(pl.col("bucket") + k) for k in (-1, 0, 1)])
    joined = (
        a.lazy()
        .join(near.lazy(), on=["pair", "bucket"], suffix="_right")
        .with_columns((pl.col("t") - pl.col("t_right")).alias("d"))
    )
    may_be_one = (
        (pl.col("cls") == pl.col("cls_right"))
        | ((pl.col("cls") == OTHER) & (pl.col("cls_right") != SYSTEM))
        | ((pl.col("cls_right") == OTHER) & (pl.col("cls") != SYSTEM))
        | ((pl.col("cls") == WORDS) & ~pl.col("cls_right").is_in([SYSTEM]))
        | ((pl.col("cls_right") == WORDS) & ~pl.col("cls").is_in([SYSTEM]))
        | (pl.col("cls").is_in(SHARED) & pl.col("cls_right").is_in(SHARED))
        | _packet_as_link()
    )
    # A kind that the other form never writes is there in no guise either, but as words typed like it.
    foreign = (pl.col("unwritten") | pl.col("unwritten_right")) & (pl.col("cls") != pl.col("cls_right"))
    foreign &= (pl.col("canon") != pl.col("canon_right")) | (pl.col("canon") == "")
    return joined.filter((pl.col("d").abs() <= window) & may_be_one & ~foreign).head(MOST_CANDIDATES).collect()


def _like_rates(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """pair, like_rate: how many rows of one sender and one pattern (words with their numbers left out) meet by chance within a second."""
    pattern = pl.col("canon").str.replace_all(r"[0-9]+", "0").alias("pattern")
    spans = left.group_by("pair").agg(pl.col("span_s").first())
    counts = [
        f.filter(pl.col("cls") == WORDS).group_by("pair", "party", pattern).len(n)
        for f, n in ((left, "n_left"), (right, "n_right"))
    ]
    meets = pl.col("n_left").cast(pl.Int64) * pl.col("n_right") - pl.min_horizontal("n_left", "n_right")
    both = counts[0].join(counts[1], on=["pair", "party", "pattern"], nulls_equal=True)
    return both.group_by("pair").agg(meets.sum().alias("meets")).join(spans, on="pair").select(
        "pair", (pl.col("meets") / pl.col("span_s")).alias("like_rate")
    )  # fmt: skip


def _score(candidates: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    similarity = process.cpdist(
        candidates["canon"].to_list(),
        candidates["canon_right"].to_list(),
        scorer=Indel.normalized_similarity,
        dtype=np.float32,
    )
    frame = candidates.with_columns(pl.Series("similarity", similarity, dtype=pl.Float32))
    held = process.cpdist(
        candidates["canon"].to_list(), candidates["canon_right"].to_list(), scorer=fuzz.partial_ratio, dtype=np.float32
    )
    frame = frame.with_columns(pl.Series("held", held, dtype=pl.Float32) / 100)
    length = pl.max_horizontal(pl.col("canon").str.len_chars(), pl.col("canon_right").str.len_chars())
    shortest = pl.min_horizontal(pl.col("canon").str.len_chars(), pl.col("canon_right").str.len_chars())
    spread = pl.max_horizontal("spread", "spread_right")
    far = pl.col("d").abs()
    one_sender = (
        (pl.col("party") == pl.col("party_right")) | pl.col("party").is_null() | pl.col("party_right").is_null()
    )
    same_class = pl.col("cls") == pl.col("cls_right")
    shared = pl.col("cls").is_in(SHARED) & pl.col("cls_right").is_in(SHARED)
    place = (pl.col("x") - pl.col("x_right")).abs().fill_null(0)
    tight = far <= 2 * spread + SECONDS
    moment = tight & (place <= 1)
    # Chance meetings expected in the whole conversation within what counts as one moment.
    expected = pl.col("chance_rate") * (2 * (2 * spread + SECONDS) / SECONDS).round(6)
    rare = expected <= CHANCE
    stems = [pl.col(c).str.replace(CUT_MARK, "") for c in ("canon", "canon_right")]
    starts = (
        (stems[0] != "") & (stems[1] != "") & (stems[0].str.starts_with(stems[1]) | stems[1].str.starts_with(stems[0]))
    )
    is_cut = (pl.min_horizontal(*(s.str.len_chars() for s in stems)) >= CUT_CHARACTERS) & (
        stems[0].str.starts_with(stems[1]) | stems[1].str.starts_with(stems[0])
    )
    foreign_cut = ~one_sender & same_class & is_cut & tight
    contentless = (
        (shortest == 0)
        | pl.col("cls").is_in(WORDLESS)
        | pl.col("cls_right").is_in([*WORDLESS, OTHER])
        | (pl.col("cls") == OTHER)
    )
    # Within one moment two devices may show messages in any order: a place farther off speaks against nothing that is alone in its moment.
    of_one_kind = same_class | pl.col("cls").eq(OTHER) | pl.col("cls_right").eq(OTHER) | (shortest == 0)
    # A place in motion has one sentence of its own, and no other words.
    moved = (pl.col("moving") & _says("_right")) | (pl.col("moving_right") & _says(""))
    silent_twins = one_sender & contentless & tight & of_one_kind & ~moved
    # A text of marks and emoji alone, which a tool may have lost or respelled: it has no words of its own that could speak against the other.
    signs = one_sender & same_class & tight & _is_sign("canon") & _is_sign("canon_right")
    shown, silent = _shown_otherwise()
    shown |= _headed("", "_right") | _headed("_right", "")
    alike = (pl.col("similarity") >= settings.similar_from) & (length >= LEAST_LENGTH)
    edited = one_sender & alike & ~contentless & ~starts
    frame = frame.with_columns(_is_chance(edited, far, 2 * spread + SECONDS, settings).alias("by_chance"))
    method = (
        pl.when(pl.col("by_chance")).then(None)
        .when(one_sender & same_class & starts & (shortest >= LEAST_LENGTH)).then(pl.lit("similar"))
        .when(one_sender & (_titled("", "_right") | _titled("_right", ""))).then(pl.lit("similar"))
        .when(one_sender & (_addressed("", "_right") | _addressed("_right", ""))).then(pl.lit("similar"))
        .when(one_sender & alike & ~contentless).then(pl.lit("similar"))
        .when(silent_twins & ((place <= 1) | (_sole(silent_twins) & rare))).then(pl.lit("same_moment"))
        .when(one_sender & tight & _packet_as_link()).then(pl.lit("same_moment"))
        .when(signs & _sole(signs)).then(pl.lit("same_moment"))
        # One form shows a link or a file as its kind, another as plain words.
        .when(one_sender & ~same_class & moment & (pl.col("held") >= settings.similar_from) & (shortest >= 2)).then(pl.lit("same_moment"))
        .when(one_sender & ~same_class & moment & (shown | (silent & rare & ~moved))).then(pl.lit("same_moment"))
        # Words that have nothing in common are one message rewritten in its own place, or within what honest clocks lie apart.
        .when(one_sender & ~same_class & shared & moment & rare).then(pl.lit("same_moment"))
        .when(one_sender & same_class & moment & rare & ((place == 0) | (far <= spread))).then(pl.lit("same_moment"))
        .when(~one_sender & same_class & ((pl.col("similarity") >= 0.9) | is_cut) & moment & ((rare & ~pl.col("is_filled")) | (shortest >= LEAST_LENGTH))).then(pl.lit("other_sender"))
        # The rows beside it may stand in another order on either side where clocks jitter: a cut text that nothing else in its moment begins with is told by itself.
        .when(foreign_cut & _sole(foreign_cut)).then(pl.lit("other_sender"))
    )  # fmt: skip
    # Rows without words are not alike for that, nor is a placeholder like another; of two that may be one message those of one kind are it.
    bare = pl.any_horizontal(pl.col(c).str.contains(BARE_MARK) | (pl.col(c) == "") for c in ("canon", "canon_right"))
    # Of several in one moment a placeholder stands for the one whose words hold its name: [聊天记录] for 群聊的聊天记录.
    named = _names("canon", "canon_right") | _names("canon_right", "canon")
    placed = pl.when(named).then(NAMED).otherwise(0.0)
    likeness = pl.when(bare & ~same_class).then(placed).otherwise(pl.col("similarity"))
    score = (
        likeness
        - pl.when(same_class).then(0.0).otherwise(0.05)
        - 0.3 * (far / (4 * spread + SECONDS)).clip(0, 2)
        - 0.1 * place.clip(0, 3)
        # A row that shows nothing is a picture or a voice rather than words.
        - pl.when(_is_spoken("", "_right") | _is_spoken("_right", "")).then(0.2).otherwise(0.0)
        - pl.when(one_sender).then(0.0).otherwise(0.5)
    )
    return frame.with_columns(method.alias("method"), score.cast(pl.Float64).alias("score"), expected.alias("expected"))


# More than two distances within one moment make (0.15).
NAMED = 0.2


def _names(mark: str, words: str) -> pl.Expr:
    """Whether one text is a placeholder alone, and the other holds its name."""
    name = pl.col(mark).str.extract(r"^[\[【⟦]([^\[\]【】⟦⟧\n]{2,10})[\]】⟧]$")
    return pl.col(words).str.contains(name, literal=True).fill_null(value=False)


def _as_link() -> pl.Expr:
    """False of a red packet, true of a link shown by its title alone; null of all else."""
    titled = (pl.col("cls") == LINK) & pl.col("text").str.contains(r"^\[链接\]") & ~pl.col("text").str.contains("://")
    packet = (pl.col("cls") == PAYMENT) & (pl.col("kind").cast(pl.String) == str(Kind.RED_PACKET))
    return pl.when(titled).then(pl.lit(value=True)).when(packet).then(pl.lit(value=False))


def _packet_as_link() -> pl.Expr:
    """Whether one row is a red packet and the other a link, as CipherTalk writes it: `[链接] 恭喜发财，大吉大利`."""
    return (pl.col("as_link") != pl.col("as_link_right")).fill_null(value=False)


# What the client itself says of a place in motion.
IN_MOTION = "我发起了位置共享"
# An address on a line of its own at the end.
_ADDRESS = r"\n\s*https?://\S+\s*\z"
# The app behind a title, or nothing where a card names none.
_APP = r" -(?: [^\n]{0,40})?\z"


def _is_sign(column: str) -> pl.Expr:
    said = pl.col(column).str.replace_all(r"⟦[^⟧]*⟧", "")
    return (pl.col("cls") == WORDS) & (pl.col(column) != "") & ~said.str.contains(r"[\p{L}\p{N}]")


def _says(side: str) -> pl.Expr:
    """Whether a row holds plain words."""
    said = (pl.col(f"cls{side}") == WORDS) & ~pl.col(f"canon{side}").str.contains(BARE_MARK)
    return said & ~pl.col(f"canon{side}").is_in(["", IN_MOTION])


# What stands in place of a card that a tool cannot show.
_UNSHOWN = "当前版本不支持展示该内容"


def _is_spoken(words: str, blank: str) -> pl.Expr:
    shown = pl.col(f"canon{blank}")
    return _says(words) & ((shown == "") | shown.str.contains(_UNSHOWN, literal=True))


def _sole(may_be_one: pl.Expr) -> pl.Expr:
    """Whether neither row of a candidate has another that may be it."""
    return (may_be_one.sum().over("row") == 1) & (may_be_one.sum().over("row_right") == 1)


def _headed(words: str, link: str) -> pl.Expr:
    """Plain words that begin with the other row's title and go on with an app's name, as one form shows a link."""
    title = pl.col(f"heading{link}")
    begins = pl.col(f"canon{words}").str.starts_with(title + " -")
    return ((pl.col(f"cls{words}") == WORDS) & (title != "") & begins).fill_null(value=False)


def _titled(words: str, link: str) -> pl.Expr:
    """Plain words that are the other row's title, long enough to tell it: a form that names no kind shows a link so."""
    said = pl.col(f"canon{words}")
    is_title = (said == pl.col(f"heading{link}")) & (said.str.len_chars() >= LEAST_LENGTH)
    return ((pl.col(f"cls{words}") == WORDS) & (pl.col(f"cls{link}") == LINK) & is_title).fill_null(value=False)


def _addressed(title: str, whole: str) -> pl.Expr:
    """Two rows of plain words, one the other without the address below it, or with an app in its place: each form names no kind, and one shows no addresses."""
    short, long = (pl.col(f"canon{c}") for c in (title, whole))
    both = (pl.col(f"cls{title}") == WORDS) & (pl.col(f"cls{whole}") == WORDS)
    bare = long.str.replace(_ADDRESS, "")
    parted = long.str.contains(_ADDRESS) & ((bare == short) | (bare == short.str.replace(_APP, "")))
    return (both & (short != "") & parted).fill_null(value=False)


def _shown_otherwise() -> tuple[pl.Expr, pl.Expr]:
    """Two rows of different classes, one of them plain words: whether those words stand behind the other's placeholder; whether that one says nothing else.

    A form that names no kind shows a link, a red packet or a call by its words alone.
    """
    says = [pl.col(c).str.replace(MARK, "") for c in ("canon", "canon_right")]
    words = [pl.col(c) == WORDS for c in ("cls", "cls_right")]
    shown = (words[0] & (pl.col("canon") == says[1])) | (words[1] & (pl.col("canon_right") == says[0]))
    empty = [(said == "") | pl.col(c).is_in(WORDLESS) for said, c in zip(says, ("cls", "cls_right"), strict=True)]
    return shown, (words[0] & empty[1]) | (words[1] & empty[0])


def _is_chance(edited: pl.Expr, far: pl.Expr, moment: pl.Expr, settings: Settings) -> pl.Expr:
    """Whether a like but unequal text may be another message of the same pattern.

    Chat that follows a pattern (`转账 300`, `转账 500`) holds texts that are alike at any distance, while the two versions of one message lie
    together. Those beyond a moment tell how many to expect by chance within the distance of each pair (one is left out of the count: it may be
    the pair in question, with its time altered), and so do the rows of one pattern on both sides.
    """
    window = pl.max_horizontal(pl.lit(settings.window_seconds * SECONDS) - moment, pl.lit(SECONDS))
    beyond = ((edited & (far > moment)).sum().over("pair").cast(pl.Int64) - 1).clip(0)
    within = pl.when(edited).then(far).rank("max").over("pair")
    expected = pl.max_horizontal(beyond / window * (far + SECONDS), pl.col("like_rate") * 2 * (far + SECONDS) / SECONDS)
    return (edited & (expected > LIKE_CHANCE * within)).fill_null(value=False)


def _one_to_one(accepted: pl.DataFrame) -> pl.DataFrame:
    used_left: set[int] = set()
    used_right: set[int] = set()
    kept: list[tuple[int, int, float, str]] = []
    best_first = accepted.sort("score", "left_row", "right_row", descending=[True, False, False])
    columns = best_first.select("left_row", "right_row", "similarity", "expected", "method")
    for a, b, similarity, expected, method in columns.iter_rows():
        if a in used_left or b in used_right:
            continue
        used_left.add(a)
        used_right.add(b)
        kept.append((a, b, max(0.5, min(0.995, 1 - (1 - similarity) * min(1.0, expected or 0.0) - 0.005)), method))
    return pl.DataFrame(
        kept,
        schema={"left_row": pl.UInt32, "right_row": pl.UInt32, "confidence": pl.Float64, "method": pl.String},
        orient="row",
    )


def pair_moved(
    left: pl.DataFrame,
    right: pl.DataFrame,
    sizes: Callable[[], pl.DataFrame],
    settings: Settings,
    *,
    whole: bool = False,
    any_sender: bool = False,
) -> pl.DataFrame:
    """Pairs of one fingerprint, one amount, or equal (or cut) distinctive words by one sender, once on each side's leftovers, whatever their times.

    `sizes`, asked where anything meets, holds pair, size (rows of the larger side) and recurring (share of such texts that stand more than once on one side of its material): with many recurring texts and many leftovers two different messages would meet here by chance, and nothing is paired.
    whole: equal words only. any_sender: equal words that stand once in either side's whole chat, under another sender.
    """
    told = [_telling(f, settings.anchor_characters) for f in (left, right)]
    long = [f.filter(pl.col("held") == 1) for f in told]
    if any_sender:
        told = [
            f.filter(pl.col("party").is_not_null()).drop("party").with_columns(pl.lit("").alias("party")) for f in long
        ]
    both = _equal(*told) if whole else _equal_or_cut(long[0], long[1])
    if both.is_empty():
        return no_pairs()
    # Only such rows could meet here by chance: those that meet nothing, and one that does.
    counts = [f.group_by("pair").len(n) for f, n in ((told[0], "n_left"), (told[1], "n_right"))]
    rates = (
        sizes().join(counts[0], on="pair").join(counts[1], on="pair").join(both.group_by("pair").len("met"), on="pair")
    )
    rates = rates.with_columns(pl.col(n).cast(pl.Int64) - pl.col("met") + 1 for n in ("n_left", "n_right"))
    meets = pl.col("n_left") * pl.col("n_right")
    often = pl.max_horizontal("recurring", pl.lit(1e-3)) / pl.col("size")
    # Words that stand more often in the chat may be those of two messages, one lacking on either side, and not of one.
    recur = meets * (pl.col("most") - 1) / pl.col("size")
    chance = pl.when(pl.col("most") > 1).then(recur).otherwise((meets - 1) * often)
    most = pl.when(pl.col("most") > 1).then(RECURRING_CHANCE).otherwise(2 * CHANCE)
    rare = both.join(rates, on="pair").filter(chance <= most)
    return rare.sort("row").select(
        pl.col("row").alias("left_row"),
        pl.col("row_right").alias("right_row"),
        pl.lit(0.97).alias("confidence"),
        pl.lit("moved").alias("method"),
    )


_GROUPED = r"(\d),(\d{3})"


def _telling(frame: pl.DataFrame, least: int) -> pl.DataFrame:
    """pair, row, party, text, held of the rows whose token tells a message: a fingerprint, an amount, or words long enough, in canonical form."""
    # An emoji is one character in one form and its name in another: it is the canonical form that tells.
    maybe = (pl.col("cls") != WORDS) | (pl.col("text").str.len_chars() >= least // 2)
    long = frame.filter(maybe & pl.col("token").is_not_null() & pl.col("t").is_not_null())
    # Some tools leave out a word and a colon before the rest.
    bare = canonical_text(pl.col("text")).str.replace(PREFIX.pattern, "")
    # One form groups the digits of a number, another does not; a number of nine digits has two such commas.
    for _ in range(2):
        bare = bare.str.replace_all(_GROUPED, "${1}${2}")
    words = pl.when(pl.col("cls") == WORDS).then(bare).otherwise("token").alias("text")
    told = (pl.col("cls") != WORDS) | (pl.col("text").str.len_chars() >= least)
    return long.with_columns(words).filter(told).select("pair", "row", "party", "text", "held")


def _equal(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """pair, row, row_right, most: equal tokens that stand once among either side's rows alone; most: how often in the whole chat."""
    both = _once_each(left, right, "text")
    return both.select("pair", "row", "row_right", pl.max_horizontal("held", "held_right").alias("most"))


def _equal_or_cut(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """pair, row, row_right of words that stand once on each side and are equal in canonical form; of the others, the one cut out of the other's start.

    A cut keeps ten characters at least, may end in dots, and in the midst of an emoji's name.
    """
    long = left, right
    equal = _equal(left, right)
    stem = pl.col("text").str.replace(CUT_MARK, "").str.replace(r"\[[^\[\]]{0,6}$", "").alias("stem")
    rest = [
        f.join(equal.select(pl.col(c).alias("row")), on="row", how="anti", maintain_order="left")
        .select("pair", "row", "party", stem, "held")
        .filter(pl.col("stem").str.len_chars() >= CUT_CHARACTERS)
        .with_columns(pl.col("stem").str.slice(0, CUT_CHARACTERS).alias("start"))
        for f, c in zip(long, ("row", "row_right"), strict=True)
    ]
    a, b = pl.col("stem"), pl.col("stem_right")
    cut = _once_each(rest[0], rest[1], "start").filter(a.str.starts_with(b) | b.str.starts_with(a))
    return pl.concat([equal, cut.select("pair", "row", "row_right", pl.col("held").alias("most"))])


def _once_each(left: pl.DataFrame, right: pl.DataFrame, key: str) -> pl.DataFrame:
    keys = ["pair", "party", key]
    once = [f.filter(pl.len().over(keys) == 1) for f in (left, right)]
    return once[0].join(once[1], on=keys, suffix="_right", nulls_equal=True)
