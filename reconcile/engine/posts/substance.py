"""Judges paired posts: differences of substance and of form.

It works on whole columns; texts are compared one by one only where they differ.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import polars as pl
from rapidfuzz.distance import Indel

from reconcile.engine.content.judgement import SideForm
from reconcile.engine.content.words import judge_words
from reconcile.engine.params import PARAMS
from reconcile.intake.contract import FormLimits, PostReading
from reconcile.intake.posts.frames import PLUGIN_PREFIX
from reconcile.vocabulary import Cause, Form, Relation
from reconcile.wechat.articles import HOST
from reconcile.wechat.text import canonical

# Address parameters of one act of sharing or opening, not of the shared thing.
_VOLATILE = frozenset(
    ("from", "scene", "mpshare", "srcid", "chksm", "xtrack", "isappinstalled", "clicktime", "enterid", "ascene", "devicetype",
     "version", "nettype", "lang", "abtest_cookie", "pass_ticket", "wx_header", "sessionid", "exportkey", "fontgear", "token", "key",
     "timestamp", "weixin_timestamp", "random_id", "finder_biz_enter_id", "subscene", "countrycode", "winzoom", "ct", "wxshare_count")
)  # fmt: skip
_VOLATILE_STARTS = ("share", "utm_", "sharer", "wx_", "_wv", "spm")
_PLAIN_KINDS = ("text", "image", "video")
_FORM = SideForm(FormLimits(), None)
_STATED = (
    "author", "sent_at", "time_precision", "zone_source", "kind", "text", "text_quality", "is_private", "place", "link_title",
    "link_description", "link_url", "article_biz", "article_mid", "article_idx", "media_count", "raw",
)  # fmt: skip


def judge_posts(pairs: pl.DataFrame, left: PostReading, right: PostReading) -> pl.DataFrame:
    """The pairs with relation, cause, detail, similarity, offset_seconds.

    What only one side states is never a difference. Causes of a conflict have this order: text, time, sender, link,
    media, kind; `detail` names all that apply.
    """
    table = pairs
    for name, reading in (("left", left), ("right", right)):
        stated = reading.posts.select(
            pl.col("row").alias(f"{name}_row"),
            *(_as_text(c, t).alias(f"{name}_{c}") for c in _STATED for t in [reading.posts.schema[c]]),
            pl.col("raw").str.json_path_match("$.style").alias(f"{name}_style"),
        )
        table = table.join(stated, on=f"{name}_row", how="left", maintain_order="left")
    loose = left.kinds_inferred or right.kinds_inferred
    table = _with_time(table).with_row_index("pair")
    words = _compare_words(table)
    media = _compare_media(table, left.media, right.media)
    links = _compare_links(table)
    frame = table.join(words, on="pair", how="left", maintain_order="left").join(
        media, on="pair", how="left", maintain_order="left"
    )
    frame = frame.join(links, on="pair", how="left", maintain_order="left")
    return _with_relation(frame, loose=loose).select(
        "left_row", "right_row", "method", "relation", "cause", "detail", "similarity", "offset_seconds"
    )


def _as_text(column: str, dtype: pl.DataType) -> pl.Expr:
    return pl.col(column).cast(pl.String) if isinstance(dtype, pl.Enum) else pl.col(column)


def _with_time(table: pl.DataFrame) -> pl.DataFrame:
    """The table with `offset_seconds`, and `late`: the offset without a constant, unstated zone shift."""
    offset = (pl.col("left_sent_at") - pl.col("right_sent_at")).dt.total_microseconds() / 1_000_000
    unsure = pl.any_horizontal(pl.col(f"{n}_zone_source").is_in(["assumed", "declared"]) for n in ("left", "right"))
    table = table.with_columns(offset.alias("offset_seconds"), unsure.alias("_unsure"))
    shift = table.filter("_unsure")["offset_seconds"].median()
    quarter = round(float(shift) / 900) * 900 if isinstance(shift, int | float) else 0
    minute = pl.any_horizontal(pl.col(f"{n}_time_precision") == "minute" for n in ("left", "right"))
    return table.with_columns(
        (pl.col("offset_seconds") - pl.when("_unsure").then(pl.lit(quarter)).otherwise(pl.lit(0))).alias("late"),
        pl.when(minute)
        .then(pl.lit(PARAMS.post_minute_seconds))
        .otherwise(pl.lit(PARAMS.post_seconds))
        .alias("_allowed"),
    )


# ------------------------------------------------------------------------------------------------------------ words


def judge_text(left: str, right: str) -> tuple[bool, list[str], float]:
    """Whether two texts differ in substance, codes of their differences in form, and their similarity."""
    plain = [re.sub(PLUGIN_PREFIX, "", t) for t in (left, right)]
    marked = (plain[0] != left) != (plain[1] != right)
    forms = [str(Form.PLUGIN_PREFIX)] if marked else []
    if plain[0] == plain[1]:
        return False, forms, 1.0
    if not plain[0].strip() or not plain[1].strip():
        return bool(plain[0].strip() or plain[1].strip()), forms, 0.0
    judged = judge_words(plain[0], plain[1], _FORM, _FORM)
    if judged.relation is Relation.CONFLICT:
        return True, forms, judged.similarity
    return False, [*forms, *(judged.detail or "").split(",")], judged.similarity


def _compare_words(table: pl.DataFrame) -> pl.DataFrame:
    """pair, text_differs, text_forms (codes), similarity of text, card title and card description."""
    rows = []
    columns = ("text", "link_title", "link_description", "place")
    unequal = pl.any_horizontal(pl.col(f"left_{c}") != pl.col(f"right_{c}") for c in columns).fill_null(value=False)
    differing = table.filter(unequal)
    for row in differing.iter_rows(named=True):
        rows.append({"pair": row["pair"], **_judge_row(row)})
    schema: dict[str, Any] = {
        "pair": pl.UInt32,
        "text_differs": pl.List(pl.String),
        "text_forms": pl.List(pl.String),
        "similarity": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _judge_row(row: dict[str, Any]) -> dict[str, Any]:
    """What differs in the texts of a pair, which forms explain the rest, and the similarity."""
    differs: list[str] = []
    forms: list[str] = []
    similarity = 1.0
    texts = row["left_text"], row["right_text"]
    if texts[0] != texts[1] and not _is_unstated(row):
        found, said, similarity = judge_text(*texts)
        differs += ["words"] if found else []
        forms += said
    channels = "channels" in (row["left_kind"], row["right_kind"]) or "live" in (row["left_kind"], row["right_kind"])
    for column in ("link_title", "link_description"):
        pair = row[f"left_{column}"], row[f"right_{column}"]
        if None in pair or pair[0] == pair[1]:
            continue
        found, said, _ = judge_text(*pair)
        if found and channels:
            forms.append(str(Form.EXPORTER_SPELLING))
        else:
            differs += [column] if found else []
            forms += said
    if _places_differ(row["left_place"], row["right_place"]):
        differs.append("place")
    return {"text_differs": differs, "text_forms": forms, "similarity": similarity}


def _is_unstated(row: dict[str, Any]) -> bool:
    """Whether one side's text could not be read, or is a fallback that the other format does not have."""
    qualities = row["left_text_quality"], row["right_text_quality"]
    empty = not row["left_text"].strip() or not row["right_text"].strip()
    return "absent" in qualities or (empty and any(q is not None for q in qualities))


def _places_differ(left: str | None, right: str | None) -> bool:
    """Whether two stated places differ by more than a name inside the other."""
    if not left or not right:
        return False
    a, b = canonical(left), canonical(right)
    # Some exporters write the town before the place, others only the place.
    return not (a in b or b in a) and Indel.normalized_similarity(a, b) < PARAMS.place_similarity


# ------------------------------------------------------------------------------------------------------------ links


def _compare_links(table: pl.DataFrame) -> pl.DataFrame:
    """pair, link_differs, link_form: addresses without share parameters; articles by their three ids."""
    known = pl.col("left_link_url").is_not_null() & pl.col("right_link_url").is_not_null()
    rows = table.filter(known & (pl.col("left_link_url") != pl.col("right_link_url")))
    judged = [(r["pair"], *_judge_link(r)) for r in rows.iter_rows(named=True)]
    return pl.DataFrame(
        judged, schema={"pair": pl.UInt32, "link_differs": pl.Boolean, "link_form": pl.Boolean}, orient="row"
    )


def _judge_link(row: dict[str, Any]) -> tuple[bool, bool]:
    """Whether the links differ, and whether they are one article."""
    triples = [tuple(row[f"{s}_article_{n}"] for n in ("biz", "mid", "idx")) for s in ("left", "right")]
    named = [None not in t for t in triples]
    if all(named):
        return triples[0] != triples[1], triples[0] == triples[1]
    urls = row["left_link_url"], row["right_link_url"]
    if any(named) and all(HOST in u for u in urls):
        # A short address does not show the three ids, so the two cannot be compared.
        return False, True
    a, b = (canonical_address(u) for u in urls)
    return a != b, a == b


def canonical_address(url: str) -> str:
    """An address without scheme, fragment and share parameters, with the rest sorted; entities resolved."""
    plain = url.strip().replace("&amp;", "&")
    try:
        parts = urlsplit(plain)
        host = (parts.hostname or "").lower()
        kept = sorted(
            (k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _is_volatile_parameter(k)
        )
    except ValueError:
        return plain
    return f"{host}{parts.path.rstrip('/')}?{kept}"


def _is_volatile_parameter(name: str) -> bool:
    """Whether a parameter of an address changes with each share."""
    low = name.lower()
    return low in _VOLATILE or low.startswith(_VOLATILE_STARTS)


# ------------------------------------------------------------------------------------------------------------ media


def _compare_media(table: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """pair, media_code, media_form: the two media lists compared position by position."""
    columns = ("media_id", "md5", "live_md5", "size", "width", "height", "duration")
    sides = []
    for name, media in (("left", left), ("right", right)):
        keyed = table.select("pair", pl.col(f"{name}_row").alias("post"))
        sides.append(media.join(keyed, on="post", how="inner").select("pair", "position", *columns))
    both = sides[0].join(sides[1], on=["pair", "position"], how="inner", suffix="_r")
    md5s = (pl.col("md5") != pl.col("md5_r")).fill_null(value=False)
    lives = (pl.col("live_md5") != pl.col("live_md5_r")).fill_null(value=False)
    real = pl.all_horizontal(pl.col(c).str.contains(r"^\d{13,}$") for c in ("media_id", "media_id_r"))
    ids = (pl.col("media_id") != pl.col("media_id_r")).fill_null(value=False) & real.fill_null(value=False)
    no_md5 = pl.col("md5").is_null() | pl.col("md5_r").is_null()
    facts = pl.any_horizontal((pl.col(c) != pl.col(f"{c}_r")).fill_null(value=False) for c in columns[3:])
    told = both.group_by("pair").agg(
        md5s.any().alias("md5s"), (ids & no_md5).any().alias("ids"), lives.any().alias("lives"), facts.any().alias("facts"),
        (pl.col("md5").sort() == pl.col("md5_r").sort()).all().alias("same_md5s"),
        (pl.col("media_id").sort() == pl.col("media_id_r").sort()).all().alias("same_ids"),
    )  # fmt: skip
    order = (pl.col("md5s") & pl.col("same_md5s")) | (pl.col("ids") & ~pl.col("md5s") & pl.col("same_ids"))
    code = (
        pl.when(order).then(pl.lit("media_order"))
        .when(pl.col("md5s") | pl.col("lives")).then(pl.lit("media_md5"))
        .when(pl.col("ids")).then(pl.lit("media_id"))
    )  # fmt: skip
    return told.select("pair", code.alias("media_code"), pl.col("facts").alias("media_form"))


# --------------------------------------------------------------------------------------------------------- relation


def _with_relation(frame: pl.DataFrame, *, loose: bool) -> pl.DataFrame:
    """Add relation, cause and detail of each pair of posts."""
    no = pl.lit(value=False)
    words = pl.col("text_differs").list.len().fill_null(0) > 0
    late = (pl.col("late").abs() > pl.col("_allowed")).fill_null(value=False)
    sender = (pl.col("left_author") != pl.col("right_author")).fill_null(value=False)
    link = pl.coalesce("link_differs", no)
    plain = pl.any_horizontal(pl.col(f"{n}_kind").is_in(_PLAIN_KINDS).fill_null(value=True) for n in ("left", "right"))
    count = ((pl.col("left_media_count") != pl.col("right_media_count")) & plain).fill_null(value=False)
    media = count | pl.col("media_code").is_not_null()
    stated = pl.all_horizontal(pl.col(f"{n}_kind") != "other" for n in ("left", "right"))
    other_kind = ((pl.col("left_kind") != pl.col("right_kind")) & stated).fill_null(value=False)
    other_style = (pl.col("left_style") != pl.col("right_style")).fill_null(value=False)
    kind = other_kind & (other_style if loose else pl.lit(value=True))
    differs = words | late | sender | link | media | kind
    cause = (
        pl.when(words).then(pl.lit(str(Cause.TEXT_DIFFERS)))
        .when(late).then(pl.lit(str(Cause.TIME_DIFFERS)))
        .when(sender).then(pl.lit(str(Cause.SENDER_DIFFERS)))
        .when(link).then(pl.lit(str(Cause.LINK_DIFFERS)))
        .when(media).then(pl.lit(str(Cause.MEDIA_DIFFERS)))
        .when(kind).then(pl.lit(str(Cause.KIND_DIFFERS)))
    )  # fmt: skip
    codes = _join_codes(
        pl.col("text_differs").list.join(","), _code_if(late, "time"), _code_if(sender, "sender"), _code_if(link, "link"), _code_if(count, "media_count"),
        pl.col("media_code"), _code_if(kind, "kind"),
    )  # fmt: skip
    privacy = (pl.col("left_is_private") != pl.col("right_is_private")).fill_null(value=False)
    off = (pl.col("offset_seconds") != 0).fill_null(value=False)
    forms = _join_codes(
        pl.col("text_forms").list.unique(maintain_order=True).list.join(","), _code_if(pl.coalesce("link_form", no), str(Form.SHARE_PARAMETERS)),
        _code_if(pl.coalesce("media_form", no), str(Form.MEDIA_FACTS)), _code_if(other_kind, str(Form.KIND_NAME)),
        _code_if(privacy, str(Form.PRIVACY)), _code_if(off, "time"),
    )  # fmt: skip
    unsure = ~pl.col("same_words")
    has_form = forms != ""
    return frame.with_columns(
        pl.when(unsure).then(pl.lit(str(Relation.DOUBTFUL)))
        .when(differs).then(pl.lit(str(Relation.CONFLICT)))
        .otherwise(pl.lit(str(Relation.AGREEMENT))).alias("relation"),
        pl.when(unsure).then(pl.lit(str(Cause.WEAK_MATCH))).when(differs).then(cause)
        .when(has_form).then(pl.lit(str(Cause.FORM))).alias("cause"),
        pl.when(differs | unsure).then(codes).when(has_form).then(forms).alias("detail"),
        pl.col("similarity").fill_null(1.0),
    )  # fmt: skip


def _code_if(condition: pl.Expr, code: str) -> pl.Expr:
    """The code where the condition holds, else null."""
    return pl.when(condition).then(pl.lit(code))


def _join_codes(*parts: pl.Expr) -> pl.Expr:
    """The codes that are present, with commas."""
    filled: Sequence[pl.Expr] = [pl.when(p != "").then(p) for p in parts]
    return pl.concat_str(filled, separator=",", ignore_nulls=True)
