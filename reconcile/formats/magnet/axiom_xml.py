"""Magnet AXIOM XML report: hits of message artifacts, each a list of named fragments.

Producer: Magnet AXIOM Examine. Container: XML `Artifact@name/Hits/Hit/Fragment@name`. Encoding: UTF-8. Time zone: in the
name of the time's fragment (`Message Sent Date/Time - UTC+00:00`), to the second.
Cannot say: server ids where no such fragment is chosen; whatever fragments the examiner left out; names of artifacts and
fragments follow the language of the program: English and Chinese ones are known.
"""

from pathlib import Path
from typing import Any

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.magnet.axiom_part import WECHAT, axiom_part, roles_of
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.text.decode import head_text
from reconcile.intake.text.xml import elements, free
from reconcile.vocabulary import NoteCode


class AxiomXml(FileReader, form="axiom_xml"):
    """Reader of AXIOM's XML."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the beginning holds an Artifact with Hits of Fragments."""
        text = head_text(source, file)
        return "<Artifact " in text and "<Hit" in text and "<Fragment " in text

    def parts(self, source: Source, files: Any, options: ReadOptions) -> list[Part]:
        """All message artifacts of all files."""
        return [p for file in files for p in self._parts_of_artifacts(source, file, options)]

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """The first conversation of one file; `parts` gives all."""
        return self._parts_of_artifacts(source, file, options)[0]

    def _parts_of_artifacts(self, source: Source, file: Path, options: ReadOptions) -> list[Part]:
        name = source.relative(file)
        hits, twice = _hits(source, name)
        ours = [a for a in hits if any(w in a.lower() for w in WECHAT)]
        notes = [Note(NoteCode.PART_UNSUPPORTED, name, a, len(hits[a])) for a in hits if ours and a not in ours]
        parts: list[Part] = []
        for artifact in ours or list(hits):
            rows = hits[artifact]
            names = list(dict.fromkeys(k for r in rows for k in r if k != "locator"))
            roles = roles_of(names)
            if not roles.is_message:
                notes.append(Note(NoteCode.PART_UNSUPPORTED, name, artifact, len(rows)))
                continue
            table = pl.DataFrame({n: pl.Series([r.get(n) for r in rows], dtype=pl.String) for n in ("locator", *names)})
            parts += axiom_part(table, roles, name, options.timezone, options.owner)
        if not parts:
            raise UnreadableSource(
                source.path, f"{file}: no artifact of messages; there are {', '.join(list(hits)[:8]) or 'none'}"
            )
        parts[0].notes.extend([*notes, *twice])
        return parts


def _hits(source: Source, name: str) -> tuple[dict[str, list[dict[str, str]]], list[Note]]:
    """The fragments of each hit by artifact, and a note for each hit in which one name has several values."""
    found: dict[str, list[dict[str, str]]] = {}
    notes: list[Note] = []
    hits, artifact = None, ""
    for number, hit in enumerate(elements(source, name, ("Hit",)), 1):
        if next(hit.iterancestors("{*}Hit"), None) is not None:
            continue  # a stray element, whose fragments are the outer hit's
        if hit.getparent() is not hits:
            hits = hit.getparent()
            holder = hits
            while holder is not None and not holder.tag.endswith("Artifact"):
                holder = holder.getparent()
            artifact = (holder.get("name") if holder is not None else None) or ""
        row: dict[str, str] = {}
        # Includes fragments inside a stray element.
        for fragment in hit.iterdescendants("{*}*"):
            key, text = fragment.get("name") or "", fragment.text or ""
            if text and row.get(key, text) != text:
                notes.append(Note(NoteCode.ODD_VALUE, f"{name}#{number}", text[:200]))
            elif text or key not in row:
                row[key] = text
            # Text behind an element inside a fragment, or between two, belongs to no fragment.
            if fragment.tail and (words := fragment.tail.strip()):
                notes.append(Note(NoteCode.ODD_VALUE, f"{name}#{number}", words[:200]))
        row["locator"] = f"{name}#{number}"
        found.setdefault(artifact, []).append(row)
        free(hit)
    return found, notes
