"""Favourites (收藏) of every client: copies that outlive the messages they were made from.

Producer: the clients themselves: 4.x `favorite/favorite.db`, Windows 3.x `Favorite.db`, Android `enFavorite.db`, iPhone
`Favorites/fav.db` (encrypted ones with the user's key). Container: SQLite, one row a favourite, its body `<favitem>`.
Encoding: UTF-8, plain or zstd. Time zone: unix seconds, of the favourite, not of the message.
Cannot say: messages by themselves; favourites are witnesses of messages, and belong to whichever chats lie beside them. When a
message was sent, unless the body says so. Facts: wechat-moments 6.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.account_owner import folders_above
from reconcile.formats.shared.posts_reading import claim_of
from reconcile.formats.wechat_client.wrapped_bodies import body_text
from reconcile.intake.contract import Claim, ExportFacts, Note, Owner, Reading, ReadOptions
from reconcile.intake.form import Form
from reconcile.intake.frames import messages_of, reading_of
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Database
from reconcile.intake.sqlite.key import Cipher
from reconcile.intake.sqlite.parts import Part, databases, parts_in
from reconcile.intake.sqlite.table import read_table
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode, WitnessKind
from reconcile.wechat.clock import from_unix
from reconcile.wechat.favourites import Favourite, read_favourite
from reconcile.wechat.xml_tree import parse_xml

CIPHERS = (
    Cipher(4, 4096, "hex"),
    Cipher(4, 4096, "raw"),
    Cipher(3, 4096, "hex"),
    Cipher(3, 4096, "text"),
    Cipher(1, 1024, "text"),
)
_TABLES = ("fav_db_item", "FavItems", "FavItemInfo", "FavoritesItemTable")
PARTS = {
    "favourites": Part(
        "|".join(t.lower() for t in _TABLES), frozenset({"type"}), r"favorite\.db|enfavorite\.db|fav\.db", page=1024
    )
}
# One specification for all clients: a column has one of these names in every client's table.
ROW = {
    "id": ("int", "local_id", "FavLocalID", "localId", "LocalId", "rowid"), "type": ("int", "type"),
    "body": ("body", "content", "XmlBuf", "xml", "Xml"), "source": ("text", "source_id", "SourceId", "sourceId"),
    "sender": ("text", "fromusr", "FromUser", "FromUsr"), "to": ("text", "tousr", "ToUser", "ToUsr"),
    "room": ("text", "realchatname", "RealChatName"),
}  # fmt: skip
_TYPE = lazy_pattern(r'\s*<favitem [^<>]{0,200}?\btype="([0-9]{1,9})"')


class FavouritesDb(Form, form="favourites_db"):
    """Reader of favourites, which are never a chat by themselves."""

    is_supplement = True

    def sniff(self, source: Source) -> Claim:
        """Certain of a table of favourites alone, likely beside other databases."""
        return claim_of(source, parts_in(source, PARTS)["favourites"], f"a table {', '.join(_TABLES)}")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every favourite as a witness of the message it copies."""
        files: list[Path] = parts_in(source, PARTS)["favourites"]
        if not files:
            raise UnreadableSource(source.path, f"{source.path}: no table {', '.join(_TABLES)} found")
        notes: list[Note] = []
        owner = options.owner or next((f for f in _accounts(files[0])), None)
        rows = [
            r
            for d in databases(source, files, options, CIPHERS, notes, is_needed=True)
            for r in favourite_witnesses(d, owner, notes)
        ]
        times = from_unix(pl.col("sent_at"), "s")
        frame = pl.DataFrame(rows, schema=_COLUMNS, orient="row").with_columns(times)
        facts = ExportFacts(self.name, owner=Owner(id=owner), limits=self.limits)
        return reading_of(facts, messages_of([]), conversations=[], witnesses=frame, notes=notes)


_COLUMNS: dict[str, Any] = {
    "witness": pl.String, "locator": pl.String, "conversation": pl.String, "message_id": pl.String, "native_id": pl.String, "sender": pl.String,
    "sent_at": pl.Int64, "kind": pl.String, "text": pl.String,
}  # fmt: skip


def favourite_witnesses(database: Database, owner: str | None, notes: list[Note]) -> Iterator[dict[str, Any]]:
    """The favourites of one database as rows of Witnesses; `sent_at` in unix seconds.

    What an unparsable body still says of its message (sender, source id) counts, with a note.
    """
    limit = database.source.limits.max_body_bytes
    for table in filter(None, map(database.find, _TABLES)):
        if not any(database.has(table, c) for c in ROW["body"][1:]):
            notes.append(Note(NoteCode.PART_UNREADABLE, f"{database.label}#{table}", "no column of bodies", said=True))
        for number, kind, body, source, sender, to, room in read_table(database, table, ROW).iter_rows():
            locator = f"{database.label}#{table}/{number}"
            text = body_text(body, limit)
            found = read_favourite(kind or 0, text, source, (sender, to, room), owner)
            if not text.strip():
                # No client keeps a favourite without a body, so its columns may have moved.
                notes.append(Note(NoteCode.BROKEN_BODY, locator, (source or "")[:200]))
            elif text.lstrip()[:1] == "<" and ((tree := parse_xml(text)) is None or tree.is_broken):
                notes.append(Note(NoteCode.BROKEN_BODY, locator, text[:200]))
            elif kind and (stated := _TYPE.match(text)) and int(stated[1]) != kind:
                # Store and body name different kinds, so the words may be where the store's kind has none.
                notes.append(Note(NoteCode.ODD_VALUE, locator, text[:200]))
            for place, one in enumerate(found):
                yield _favourite_row(one, locator if not place else f"{locator}/{place}")


def _favourite_row(one: Favourite, locator: str) -> dict[str, Any]:
    return {
        "witness": str(WitnessKind.FAVOURITE), "locator": locator, "conversation": one.conversation, "message_id": one.message_id,
        "native_id": one.native_id, "sender": one.sender, "sent_at": one.sent_at, "kind": str(one.kind), "text": one.text,
    }  # fmt: skip


def _accounts(file: Path) -> list[str]:
    """Names of folders above that are accounts; a 4.x folder has four more characters."""
    names = [n for n in folders_above(file) if n.startswith("wxid_")]
    return [n.rsplit("_", 1)[0] if n.count("_") > 1 else n for n in names]
