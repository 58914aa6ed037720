"""Everything about one line: both messages, its gap, oddities of its rows, and judgements."""

import orjson
import polars as pl

from reconcile.custody.decisions import Decision
from reconcile.explanation.account_lines import account_of_row
from reconcile.review.page import cut_time, decision_json, plain
from reconcile.review.posts import post_part
from reconcile.review.store import CaseFolder, Conversation, Row
from reconcile.vocabulary import Side
from reconcile.wording.sides import explain_command, row_name

FACTS = (
    "kind",
    "sender",
    "sender_name",
    "party",
    "sent_raw",
    "time_precision",
    "zone_source",
    "message_id",
    "alias_id",
    "local_id",
    "native_id",
    "amount",
    "payment_state",
    "duration",
    "media_hash",
    "file_name",
    "file_size",
    "url",
    "reply_to",
    "quoted_text",
    "status",
    "text_quality",
)
"""Columns shown as a table beside each text, in this order; those that a row does not state are left out."""


def line_detail(case: CaseFolder, conversation: Conversation, number: int, entries: tuple[Decision, ...]) -> Row:
    """One line in full. Raises IndexError."""
    if not 0 <= number < conversation.lines.height:
        raise IndexError(number)
    line = conversation.lines.row(number, named=True)
    rows = {side: line[f"{side}_row"] for side in Side}
    return {
        "line": number,
        **{name: plain(line[name]) for name in ("relation", "cause", "detail", "confidence", "similarity", "method")},
        "offset_seconds": line["offset_seconds"],
        "sides": {str(side): _message_detail(case, side, row, line) for side, row in rows.items() if row is not None},
        "gap": _gap_of_line(case, conversation, line),
        "irregularities": _irregularities_of(case, conversation, rows),
        "explain": _explain(case, rows),
        "account": _account(case, line, rows),
        "history": [
            decision_json(d) | {"action": d.action, "undoes": d.undoes}
            for d in _entries_about(entries, conversation, rows)
        ],
    }


def _explain(case: CaseFolder, rows: dict[Side, int | None]) -> str | None:
    """The command that explains the line's row, left first; null for posts or without messages."""
    side, row = next((side, row) for side, row in rows.items() if row is not None)
    message = case.message(side, row)
    if message is None or message.get("post_row") is not None:
        return None
    return explain_command(str(case.folder), row_name(side, row))


def _account(case: CaseFolder, line: Row, rows: dict[Side, int | None]) -> Row | None:
    """What decided about the line: factors once, alternatives and changes of both rows.

    Null for posts and where the folder holds no accounts.
    """
    if not case.has_account or _explain(case, rows) is None:
        return None
    accounts = [account_of_row(case.account(side, row), line, side) for side, row in rows.items() if row is not None]
    both = {name: [one for part in accounts for one in part[name]] for name in ("alternatives", "changes")}
    return accounts[0] | {name: _without_repeats(listed) for name, listed in both.items()}


def _without_repeats(listed: list[Row]) -> list[Row]:
    """Each statement once, since the bound of a margin is listed for both rows of a pair."""
    kept: dict[tuple[object, ...], Row] = {}
    for one in listed:
        row = one["other"] if one["name"] == "partner" else None
        kept.setdefault((one["name"], one["text"], one["log_odds"], row), one)
    return list(kept.values())


def _message_detail(case: CaseFolder, side: Side, row: int, line: Row) -> Row:
    """One message in full; only row and locator where messages were left out."""
    message = case.message(side, row)
    if message is None:
        return {"row": row, "locator": line[f"{side}_locator"], "facts": {}, "raw": {}, "text": "", "time": None}
    return {
        "row": row,
        "locator": message["locator"],
        "text": message.get("text") or "",
        "time": cut_time(plain(message.get("sent_at")), message.get("time_precision")),
        "who": message.get("sender_name")
        or case.called.get(message.get("sender") or "")
        or message.get("sender")
        or message.get("party"),
        "facts": {name: plain(message[name]) for name in _facts(message) if message.get(name) is not None},
        "raw": _raw_fields(message.get("raw")),
        "post": post_part(case, side, message),
    }


def _facts(message: Row) -> tuple[str, ...]:
    """The facts of a message; of a post, without those that its own part already shows."""
    if message.get("post_row") is None:
        return FACTS
    return tuple(name for name in FACTS if name not in ("file_name", "url", "quoted_text"))


def _raw_fields(stated: str | None) -> Row:
    """The fields that no column holds, as the export names them; numbers stay text."""
    try:
        fields = orjson.loads(stated or "{}")
    except ValueError:
        return {"raw": stated}
    if not isinstance(fields, dict):
        return {"raw": stated}
    return {str(k): v if isinstance(v, str) else orjson.dumps(v).decode() for k, v in fields.items()}


def _gap_of_line(case: CaseFolder, conversation: Conversation, line: Row) -> Row | None:
    """The gap that a one-sided line belongs to; None for other lines."""
    left, right = line["left_row"], line["right_row"]
    if (left is None) == (right is None):
        return None
    lacking, row = ("left", right) if left is None else ("right", left)
    for gap in case.gaps(conversation.id):
        if gap["lacking"] == lacking and gap["first_row"] <= row <= gap["last_row"]:
            return {name: plain(value) for name, value in gap.items() if name not in ("case", "conversation")}
    return None


def _irregularities_of(case: CaseFolder, conversation: Conversation, rows: dict[Side, int | None]) -> list[Row]:
    """Irregularities of the line's rows."""
    found = case.irregularities(conversation.id)
    return [
        {"side": odd["side"], "reason": odd["reason"], "locator": odd["locator"]}
        for odd in found
        if odd["row"] is not None and rows.get(Side(odd["side"])) == odd["row"]
    ]


def _entries_about(
    entries: tuple[Decision, ...], conversation: Conversation, rows: dict[Side, int | None]
) -> list[Decision]:
    """The log's entries about these rows, undos included, in order."""
    mine = {(side, row) for side, row in rows.items() if row is not None}
    judged = {d.id for d in entries if d.conversation == conversation.id and mine & set(d.rows)}
    return [d for d in entries if d.id in judged or d.undoes in judged]


def absent_of(case: CaseFolder, conversation: Conversation) -> list[Row]:
    """Messages that rows mention but neither side holds, each with the line that mentions it."""
    found = case.absent(conversation.id)
    lines = _lines_of_locators(conversation, found)
    return [
        {
            "side": a["side"],
            "witness": a["witness"],
            "locator": a["locator"],
            "line": lines.get((a["side"], a["locator"])),
            "at": plain(a["sent_at"]),
            "who": a["sender"],
            "kind": a["kind"],
            "text": a["text"],
            "count": a["count"],
        }
        for a in found
    ]


def _lines_of_locators(conversation: Conversation, absent: list[Row]) -> dict[tuple[str, str], int]:
    """Line numbers by side and locator, of the rows that refer to absent messages."""
    places: dict[tuple[str, str], int] = {}
    for side in Side:
        wanted = [a["locator"] for a in absent if a["side"] == side]
        if wanted:
            column = f"{side}_locator"
            held = conversation.lines.with_row_index("line").filter(pl.col(column).is_in(wanted))
            places |= {(side, loc): n for loc, n in held.select(column, "line").iter_rows()}
    return places
