"""The seal: an in-toto Statement (v1) with SHA-256 and SM3 of every file; writing and reading it.

Form: https://github.com/in-toto/attestation, spec/v1/statement.md, resource_descriptor.md, digest_set.md (which lists `sm3` and
`dirHash`). The predicate is ours; docs/en/custody.md names its fields.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reconcile.custody.tree import Other, Root, SealedFile, Tree
from reconcile.digests import digest_tree
from reconcile.errors import CaseNotFound, UnreadableSource

STATEMENT = "statement.json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:reconcile:custody-seal:v1"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Annotations(_Model):
    """Size in bytes and time of last change (UTC) of a sealed file."""

    size: int
    modified_at: str = Field(alias="modifiedAt")


class Subject(_Model):
    """One sealed file."""

    name: str
    digest: dict[str, str]
    annotations: Annotations


class SealedRoot(_Model):
    """One path that was sealed, as it was given and as it was resolved."""

    name: str
    given: str
    absolute: str
    is_folder: bool = Field(alias="isFolder")


class SealedOther(_Model):
    """A link, device or empty folder."""

    name: str
    kind: str
    target: str = ""


class TreeDigest(_Model):
    """Digests over all files together: dirHash as in-toto defines it, and the same with SM3."""

    dir_hash: str = Field(alias="dirHash")
    dir_hash_sm3: str = Field(alias="dirHashSm3")
    files: int
    bytes: int


class Predicate(_Model):
    """Who sealed what, when, where, with what."""

    sealed_at: str = Field(alias="sealedAt")
    who: str
    where: str
    note: str
    roots: tuple[SealedRoot, ...]
    others: tuple[SealedOther, ...] = ()
    tree: TreeDigest
    tool: dict[str, str]
    machine: dict[str, str]


class Statement(_Model):
    """The whole statement."""

    type: str = Field(alias="_type")
    subject: tuple[Subject, ...]
    predicate_type: str = Field(alias="predicateType")
    predicate: Predicate


def compose(tree: Tree, roots: Sequence[Root], facts: dict[str, Any]) -> bytes:
    """The statement's bytes: indented JSON in a fixed order, readable and reproducible."""
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [_subject_of(f) for f in tree.files],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            **facts,
            "roots": [_root_object(r) for r in roots],
            "others": [{"name": o.name, "kind": o.kind, "target": o.target} for o in tree.others],
            "tree": tree_digest(tree.files),
        },
    }
    return orjson.dumps(statement, option=orjson.OPT_INDENT_2) + b"\n"


def load(folder: Path) -> tuple[Statement, bytes]:
    """The statement of a seal and its bytes. Raises CaseNotFound or UnreadableSource.

    UnreadableSource: another form, or two things of one name.
    """
    path = folder / STATEMENT
    if not path.is_file():
        raise CaseNotFound(folder, f"{folder}: no seal there (looked for {STATEMENT}); make one with reconcile seal")
    data = path.read_bytes()
    try:
        statement = Statement.model_validate(orjson.loads(data))
    except (orjson.JSONDecodeError, ValidationError, RecursionError):
        raise UnreadableSource(path, f"{path}: not a seal of this program; expected an in-toto statement") from None
    if statement.type != STATEMENT_TYPE or statement.predicate_type != PREDICATE_TYPE:
        raise UnreadableSource(path, f"{path}: of type {statement.predicate_type[:80]}; expected {PREDICATE_TYPE}")
    if twice := _named_twice(statement):
        raise UnreadableSource(
            path, f"{path}: names {twice[:200]} twice, so that it cannot tell one from the other; seal again"
        )
    return statement, data


def _named_twice(statement: Statement) -> str | None:
    """A name that two roots or two sealed things share."""
    roots = [r.name for r in statement.predicate.roots]
    entries = [*(s.name for s in statement.subject), *(o.name for o in statement.predicate.others)]
    return next((n for names in (roots, entries) for n, times in Counter(names).items() if times > 1), None)


def files_of(statement: Statement) -> tuple[SealedFile, ...]:
    """The sealed files that a statement names."""
    return tuple(
        SealedFile(
            s.name, s.annotations.size, s.annotations.modified_at, s.digest.get("sha256", ""), s.digest.get("sm3", "")
        )
        for s in statement.subject
    )


def others_of(statement: Statement) -> tuple[Other, ...]:
    """The links, devices and empty folders that a statement names."""
    return tuple(Other(o.name, o.kind, o.target) for o in statement.predicate.others)


def tree_digest(files: Sequence[SealedFile]) -> dict[str, object]:
    """Both digests of the whole, with the number of files and bytes."""
    return {
        "dirHash": digest_tree(((f.name, f.sha256) for f in files), "sha256"),
        "dirHashSm3": digest_tree(((f.name, f.sm3) for f in files), "sm3"),
        "files": len(files),
        "bytes": sum(f.size for f in files),
    }


def _subject_of(file: SealedFile) -> dict[str, object]:
    """A sealed file as the statement names it."""
    return {
        "name": file.name,
        "digest": {"sha256": file.sha256, "sm3": file.sm3},
        "annotations": {"size": file.size, "modifiedAt": file.modified_at},
    }


def _root_object(root: Root) -> dict[str, object]:
    """A sealed path as the statement writes it."""
    return {
        "name": root.name,
        "given": root.path.as_posix(),
        "absolute": root.path.resolve().as_posix(),
        "isFolder": root.is_folder,
    }
