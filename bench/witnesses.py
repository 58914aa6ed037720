"""How well messages are found that neither side holds and something speaks of, and whether any is invented.

`python -m bench.witnesses` draws disputes, takes a message from both copies (or from none: the innocent ones), lets something of the
material speak of it, and counts. Writes bench/witnesses.md; `--develop` uses the seeds kept for development, `--show` what went wrong.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # small frames: threads cost more than they bring

import polars as pl

from bench.processes import each
from bench.quality import readings_of
from bench.sim.draw import draw
from bench.sim.model import Dispute, Loss, Numbering, Row, Spelling
from bench.sim.stage import DISPUTED, Fault, Scene, Stage
from bench.sim.truth import Plan
from reconcile.engine.compare import compare_readings
from reconcile.frames import Conversations, Messages, Witnesses
from reconcile.intake.contract import FormLimits, Reading
from reconcile.intake.frames import frame_of
from reconcile.vocabulary import Kind, LocalIdScope, Side, WitnessKind

REPORTED_FROM = 182_000
TABLE = Path(__file__).with_name("witnesses.md")
DAY = 86_400


@dataclass(slots=True)
class Story:
    """What one trial does: `gone` are the messages that neither side holds, `by` the row that speaks, where one does."""

    gone: list[Row] = field(default_factory=list)
    by: Row | None = None
    side: Side = Side.LEFT
    rng: Random = field(default_factory=Random)


Prepare = Callable[[Scene, Story], bool]
Speak = Callable[[Dispute, Story, dict[Side, Reading]], None]


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of witness. `missing`: how many messages are to be reported; 0 = an innocent one."""

    name: str
    prepare: Prepare
    speak: Speak
    missing: int = 1
    wants: tuple[Kind, ...] = ()
    is_listed: bool = False


# ------------------------------------------------------------------------------------------------ taking messages away


def _wordy(row: Row) -> bool:
    return row.kind is Kind.TEXT and len(row.text) >= 8 and bool(row.message_id)


def take(where: Callable[[Row], bool] = _wordy, sides: Sequence[Side] = tuple(Side)) -> Prepare:
    """A row of the middle is taken from these sides."""

    def run(scene: Scene, story: Story) -> bool:
        said = [r.text for r in scene.dispute.said]
        rows = [t for t in scene.shared(where) if said.count(_row(scene, t).text) == 1]
        rows = rows[len(rows) // 3 : -2] if len(rows) > 8 else []
        if not rows:
            return False
        truth = scene.rng.choice(rows)
        story.gone = [_row(scene, truth).copy()]
        for side in sides:
            scene.lose(side, [truth], Loss.GONE)
        return _next_speaker(scene, story)

    return run


def _row(scene: Scene, truth: int) -> Row:
    return next(r for r in scene.dispute.said if r.truth == truth)


def _next_speaker(scene: Scene, story: Story) -> bool:
    """A later text row of both that may speak of the first row taken."""
    at = story.gone[0].at or 0.0
    later = [t for t in scene.shared(_wordy) if at < scene.at(t)][:20]
    if not later:
        return False
    story.by = _row(scene, scene.rng.choice(later))
    story.side = scene.side()
    return True


def take_payment(kind: Kind) -> Prepare:
    """A transfer or packet is taken from both; its receipt or notice stays."""

    def run(scene: Scene, story: Story) -> bool:
        sent = [r for r in scene.dispute.said if r.chat == DISPUTED and r.kind is kind and "收款" not in r.text]
        sent = sent[1:-1] if len(sent) > 3 else []
        sent = [r for r in sent if not any(o is not r and o.amount == r.amount and "收款" not in o.text for o in sent)] if kind is Kind.TRANSFER else sent  # fmt: skip
        if kind is Kind.RED_PACKET:
            # Another packet and its notice show that this form writes both.
            sent = [r for r in sent if any(abs((o.at or 0) - (r.at or 0)) > 2 * DAY for o in sent)]
        if not sent:
            return False
        row = scene.rng.choice(sent)
        story.gone = [row.copy()]
        gone = [row.truth]
        if kind is Kind.RED_PACKET:
            # No other packet in the day before the notice.
            gone += [r.truth for r in scene.dispute.said if r.kind is kind and r.chat == DISPUTED and 0 < abs((r.at or 0) - (row.at or 0)) < 2 * DAY]  # fmt: skip
            for other in list(scene.dispute.said):
                if other.kind is kind and other.chat == DISPUTED and (other is row or other.truth not in gone):
                    _opened(scene, other)
        story.gone += [r.copy() for r in scene.dispute.said if r.truth in gone[1:]]
        for side in Side:
            scene.lose(side, gone, Loss.GONE)
        return True

    return run


def _opened(scene: Scene, packet: Row) -> None:
    taker = next((m for m in scene.dispute.chats[DISPUTED].members if m != packet.author), 0)
    words = {}
    for side in Side:
        owner = scene.dispute.copies[side].owner
        names = [scene.dispute.name_on(side, p) if p is not None else "" for p in (taker, packet.author)]
        words[side] = f"你领取了{names[1]}的红包" if taker == owner else f"{names[0]}领取了你的红包" if packet.author == owner else f"{names[0]}领取了{names[1]}的红包"  # fmt: skip
    scene.notice((packet.at or 0.0) + 40, words)


def take_tail(scene: Scene, story: Story) -> bool:
    """The last row is gone from both."""
    rows = [r for r in scene.dispute.said if r.chat == DISPUTED]
    last = rows[-1]
    if last.kind is not Kind.TEXT or len(last.text) < 4:
        return False
    story.gone, story.side = [last.copy()], scene.side()
    for side in Side:
        scene.lose(side, [last.truth], Loss.GONE)
    return True


def keep(prepare: Prepare) -> Prepare:
    """As `prepare`, but both copies keep the row: the innocent twin."""

    def run(scene: Scene, story: Story) -> bool:
        rows = {s: list(scene.dispute.copies[s].rows) for s in Side}
        facts = {t: dict(f.losses) for t, f in scene.dispute.facts.items()}
        if not prepare(scene, story):
            return False
        for side in Side:
            scene.dispute.copies[side].rows = rows[side]
        for truth, fact in scene.dispute.facts.items():
            fact.losses = facts.get(truth, {})
        return True

    return run


def cut_heads(scene: Scene, story: Story) -> bool:
    """Both copies begin late, at different rows; an early message lies before both."""
    rows = [r for r in scene.dispute.said if r.chat == DISPUTED]
    early = [r for r in rows[: len(rows) // 4] if _wordy(r)]
    if not early or len(rows) < 40:
        return False
    story.gone, story.side = [scene.rng.choice(early).copy()], scene.side()
    edge = len(rows) // 4 + 2
    for side, first in ((story.side, edge), (story.side.other, edge + scene.rng.randint(2, 5))):
        scene.lose(side, [r.truth for r in rows[:first]], Loss.WINDOW)
    others = [r.truth for r in scene.dispute.said if r.chat != DISPUTED]
    for side in Side:
        scene.lose(side, others, Loss.WINDOW)
    later = [r for r in rows[edge + 6 : edge + 14] if _wordy(r)]
    if not later:
        return False
    story.by = later[0]
    return True


def recalled(scene: Scene, story: Story) -> bool:
    """A row was recalled: both show a notice without an id in its place."""
    if not take()(scene, story):
        return False
    row = story.gone[0]
    scene.notice((row.at or 0.0) + 30, {s: "你撤回了一条消息" if row.author == scene.dispute.copies[s].owner else f'"{scene.dispute.name_on(s, row.author or 0)}" 撤回了一条消息' for s in Side}, Kind.RECALL, row.author)  # fmt: skip
    for side in Side:
        scene.dispute.copies[side].rows[-1].message_id = ""
    return True


# ------------------------------------------------------------------------------------------------ letting things speak


def witness(reading: Reading, **values: Any) -> Reading:
    """The reading with one more witness."""
    row = frame_of(Witnesses, [{"locator": "side.db#t/1", **values}])
    return replace(reading, witnesses=Witnesses.cast(pl.concat([reading.witnesses, row])))


def _key(dispute: Dispute, story: Story, readings: dict[Side, Reading]) -> str:
    """The key of the disputed chat in the speaking side's reading."""
    side = story.side
    places = [i for i, r in enumerate(dispute.copies[side].rows) if r.chat == DISPUTED]
    return str(readings[side].messages["conversation"][places[0]])


def _when(row: Row) -> datetime:
    return datetime.fromtimestamp(int(row.at or 0), UTC)


def beside(kind: WitnessKind, *names: str, by_row: bool = False) -> Speak:
    """A side table or body of one side speaks of the first row taken, by the names given."""

    def run(dispute: Dispute, story: Story, readings: dict[Side, Reading]) -> None:
        row, side = story.gone[0], story.side
        known: dict[str, Any] = {
            "message_id": row.message_id, "conversation": _key(dispute, story, readings), "sent_at": _when(row), "kind": str(row.kind),
            "text": row.text, "sender": dispute.people[row.author or 0].id, "local_id": _number(dispute, story),
        }  # fmt: skip
        values = {n: known[n] for n in names}
        if by_row and story.by is not None:
            values["locator"] = _locator(dispute, story, readings)
        readings[side] = witness(readings[side], witness=str(kind), **values)

    return run


def _locator(dispute: Dispute, story: Story, readings: dict[Side, Reading]) -> str:
    truth = story.by.truth if story.by else -1
    place = next(i for i, r in enumerate(dispute.copies[story.side].rows) if r.truth == truth)
    return str(readings[story.side].messages["locator"][place])


def _number(dispute: Dispute, story: Story) -> int | None:
    """The local number that the first row taken had on the speaking device."""
    at = story.gone[0].at or 0.0
    held = [r for r in dispute.copies[story.side].rows if r.chat == DISPUTED and r.local_id is not None]
    own = next((r.local_id for r in held if r.truth == story.gone[0].truth), None)
    before = [r.local_id or 0 for r in held if (r.at or 0.0) <= at]
    return own if own is not None else max(before) + 1 if before else None


def quote_by_id(dispute: Dispute, story: Story, readings: dict[Side, Reading]) -> None:
    """The speaking row answers by id alone, on both sides."""
    _mark(dispute, story, readings, reply_to=story.gone[0].message_id)


def quote_by_words(dispute: Dispute, story: Story, readings: dict[Side, Reading]) -> None:
    """The speaking row shows the quoted words alone."""
    _mark(dispute, story, readings, quoted_text=f"{dispute.people[0].nickname}：{story.gone[0].text}")


def _mark(dispute: Dispute, story: Story, readings: dict[Side, Reading], **values: str) -> None:
    for side in Side:
        truth = story.by.truth if story.by else -1
        place = next((i for i, r in enumerate(dispute.copies[side].rows) if r.truth == truth), None)
        if place is None:
            continue
        here = pl.col("row") == place
        frame = readings[side].messages.with_columns(
            pl.when(here).then(pl.lit(v)).otherwise(pl.col(c)).alias(c) for c, v in values.items()
        )
        readings[side] = replace(readings[side], messages=Messages.cast(frame))


def nothing(_dispute: Dispute, _story: Story, _readings: dict[Side, Reading]) -> None:
    """What speaks stands in the rows already."""


def stated(short: int) -> Speak:
    """The exporter states so many rows more than it wrote."""

    def run(dispute: Dispute, story: Story, readings: dict[Side, Reading]) -> None:
        side, key = story.side, _key(dispute, story, readings)
        held = readings[side].messages.filter(pl.col("conversation") == key).height
        frame = readings[side].conversations.with_columns(
            pl.when(pl.col("conversation") == key)
            .then(pl.lit(held + short))
            .otherwise("stated_count")
            .cast(pl.Int64)
            .alias("stated_count")
        )
        readings[side] = replace(readings[side], conversations=Conversations.cast(frame))

    return run


def album(short: int) -> Speak:
    """Two or three pictures of the middle form an album that counts so many more."""

    def run(dispute: Dispute, story: Story, readings: dict[Side, Reading]) -> None:
        at = story.gone[0].at or 0.0
        for side in Side:
            rows = dispute.copies[side].rows
            ends = [r.at or 0 for r in rows if r.chat == DISPUTED]
            far = [(abs((r.at or 0) - at), i) for i, r in enumerate(rows) if r.chat == DISPUTED and r.kind is Kind.TEXT and ends[0] + 900 < (r.at or 0) < ends[-1] - 900]  # fmt: skip
            near = sorted(far)[:2]
            here = pl.col("row").is_in([i for _, i in near])
            frame = readings[side].messages.with_columns(
                pl.when(here).then(pl.lit('{"album":"a7f3"}')).otherwise("raw").alias("raw"),
                pl.when(here)
                .then(pl.lit("image"))
                .otherwise(pl.col("kind").cast(pl.String))
                .cast(frame_dtype("kind"))
                .alias("kind"),
            )
            readings[side] = replace(readings[side], messages=Messages.cast(frame))
            readings[side] = witness(readings[side], witness="album_count", conversation=_key(dispute, replace(story, side=side), readings), native_id="album:a7f3", kind="image", count=2 + short)  # fmt: skip

    return run


def frame_dtype(column: str) -> Any:
    """The type of a column of Messages."""
    return Messages.columns()[column].dtype


def both_say(*speakers: Speak) -> Speak:
    """Several things speak."""

    def run(dispute: Dispute, story: Story, readings: dict[Side, Reading]) -> None:
        for speak in speakers:
            speak(dispute, story, readings)

    return run


def unexported(dispute: Dispute, story: Story, readings: dict[Side, Reading]) -> None:
    """Neither form writes links; a link is quoted with its time."""
    for side in Side:
        facts = replace(readings[side].facts, limits=FormLimits(kinds_absent=frozenset({Kind.LINK})))
        readings[side] = replace(readings[side], facts=facts)
    row = story.gone[0]
    readings[story.side] = witness(readings[story.side], witness="quote", message_id=row.message_id, conversation=_key(dispute, story, readings), sent_at=_when(row), kind="link", text=row.text)  # fmt: skip


def ids_gone_on(which: str) -> Speak:
    """The other side's export has no ids; the quote names one whose message stands there, or nowhere."""

    def run(dispute: Dispute, story: Story, readings: dict[Side, Reading]) -> None:
        quote_by_id(dispute, story, readings)
        other = story.side.other if which == "other" else story.side
        messages = readings[other].messages.with_columns(pl.lit(None, dtype=pl.String).alias("message_id"), pl.lit(None, dtype=pl.String).alias("reply_to"))  # fmt: skip
        readings[other] = replace(readings[other], messages=Messages.cast(messages))

    return run


def rounded_ids(dispute: Dispute, story: Story, readings: dict[Side, Reading]) -> None:
    """Both tables passed their ids through a double; the body's quote is exact."""
    for side in Side:
        number = pl.col("message_id").cast(pl.UInt64, strict=False).cast(pl.Float64).cast(pl.UInt64, strict=False)
        frame = readings[side].messages.with_columns(
            pl.coalesce(number.cast(pl.String), "message_id").alias("message_id")
        )
        readings[side] = replace(readings[side], messages=Messages.cast(frame))
    quote_by_id(dispute, story, readings)


Q, T = WitnessKind.QUOTE, take()
ID, TIME, WORDS, PLACE = "message_id", "sent_at", "text", "conversation"
CASES = (
    Case("quote: id, words, time", T, beside(Q, ID, TIME, WORDS, PLACE, "kind", by_row=True)),
    Case("quote: id alone", T, quote_by_id),
    Case("quote: words alone", T, quote_by_words),
    Case("quote: words and time", T, beside(Q, TIME, WORDS, PLACE, "kind", by_row=True)),
    Case("quote, other side without ids", T, ids_gone_on("other")),
    Case("quote, ids rounded", T, rounded_ids),
    Case("recall table", T, beside(WitnessKind.RECALL_NOTICE, ID, WORDS, PLACE, "kind"), is_listed=True),
    Case("receipt without transfer", take_payment(Kind.TRANSFER), nothing, wants=(Kind.TRANSFER,) * 5),
    Case("packet notice without packet", take_payment(Kind.RED_PACKET), nothing, wants=(Kind.RED_PACKET,) * 5),
    Case("forwarded item", T, beside(WitnessKind.FORWARD_ITEM, ID, TIME, WORDS, PLACE, "kind")),
    Case("album", T, album(2), missing=2),
    Case("pin", T, beside(WitnessKind.PIN, ID, PLACE, by_row=True), is_listed=True),
    Case("media store", take(lambda r: r.kind in (Kind.VOICE, Kind.IMAGE) and bool(r.message_id)), beside(WitnessKind.MEDIA_STORE, ID, TIME, PLACE, "local_id", "kind"), wants=(Kind.VOICE,) * 12),
    Case("media store, chat not named", take(lambda r: r.kind in (Kind.VOICE, Kind.IMAGE) and bool(r.message_id)), beside(WitnessKind.MEDIA_STORE, ID, "kind"), wants=(Kind.VOICE,) * 12, is_listed=True),
    Case("payment table", take(lambda r: r.kind is Kind.TRANSFER and bool(r.message_id)), beside(WitnessKind.MONEY_TABLE, ID, TIME, PLACE, "kind"), wants=(Kind.TRANSFER,) * 12),
    Case("full-text index", T, beside(WitnessKind.FULL_TEXT_INDEX, TIME, WORDS, PLACE, "local_id", "kind")),
    Case("last line of the chat list", take_tail, beside(WitnessKind.SESSION_LAST, TIME, WORDS, PLACE, "local_id", "kind")),
    Case("deletion table", T, beside(WitnessKind.DELETION_TABLE, ID), is_listed=True),
    Case("favourite", T, beside(WitnessKind.FAVOURITE, ID, WORDS, PLACE, "kind")),
    Case("count stated by the exporter", T, stated(1), is_listed=True),
)  # fmt: skip
K = keep(T)
INNOCENT = (
    Case("quoted row held by both", K, beside(Q, ID, TIME, WORDS, PLACE, "kind", by_row=True), 0),
    Case("quoted row held by the other", take(sides=(Side.LEFT,)), both_say(quote_by_id), 0),
    Case("quote before both exports, time known", cut_heads, beside(Q, ID, TIME, WORDS, PLACE, "kind", by_row=True), 0),
    Case("quote before both exports, id alone", cut_heads, quote_by_id, 0),
    Case("quote of a recalled row", recalled, quote_by_id, 0),
    Case("quote of a recalled row, time known", recalled, beside(Q, ID, TIME, WORDS, PLACE, "kind", by_row=True), 0),
    Case("quote of a kind that neither form writes", T, unexported, 0),
    Case("quoted row without id on the other side", take(sides=(Side.LEFT,)), ids_gone_on("right"), 0),
    Case("words quoted from the middle of a row", K, quote_by_words, 0),
    Case("ids rounded, row held", K, rounded_ids, 0),
    Case("transfers and receipts held", keep(take_payment(Kind.TRANSFER)), nothing, 0, wants=(Kind.TRANSFER,) * 5),
    Case("packets and notices held", keep(take_payment(Kind.RED_PACKET)), nothing, 0, wants=(Kind.RED_PACKET,) * 5),
    Case("forwarded item from another chat", T, beside(WitnessKind.FORWARD_ITEM, ID, TIME, WORDS, "kind"), 0),
    Case("album whole", K, album(0), 0),
    Case("media row of a held voice", keep(take(lambda r: r.kind is Kind.VOICE and bool(r.message_id))), beside(WitnessKind.MEDIA_STORE, ID, TIME, PLACE, "local_id", "kind"), 0, wants=(Kind.VOICE,) * 12),
    Case("index row of a held text", K, beside(WitnessKind.FULL_TEXT_INDEX, TIME, WORDS, PLACE, "local_id", "kind"), 0),
    Case("index row without number", K, beside(WitnessKind.FULL_TEXT_INDEX, TIME, WORDS, PLACE), 0),
    Case("last line of the list held", keep(take_tail), beside(WitnessKind.SESSION_LAST, TIME, WORDS, PLACE, "local_id", "kind"), 0),
    Case("whole chat taken off the list", K, beside(WitnessKind.DELETION_TABLE, TIME, PLACE), 0),
    Case("count as stated", K, stated(0), 0),
    Case("favourite of a held row", K, beside(WitnessKind.FAVOURITE, ID, WORDS, PLACE, "kind"), 0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """One dispute: reported (placed or listed) as wanted, and what was reported beyond it."""

    name: str
    seed: int
    missing: int
    counted: bool
    listed: bool
    invented: int
    told: str


def _fault(case: Case, story: Story) -> Fault:
    def plan(plan: Plan, rng: Random) -> None:
        plan.messages = max(plan.messages, 60)
        plan.kinds += case.wants
        if Kind.RED_PACKET in case.wants:
            plan.messages = 300
        for side in Side:
            plan.tables[side].update(has_ids=True, numbering=Numbering.CHAT, has_kind=True, has_reply=True, spelling=Spelling.UNIX, has_number_holes=False)  # fmt: skip
        story.rng = rng

    def apply(scene: Scene) -> bool:
        return case.prepare(scene, story)

    return Fault(f"witness {case.name}", apply, Stage.PRESENCE, plan)


def run_case(case: Case, seed: int) -> Trial:
    """Draw, speak, compare, count."""
    story = Story()
    dispute, _ = draw(seed, (_fault(case, story),))
    with tempfile.TemporaryDirectory() as folder:
        readings = readings_of(dispute, Path(folder))
    for side in Side:
        facts = replace(readings[side].facts, local_id_scope=LocalIdScope.CONVERSATION)
        readings[side] = replace(readings[side], facts=facts)
    case.speak(dispute, story, readings)
    found = compare_readings(readings[Side.LEFT], readings[Side.RIGHT], case="w")
    placed = found.absent.filter(pl.col("is_placed"))
    total = int(found.verdicts["referenced_absent"].sum())
    right = case.missing
    # What natural quotes of the rows taken say is true as well; a witness of anything else is invented.
    ids, texts = [r.message_id for r in story.gone], [r.text for r in story.gone]
    other = [r for r in placed.iter_rows(named=True) if not _of_those(r, ids, texts)]
    invented = len(other) if right else placed.height
    return Trial(
        case.name, seed, right, total >= max(1, right) or (case.is_listed and placed.height > 0), found.absent.height > 0, invented,
        str(found.absent.select("witness", "message_id", "text", "count", "is_placed").to_dicts()),
    )  # fmt: skip


# Receipts, notices and albums name no message of their own.
NAMELESS = ("transfer_receipt", "notice", "album_count")


def _of_those(row: dict[str, Any], ids: list[str], texts: list[str]) -> bool:
    named = row["message_id"] in ids or any(t in (row["text"] or "") for t in texts if t)
    return named or (row["message_id"] is None and row["witness"] in NAMELESS)


def _numbered(work: tuple[bool, int, int]) -> Trial:
    guilty, number, seed = work
    return run_case((CASES if guilty else INNOCENT)[number], seed)


def measure(seeds: range, jobs: int, only: str = "") -> list[Trial]:
    """Every case on every seed."""
    work = [
        (guilty, i, s)
        for guilty, cases in ((True, CASES), (False, INNOCENT))
        for i, c in enumerate(cases)
        if only in c.name
        for s in seeds
    ]
    return each(_numbered, work, jobs)


def render(trials: Sequence[Trial], seeds: range) -> str:
    """The two tables as Markdown."""
    lines = [f"Seeds {seeds[0]} to {seeds[-1]}.", "", "| witness of a message that neither side holds | disputes | counted | counted or listed | invented beside it |", "|---|---:|---:|---:|---:|"]  # fmt: skip
    for case in CASES:
        mine = [t for t in trials if t.name == case.name and t.missing]
        if mine:
            lines.append(f"| {case.name} | {len(mine)} | {sum(t.counted for t in mine)} | {sum(t.listed for t in mine)} | {sum(t.invented for t in mine)} |")  # fmt: skip
    all_of = [t for t in trials if t.missing]
    if all_of:
        share = sum(t.listed for t in all_of) / len(all_of)
        counted = sum(t.counted for t in all_of) / len(all_of)
        lines.append(f"| **all** | {len(all_of)} | {counted:.2%} | {share:.2%} | {sum(t.invented for t in all_of)} |")
    lines += ["", "| innocent | disputes | counted wrongly | listed as not placed |", "|---|---:|---:|---:|"]
    for case in INNOCENT:
        mine = [t for t in trials if t.name == case.name and not t.missing]
        if mine:
            lines.append(f"| {case.name} | {len(mine)} | {sum(t.invented > 0 for t in mine)} | {sum(t.listed and not t.invented for t in mine)} |")  # fmt: skip
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the table when everything was measured on reported seeds."""
    parser = argparse.ArgumentParser(prog="python -m bench.witnesses", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--develop", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    first = 0 if options.develop else REPORTED_FROM
    seeds = range(first, first + options.seeds)
    trials = measure(seeds, options.jobs, options.only)
    if options.show:
        for t in trials:
            if (t.missing and not t.counted) or t.invented:
                print(f"--- {t.name}, seed {t.seed}: {t.told[:1500]}", file=sys.stderr)
    text = render(trials, seeds)
    print(text)
    if not options.only and not options.develop:
        TABLE.write_text("# Messages that neither side holds: found and invented\n\nWritten by `python -m bench.witnesses`; read a change of it like code.\n" + text, "utf-8")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
