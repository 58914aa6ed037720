"""The reader for clients' databases of Moments: a format states how to read one database."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.posts_reading import claim_of, posts_only
from reconcile.intake.contract import Claim, Note, PostReading, Reading, ReadOptions
from reconcile.intake.form import Form
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Database, is_plain
from reconcile.intake.sqlite.key import Cipher
from reconcile.intake.sqlite.parts import Part, databases, parts_in


class PostsDatabaseReader(Form):
    """A reader of one client's Moments.

    Attributes:
        absent: what an error says is not there.
        parts: the table of posts as a part named "posts".
        ciphers: how the client may have encrypted the database.
        locked_name: the name that an encrypted database must have, where the client encrypts it.
    """

    absent: str
    parts: Mapping[str, Part]
    ciphers: Sequence[Cipher] = ()
    locked_name: str | None = None
    is_supplement = True

    def sniff(self, source: Source) -> Claim:
        """Certain of this table alone, likely beside other databases."""
        return claim_of(source, self._post_files(source), self.looked_for)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every post, and everything that refers to one."""
        files = self._post_files(source)
        if not files:
            raise UnreadableSource(source.path, f"{source.path}: {self.absent} found")
        notes: list[Note] = []
        stores = [self.posts_in(d) for d in databases(source, files, options, self.ciphers, notes, is_needed=True)]
        voted = self.account_of(source, files, stores)
        return posts_only(self.name, self.limits, stores, notes, voted=voted, folder=files[0], options=options)

    def _post_files(self, source: Source) -> list[Path]:
        """The databases of posts; of the client's own, only those that are not encrypted."""
        found: list[Path] = parts_in(source, self.parts)["posts"]
        return [f for f in found if self.locked_name in (None, f.name) or is_plain(source, f)]

    def posts_in(self, database: Database) -> PostReading:
        """The posts of one database, with their likes, comments and witnesses."""
        raise NotImplementedError

    def account_of(self, source: Source, files: Sequence[Path], stores: Sequence[PostReading]) -> str | None:
        """The owner's account, where files or rows show it."""
        return None
