"""Payments that speak of each other: a receipt of its transfer, a transfer of its receipt, a notice of its red packet."""

import polars as pl

from reconcile.column_ops import is_in_rows
from reconcile.engine.references.absent import Ground
from reconcile.engine.references.witnesses import SPOKEN
from reconcile.vocabulary import Kind, Side, WitnessKind
from reconcile.wechat.kind_classes import OTHER, PAYMENT, SECONDS, SYSTEM

# A transfer that nobody takes, or a red packet, goes back after a day; an hour for clocks and delays.
DAY = 25 * 3600 * SECONDS
# Transfers lack a receipt only where nearly all others have one.
LEAST_ANSWERED, ANSWERED_SHARE = 3, 0.75
_ANSWER = r"收款|已收|已被接收|已领取|已退还|退回|已过期|[Rr]eceived|[Rr]eturned"
_FEE = r"[￥¥]\s*(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*\.\d{2})\s*元"
PACKET_NOTICE = r"领取了.{0,40}红包|opened .{0,60}(?:red packet|Red Packet)|红包已被领完"


def unanswered_payments(paired: pl.Series, ground: Ground) -> pl.DataFrame:
    """Witnesses, as `absent_messages` gives them, of payments whose other half neither side holds.

    `paired`: the right rows that are one message with a left one: such a payment counts once. Of transfers, by their number or by
    amount, payer and payee within a day, one to one; of red packets, by a notice without any packet in the day before it.
    """
    both = _payments(paired, ground)
    transfers = _transfers(both, ground)
    packets = _packets(ground)
    return pl.concat([transfers, packets])


def is_answer() -> pl.Expr:
    """Whether a transfer's row is the receipt of one: by its stated state, else by its words."""
    state = pl.col("payment_state").cast(pl.String)
    return pl.when(state.is_not_null()).then(state != "sent").otherwise(pl.col("text").str.contains(_ANSWER))


def yuan_stated() -> pl.Expr:
    """`yuan`: the sum that a transfer's row states, in its column or else in its words; null = none."""
    fee = pl.coalesce(pl.col("text").str.extract(_FEE, 1), pl.col("text").str.extract(_FEE, 2))
    return pl.coalesce("amount", fee).str.replace_all(r"[^\d.]", "").cast(pl.Float64, strict=False).alias("yuan")


def _payments(paired: pl.Series, ground: Ground) -> pl.DataFrame:
    parts = []
    for side, copy in ground.copies.items():
        # Payments are few: one filter copies them alone.
        rows = copy.rows.filter((pl.col("kind") == str(Kind.TRANSFER)) & ~pl.col("is_repeat")).filter(
            pl.col("pair").is_in(ground.pairs.implode()) & pl.col("t").is_not_null(),
        )
        if side is Side.RIGHT:
            rows = rows.filter(~is_in_rows(paired, copy.rows.height).gather(rows["row"]))
        parts.append(
            rows.select(
                pl.lit(str(side)).alias("side"), "pair", "conversation", "row", "t", "party", "native_id",
                yuan_stated(),
                is_answer().alias("answers"),
                pl.col("text").alias("shown"),
            )
        )  # fmt: skip
    return pl.concat(parts).sort("pair", "t", "side", "row")


def _transfers(both: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    found = []
    for part in both.partition_by("pair", maintain_order=True):
        found += _matched(part.to_dicts())
    return _as_witnesses(found, ground)


def _matched(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Receipts and transfers of one conversation without their other half."""
    answers = [r for r in rows if r["answers"]]
    sent = [r for r in rows if not r["answers"]]
    taken: set[int] = set()
    lonely = []
    for answer in answers:
        place = next((i for i, s in enumerate(sent) if i not in taken and _fits(s, answer)), None)
        if place is None:
            lonely.append(answer)
        else:
            taken.add(place)
    shown = [_half(a, WitnessKind.TRANSFER_RECEIPT, is_placed=bool(taken)) for a in lonely]
    open_ones = [s for i, s in enumerate(sent) if i not in taken]
    if len(taken) >= LEAST_ANSWERED and len(taken) >= ANSWERED_SHARE * len(sent):
        # Nobody need take a transfer: that its receipt is wanting is shown, and not counted.
        shown += [_half(s, WitnessKind.TRANSFER, is_placed=False) for s in open_ones]
    return shown


def _fits(sent: dict[str, object], answer: dict[str, object]) -> bool:
    if sent["native_id"] and answer["native_id"]:
        return sent["native_id"] == answer["native_id"]
    delay = int(answer["t"]) - int(sent["t"])  # type: ignore[call-overload]
    amounts = sent["yuan"], answer["yuan"]
    equal = None in amounts or amounts[0] == amounts[1]
    people = sent["party"] is None or answer["party"] is None or sent["party"] != answer["party"]
    return -60 * SECONDS <= delay <= DAY and equal and people


def _half(row: dict[str, object], witness: WitnessKind, *, is_placed: bool) -> dict[str, object]:
    return row | {"witness": str(witness), "is_placed": is_placed}


def _as_witnesses(found: list[dict[str, object]], ground: Ground) -> pl.DataFrame:
    types = {"side": pl.String, "pair": pl.UInt32, "conversation": pl.String, "row": pl.UInt32, "by_t": pl.Int64, "native_id": pl.String, "text": pl.String, "witness": pl.String, "is_placed": pl.Boolean}  # fmt: skip
    rows = [{k: r.get({"by_t": "t", "text": "shown"}.get(k, k)) for k in types} for r in found]
    frame = pl.DataFrame(rows, schema=types, orient="row")
    return _covered(frame.with_columns(pl.lit(str(Kind.TRANSFER)).alias("kind")), ground)


def _covered(frame: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """Placed only where the day before (or after, of a transfer) lies inside both copies together."""
    if frame.is_empty():
        types = {**SPOKEN, "by_t": pl.Int64, "t": pl.Int64, "words": pl.String, "is_placed": pl.Boolean}
        return pl.DataFrame(schema=types)
    spans = pl.concat(
        [
            c.rows.select("pair", "t").filter(pl.col("t").is_not_null() & pl.col("pair").is_not_null()).group_by("pair").agg(pl.col("t").min().alias("first"), pl.col("t").max().alias("last"))
            for c in ground.copies.values()
        ]
    ).group_by("pair").agg(pl.col("first").min(), pl.col("last").max())  # fmt: skip
    out = frame.join(spans, on="pair", how="left", maintain_order="left")
    out = out.filter((pl.col("witness") != str(WitnessKind.TRANSFER)) | (pl.col("by_t") + DAY <= pl.col("last")))
    inside = (pl.col("by_t") - DAY >= pl.col("first")) | pl.col("pair").is_in(ground.same_start.implode())
    located = []
    for side, reading in ground.readings.items():
        mine = out.filter(pl.col("side") == str(side))
        located.append(mine.with_columns(reading.messages["locator"].gather(mine["row"]).alias("locator")))
    frame = pl.concat(located).with_columns(
        pl.col("row").alias("by_row"), (pl.col("is_placed") & inside).alias("is_placed")
    )
    bare = [pl.lit(None, dtype=t).alias(n) for n, t in SPOKEN.items() if n not in frame.columns]
    return frame.with_columns(*bare, pl.lit(None, dtype=pl.Int64).alias("t"), pl.lit(None, dtype=pl.String).alias("words")).select(
        *SPOKEN, "by_t", "t", "words", "is_placed"
    )  # fmt: skip


def _packets(ground: Ground) -> pl.DataFrame:
    """Notices that a red packet was opened, in whose day before no packet stands; one a side, direction and day."""
    parts, packets = [], []
    for side, copy in ground.copies.items():
        absent = {str(k) for k in ground.readings[side].facts.limits.kinds_unseen}
        few = copy.rows.filter(
            pl.col("cls").is_in([SYSTEM, PAYMENT, OTHER]) | (pl.col("kind") == str(Kind.LINK))
        ).filter(
            pl.col("pair").is_in(ground.pairs.implode()) & pl.col("t").is_not_null(),
        )
        notice = (pl.col("cls") == SYSTEM) & pl.col("text").str.contains(PACKET_NOTICE)
        if str(Kind.RED_PACKET) not in absent:
            said = few.filter(notice).select("pair", "conversation", "row", "t", "native_id", "text")
            parts.append(said.with_columns(pl.lit(str(side)).alias("side")))
        packets.append(few)
    notices = pl.concat(parts) if parts else None
    if notices is None or notices.is_empty():
        return _as_witnesses([], ground)
    held = pl.concat([few.filter(_may_be_packet(few)).select("pair", "t") for few in packets])
    held = held.sort("t").with_columns(pl.col("t").alias("packet_t"))
    # A packet and the notice of its opening may share a second.
    asked = notices.with_columns((pl.col("t") + 60 * SECONDS).alias("late")).sort("late")
    near = asked.join_asof(
        held.rename({"t": "late"}), on="late", by="pair", strategy="backward", check_sortedness=False
    )
    alone = near.filter(pl.col("packet_t").is_null() | (pl.col("t") - pl.col("packet_t") > DAY))
    if alone.is_empty():
        return _as_witnesses([], ground)
    # Both sides' notices of one opening, and further openings of the same day, speak of one packet.
    once = alone.sort("pair", "t", "side").with_columns(
        (pl.col("t").diff().over("pair") < DAY).fill_null(value=False).alias("again")
    ).filter(~pl.col("again"))  # fmt: skip
    # One resolved notice shows that this form writes packets and their notices as rows.
    shows = near.filter(pl.col("packet_t").is_not_null() & (pl.col("t") - pl.col("packet_t") <= DAY))["pair"].unique()
    once = once.with_columns(pl.col("pair").is_in(shows.implode()).alias("is_placed"))
    frame = once.select(
        "side", "pair", "conversation", "row", pl.col("t").alias("by_t"), "native_id", "text",
        pl.lit(str(WitnessKind.NOTICE)).alias("witness"), pl.lit(value=True).alias("is_placed"), pl.lit(str(Kind.RED_PACKET)).alias("kind"),
    )  # fmt: skip
    return _covered(frame, ground)


def _may_be_packet(rows: pl.DataFrame) -> pl.Series:
    """Packets; where a conversation shows none as such, rows of no known kind as well: some forms write packets so."""
    kind = pl.col("kind").cast(pl.String)
    is_packet = (kind == str(Kind.RED_PACKET)) | ((pl.col("cls") != SYSTEM) & pl.col("text").str.contains("红包"))
    bare = ~is_packet.any().over("pair")
    return rows.select((is_packet | (bare & (kind == str(Kind.OTHER)))).alias("p"))["p"]
