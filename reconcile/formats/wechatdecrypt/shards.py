"""wechat-decrypt's folder of one contact: one file a shard, and `.info` with the contact's account."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from reconcile.intake.contract import Note
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

_INFO = lazy_pattern(r"(?m)^(username|alias|nick_name|remark|is_group):[ \t]*(.*?)\r?$")
_SHARD = lazy_pattern(r"message_(\d{1,4})\.db")


def info_beside(source: Source, file: Path) -> dict[str, str]:
    """username, alias, nick_name, remark and is_group from `.info` in the file's folder; {} if unreadable."""
    info = file.with_name(".info")
    source.rest_on(info, is_statement=True)
    try:
        with info.open("rb") as stream:
            text = stream.read(4096).decode("utf-8", "replace")
    except OSError:
        return {}
    return {k: v for k, v in _INFO.findall(text) if v}


def own_by_missing_prefix(sender: pl.Series, is_text: pl.Series, is_prefixed: pl.Series) -> pl.Series:
    """Whether each row is by the one person whose texts bear no account; null = unknown.

    In rooms, WeChat stores the sender's account before every text of another member.
    """
    texts = pl.DataFrame({"sender": sender, "prefixed": is_prefixed}).filter(is_text & sender.is_not_null())
    bare = texts.group_by("sender").agg(pl.col("prefixed").any()).filter(~pl.col("prefixed"))["sender"]
    if len(bare) != 1 or not texts["prefixed"].any():
        return pl.Series([None], dtype=pl.Boolean).new_from_index(0, len(sender))
    return sender.is_in([bare[0]])


def in_order_filled(parts: list[Part], time: str, files: Sequence[Path], source: Source) -> list[Part]:
    """The parts in the order in which their shards were filled, with a note for each missing shard."""
    found = _in_time_order(parts, time)
    found[0].notes.extend(_gaps_between(files, source))
    return found


def _gaps_between(files: Sequence[Path], source: Source) -> list[Note]:
    """A note for each shard whose number is skipped inside one folder; WeChat numbers them from 0 on."""
    notes = []
    folders: dict[Path, set[int]] = {}
    for file in files:
        found = _SHARD.match(file.name)
        if found:
            folders.setdefault(file.parent, set()).add(int(found[1]))
    for folder, numbers in folders.items():
        missing = sorted(set(range(max(numbers) + 1)) - numbers)
        inside = [n for n in missing if n > min(numbers)]
        if inside:
            where = source.relative(folder / f"message_{inside[0]}.db")
            notes.append(Note(NoteCode.MEMBER_MISSING, where, ", ".join(map(str, inside[:20])), len(inside)))
        # A shard's own file may be missing while its page or packed copy is there.
        beside = {int(m[1]): f for f in source.files if f.parent == folder and (m := _SHARD.match(f.name))}
        lone = [beside[n] for n in sorted(beside.keys() - numbers - set(inside))]
        notes += [
            Note(NoteCode.MEMBER_MISSING, source.relative(f), "of this shard nothing else lies here", said=True)
            for f in lone
        ]
    return notes


def _in_time_order(parts: list[Part], time: str) -> list[Part]:
    """Parts of one conversation by their first time, so that shards follow each other as they were filled."""

    def begins(part: Part) -> str:
        """The part's earliest time as text; empty without one."""
        first = part.rows[time].drop_nulls().cast(pl.String).min() if part.rows.height else None
        return str(first or "")

    if len(parts) == 1:
        return parts
    order = list(dict.fromkeys(p.conversation for p in parts))
    return sorted(parts, key=lambda p: (order.index(p.conversation), begins(p), p.file))
