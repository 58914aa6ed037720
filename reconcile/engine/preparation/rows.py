"""Turns a Reading into the rows to be matched, with repeats inside the export marked."""

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.column_ops import PLACE_IN_FILE, filled, gather_by_pair, hash_key, is_sorted, listed
from reconcile.engine.params import PARAMS
from reconcile.intake.contract import FormLimits
from reconcile.vocabulary import Kind, TextQuality
from reconcile.wechat.chinese_script import in_both_scripts
from reconcile.wechat.kind_classes import CLASS_OF, LINK, OTHER, PAYMENT, SECONDS, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.kinds import MARK, NAMED_SORT, PAYMENT_TITLE, SORT_OF_APP, UNSHOWN, UNSHOWN_WORDS
from reconcile.wechat.owner_words import is_client

KEPT = (
    "row", "conversation", "sender", "sender_name", "is_self", "text", "text_quality", "kind", "message_id", "alias_id", "native_id", "media_hash", "amount",
    "duration", "payment_state", "file_name", "file_size", "url", "reply_to", "quoted_text", "status", "local_id", "time_precision", "zone_source",
)  # fmt: skip

# Whether words were removed before a text or behind it, and whether it was joined from several rows.
MENDED = ("headed", "tailed", "rejoined")
# Whether a text was given the other side's name for a person, so that it is paired, although it was written otherwise.
RENAMED = "renamed"
# Whether a text was replaced by the other side's text, which differs only in the words for the owners (`viewpoints`).
VIEWED = "viewed"
# Whether the row states one thing twice and differently: the name before its text, or the translation below it.
TWICE_STATED = "twice_stated"
# Whether a spreadsheet program had changed the date, which `t` has no longer.
REDATED = "redated"
# Values of `seams` and `viewed`; 0 = the row was neither joined nor replaced. `seams`: whether a joined row shows where
# each message ends. `viewed`: whether both texts certainly state the same.
CLEAR, UNCLEAR = 1, 2


def rows_of(messages: pl.DataFrame, pairs: pl.DataFrame, side: str) -> pl.DataFrame:
    """One side's rows with `pair`, `export`, `file` (u32), `is_direct`, `t` (µs, UTC) and `cls`.

    The columns of MENDED, RENAMED, TWICE_STATED and REDATED are false, `copy_of` is null, `form`, `seams` and VIEWED are 0. `pair` is null without a counterpart, `t` without a time. Row order is kept. Messages with a `pair` column keep it,
    and then every pair is an export of its own; otherwise all are of one export.

    Args:
        messages: the messages of the side.
        pairs: pair, left_conversation, right_conversation.
        side: `left` or `right`.
    """
    messages = _with_records_for_phones(messages)
    pair = messages["pair"] if "pair" in messages.columns else _pair_of(messages["conversation"], pairs, side)
    export = pair if "pair" in messages.columns else pl.zeros(messages.height, pl.UInt32, eager=True)
    direct = pairs.select("pair", (pl.col("kind") == "direct").alias("is_direct"))
    return messages.select(
        *(_server_ids(messages[c], export) if c in ("message_id", "reply_to") else c for c in KEPT if c != "sender"),
        _senders(messages, export).alias("sender"),
        pair.alias("pair"),
        export.alias("export"),
        _file_numbers(messages).alias("file"),
        pl.lit(0, dtype=pl.UInt32).alias("form"),
        gather_by_pair(pair, direct, "is_direct").alias("is_direct"),
        pl.col("sent_at").dt.timestamp("us").alias("t"),
        _class_of(messages).alias("cls"),
        _quoted_senders(messages).alias("quoted_sender"),
        _named_sorts(messages).alias("named_sort"),
        *(pl.lit(value=False).alias(c) for c in (*MENDED, RENAMED, TWICE_STATED, REDATED)),
        pl.lit(None, dtype=pl.UInt32).alias("copy_of"),
        *(pl.lit(0, dtype=pl.UInt8).alias(c) for c in ("seams", VIEWED)),
    )


def _file_numbers(messages: pl.DataFrame) -> pl.Series:
    """The number of each row's file; 0 for all where every row or none has a time."""
    bare = messages["sent_at"].null_count()
    if not 0 < bare < messages.height:
        return pl.zeros(messages.height, pl.UInt32, eager=True)
    return messages["locator"].str.replace(PLACE_IN_FILE, "").rank("dense")


def _senders(messages: pl.DataFrame, export: pl.Series) -> pl.Series:
    """The senders; where a row shows only a name, that name or the one account of this name."""
    name, account = pl.col("sender_name"), pl.col("sender")
    is_open = account.is_null() & pl.col("is_self").is_null() & (pl.col("kind").cast(pl.String) != "system")
    # Of parts by two tools, one may state accounts and the other names in their place.
    is_bare = account.is_not_null() & name.is_null()
    told = messages.select(
        account=account, name=pl.coalesce(name, account), is_open=is_open, is_bare=is_bare, export=export
    )
    is_asked = pl.any_horizontal(pl.col("is_open") & pl.col("name").is_not_null(), "is_bare")
    if not told.select(is_asked.any()).item():
        return messages["sender"]
    borne = told.filter(~pl.col("is_bare")).select("export", "name", of_name="account").drop_nulls().unique()
    borne = borne.filter(pl.len().over("export", "name") == 1)
    found = told.join(borne, on=["export", "name"], how="left", maintain_order="left")
    shown = pl.when("is_open").then(pl.coalesce("of_name", "name")).when("is_bare").then("of_name")
    return found.select(pl.coalesce(shown, "account").alias("sender")).to_series()


def said_once(rows: pl.LazyFrame, *columns: str, one_of: int = 1) -> pl.LazyFrame:
    """`key` and these columns of the long texts that a side holds once in a conversation, or a share.

    Args:
        rows: pair, text, t and these columns of rows of words; those without a time do not count.
        one_of: of how many keys one is taken.
    """
    key = hash_key(pl.col("pair"), pl.col("text")).alias("key")
    is_long = pl.col("text").str.len_chars() >= PARAMS.distinctive_characters
    drawn = rows.filter(is_long & pl.col("t").is_not_null()).select(*columns, key).filter(pl.col("key") % one_of == 0)
    return drawn.filter(pl.len().over("key") == 1)


# What a client on a computer stores in place of a payment or a call.
_FOR_PHONES = {
    Kind.RED_PACKET: r"^(?:收到|发出)红包，",
    Kind.TRANSFER: r"^(?:收到|发出)转账，",
    Kind.CALL: r"^(?:收到|发出)一条(?:视频|语音)聊天消息，",
}


def _with_records_for_phones(messages: pl.DataFrame) -> pl.DataFrame:
    """The messages; a notice to look at the phone has the kind of what is to be seen there."""
    asked = messages["text"].str.contains("，请在手机上查看", literal=True) & (
        messages["kind"].cast(pl.String) == str(Kind.SYSTEM)
    )
    if not asked.any():
        return messages
    kind = pl.coalesce(
        pl.when(pl.lit(asked) & pl.col("text").str.contains(p)).then(pl.lit(str(k))) for k, p in _FOR_PHONES.items()
    )
    quality = pl.when(kind.is_null()).then("text_quality").otherwise(pl.lit(str(TextQuality.ABSENT)))
    return messages.with_columns(
        kind=pl.coalesce(kind, pl.col("kind").cast(pl.String)).cast(messages.schema["kind"]),
        text_quality=quality.cast(messages.schema["text_quality"]),
    )


def _quoted_senders(messages: pl.DataFrame) -> pl.Series:
    """The author of the quoted message as each quoting row names him; null elsewhere."""
    named = pl.Series([None], dtype=pl.String).new_from_index(0, messages.height)
    quoting = messages["kind"].cast(pl.String) == str(Kind.QUOTE)
    if messages["quoted_text"].null_count() < messages.height:
        quoting |= messages["quoted_text"].is_not_null()
    if not quoting.any() or "raw" not in messages.columns:
        return named
    quotes = quoting.arg_true()
    return named.scatter(quotes, messages["raw"][quotes].str.json_path_match("$.quoted_sender"))


def _named_sorts(messages: pl.DataFrame) -> pl.Series:
    """The sort of each card that its kind's name or code tells, such as a mini program; null = none."""
    named = pl.Series([None], dtype=pl.String).new_from_index(0, messages.height)
    cards = (messages["kind"].cast(pl.String) == str(Kind.LINK)).arg_true()
    if "raw" not in messages.columns or cards.is_empty():
        return named
    raw = messages["raw"][cards]
    code, told = (raw.str.json_path_match(f"$.{key}") for key in ("app_type", "type"))
    # The client's code of a kind holds that of its card in the upper half.
    packed = told.cast(pl.Int64, strict=False) // 2**32
    code = code.cast(pl.Int64, strict=False)
    by_code = code.zip_with(code.is_not_null(), packed).replace_strict(
        SORT_OF_APP, default=None, return_dtype=pl.String
    )
    told = told.str.extract(NAMED_SORT, 1)
    told = told.zip_with(told.is_not_null(), by_code)
    return named if told.null_count() == told.len() else named.scatter(cards, told)


def _server_ids(ids: pl.Series, export: pl.Series) -> pl.Series:
    """Server ids as unsigned numbers; null where a tool wrote a local number instead."""
    if (ids.str.len_bytes() <= PARAMS.local_id_digits).any():
        size = pl.col(ids.name).str.len_bytes()
        is_short, is_long = size <= PARAMS.local_id_digits, size >= PARAMS.server_id_digits
        is_local = is_short & (is_long.sum() > is_short.sum()).over("export") & pl.col(ids.name).str.contains(r"^\d+$")
        told = pl.DataFrame([ids, export.alias("export")])
        ids = told.select(pl.when(~is_local.fill_null(value=False)).then(ids.name)).to_series()
    return _unsigned(ids)


def _unsigned(ids: pl.Series) -> pl.Series:
    """Server ids as unsigned numbers; some stores and tools print large ones as negative."""
    negative = filled(ids.str.starts_with("-"), value=False)
    if not negative.any():
        return ids
    printed = ids.filter(negative)
    number = printed.cast(pl.Int64, strict=False).reinterpret(signed=False).cast(pl.String)
    return ids.scatter(negative.arg_true(), number.zip_with(number.is_not_null(), printed))


def _pair_of(conversations: pl.Series, pairs: pl.DataFrame, side: str) -> pl.Series:
    """The pair of every row by its conversation."""
    keys = pairs.select("pair", pl.col(f"{side}_conversation").alias("conversation")).drop_nulls()
    if keys.height == 1 and (conversations == keys["conversation"][0]).all():
        return keys["pair"].new_from_index(0, len(conversations))
    # Names recur on every row, and categories are compared once each.
    named = pl.DataFrame({"conversation": conversations.cast(pl.Categorical)})
    coded = keys.with_columns(pl.col("conversation").cast(pl.Categorical))
    return named.join(coded, on="conversation", how="left", maintain_order="left")["pair"]


def _class_of(messages: pl.DataFrame) -> pl.Series:
    """The class code of every row; the client's own sentences are system rows whatever the format says."""
    # A table that was written and read again holds kinds as text.
    kind = messages["kind"].cast(pl.Enum([str(k) for k in Kind]))
    codes = pl.Series([CLASS_OF[k] for k in Kind], dtype=pl.UInt8)
    classes = codes[kind.to_physical()]
    # Few rows hold one of the words, and only these are matched against the sentences.
    words = pl.col("text").str
    senders = messages["sender"].unique()
    clients = senders.filter(senders.to_frame().select(is_client(pl.col("sender"))).to_series())
    held = messages.select(
        pl.col("sender").is_in(clients.implode()).fill_null(value=False),
        words.contains(_NOTICE_WORDS).fill_null(value=False).alias("notice"),
        words.contains(UNSHOWN_WORDS).fill_null(value=False).alias("unshown"),
    )
    if held["sender"].any():
        classes = classes.scatter(held["sender"].arg_true(), SYSTEM)
    if held["notice"].any():
        told = held["notice"].arg_true()
        classes = classes.scatter(told.filter(messages["text"][told].str.contains(SPOKEN_NOTICE)), SYSTEM)
    links = (classes == LINK).arg_true()
    if not links.is_empty():
        # A tool that knows no payments shows their cards as links.
        paid = messages["text"][links].str.replace(MARK, "").str.contains(PAYMENT_TITLE).fill_null(value=False)
        classes = classes.scatter(links.filter(paid), PAYMENT)
    if not held["unshown"].any():
        return classes
    # Whatever the tool calls it, a body that says that it cannot be shown may be of any kind.
    unshown = held["unshown"].arg_true()
    is_open = messages["text"][unshown].str.contains(UNSHOWN) & classes[unshown].is_in([WORDS, LINK])
    return classes.scatter(unshown.filter(is_open), OTHER)


# The client's own sentences on recalls and friend requests, in formats that do not distinguish notices from text. The sentence
# that accepts a request is stored as a text, only on the device that sent the request.
SPOKEN_NOTICE = in_both_scripts(
    r"^(?:(?:你|[\"“「].{1,40}[\"”」]) ?撤回了?一条消息|我通过了你的(?:朋友|好友)验证请求，现在我们可以开始聊天了。?|以上是打招呼的(?:内容|消息)。?)$"
)
_NOTICE_WORDS = in_both_scripts("撤回|验证请求|打招呼")
_EQUAL = ("pair", "cls", "t", "sender", "is_self", "text", "message_id", "media_hash", "amount", "native_id")
_SAME = (*_EQUAL, "local_id")


def mark_repeats(rows: pl.DataFrame, locators: pl.Series) -> pl.DataFrame:
    """The rows with `is_repeat` and `twin`.

    is_repeat: an earlier row of this export is the same row by server id or local id; or another file of this export
    holds it, in a chat of which both hold a part; or, without times and ids, the row is in the second of two equal
    halves of its conversation. It waits until everything else is paired.

    twin (u64; null = none): rows of one conversation with equal sender, kind, text and time to the second, and no
    server id. Local numbers do not separate them: a store that holds a message twice numbers both. They are matched like
    others; one without a partner is a repeat if another has one. Equal texts within a minute of a minute-precise export
    are no twins: people do say 好的 twice.
    """
    likely = _share_time_and_words(rows)
    none = pl.lit(None, dtype=pl.UInt64).alias("twin")
    if not likely.any():
        return _with_halves(rows.with_columns(pl.lit(value=False).alias("is_repeat"), none))
    # The full key is computed only for the few rows that share text and time with another.
    few = rows.with_row_index("at").filter(pl.Series(likely) & pl.col("pair").is_not_null()).with_columns(
        pl.struct(*_EQUAL).hash(seed=41).alias("twin"), pl.struct(*_SAME).hash(seed=41).alias("same")
    )  # fmt: skip
    few = few.filter(pl.col("twin").is_duplicated())
    by_id = pl.col("message_id").is_not_null() | pl.col("local_id").is_not_null()
    few = few.with_columns(pl.Series("in_file", _in_earlier_files(few, locators[few["at"]])))
    is_again = (by_id & ~pl.col("same").is_first_distinct()) | pl.col("in_file")
    again = few.filter(is_again)["row"]
    precise = pl.col("time_precision").cast(pl.String).is_in(["second", "millisecond"])
    twins = few.filter(pl.col("message_id").is_null() & precise & ~is_again)[["row", "twin"]]
    twins = twins.filter(pl.col("twin").is_duplicated())
    out = rows.with_columns(none)
    if twins.height:
        joined = rows.select("row").join(twins, on="row", how="left", maintain_order="left")
        out = rows.with_columns(joined["twin"])
    return _with_halves(out.with_columns(pl.col("row").is_in(listed(again)).alias("is_repeat")))


def _with_halves(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `is_repeat` also where a conversation without times and ids, or a page of it, repeats."""
    bare = pl.col("t").is_null() & pl.col("message_id").is_null() & pl.col("local_id").is_null()
    if rows["t"].null_count() == 0:
        return rows
    whole = rows.filter(pl.col("pair").is_not_null() & bare.all().over("pair"))
    look = pl.struct("sender", "is_self", "cls", "text", "media_hash", "amount").hash(seed=43).alias("look")
    again: list[int] = []
    is_long = ((pl.col("text").str.len_chars() >= PARAMS.sentence_characters) & (pl.col("cls") == WORDS)).fill_null(
        value=False
    )
    for part in whole.select("pair", "row", look, is_long.alias("is_long")).partition_by("pair", maintain_order=True):
        half = part.height // 2
        looks = part["look"]
        if half >= PARAMS.half_rows and part.height == 2 * half and looks[:half].equals(looks[half:]):
            again += part["row"][half:].to_list()
        else:
            again += part["row"][_pages_again(looks.to_numpy(), part["is_long"].to_numpy())].to_list()
    return rows.with_columns((pl.col("is_repeat") | pl.col("row").is_in(again)).alias("is_repeat")) if again else rows


def _pages_again(looks: npt.NDArray[np.uint64], is_long: npt.NDArray[np.bool_]) -> list[int]:
    """Positions of rows that repeat earlier ones, row by row in the same order.

    Nobody writes eight messages, some of them whole sentences, twice in the same order. Only distances at which long
    rows recur are tested.
    """
    frame = pl.DataFrame({"look": looks, "at": np.arange(len(looks))}).filter(pl.Series(is_long))
    lags = frame.select((pl.col("at") - pl.col("at").shift().over("look")).alias("lag")).drop_nulls()
    common = (
        lags.group_by("lag")
        .len("n")
        .filter(pl.col("n") >= PARAMS.page_sentences)
        .sort("n", "lag", descending=[True, False])
    )
    again: set[int] = set()
    for lag in common["lag"].head(PARAMS.page_distances):
        same = looks[lag:] == looks[:-lag]
        edges = np.flatnonzero(np.diff(np.concatenate(([False], same, [False])).astype(np.int8)))
        for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if end - begin >= PARAMS.page_rows and int(is_long[begin:end].sum()) >= PARAMS.page_sentences:
                again.update(range(begin + lag, end + lag))
    return sorted(again)


def _in_earlier_files(twins: pl.DataFrame, locators: pl.Series) -> pl.Series:
    """Whether an earlier file of the chat, with several sentences in common, holds the row.

    Each file writes a message once, so that the second of equal rows in one is the second in the other.
    """
    told = twins.select("pair", "twin", "text", file=locators.str.replace(PLACE_IN_FILE, ""))
    told = told.with_columns(nth=pl.int_range(pl.len()).over("twin", "file"))
    is_again = ~pl.struct("twin", "nth").is_first_distinct()
    sentence = pl.when(pl.col("text").str.len_chars() >= PARAMS.sentence_characters).then("text")
    common = sentence.filter(is_again).drop_nulls().n_unique().over("pair") >= PARAMS.page_sentences
    return told.select((is_again & common).alias("again"))["again"]


def _share_time_and_words(rows: pl.DataFrame) -> pl.Series:
    """Whether another row of any conversation has the same time and text. Times are compared first."""
    t = rows["t"]
    if not t.null_count() and (t.is_sorted() or _is_in_order(rows["pair"], t)):
        again = np.diff(t.to_numpy()) == 0
        shared = np.concatenate([again, [False]]) | np.concatenate([[False], again])
    else:
        shared = t.is_duplicated().to_numpy()
    likely = np.zeros(rows.height, bool)
    if shared.any():
        few = rows[["t", "text"]].with_row_index("at").filter(shared)
        few = few.filter(pl.struct("t", "text").hash(seed=40).is_duplicated())
        likely[few["at"].to_numpy()] = True
    return pl.Series(likely)


def _is_in_order(pair: pl.Series, t: pl.Series) -> bool:
    """Whether the rows are sorted by pair and time, with no pair missing."""
    return not pair.null_count() and is_sorted(pair.to_numpy(), t.to_numpy())


def same_id_repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `is_repeat` also for an id, text and time seen before under another local number.

    This happens in restored or merged stores, which keep the time of a message. If rows with one id have different
    texts, the ids were rounded, and rows with the same id are different messages.
    """
    if rows["message_id"].null_count() == rows.height:
        return rows
    # Few ids occur twice, and only their rows are compared.
    likely = rows["message_id"].is_not_null() & rows["message_id"].hash(seed=43).is_duplicated()
    if not likely.any():
        return rows
    few = rows[["row", "pair", "message_id", "text", "cls", "t"]].filter(likely)
    few = few.filter((pl.col("cls") != SYSTEM) & pl.col("pair").is_not_null())
    one = ["pair", "message_id", "text", "cls"]
    again = ~pl.struct(one).is_first_distinct()
    is_rounded = (again < ~pl.struct("pair", "message_id").is_first_distinct()).any().over("pair")
    apart = (pl.col("t") - pl.col("t").first().over(one)).abs()
    elsewhere = (apart > PARAMS.edge_seconds * SECONDS).fill_null(value=False)
    repeats = few.filter(again & ~is_rounded & ~elsewhere)["row"]
    if repeats.is_empty():
        return rows
    return rows.with_columns((pl.col("is_repeat") | pl.col("row").is_in(listed(repeats))).alias("is_repeat"))


def without_times_of_groups(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows without the time `t` above a group of messages, but for the first one below it.

    All others may be of any moment until the next such time. `raw_t` stays.
    """
    again = (pl.col("raw_t") == pl.col("raw_t").shift()).over("pair").fill_null(value=False)
    return rows.with_columns(pl.when(~again).then("t").alias("t"))


def as_merged(rows: pl.DataFrame, *forms: FormLimits) -> pl.DataFrame:
    """The rows with the class that one of the formats may write for their kind, so that copies share it.

    Only for kinds without text. For text, links and payments the text decides, and `other` matches every class anyway.
    """
    kinds = {k: m for form in forms for k, m in form.kinds_merged.items()}
    merged = {k: m for k, m in kinds.items() if {CLASS_OF[k], CLASS_OF[m]} <= set(WORDLESS)}
    if not merged:
        return rows
    classes = {str(k): CLASS_OF[m] for k, m in merged.items()}
    cls = pl.col("kind").cast(pl.String).replace_strict(classes, default=pl.col("cls"), return_dtype=pl.UInt8)
    return rows.with_columns(cls.alias("cls"))
