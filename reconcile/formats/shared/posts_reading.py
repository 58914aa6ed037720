"""Code of all readers of clients' Moments stores: readings that hold posts alone, claims, break flags."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from reconcile.formats.shared.account_owner import folders_above, settle_owner
from reconcile.formats.shared.client_rows import People
from reconcile.intake.contract import Claim, ExportFacts, FormLimits, Note, Owner, PostReading, Reading, ReadOptions
from reconcile.intake.frames import messages_of, reading_of
from reconcile.intake.posts.frames import merge_posts, with_own_posts
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import database_files, is_plain
from reconcile.vocabulary import NoteCode, PostWitnessKind, TextQuality
from reconcile.wechat.moments.types import PostBody, unsigned_id


def claim_of(source: Source, found: Sequence[Path], what: str) -> Claim:
    """Certain where every database of the source has the form, likely where only some have, else none."""
    if not found:
        return Claim("none", f"looked for {what}")
    others = [f for f in database_files(source) if f not in set(found) and is_plain(source, f)]
    return Claim("likely" if others else "certain", what)


def posts_only(
    form: str,
    limits: FormLimits,
    stores: Sequence[PostReading],
    notes: Sequence[Note],
    *,
    owner: str | None = None,
    voted: str | None = None,
    folder: Path | None = None,
    options: ReadOptions | None = None,
    contacts: Sequence[dict[str, Any]] = (),
    kinds_inferred: bool = False,
    exported_at: datetime | None = None,
) -> Reading:
    """A Reading without messages that holds the posts of `stores` as one.

    The owner is `owner` if the form states one. Otherwise it is the user's word, the account that the rows show
    (`voted`), or a folder above `folder` that is named after an account or an author.
    """
    posts = merge_posts(stores)
    told: list[Note] = []
    if owner is None and posts is not None:
        people = People(contacts=[{"id": i} for i in posts.posts["author"].drop_nulls().unique(maintain_order=True)])
        folders = [] if folder is None else folders_above(folder)
        # A 4.x folder is named after the account plus four characters.
        cut = [f.rsplit("_", 1)[0] for f in folders if "_" in f.removeprefix("wxid_")]
        owner, told = settle_owner(options or ReadOptions(), people, [*cut, *folders], voted, form)
    all_notes = (*notes, *told, *(() if posts is None else posts.notes))
    reading = reading_of(
        ExportFacts(form, owner=Owner(id=owner), limits=limits, exported_at=exported_at),
        messages_of([]),
        conversations=[],
        contacts=list(contacts),
        notes=all_notes,
    )
    return replace(
        reading,
        posts=None
        if posts is None
        else with_own_posts(replace(posts, notes=all_notes, kinds_inferred=kinds_inferred), owner),
    )


def break_witness(flag: int | None) -> str | None:
    """The witness kind of a break flag: 0 = the list continues, else it breaks off; None = not stated."""
    if flag is None:
        return None
    return str(PostWitnessKind.LIST_BROKEN if flag else PostWitnessKind.LIST_WHOLE)


def odd_id(locator: str, column: object, body: str | None) -> list[Note]:
    """A note where a row and its body name different posts."""
    row = unsigned_id(column)
    return [Note(NoteCode.ID_ODD, locator, f"{row}, body {body}", said=True)] if row and body and row != body else []


def unread_body() -> PostBody:
    """A post whose body could not be read, so that its content is unknown."""
    return PostBody(text_quality=TextQuality.ABSENT, notes=(NoteCode.BROKEN_BODY,))
