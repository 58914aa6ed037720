"""Code of JSON forms with `session` and `messages`, whose rows state direction and both clocks."""

from datetime import UTC, datetime
from typing import Any

import polars as pl

from reconcile.intake.contract import Note, Owner
from reconcile.intake.messages.naming import distinct_where, kind_of_account
from reconcile.intake.messages.parts import Part
from reconcile.vocabulary import ConversationKind, Kind, LocalIdScope, NoteCode
from reconcile.wechat.client_sentences import told_notice
from reconcile.wechat.kind_names import kinds_of_names
from reconcile.wechat.kinds import is_named, kind_of, split_local_type


def kinds_by_type(rows: pl.DataFrame, code: str, name: str, file: str) -> tuple[pl.DataFrame, list[Note]]:
    """The rows with `kind`, by the numeric type, else by its name; notes on unknown names.

    Needs the columns `code`, `name` and `content`.
    """
    codes = rows[code].unique().drop_nulls().to_list()
    known = {c: str(kind_of(*split_local_type(c))) for c in codes if is_named(*split_local_type(c))}
    by_code = pl.col(code).replace_strict(known, default=None, return_dtype=pl.String)
    rows = rows.with_columns(kinds_of_names(rows[name]).alias("named"))
    rows = rows.with_columns(pl.coalesce(by_code, "named").alias("kind"))
    unknown = rows.filter(pl.col("kind").is_null())[name].value_counts().sort(name)
    notes = [Note(NoteCode.UNKNOWN_KIND, file, str(n), c) for n, c in unknown.iter_rows()]
    notice = told_notice(pl.col("kind"), pl.col("content").fill_null(""))
    return rows.with_columns(notice.fill_null(str(Kind.OTHER)).alias("kind")).drop("named"), notes


def session_part(
    rows: pl.DataFrame, file: str, session: dict[str, Any], notes: list[Note], *, owner: str | None = None
) -> Part:
    """The part of one session's rows with the facts that the session states.

    Rows have columns such as `sender`, `sender_name`, `is_self` and `local_id`. The owner is the stated account, else
    the one account of all own rows.
    """
    key = str(session.get("wxid") or session.get("displayName") or "")
    title = session.get("displayName") or session.get("remark") or session.get("nickname")
    stated = session.get("messageCount")
    kind = kind_of_account(key) or {"群聊": ConversationKind.GROUP, "私聊": ConversationKind.DIRECT}.get(
        str(session.get("type"))
    )
    if session.get("type") == "群聊":
        kind = ConversationKind.GROUP
    own = distinct_where(rows, "sender", pl.col("is_self"))
    owner = owner or (own[0] if len(own) == 1 else None)
    names = (
        rows.select(pl.col("sender_name").filter((pl.col("sender") == owner) & pl.col("sender_name").is_not_null()))[
            "sender_name"
        ]
        if owner
        else pl.Series([], dtype=pl.String)
    )
    is_direct = kind is ConversationKind.DIRECT
    return Part(
        rows=rows,
        file=file,
        conversation=key,
        title=str(title) if title else None,
        conversation_kind=kind,
        stated_count=stated if isinstance(stated, int) and not isinstance(stated, bool) else None,
        owner=Owner(id=owner, name=_own_name(names)),
        peer=key if is_direct and key else None,
        local_id_scope=_number_scope(rows),
        contacts=_peer_contact(session, key, is_direct=is_direct),
        notes=notes,
    )


def unix_instant(value: Any) -> datetime | None:
    """The instant of whole seconds since 1970 as JSON gives them; None for anything else."""
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) and 0 < value < 2**33 else None


def _own_name(names: pl.Series) -> str | None:
    """The only name that is not 我; null if there is none or several."""
    found = [n for n in names.unique(maintain_order=True).to_list() if n != "我"]
    return found[0] if len(found) == 1 else None


def _number_scope(rows: pl.DataFrame) -> LocalIdScope:
    """Whether local ids count within the conversation; unknown if they do not rise throughout."""
    # One shard numbers upward. Several shards restart, and then a gap proves nothing.
    ids = rows["local_id"]
    rising = not ids.null_count() and len(ids) > 1 and bool((ids.diff().drop_nulls() > 0).all())
    return LocalIdScope.CONVERSATION if rising else LocalIdScope.UNKNOWN


def _peer_contact(session: dict[str, Any], key: str, *, is_direct: bool) -> list[dict[str, Any]]:
    """The peer as a contact with nickname and remark; empty for a group."""
    if not (is_direct and key):
        return []
    nickname = session.get("nickname") or None
    remark = session.get("remark") or (session.get("displayName") if not nickname else None)
    return [{"id": key, "nickname": nickname, "remark": remark or None}]
