"""Moments of WeChat for iPhone: `Documents/<md5(user)>/wc/wc005_008.db`.

Producer: the client itself. Container: plain SQLite; tables MyWC01_<hash>, one row a post, its body an NSKeyedArchiver archive.
Encoding: binary property list. Time zone: unix seconds.
Cannot say: posts of newer clients, whose buffers are of another make (noted as not read, never as empty); posts that this phone
never looked at; likes and comments since it last looked; pictures. Facts: wechat-moments 1.4.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from reconcile.formats.shared.posts_database_reader import PostsDatabaseReader
from reconcile.formats.wechat_client.ios.post_archive import read_post_archive
from reconcile.intake.contract import PostReading, remarks
from reconcile.intake.posts.frames import PostRows
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Database, tables_in
from reconcile.intake.sqlite.parts import Part
from reconcile.intake.sqlite.table import read_table
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.moments.types import PostBody

_TABLE = lazy_pattern(r"(?i)^mywc\d*_([0-9a-z]+)$")
POST = {"row": ("int", "rowid"), "id": ("text", "Id"), "author": ("text", "FromUser"), "buffer": ("body", "Buffer")}


class MomentsIosDb(PostsDatabaseReader, form="moments_ios_db"):
    """Reader of the iPhone's Moments."""

    absent = "no table MyWC01_<hash> with FromUser, Buffer"
    parts = {"posts": Part(r"mywc\d*_[0-9a-z]+", frozenset({"buffer", "fromuser"}))}

    def posts_in(self, database: Database) -> PostReading:
        """Posts of every MyWC01_<hash>; buffers that cannot be read become notes."""
        rows = PostRows()
        for table in database.tables:
            if _TABLE.match(table) and database.has(table, "FromUser", "Buffer"):
                _read_post_table(database, table, rows)
        return rows.reading(self.name)

    def account_of(self, source: Source, files: Sequence[Path], stores: Sequence[PostReading]) -> str | None:
        """The author whose hash stands in a path or table name; None if several or none do."""
        hashes = {h.lower() for f in files for h in (*f.resolve().parts, *_table_hashes(source, f))}
        authors = {a for s in stores for a in s.posts["author"].drop_nulls()}
        mine = [a for a in sorted(authors) if hashlib.md5(a.encode(), usedforsecurity=False).hexdigest() in hashes]
        return mine[0] if len(mine) == 1 else None


def _table_hashes(source: Source, file: Path) -> list[str]:
    """Account hashes in the names of the tables of posts."""
    return [m[1] for t in tables_in(source, file) if (m := _TABLE.match(t))]


def _read_post_table(database: Database, table: str, rows: PostRows) -> None:
    """Add the posts of a table; unread and repeated ones are noted."""
    seen: dict[tuple[str | None, str | None], PostBody] = {}
    for row, number, author, buffer in read_table(database, table, POST).iter_rows():
        locator = f"{database.label}#{table}/{row}"
        body = read_post_archive(buffer or b"")
        if body is None:
            rows.notes += remarks(NoteCode.PART_UNSUPPORTED, locator, f"buffer of {len(buffer or b'')} bytes: not read")
            continue
        if (number, body.post_id) in seen and number is not None:
            same = seen[number, body.post_id] == body
            rows.notes += remarks(NoteCode.DUPLICATE_ROW, locator, f"Id {number}" + ("" if same else ": differs"))
            continue
        seen[number, body.post_id] = body
        rows.add(replace(body, author=body.author or author or None), locator)
