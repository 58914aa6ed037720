"""verify(): lists what changed since the seal and its roots, and checks that seal and log agree."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from reconcile.custody import log
from reconcile.custody.log import LogProblem
from reconcile.custody.signature import ENVELOPE, Signed, check_envelope
from reconcile.custody.statement import SealedRoot, Statement, files_of, load, others_of, tree_digest
from reconcile.custody.timestamp import TimestampCheck, check_all
from reconcile.custody.tree import Other, Root, SealedFile, Tree, root_name, scan, text_name
from reconcile.digests import digest_bytes
from reconcile.errors import UsageError
from reconcile.wording import Lang, say
from reconcile.wording.instants import china_time

ChangeKind = Literal["changed", "gone", "added", "kind_changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """A file or link that changed since sealing; digests, sizes in bytes; '' and None = absent.

    `before` and `after` are SHA-256.
    """

    kind: ChangeKind
    name: str
    before: str = ""
    after: str = ""
    size_before: int | None = None
    size_after: int | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of a verification; `unchanged` covers only the bytes of files looked at.

    Attributes:
        since: when the seal was made, by the clock of the machine that made it.
        checked: how many sealed files were read again.
        not_given: roots of the seal for which no path was given; nothing is said of them.
        changes: what differs, by name.
        times_differ: files with equal bytes and another time of last change; no finding.
        seal_problems: codes: statement_changed, tree_digest_differs, envelope_*, signature_does_not_fit.
        log_problems: what is wrong with the log.
        head: hash of the log's last line now.
        timestamps: every time-stamp answer in the seal's folder.
        signature: what the signed envelope says; null where the seal has none.
    """

    since: str
    checked: int
    not_given: tuple[str, ...]
    changes: tuple[Change, ...]
    times_differ: tuple[str, ...]
    seal_problems: tuple[str, ...]
    log_problems: tuple[LogProblem, ...]
    head: str
    timestamps: tuple[TimestampCheck, ...]
    signature: Signed | None = None

    @property
    def unchanged(self) -> bool:
        """Whether every file has the bytes with which it was sealed, and none was removed or added."""
        return not self.changes and not self.not_given

    @property
    def has_findings(self) -> bool:
        """Whether anything contradicts the seal or the files: exit code 1."""
        bad_token = any(t.problem for t in self.timestamps)
        return bool(self.changes or self.seal_problems or self.log_problems or bad_token)

    @property
    def is_undetermined(self) -> bool:
        """Whether part of what was sealed was not checked: exit code 3 where nothing contradicts the seal."""
        return bool(self.not_given)


def verify(
    seal: Path,
    paths: Sequence[Path] = (),
    *,
    certificates: Sequence[Path] = (),
    public_key: Path | None = None,
    head: str | None = None,
    record: bool = False,
    who: str = "",
    where: str = "",
) -> Verification:
    """Compares the files with their seal and the seal with its log, and checks time stamps.

    Args:
        seal: folder that `seal()` wrote.
        paths: where the material is now; none = where it was when it was sealed.
        certificates: PEM or DER certificates of the time-stamping authority; none = tokens are read, not verified.
        public_key: PEM of who is said to have signed; None = a signature is named, not checked.
        head: the head that was written down elsewhere; the log must still contain it.
        record: append the result to the log.
        who: who verifies, for the log.
        where: the place, for the log.

    Raises:
        CaseNotFound: there is no seal.
        UnreadableSource: the statement is not of this form or names a thing twice, or a file or folder cannot be opened.
        UsageError: more paths than the seal has roots, or a name that it does not know.
    """
    statement, data = load(seal)
    roots, absent = _present_and_absent(statement, paths)
    found = scan(roots)
    checked = log.check(seal)
    envelope = seal / ENVELOPE
    signature = check_envelope(envelope.read_bytes(), data, public_key) if envelope.is_file() else None
    missing = ["envelope_missing"] if signature is None and public_key is not None else []
    result = Verification(
        since=statement.predicate.sealed_at,
        checked=sum(1 for f in files_of(statement) if not _is_under(f.name, absent)),
        not_given=tuple(sorted(absent)),
        changes=tuple(_all_changes(statement, found, absent)),
        times_differ=_times_differ(statement, found),
        seal_problems=(*_seal_problems(statement, data, checked), *missing, *_signature_problems(signature)),
        log_problems=(*checked.problems, *_head_kept(checked, head)),
        head=checked.head.sha256,
        timestamps=check_all(seal, checked, certificates),
        signature=signature,
    )
    if record:
        log.append(seal, "verified", who=who, where=where, note="", data=summary(result))
    return result


def summary(result: Verification) -> dict[str, Any]:
    """The numbers of a verification, for the log and for JSON."""
    kinds = ("changed", "gone", "added", "kind_changed")
    return {
        "since": result.since,
        "checked": result.checked,
        "unchanged": result.unchanged,
        **{k: sum(1 for c in result.changes if c.kind == k) for k in kinds},
        "notGiven": list(result.not_given),
        "sealProblems": list(result.seal_problems),
        "logProblems": [f"{p.code}:{p.line}" for p in result.log_problems],
        "signature": asdict(result.signature) if result.signature else None,
        "timestamps": [{"file": t.file, "at": t.at, "problem": t.problem} for t in result.timestamps],
    }


def describe(result: Verification, lang: Lang) -> list[str]:
    """The result in lines for a person. States "unchanged since", never more."""
    lines = [_headline_of(result, lang)]
    lines += [
        say(f"custody.{c.kind}", lang, name=c.name, before=c.before[:16], after=c.after[:16]) for c in result.changes
    ]
    lines += [say("custody.not_given", lang, name=n) for n in result.not_given]
    lines += [say(f"custody.{p}", lang) for p in result.seal_problems]
    lines += [say(f"custody.{p.code}", lang, line=p.line, detail=p.detail) for p in result.log_problems]
    if result.times_differ:
        lines.append(say("custody.times_differ", lang, count=len(result.times_differ)))
    lines += _signature_lines(result.signature, lang)
    lines += [token for t in result.timestamps for token in t.lines_for(lang)]
    lines.append(say("custody.head", lang, head=result.head))
    lines.append(say("custody.limit", lang))
    return lines


def _headline_of(result: Verification, lang: Lang) -> str:
    """The result in one sentence."""
    since = china_time(result.since)
    if result.unchanged:
        return say("custody.unchanged_since", lang, since=since, n=result.checked)
    if not result.changes:
        lacking = len(result.not_given)
        return say("custody.given_unchanged_since", lang, since=since, n=lacking, checked=result.checked)
    return say("custody.differs_since", lang, since=since, checked=result.checked, n=len(result.changes))


def _present_and_absent(statement: Statement, paths: Sequence[Path]) -> tuple[list[Root], set[str]]:
    """The roots that can be read now, and the names of those for which no path was given."""
    sealed = statement.predicate.roots
    pairs = locate_roots(sealed, paths)
    given = {r.name for r, _ in pairs}
    return [Root(r.name, p, p.is_dir()) for r, p in pairs if p.exists()], {r.name for r in sealed} - given


def _is_under(name: str, roots: set[str]) -> bool:
    """Whether a name lies under one of the roots."""
    return any(name == r or name.startswith(r + "/") for r in roots)


def _all_changes(statement: Statement, found: Tree, absent: set[str]) -> list[Change]:
    """Every difference between the sealed and the present tree, by name."""
    sealed: list[SealedFile | Other] = [*files_of(statement), *others_of(statement)]
    present: list[SealedFile | Other] = [*found.files, *found.others]
    before = {e.name: e for e in sealed if not _is_under(e.name, absent)}
    after = {e.name: e for e in present}
    changes = [_change_of(name, before.get(name), after.get(name)) for name in sorted(before.keys() | after.keys())]
    return [c for c in changes if c is not None]


def _change_of(name: str, old: SealedFile | Other | None, new: SealedFile | Other | None) -> Change | None:
    """How an entry changed; None = not at all."""
    if isinstance(old, SealedFile) and isinstance(new, SealedFile):
        same = (old.sha256, old.sm3, old.size) == (new.sha256, new.sm3, new.size)
        return None if same else Change("changed", name, old.sha256, new.sha256, old.size, new.size)
    if old is None:
        return Change("added", name, "", _content_mark(new), None, _size_of(new))
    if new is None:
        return Change("gone", name, _content_mark(old), "", _size_of(old), None)
    if isinstance(old, Other) and isinstance(new, Other) and old == new:
        return None
    return Change("kind_changed", name, _content_mark(old), _content_mark(new), _size_of(old), _size_of(new))


def _content_mark(entry: SealedFile | Other | None) -> str:
    """What identifies the content: SHA-256 of a file, kind and target of anything else; '' for None."""
    if isinstance(entry, SealedFile):
        return entry.sha256
    return f"{entry.kind} {entry.target}".strip() if entry else ""


def _size_of(entry: SealedFile | Other | None) -> int | None:
    return entry.size if isinstance(entry, SealedFile) else None


def _times_differ(statement: Statement, found: Tree) -> tuple[str, ...]:
    """Files with equal bytes and another time of change."""
    now = {f.name: f for f in found.files}
    return tuple(
        f.name
        for f in files_of(statement)
        if f.name in now and now[f.name].sha256 == f.sha256 and now[f.name].modified_at != f.modified_at
    )


def _signature_problems(signature: Signed | None) -> tuple[str, ...]:
    return (signature.problem,) if signature and signature.problem else ()


def _signature_lines(signature: Signed | None, lang: Lang) -> list[str]:
    """What a fitting signature says; nothing without one."""
    if signature is None or signature.problem:
        return []
    keys = ", ".join(key or "?" for key in signature.keys) or "?"
    return [say("custody.signature_fits" if signature.checked else "custody.signature_not_checked", lang, keys=keys)]


def _seal_problems(statement: Statement, data: bytes, checked: log.LogCheck) -> list[str]:
    """Codes of contradictions between statement, log and tree digest."""
    problems = []
    sealed = next((e for e in checked.events if e.event == "sealed"), None)
    recorded = (sealed.data.get("statement") or {}) if sealed else {}
    if recorded != {"sha256": digest_bytes(data), "sm3": digest_bytes(data, "sm3")}:
        problems.append("statement_changed")
    if statement.predicate.tree.model_dump(by_alias=True) != tree_digest(files_of(statement)):
        problems.append("tree_digest_differs")
    return problems


def _head_kept(checked: log.LogCheck, head: str | None) -> list[LogProblem]:
    """A problem where the log lacks the head that was written down."""
    if head is None or head.strip().lower() in checked.hashes:
        return []
    return [LogProblem("head_not_in_log", 0, head[:16])]


def locate_roots(roots: Sequence[SealedRoot], paths: Sequence[Path]) -> list[tuple[SealedRoot, Path]]:
    """Each path with the root that it is; no paths = each root at its place when sealed.

    A root is given once at most. A path at the place of a root is that root. Otherwise, a name decides if only one root and
    one path have it. The rest is taken in the order of sealing, if all roots are given.

    Raises UsageError for more paths than roots, and where a path's root is unclear.
    """
    if not paths:
        return [(root, Path(root.absolute)) for root in roots]
    if len(paths) > len(roots):
        raise UsageError("PATH", f"{len(paths)} paths given, the seal covers {len(roots)}; give no more than these")
    sealed = Counter(root.absolute for root in roots)
    if again := next(
        (p for p, n in Counter(p.resolve() for p in paths).items() if n > max(1, sealed[p.as_posix()])), None
    ):
        raise UsageError("PATH", f"{again}: given twice; give each sealed folder or file once")
    left_roots, left_paths = list(roots), list(paths)
    found: list[tuple[SealedRoot, Path]] = []
    for told_by in (_match_by_place, _match_by_name):
        for root, path in told_by(left_roots, left_paths):
            left_roots.remove(root)
            left_paths.remove(path)
            found.append((root, path))
    if left_paths and len(left_paths) != len(left_roots):
        names = ", ".join(sorted(root.name for root in roots))
        raise UsageError(
            "PATH",
            f"{left_paths[0]}: the seal covers {names}; give that folder or file, or all in the order of sealing",
        )
    return [*found, *zip(left_roots, left_paths, strict=True)] if left_paths else found


def _match_by_place(roots: Sequence[SealedRoot], paths: Sequence[Path]) -> list[tuple[SealedRoot, Path]]:
    """Roots whose stored path is one of the given paths."""
    free = list(roots)
    found = []
    for path in paths:
        place = path.resolve().as_posix()
        if root := next((r for r in free if r.absolute == place), None):
            free.remove(root)
            found.append((root, path))
    return found


def _match_by_name(roots: Sequence[SealedRoot], paths: Sequence[Path]) -> list[tuple[SealedRoot, Path]]:
    """Roots and paths whose name occurs once on either side."""
    names = [text_name(Path(r.absolute).name or "root") for r in roots]
    lain = dict(zip(names, roots, strict=True))
    borne = Counter(names) | Counter(map(root_name, paths))
    return [(lain[name], path) for path in paths if (name := root_name(path)) in lain and borne[name] == 1]
