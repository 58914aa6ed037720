"""The reader for exporters' Moments in JSON: a format states its shape, facts and how to read a post."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.posts_reading import posts_only
from reconcile.intake.contract import Claim, Note, Reading, ReadOptions
from reconcile.intake.form import Form
from reconcile.intake.json.shape import JsonShape
from reconcile.intake.posts.frames import PostRows
from reconcile.intake.posts.json import Row, claim_of_files, files_of, readable
from reconcile.intake.source import Source
from reconcile.wechat.moments.types import PostBody


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Facts of a file besides its posts; of several contacts with one id, the first counts."""

    owners: Iterable[str] = ()
    contacts: Iterable[Row] = ()
    notes: Iterable[Note] = ()
    exported_at: datetime | None = None


class PostsJsonReader(Form):
    """A reader of one exporter's Moments in JSON.

    Attributes:
        what: the shape that it looks for, in words.
        posts_key: the member that holds the posts; None = the file is the array of posts.
        words_key: the member that every post has, so that one without it is noted.
        has_one_owner: whether an owner counts only where all files agree on one.
    """

    what: str
    posts_key: str | None = "posts"
    words_key: str = ""
    has_one_owner: bool = False
    is_supplement = True

    def sniff(self, source: Source) -> Claim:
        """Certain of files of this shape alone, likely beside other exports."""
        return claim_of_files(source, self._post_files(source), self.what)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every file's posts."""
        files = self._post_files(source)
        if not files:
            raise UnreadableSource(source.path, f"{source.path}: holds no {self.what}")
        notes: list[Note] = []
        rows, owners, contacts, exported = PostRows(), dict[str, None](), dict[str, Row](), None
        for file, posts, rest in readable(source, files, self.posts_key, notes, self.words_key):
            name = source.relative(file)
            facts = self.facts_of(name, posts, rest)
            owners |= dict.fromkeys(facts.owners)
            exported = facts.exported_at or exported
            notes += facts.notes
            for contact in facts.contacts:
                contacts.setdefault(contact["id"], contact)
            for number, post in enumerate(posts):
                rows.add(self.body(post, rest), f"{name}#{self.posts_key or ''}/{number}")
        owner = next(iter(owners), None) if len(owners) == 1 or not self.has_one_owner else None
        return posts_only(
            self.name, self.limits, [rows.reading(self.name)], notes, owner=owner, folder=files[0], options=options,
            kinds_inferred=True, contacts=list(contacts.values()), exported_at=exported,
        )  # fmt: skip

    def _post_files(self, source: Source) -> list[Path]:
        return files_of(source, self.is_mine)

    def is_mine(self, shape: JsonShape) -> bool:
        """Whether a file has the shape of this form."""
        return self.json is not None and self.json.fits(shape)

    def body(self, post: Row, rest: Row) -> PostBody:
        """One post; `rest` is the file without its posts."""
        raise NotImplementedError

    def facts_of(self, name: str, posts: Sequence[Row], rest: Row) -> FileFacts:
        """Facts of the file besides its posts."""
        raise NotImplementedError
