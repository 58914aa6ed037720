"""Describes an export for people and programs, and converts any export to the message table."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from reconcile.case import read
from reconcile.custody.atomic_files import Content, write_files
from reconcile.engine.entities.owners import owner_of
from reconcile.errors import CaseNotEmpty, UsageError
from reconcile.formats.inferred.candidates import Candidate
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.mapping import draft
from reconcile.formats.inferred.mapping import save as mapping_bytes
from reconcile.formats.inferred.reader import InferredForm, offered, proposed
from reconcile.formats.neutral.message_columns import COLUMNS, EXTRA
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.posts.tables import post_tables, summary
from reconcile.intake.source import Source
from reconcile.visible_text import visible
from reconcile.vocabulary import NoteCode
from reconcile.wording import Lang, name_of, say
from reconcile.wording.errors import tell_note
from reconcile.wording.forms import form_name
from reconcile.wording.instants import china_time

MOST_CONVERSATIONS = 40
MOST_SAMPLES = 5
MOST_SENDERS = 20
MOST_FIELDS, MOST_VALUES, LONGEST_VALUE, LOOKED_AT = 60, 3, 40, 1000


def describe(path: Path, reader: str | None, options: ReadOptions) -> dict[str, Any]:
    """Facts of one export as a JSON-ready dict: reader, owner, rows, coverage, kinds, notes, files."""
    reading = read(path, reader, options)
    messages = reading.messages
    mapping = _mapping(path, reading, options)
    spans = (
        messages.group_by("conversation")
        .agg(pl.len().alias("rows"), pl.col("sent_at").min().alias("from"), pl.col("sent_at").max().alias("to"))
        .sort("rows", "conversation", descending=[True, False])
    )
    titles = reading.conversations.select("conversation", "title").unique(
        "conversation", keep="first", maintain_order=True
    )
    return {
        "reader": reading.facts.reader,
        "owner": asdict(owner_of(reading)),
        "tool": reading.facts.tool,
        "tool_version": reading.facts.tool_version,
        "exported_at": _iso_or_none(reading.facts.exported_at),
        "rows": messages.height,
        "coverage": [_iso_or_none(messages["sent_at"].min()), _iso_or_none(messages["sent_at"].max())],
        "kinds": dict(
            messages.group_by(pl.col("kind").cast(pl.String))
            .len()
            .sort("len", "kind", descending=[True, False])
            .iter_rows()
        ),
        "time_precision": dict(
            messages.group_by(pl.col("time_precision").cast(pl.String)).len().sort("time_precision").iter_rows()
        ),
        "zone_source": dict(
            messages.group_by(pl.col("zone_source").cast(pl.String)).len().sort("zone_source").iter_rows()
        ),
        "senders": _senders(messages),
        "server_ids": messages.height - messages["message_id"].null_count(),
        "conversations": [
            {**row, "from": _iso_or_none(row["from"]), "to": _iso_or_none(row["to"])}
            for row in spans.join(titles, on="conversation", how="left", maintain_order="left").iter_rows(named=True)
        ],
        "mapping": mapping,
        "samples": _samples(messages),
        "posts": None if reading.posts is None else summary(reading.posts),
        "notes": [
            {"code": str(n.code), "locator": n.locator, "excerpt": n.excerpt, "count": n.count, "said": n.said}
            for n in reading.notes
        ],
        "files": [asdict(f) for f in reading.sources],
    }


def _mapping(path: Path, reading: Reading, options: ReadOptions) -> dict[str, Any] | None:
    """How fields of an unknown format were read, with confidence; None for known formats."""
    if reading.facts.reader != InferredForm.name:
        return None
    guess = next((n.excerpt for n in reading.notes if n.code == NoteCode.COLUMN_GUESSED), "")
    # A reading of the lines by their template has columns of its own, and a number to confirm it by.
    number = guess.rpartition("reading=")[2] if "reading=" in guess else None
    held = None if number else proposed(Source(path, options.limits))
    found = None if options.columns or held is None else held[0]
    stated = {"reading": number} if number else dict(options.columns)
    columns = stated if found is None else found.columns
    choices = {} if found is None else found.choices
    return {
        "columns": columns,
        "fields": [] if held is None else _first_values(held[1]),
        "choices": {
            r: {"column": c.column, "confidence": c.confidence, "others": list(c.others)} for r, c in choices.items()
        },
    }


def question(path: Path, options: ReadOptions) -> dict[str, Any] | None:
    """What the user may state so that an export of unknown form is read; None without rows.

    `columns` is the mapping as far as the values decide, `unclear` each open role with its candidates, `fields` the
    columns with their first values, and `readings` the complete readings to choose from by number.
    """
    source = Source(path, options.limits)
    found = proposed(source)
    readings = [_reading_line(n, c) for n, c in enumerate(offered(source, options), 1)]
    if found is None:
        return {"columns": {}, "unclear": {}, "fields": [], "readings": readings} if readings else None
    inferred, fields = found
    return {
        "columns": {role: column for role, column in inferred.columns.items() if role not in inferred.doubts},
        "unclear": {role: list(told) for role, told in inferred.doubts.items()},
        "fields": _first_values(fields),
        "readings": readings,
    }


def _reading_line(number: int, one: Candidate) -> dict[str, Any]:
    """A reading to choose: its number, its messages and the first of them."""
    return {"reading": str(number), "messages": one.messages, "first": one.first}


def _first_values(fields: Fields) -> list[dict[str, Any]]:
    """The columns of a list of rows, each with its first values."""
    names = [n for n in fields.names if n in fields.frame.columns][:MOST_FIELDS]
    first = {
        n: fields.frame[n].head(LOOKED_AT).drop_nulls().unique(maintain_order=True).head(MOST_VALUES) for n in names
    }
    return [{"name": n, "values": [" ".join(str(value).split())[:LONGEST_VALUE] for value in first[n]]} for n in names]


def _samples(messages: pl.DataFrame) -> list[dict[str, Any]]:
    """The first five messages, as they were read."""
    shown = messages.head(MOST_SAMPLES).select(
        "sent_at", "sender", "sender_name", pl.col("kind").cast(pl.String), pl.col("text").str.slice(0, 80)
    )
    return [{**row, "sent_at": _iso_or_none(row["sent_at"])} for row in shown.iter_rows(named=True)]


def save_mapping(found: dict[str, Any], file: Path) -> None:
    """Writes the mapping from `describe` as a file for `--columns`.

    Raises UsageError where there is none, CaseNotEmpty for an existing file.
    """
    if found["mapping"] is None:
        raise UsageError(
            "--save-columns", f"--save-columns: {found['reader']} reads this form; there is no inferred mapping to save"
        )
    _require_free((file,), overwrite=False)
    write_files({file: mapping_bytes(file, found["mapping"]["columns"])})


def save_draft(path: Path, file: Path, options: ReadOptions) -> bool:
    """Writes a mapping to complete for an export not read yet; False where it has no rows.

    Raises CaseNotEmpty for an existing file.
    """
    found = proposed(Source(path, options.limits))
    if found is None:
        return False
    _require_free((file,), overwrite=False)
    inferred, fields = found
    write_files({file: draft(inferred, fields.names)})
    return True


def _senders(messages: pl.DataFrame) -> list[dict[str, Any]]:
    """Who sent most, with the number of messages: the choice of an owner where the form names none."""
    counted = (
        messages.lazy()
        .drop_nulls("sender")
        .group_by("sender")
        .agg(pl.col("sender_name").drop_nulls().first(), pl.len().alias("rows"))
    )
    shown = counted.sort(["rows", "sender"], descending=[True, False]).head(MOST_SENDERS).collect()
    return [{"sender": r["sender"], "name": r["sender_name"], "rows": r["rows"]} for r in shown.iter_rows(named=True)]


def _iso_or_none(value: Any) -> str | None:
    return None if value is None else value.isoformat()


def _tool_words(found: dict[str, Any], lang: Lang) -> str:
    """The exporter and the version that the file states."""
    if not found["tool_version"]:
        return found["tool"] or ""
    return say("report.tool_stated", lang, tool=found["tool"] or "", version=found["tool_version"]).strip()


def as_text(found: dict[str, Any], lang: Lang) -> str:
    """The facts of `describe` as lines for the terminal, with control characters made visible."""
    missing = say("cli.inspect_not_stated", lang)
    comma, colon = say("cli.comma", lang), say("cli.colon", lang)
    owner = comma.join(say(f"cli.inspect_owner_{k}", lang, value=v) for k, v in found["owner"].items() if v) or missing
    lines = [
        (say("cli.inspect_reader", lang), form_name(found["reader"], lang)),
        (say("cli.inspect_owner", lang), owner),
        (say("cli.inspect_tool", lang), _tool_words(found, lang) or missing),
        (say("cli.inspect_exported_at", lang), china_time(found["exported_at"]) or missing),
        (say("cli.inspect_rows", lang), str(found["rows"])),
        (
            say("cli.inspect_coverage", lang),
            " – ".join(china_time(c) or "?" for c in found["coverage"] if any(found["coverage"])) or missing,
        ),
        (say("cli.inspect_kinds", lang), _count_words(found["kinds"], lang) or "0"),
        (say("cli.inspect_conversations", lang), str(len(found["conversations"]))),
        *(
            (
                "",
                "  ".join(
                    dict.fromkeys([c["title"] or c["conversation"] or "-", c["conversation"] or "-", str(c["rows"])])
                ),
            )
            for c in found["conversations"][:MOST_CONVERSATIONS]
        ),
        *_mapping_lines(found, lang),
        *_post_lines(found["posts"], lang),
        (say("cli.inspect_notes", lang), str(len(found["notes"]))),
        *(
            (
                "",
                "  ".join(
                    filter(
                        None,
                        (
                            name_of(f"verdict.note.{n['code']}", lang),
                            n["locator"],
                            tell_note(n["code"], n["excerpt"], lang) if n["said"] else n["excerpt"],
                            say("cli.inspect_note_times", lang, n=n["count"]) if n["count"] > 1 else "",
                        ),
                    )
                ),
            )
            for n in found["notes"][:MOST_CONVERSATIONS]
        ),
        (say("cli.inspect_files", lang), str(len(found["files"]))),
        *(
            ("", say("cli.inspect_file", lang, path=f["path"], n=f["size"], sha256=f["sha256"], sm3=f["sm3"]))
            for f in found["files"]
        ),
    ]
    return "\n".join(f"{name + colon if name else '  '}{visible(value)}" for name, value in lines)


def _mapping_lines(found: dict[str, Any], lang: Lang) -> list[tuple[str, str]]:
    """How an unknown format was read: each column with its confidence, and sample messages."""
    if found["mapping"] is None:
        return []
    choices = [
        say(
            "cli.inspect_choice_others" if c["others"] else "cli.inspect_choice", lang,
            role=role, column=c["column"], share=f"{c['confidence']:.2f}", others=say("cli.comma", lang).join(c["others"]),
        )
        for role, c in found["mapping"]["choices"].items()
    ]  # fmt: skip
    samples = [
        "  ".join(
            (china_time(s["sent_at"]) or "?", s["sender_name"] or s["sender"] or "-", s["text"].replace("\n", " "))
        )
        for s in found["samples"]
    ]
    return [
        (say("cli.inspect_mapping", lang), str(len(choices))), *(("", c) for c in choices),
        (say("cli.inspect_samples", lang), str(len(samples))), *(("", s) for s in samples),
    ]  # fmt: skip


def _count_words(kinds: dict[str, int], lang: Lang, group: str = "kind") -> str:
    """The counts in words, `group` being the catalogue's group of the codes."""
    return say("cli.comma", lang).join(f"{name_of(f'verdict.{group}.{kind}', lang)} {n}" for kind, n in kinds.items())


def _post_lines(posts: dict[str, Any] | None, lang: Lang) -> list[tuple[str, str]]:
    """Counts, period and kinds of the posts; nothing without posts."""
    if posts is None:
        return []
    said = posts["interactions"]
    counts = say(
        "moments.inspect_posts_line", lang, rows=posts["rows"], authors=len(posts["authors"]), media=posts["media"], likes=said.get("like", 0),
        comments=said.get("comment", 0),
    )  # fmt: skip
    return [
        (say("moments.inspect_posts", lang), say("cli.colon", lang).join((counts, say("cli.comma", lang).join(form_name(f, lang) for f in posts["forms"])))),
        (say("moments.inspect_posts_span", lang), " – ".join(china_time(c) or "?" for c in posts["coverage"])),
        (say("moments.inspect_posts_kinds", lang), _count_words(posts["kinds"], lang)),
        (say("moments.inspect_posts_witnesses", lang), _count_words(posts["witnesses"], lang, "post_witness") or "0"),
        ("", say("moments.inspect_posts_limit", lang)),
    ]  # fmt: skip


def convert(
    path: Path, out: Path, reader: str | None, options: ReadOptions, *, overwrite: bool
) -> tuple[int, int | None]:
    """Writes an export as the message table with its sidecar, and its posts as a post table.

    Returns the number of messages, and of posts (None = the export has no store of Moments).

    Raises UsageError for an unknown suffix, CaseNotEmpty for a file that exists, SourceError for the export.
    """
    writers = {
        ".csv": pl.DataFrame.write_csv,
        ".parquet": pl.DataFrame.write_parquet,
        ".jsonl": pl.DataFrame.write_ndjson,
    }
    suffix = out.suffix.lower()
    if suffix not in writers:
        raise UsageError("--out", f"--out {out}: expected a file ending in .csv, .jsonl or .parquet")
    sidecar = out.with_suffix(".json")
    _require_free((out, sidecar), overwrite=overwrite)
    reading = read(path, reader, options)
    tables = {} if reading.posts is None else post_tables(reading.posts)
    beside = {out.with_name(f"{out.stem}.{name}{suffix}"): table for name, table in tables.items()}
    _require_free(beside, overwrite=overwrite)
    held = {out: _neutral_table(reading), **beside}
    files: dict[Path, Content] = {f: lambda p, t=t: writers[suffix](t, p) for f, t in held.items()}  # type: ignore[misc, operator]
    write_files(files | {sidecar: orjson.dumps(_sidecar_facts(reading), option=orjson.OPT_INDENT_2)})
    return reading.messages.height, None if reading.posts is None else reading.posts.posts.height


def _require_free(targets: Iterable[Path], *, overwrite: bool) -> None:
    """Raises CaseNotEmpty for a file that exists, unless it may be overwritten."""
    for target in targets:
        if target.exists() and not overwrite:
            raise CaseNotEmpty(target, f"{target}: exists; choose another name or give --overwrite")


def _neutral_table(reading: Reading) -> pl.DataFrame:
    """The messages with the columns of the message table that have any value."""
    instants = pl.col("sent_at").dt.to_string("%Y-%m-%dT%H:%M:%S%.f+00:00")
    shown = (
        pl.when(pl.col("time_precision").cast(pl.String) == "minute")
        .then(pl.col("sent_at").dt.to_string("%Y-%m-%dT%H:%M+00:00"))
        .otherwise(instants)
    )
    texts = reading.messages.with_columns(
        shown.alias("sent_at"), pl.col("kind", "status", "conversation_kind", "text_quality").cast(pl.String)
    )
    kept = [
        c
        for c in (*COLUMNS, *EXTRA)
        if c in ("sent_at", "text", "sender", "is_self", "kind", "conversation") or texts[c].null_count() < texts.height
    ]
    return texts.select(kept)


def _sidecar_facts(reading: Reading) -> dict[str, Any]:
    """What the sidecar of the message table states: owner, device, tool, contacts, groups."""
    facts = reading.facts
    owner = owner_of(reading)
    groups = [
        {
            "id": g,
            "members": [
                {
                    "id": m["member_id"],
                    "name": m["name"],
                    "joined_at": _iso_or_none(m["joined_at"]),
                    "left_at": _iso_or_none(m["left_at"]),
                }
                for m in part.iter_rows(named=True)
            ],
        }
        for (g,), part in reading.members.group_by(["group_id"], maintain_order=True)
    ]
    return {
        "owner": asdict(owner), "device": asdict(facts.device), "tool": facts.tool, "tool_version": facts.tool_version, "reader": facts.reader,
        "exported_at": _iso_or_none(facts.exported_at), "timezone": facts.timezone or "UTC", "contacts": reading.contacts.to_dicts(), "groups": groups,
        "declared": [{"what": d.what, "from": _iso_or_none(d.from_at), "to": _iso_or_none(d.to_at), "note": d.note} for d in facts.declared],
    }  # fmt: skip
