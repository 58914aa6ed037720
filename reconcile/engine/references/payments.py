"""Payments that refer to each other: receipt and transfer, notice and red packet."""

import polars as pl

from reconcile.column_ops import is_in_rows, listed
from reconcile.engine.params import PARAMS
from reconcile.engine.references.ground import Ground
from reconcile.engine.references.witnesses import SPOKEN
from reconcile.vocabulary import Kind, Side, WitnessKind
from reconcile.wechat.kind_classes import OTHER, PAYMENT, SECONDS, SYSTEM
from reconcile.wechat.payment_words import PENDING

_ANSWER = r"收款|已收|已被接收|已领取|已退还|退回|已过期|[Rr]eceived|[Rr]eturned"
_FEE = r"[￥¥]\s*(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*\.\d{2})\s*元"
PACKET_NOTICE = r"领取了.{0,40}红包|opened .{0,60}(?:red packet|Red Packet)|红包已被领完"
_NONE = pl.DataFrame(schema={**SPOKEN, "by_t": pl.Int64, "t": pl.Int64, "words": pl.String, "is_placed": pl.Boolean})


def unanswered_payments(ground: Ground) -> pl.DataFrame:
    """References, as `absent_messages` returns them, of payments without their other half on either side.

    Transfers are matched by number, or by amount, payer and payee within a day, one to one. Red packets are missing
    where a notice has no packet in the day before it.
    """
    both = _transfers_and_receipts(ground)
    transfers = _NONE if both is None else _unanswered_transfers(both, ground)
    return pl.concat([transfers, _missing_packets(ground)])


def is_answer() -> pl.Expr:
    """Whether a transfer's row is a receipt, by its stated state or else by its text."""
    state = pl.col("payment_state").cast(pl.String)
    return (
        pl.when(state.is_not_null())
        .then(state != "sent")
        .otherwise(pl.col("text").str.replace_all(PENDING, "").str.contains(_ANSWER))
    )


def yuan_stated() -> pl.Expr:
    """`yuan`: the amount of a transfer's row, from its column or else from its text; null = none."""
    fee = pl.coalesce(pl.col("text").str.extract(_FEE, 1), pl.col("text").str.extract(_FEE, 2))
    return pl.coalesce("amount", fee).str.replace_all(r"[^\d.]", "").cast(pl.Float64, strict=False).alias("yuan")


def _transfers_and_receipts(ground: Ground) -> pl.DataFrame | None:
    """The transfers and receipts of both sides, each once; None = there are none."""
    parts = []
    for side, every in ground.rows.items():
        is_transfer = every["kind"] == str(Kind.TRANSFER)
        if not is_transfer.any():
            continue
        # Payments are few, so filtering by kind first copies only these.
        here = pl.col("pair").is_in(listed(ground.pairs)) & pl.col("t").is_not_null()
        rows = every.filter(is_transfer & ~pl.col("is_repeat") & here)
        # A payment that both sides hold counts once.
        if side is Side.RIGHT and rows.height:
            rows = rows.filter(~is_in_rows(ground.also_left(), every.height)[rows["row"]])
        if rows.is_empty():
            continue
        parts.append(
            rows.select(
                pl.lit(str(side)).alias("side"), "pair", "conversation", "row", "t", "party", "native_id",
                yuan_stated(),
                is_answer().alias("answers"),
                pl.col("text").alias("shown"),
            )
        )  # fmt: skip
    return pl.concat(parts).sort("pair", "t", "side", "row") if parts else None


def _unanswered_transfers(both: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """Transfers without answer and answers without transfer, as witnesses."""
    found = []
    for part in both.partition_by("pair", maintain_order=True):
        found += _unmatched_halves(part.to_dicts())
    return _as_witnesses(found, ground)


def _unmatched_halves(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Receipts and transfers of one conversation without their other half."""
    answers = [r for r in rows if r["answers"]]
    sent = [r for r in rows if not r["answers"]]
    taken: set[int] = set()
    lonely = []
    for answer in answers:
        place = next((i for i, s in enumerate(sent) if i not in taken and _may_answer(s, answer)), None)
        if place is None:
            lonely.append(answer)
        else:
            taken.add(place)
    shown = [_as_half(a, WitnessKind.TRANSFER_RECEIPT, is_placed=bool(taken)) for a in lonely]
    open_ones = [s for i, s in enumerate(sent) if i not in taken]
    if len(taken) >= PARAMS.answered_payments and len(taken) >= PARAMS.answered_share * len(sent):
        # A transfer need not be accepted, so a missing receipt is shown but not counted.
        shown += [_as_half(s, WitnessKind.TRANSFER, is_placed=False) for s in open_ones]
    return shown


def _may_answer(sent: dict[str, object], answer: dict[str, object]) -> bool:
    """Whether the answer's id, or its time, amount and party, fit the transfer."""
    if sent["native_id"] and answer["native_id"]:
        return sent["native_id"] == answer["native_id"]
    delay = int(answer["t"]) - int(sent["t"])  # type: ignore[call-overload]
    amounts = sent["yuan"], answer["yuan"]
    equal = None in amounts or amounts[0] == amounts[1]
    people = sent["party"] is None or answer["party"] is None or sent["party"] != answer["party"]
    return -60 * SECONDS <= delay <= PARAMS.return_seconds * SECONDS and equal and people


def _as_half(row: dict[str, object], witness: WitnessKind, *, is_placed: bool) -> dict[str, object]:
    """The row as a witness of the half that is missing."""
    return row | {"witness": str(witness), "is_placed": is_placed}


def _as_witnesses(found: list[dict[str, object]], ground: Ground) -> pl.DataFrame:
    """The halves as references."""
    if not found:
        return _NONE
    types = {"side": pl.String, "pair": pl.UInt32, "conversation": pl.String, "row": pl.UInt32, "by_t": pl.Int64, "native_id": pl.String, "text": pl.String, "witness": pl.String, "is_placed": pl.Boolean}  # fmt: skip
    rows = [{k: r.get({"by_t": "t", "text": "shown"}.get(k, k)) for k in types} for r in found]
    frame = pl.DataFrame(rows, schema=types, orient="row")
    return _with_coverage(frame.with_columns(pl.lit(str(Kind.TRANSFER)).alias("kind")), ground)


def _with_coverage(frame: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """The references; placed only where the day before (after, for a transfer) lies inside both copies."""
    out = frame.join(ground.spans(), on="pair", how="left", maintain_order="left")
    out = out.filter(
        (pl.col("witness") != str(WitnessKind.TRANSFER))
        | (pl.col("by_t") + PARAMS.return_seconds * SECONDS <= pl.col("last"))
    )
    inside = (pl.col("by_t") - PARAMS.return_seconds * SECONDS >= pl.col("first")) | pl.col("pair").is_in(
        listed(ground.same_start)
    )
    located = []
    for side, reading in ground.readings.items():
        mine = out.filter(pl.col("side") == str(side))
        located.append(mine.with_columns(reading.messages["locator"][mine["row"]].alias("locator")))
    frame = pl.concat(located).with_columns(
        pl.col("row").alias("by_row"), (pl.col("is_placed") & inside).alias("is_placed")
    )
    bare = [pl.lit(None, dtype=t).alias(n) for n, t in SPOKEN.items() if n not in frame.columns]
    return frame.with_columns(*bare, pl.lit(None, dtype=pl.Int64).alias("t"), pl.lit(None, dtype=pl.String).alias("words")).select(
        *SPOKEN, "by_t", "t", "words", "is_placed"
    )  # fmt: skip


def _missing_packets(ground: Ground) -> pl.DataFrame:
    """Notices of an opened red packet without a packet in the day before; one per conversation and day."""
    parts, packets = [], []
    if not any((rows["cls"] == SYSTEM).any() for rows in ground.rows.values()):
        return _as_witnesses([], ground)
    for side, rows in ground.rows.items():
        absent = {str(k) for k in ground.readings[side].facts.limits.kinds_unseen}
        few = rows.filter(pl.col("cls").is_in([SYSTEM, PAYMENT, OTHER]) | (pl.col("kind") == str(Kind.LINK))).filter(
            pl.col("pair").is_in(listed(ground.pairs)) & pl.col("t").is_not_null(),
        )
        notice = (pl.col("cls") == SYSTEM) & pl.col("text").str.contains(PACKET_NOTICE)
        if str(Kind.RED_PACKET) not in absent:
            said = few.filter(notice)[["pair", "conversation", "row", "t", "native_id", "text"]]
            parts.append(said.with_columns(pl.lit(str(side)).alias("side")))
        packets.append(few)
    notices = pl.concat(parts) if parts else None
    if notices is None or notices.is_empty():
        return _as_witnesses([], ground)
    held = pl.concat([few.filter(_may_be_packet(few))[["pair", "t"]] for few in packets])
    held = held.sort("t").with_columns(pl.col("t").alias("packet_t"))
    # A packet and the notice of its opening may have the same time.
    asked = notices.with_columns((pl.col("t") + 60 * SECONDS).alias("late")).sort("late")
    near = asked.join_asof(
        held.rename({"t": "late"}), on="late", by="pair", strategy="backward", check_sortedness=False
    )
    alone = near.filter(
        pl.col("packet_t").is_null() | (pl.col("t") - pl.col("packet_t") > PARAMS.return_seconds * SECONDS)
    )
    if alone.is_empty():
        return _as_witnesses([], ground)
    # Both sides' notices of one opening, and further openings on that day, count as one packet.
    once = alone.sort("pair", "t", "side").with_columns(
        (pl.col("t").diff().over("pair") < PARAMS.return_seconds * SECONDS).fill_null(value=False).alias("again")
    ).filter(~pl.col("again"))  # fmt: skip
    # One resolved notice shows that this format writes packets and their notices as rows.
    shows = near.filter(
        pl.col("packet_t").is_not_null() & (pl.col("t") - pl.col("packet_t") <= PARAMS.return_seconds * SECONDS)
    )["pair"].unique()
    once = once.with_columns(pl.col("pair").is_in(listed(shows)).alias("is_placed"))
    frame = once.select(
        "side", "pair", "conversation", "row", pl.col("t").alias("by_t"), "native_id", "text",
        pl.lit(str(WitnessKind.NOTICE)).alias("witness"), pl.lit(value=True).alias("is_placed"), pl.lit(str(Kind.RED_PACKET)).alias("kind"),
    )  # fmt: skip
    return _with_coverage(frame, ground)


def _may_be_packet(rows: pl.DataFrame) -> pl.Series:
    """Whether each row may be a red packet.

    In conversations without any recognised packet, rows of unknown kind count too: some formats write packets so.
    """
    kind = pl.col("kind").cast(pl.String)
    is_packet = (kind == str(Kind.RED_PACKET)) | ((pl.col("cls") != SYSTEM) & pl.col("text").str.contains("红包"))
    bare = ~is_packet.any().over("pair")
    return rows.select((is_packet | (bare & (kind == str(Kind.OTHER)))).alias("p"))["p"]
