"""The report model of an export: what it states about itself."""

from reconcile.report.pieces import Frozen, Phrase
from reconcile.vocabulary import Side
from reconcile.wording import LANGS, say
from reconcile.wording.sides import account_of


class FileFact(Frozen):
    """One input file."""

    side: Side
    path: str
    size: int
    sha256: str
    sm3: str
    form: str


class NoteFact(Frozen):
    """Notes with one code on one side, with the first few places."""

    side: Side
    code: str
    count: int
    examples: tuple[tuple[str, str, bool], ...]


class PersonFact(Frozen):
    """An account as one export names it."""

    side: Side
    is_owner: bool
    id: str | None
    alias: str | None
    name: str | None
    remark: str | None
    phone: str | None
    avatar_sha256: str | None


class SideFact(Frozen):
    """What one export states about itself; null = not stated."""

    side: Side
    label: str
    reader: str
    tool: str | None
    tool_version: str | None
    exported_at: str | None
    timezone: str | None
    device: str | None
    os: str | None
    app_version: str | None
    rows: int
    conversations: int
    first_at: str | None
    last_at: str | None
    zone_sources: tuple[str, ...]
    precisions: tuple[str, ...]
    files: tuple[FileFact, ...]
    files_found: int
    notes: tuple[NoteFact, ...]
    owner: PersonFact
    persons: tuple[PersonFact, ...]
    persons_found: int
    filters: tuple[Phrase, ...]
    declared: tuple[Phrase, ...]
    limits: tuple[Phrase, ...]

    @property
    def sums(self) -> list[str]:
        """SHA-256 of the files with rows; if the list is cut, also the number of further files."""
        own = [f.sha256 for f in self.files if f.form != "statement"]
        more = self.files_found - len(self.files)
        return [*own, str(more)] if more else own

    @property
    def called(self) -> Phrase:
        """The name of the side: the user's, or the default in either language."""
        key = f"report.side_{self.side}"
        if self.label in (say(key, lang) for lang in LANGS):
            return Phrase(key=key)
        return Phrase(key="report.literal", values={"text": self.label})

    @property
    def copy_of(self) -> Phrase:
        """The name of the side's material inside a sentence."""
        called = self.called
        return called if called.key != "report.literal" else Phrase(key="front.copy_of", values={"side": called})

    @property
    def made_by(self) -> Phrase:
        """The tool that made the export, with its stated version; for an unnamed tool, the export's format."""
        if self.tool is None:
            return Phrase(key=f"readers.{self.reader}")
        if self.tool_version is None:
            return Phrase(key="report.literal", values={"text": self.tool})
        return Phrase(key="report.tool_stated", values={"tool": self.tool, "version": self.tool_version})

    @property
    def account(self) -> str | None:
        """The account of the side's export; None = not stated."""
        return account_of(self.owner.id, self.owner.alias, self.owner.name)

    @property
    def with_account(self) -> Phrase:
        """The name of the side with the account of its export."""
        if self.account is None:
            return Phrase(key="report.side_without_account", values={"side": self.called})
        return Phrase(key="report.side_with_account", values={"side": self.called, "account": self.account})
