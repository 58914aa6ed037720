"""What looks like messages and was not read: other lists, times in no row, rows without a time."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import polars as pl

from reconcile.column_ops import present
from reconcile.errors import LimitExceeded, UnreadableSource, UsageError
from reconcile.formats.inferred.containers import is_document
from reconcile.formats.inferred.fields import PARENT, Fields
from reconcile.formats.inferred.plan import Plan
from reconcile.intake.contract import Reading
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.lazy_modules import lazy_module
from reconcile.wechat.clock_forms import HALF_DAY
from reconcile.wechat.kinds import SYSTEM_KINDS

if TYPE_CHECKING:
    from reconcile.formats.inferred.pages import from_tree
else:
    from_tree = lazy_module("reconcile.formats.inferred.pages.from_tree")


# Times that another list holds too are fewer than this share.
_AGAIN = 0.1
# So many rows, or so large a share of the messages, may be odd.
_FEW, _SHARE = 2, 0.05
# Messages whose times do not read are noted, up to this share.
_MOST = 0.5
# So many lines with a time above all messages are no messages.
_MOST_ASIDE = 2
_CLOCK = r"([0-9]{1,2}[:：][0-9]{2})(?:[:：][0-9]{2})?"
_SHOWN = 60
# Of so many times, clocks of 12 hours go back so often, by so many seconds at least and at most, amid times in order.
_MANY, _AGAIN_AND_AGAIN, _HOUR, _HALF_A_DAY, _IN_ORDER, _NOON = 12, 2, 3_600, 43_200, 0.7, 12


def beside(plans: Sequence[Plan], read: Sequence[Plan]) -> tuple[list[Plan], list[Plan]]:
    """Further lists of a file with messages of the same people at other times, clear and unclear ones.

    A store may keep short and long messages apart. What repeats messages of the read lists is none.
    """
    if not read or read[0].fields.is_last_resort or read[0].fields.is_text:
        return [], []
    found, left = [*read], list[Plan]()
    for plan in plans:
        inherits = any(c is not None and c.startswith(PARENT) for c in plan.needed)
        if inherits or plan.fields.is_last_resort or any(plan.fields is p.fields for p in found):
            continue
        if _lists_people(plan) or not (plan.needed == read[0].needed or _people_of(plan) & _people_of(read[0])):
            continue
        if (
            plan.needed[0] is None
            or plan.needed[1] is None
            or _tells_again(plan, found)
            or _is_of_messages(plan, read[0])
        ):
            continue
        (found if plan.inferred.is_clear else left).append(plan)
    return found[len(read) :], left


def _is_of_messages(plan: Plan, read: Plan) -> bool:
    """Whether a list lies inside messages and names their sender, as files do.

    Its words are unclear, or it is no later than they are; a reply is later.
    """
    time, own = plan.needed[0], plan.needed[3]
    outer = [f"{PARENT}{c}" for c in (read.needed[0], read.needed[1], read.needed[3])]
    if own is None or not {*outer} <= {*plan.fields.names}:
        return False
    frame = plan.fields.frame
    at, of_message = (frame[str(c)].cast(pl.Float64, strict=False) for c in (time, outer[0]))
    is_before = bool((at <= of_message).fill_null(value=False).all())
    return ("text" in plan.inferred.doubts or is_before) and bool(
        (frame[own].replace("", None) == frame[outer[2]]).all()
    )


def _tells_again(plan: Plan, found: Sequence[Plan]) -> bool:
    """Whether lists that are read repeat the times of this list; lists of one shape repeat the words too."""
    are_alike = all(p.needed[:2] == plan.needed[:2] for p in found)
    told = pl.concat([_moments(p, with_words=are_alike) for p in found])
    own = _moments(plan, with_words=are_alike)
    return float(own.is_in(told.implode()).mean() or 0) >= _AGAIN  # type: ignore[arg-type]


def _moments(plan: Plan, *, with_words: bool) -> pl.Series:
    """The times of a list, each with its words where `with_words` is set."""
    columns = [c for c in plan.needed[: 1 + with_words] if c is not None]
    return plan.fields.frame.select(pl.concat_str(columns, separator="\n", ignore_nulls=True).alias("at"))["at"]


def _lists_people(plan: Plan) -> bool:
    """Whether each row has another sender, as a list of members has."""
    sender = plan.inferred.choices.get("sender")
    return sender is not None and bool(plan.fields.frame[sender.column].is_unique().all())


def _people_of(plan: Plan) -> set[str]:
    """Who sends, and in which chats, as a list of rows states it."""
    columns = [c.column for r in ("sender", "conversation") if (c := plan.inferred.choices.get(r)) is not None]
    return {v for c in columns for v in present(plan.fields.frame[c]).unique().to_list()}


def require_all_times(source: Source, plans: Sequence[Plan]) -> None:
    """Raises UsageError where more than a few lines or cells hold a time of day that no row holds."""
    by_file: dict[str, list[Fields]] = {}
    for plan in plans:
        by_file.setdefault(plan.fields.file, []).append(plan.fields)
    for file, fields in by_file.items():
        if (told := fields[0].timed) is None or not told.len():
            continue
        held = pl.concat([f.frame[c].cast(pl.String).alias("") for f in fields for c in f.names])
        clocks = told.str.extract(_CLOCK, 1)
        # A clock may stand above a message once more, to the minute.
        is_held = clocks.is_in(_clocks(held).implode()).fill_null(value=False)
        is_left = clocks.is_not_null() & ~is_held
        # A page says above its messages when it was made and which days it covers.
        aside = (is_left & ~is_held.cum_max()).arg_true().head(_MOST_ASIDE)
        left = told.filter(is_left.scatter(aside, False))
        if left.len() > max(_FEW, _SHARE * sum(f.frame.height for f in fields)):
            raise _unread(source, file, f"{left.len()} lines or cells with a time", left[0])


def require_all_documents(source: Source, plans: Sequence[Plan]) -> None:
    """Raises UsageError where a document beside the messages, of which nothing is read, is full of times."""
    read = {p.fields.file for p in plans}
    for file in source.files:
        name = source.relative(file)
        if name in read or not is_document(source, file):
            continue
        with suppress(UnreadableSource, LimitExceeded):
            told = from_tree.document_lines(source, file, cells=True)
            times = told.filter(told.str.contains(_CLOCK))
            if times.len() > max(_FEW, _SHARE * told.len()):
                raise _unread(source, name, f"{times.len()} lines or cells with a time", times[0])


def _clocks(cells: pl.Series) -> pl.Series:
    """Each time of day that stands in the cells, to the minute."""
    held = cells.filter(cells.str.contains(_CLOCK).fill_null(value=False))
    return held.str.extract_all(_CLOCK).explode().str.extract(_CLOCK, 1).unique()


def require_each_row(source: Source, parts: Sequence[Part], left: Sequence[Plan]) -> None:
    """Raises UsageError where lists of messages are left out, or rows share their place with others."""
    for plan in left:
        if plan.rows > _FEW:
            words = plan.fields.frame[plan.needed[1]].drop_nulls()  # type: ignore[index]
            raise _unread(source, plan.fields.label, f"{plan.rows} rows of another table", words[0])
    if len(parts) < 2:
        return
    places = pl.concat([p.rows.select("locator", "text") for p in parts])
    if (lost := places.unique().height - places["locator"].n_unique()) > 0:
        raise _unread(source, parts[0].file, f"{lost} rows of further tables", places["text"][-1])


def require_times(source: Source, reading: Reading, *, is_told: bool) -> None:
    """Raises UsageError where most messages with words have no time that reads; a few may be spoiled.

    `is_told`: a person named the columns, and only where no time of theirs reads there is nothing to go by.
    """
    if is_told:
        raw = present(reading.messages["sent_raw"])
        if raw.len() and reading.messages["sent_at"].null_count() == reading.messages.height:
            raise UsageError(
                "--columns",
                f"{source.path}: no time reads, such as {raw[0]!r}; add year=2024 to --columns where the year is missing, or "
                "time_format=… for another spelling",
            )
        return
    rows = reading.messages.filter(
        pl.col("sent_at").is_null() & (pl.col("text") != "") & ~pl.col("kind").is_in([*SYSTEM_KINDS])
    )
    if rows.height > max(_FEW, _MOST * reading.messages.height):
        raise _unread(source, rows["locator"][0], f"{rows.height} rows whose time does not read", rows["text"][0])


def require_halves(source: Source, reading: Reading) -> None:
    """Raises UsageError where no time of day is past 12:59 and times in order go back again and again.

    They are of 12 hours, and nothing says of which half of the day.
    """
    for (chat,), rows in reading.messages.group_by("conversation", maintain_order=True):
        if rows.height < _MANY:
            continue
        hours = (
            rows["sent_raw"].str.extract(r"(?:^|[^0-9:])([0-9]{1,2})[:：时時][0-9]{2}", 1).cast(pl.Int64, strict=False)
        )
        if hours.null_count() or not (hours >= 1).all() or not (hours <= 12).all():
            continue
        if rows["sent_raw"].str.contains(HALF_DAY).any():
            continue
        if rows["sent_at"].null_count():
            continue
        steps = rows["sent_at"].diff().dt.total_seconds().drop_nulls()
        goes_back, on = steps < -_HOUR, int((steps >= 0).sum())
        back = int(goes_back.sum())
        # One o'clock behind twelve of the same day says it at once.
        if bool((hours.head(hours.len() - 1).filter(goes_back) == _NOON).any()):
            back += 1
        if back >= _AGAIN_AND_AGAIN and on >= _IN_ORDER * steps.len() and bool((steps > -_HALF_A_DAY).all()):
            raise UsageError(
                "--columns",
                f"{source.path}: {chat or rows['locator'][0]} has no time past 12:59, and its times go back, as clocks of 12 "
                f"hours do, such as {rows['sent_raw'][int(goes_back.arg_true()[0]) + 1]!r}; ask for times of 24 hours or with 上午/下午 (AM/PM)",
            )


def _unread(source: Source, place: str, what: str, such_as: str) -> UsageError:
    shown = " ".join(str(such_as).split())[:_SHOWN]
    return UsageError(
        "--columns",
        f"{source.path}: {place} holds {what}, such as {shown!r}, that would stay unread; ask for one table under one heading, "
        "or give --columns to read the rest without them",
    )
