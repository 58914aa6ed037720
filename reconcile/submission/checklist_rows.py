"""One rule for each row of the checklist: what is present, missing, or found by the program."""

from collections.abc import Callable, Iterable
from datetime import date

from pydantic import BaseModel

from reconcile.custody.statement import STATEMENT
from reconcile.custody.verify import verify
from reconcile.errors import ReconcileError
from reconcile.intake.contract import Reading
from reconcile.submission.checklist_model import Context, Judgement, Remark
from reconcile.submission.export_summary import Seen
from reconcile.vocabulary import NoteCode

Rule = Callable[[Context], Judgement]

TRANSCRIPTS = (".txt", ".docx", ".doc", ".pdf", ".csv", ".xlsx", ".md")
PAPERS = (".pdf", ".docx", ".doc", ".png", ".jpg", ".jpeg")  # a request or its answer, not an export
NOT_ORIGINALS = (*TRANSCRIPTS, ".html")


def _remarks(*codes: str, **values: str) -> tuple[Remark, ...]:
    """A remark for each code, all with the same values."""
    return tuple(Remark(code=c, values=values) for c in codes)


def _empty_fields(table: BaseModel, fields: Iterable[str], prefix: str = "") -> tuple[Remark, ...]:
    """A remark for each empty field; its code is prefix and field name."""
    return tuple(Remark(code=f"{prefix}{f}") for f in fields if not getattr(table, f))


def _matter_row(c: Context) -> Judgement:
    """Row 1: the case and the submitting party."""
    fields = ("plaintiff", "defendant", "handed_in_by", "role", "date", "copies")
    lacks = _empty_fields(c.case.case, fields, "case_")
    return Judgement(given=len(lacks) < len(fields), lacks=lacks)


def _devices_row(c: Context) -> Judgement:
    """Row 2: the original carriers."""
    lacks: list[Remark] = []
    for number, device in enumerate((d for d in c.case.device if any(d.model_dump().values())), 1):
        wanted = ["make", "model", "serial", "os", "app_version", "kept_at"]
        if device.unavailable_because:
            wanted = ["make", "model"]
        lacks += [Remark(code=f"device_{f}", values={"number": str(number)}) for f in wanted if not getattr(device, f)]
    given = any(any(d.model_dump().values()) for d in c.case.device)
    return Judgement(given=given, lacks=tuple(lacks), seen=_stated_devices(c.own))


def _stated_devices(own: Seen) -> tuple[Remark, ...]:
    """The devices that the exports themselves name."""
    named = [
        " ".join(p for p in (d.make, d.model, d.os, d.app_version) if p) for d in (r.facts.device for r in own.readings)
    ]
    return tuple(Remark(code="device", values={"device": n}) for n in named if n)


def _files_only(number: int) -> Rule:
    """A rule that asks for files only."""

    def rule(c: Context) -> Judgement:
        return Judgement(given=bool(c.files(number)))

    return rule


def _login_row(c: Context) -> Judgement:
    """Row 3: a demonstration of signing in, recorded as video."""
    videos = [p for p in c.files(3) if p.suffix.lower() not in NOT_ORIGINALS]
    return Judgement(given=bool(c.files(3)), lacks=() if videos or not c.files(3) else _remarks("recording"))


def _own_profile(c: Context) -> Judgement:
    """Row 4: the party's own profile page."""
    account = next((a for a in c.case.account if any(a.model_dump().values())), None)
    lacks = list(
        _empty_fields(account, ("alias", "nickname", "phone"), "profile_") if account else _remarks("own_account")
    )
    owners = c.own.owners()
    if not (account and account.wxid) and not owners:
        lacks += _remarks("profile_wxid")
    seen = [Remark(code="owner", values={"id": o}) for o in owners]
    stated = {a.wxid for a in c.case.account if a.wxid}
    if stated and owners and not set(owners) <= stated:
        lacks += [Remark(code="owner_not_declared", values={"id": o}) for o in owners if o not in stated]
    return Judgement(given=bool(c.files(4)), lacks=tuple(lacks), seen=tuple(seen))


def _counterpart_profile(c: Context) -> Judgement:
    """Row 5: the counterpart's profile page."""
    people = [p for p in c.case.counterpart if any(p.model_dump(exclude={"contested"}).values())]
    lacks: list[Remark] = [] if people else [*_remarks("counterpart")]
    for person in people:
        name = person.name or person.remark or person.nickname or "?"
        lacks += [Remark(code=f"counterpart_{f}", values={"name": name}) for f in ("alias", "nickname") if not getattr(person, f)]  # fmt: skip
        if not person.wxid and not _has_alias(c.own.readings, person.alias):
            lacks += [Remark(code="counterpart_wxid", values={"name": name})]
    return Judgement(given=bool(c.files(5)), lacks=tuple(lacks))


def _has_alias(readings: Iterable[Reading], alias: str) -> bool:
    return bool(alias) and any(alias in r.contacts["alias"].to_list() for r in readings)


def _all_accounts(c: Context) -> Judgement:
    """Row 6: a declaration on all accounts and devices."""
    stated = c.case.declarations
    lacks = _empty_fields(stated, ("no_other_accounts", "no_other_devices"))
    accounts = [a for a in c.case.account if any(a.model_dump().values())]
    lacks += () if accounts else _remarks("own_account")
    given = bool(stated.no_other_accounts or stated.no_other_devices or c.files(6))
    return Judgement(given=given, lacks=lacks)


def _person_row(c: Context) -> Judgement:
    """Row 7: the link from account to person; it applies where a counterpart is contested."""
    contested = any(p.contested for p in c.case.counterpart)
    return Judgement(given=bool(c.files(7)), applies=contested)


def _record_row(c: Context) -> Judgement:
    """Row 8: the whole record, as exports that can be read."""
    if not c.own.exports:
        return Judgement(given=False)
    lacks = [Remark(code="not_read", values={"file": e.name}) for e in c.own.exports if e.reading is None]
    for reading in c.own.readings:
        lacks += _record_lacks(c, reading)
    return Judgement(given=True, lacks=tuple(lacks), seen=_record_seen(c.own))


def _record_lacks(c: Context, reading: Reading) -> list[Remark]:
    """What neither the export nor the case file states about how the export was made."""
    stated = [r for r in c.case.record if any(r.model_dump(exclude={"timezone"}).values())]
    facts = reading.facts
    lacks: list[Remark] = []
    if not facts.tool and not any(r.tool for r in stated):
        lacks += _remarks("record_tool")
    if not facts.exported_at and not any(r.exported_at for r in stated):
        lacks += _remarks("record_exported_at")
    if not any(r.path for r in stated):
        lacks += _remarks("record_path")
    if facts.filters or any(n.code is NoteCode.FILTER_STATED for n in reading.notes):
        lacks += _remarks("record_filtered")
    elif not any(r.filters for r in stated):
        lacks += _remarks("record_filters")
    if any(n.code is NoteCode.COUNT_MISMATCH for n in reading.notes):
        lacks += _remarks("record_count")
    return lacks


def _record_seen(seen: Seen) -> tuple[Remark, ...]:
    """Number of messages, their period, and the posts in Moments of all exports."""
    span, (posts, own) = seen.span(), seen.posts()
    more = (Remark(code="posts", values={"count": f"{posts:,}", "own": f"{own:,}"}),) if posts else ()
    if span is None:
        return (Remark(code="messages", values={"count": f"{seen.messages:,}"}), *more)
    return (Remark(code="span", values={"count": f"{seen.messages:,}", "first": span[0], "last": span[1]}), *more)


def _other_side(c: Context) -> Judgement:
    """Row 9: exports of the other party, or a request to it and the answer."""
    asked = c.case.request
    exports = [e for e in c.other.exports if e.reading is not None or not e.name.lower().endswith(PAPERS)]
    if exports:
        lacks = [Remark(code="not_read", values={"file": e.name}) for e in exports if e.reading is None]
        return Judgement(given=True, lacks=tuple(lacks), seen=_record_seen(c.other))
    lacks = [*(() if asked.asked_on else _remarks("asked_on")), *(() if asked.answer else _remarks("answer"))]
    return Judgement(given=bool(asked.asked_on or asked.answer or c.files(9)), lacks=tuple(lacks))


def _pc_path(c: Context) -> Judgement:
    """Row 10: PC backup or migration; it applies where the case file says the export was made that way."""
    words = ("电脑", "迁移", "pc", "migration", "desktop")
    stated = [r.path.lower() for r in c.case.record if r.path]
    applies = any(w in path for path in stated for w in words)
    if not stated and not c.files(10):
        return Judgement(given=False, lacks=_remarks("record_path"), unknown=True)
    return Judgement(given=bool(c.files(10)), applies=applies)


def _kind_rule(number: int, code: str, *kinds: str, transcript: bool = False, originals: bool = True) -> Rule:
    """A rule for messages of some kinds: as many original files as rows; transcripts if asked."""

    def rule(c: Context) -> Judgement:
        rows = c.own.count(*kinds)
        files = c.files(number)
        kept = [p for p in files if not originals or p.suffix.lower() not in NOT_ORIGINALS]
        lacks: list[Remark] = []
        if originals and files and len(kept) < rows:
            lacks += _remarks("fewer_files", files=str(len(kept)), rows=str(rows))
        if transcript and files and not any(p.suffix.lower() in TRANSCRIPTS for p in files):
            lacks += _remarks("transcript")
        seen = (Remark(code=code, values={"rows": str(rows), "files": str(len(files))}),) if rows else ()
        if not c.own.readings and not files:
            return _no_export()
        return Judgement(given=bool(files), lacks=tuple(lacks), seen=seen, applies=rows > 0)

    return rule


def _no_export() -> Judgement:
    """The judgement where no export shows whether the row applies."""
    return Judgement(given=False, lacks=_remarks("no_export"), unknown=True)


def _text_row(c: Context) -> Judgement:
    """Row 11: text messages."""
    rows = c.own.count("text", "quote")
    seen = (Remark(code="texts", values={"rows": f"{rows:,}"}),) if rows else ()
    return Judgement(given=bool(c.files(11)), seen=seen)


def _group_row(c: Context) -> Judgement:
    """Row 17: groups, with the list of their members."""
    if not c.own.readings and not c.files(17):
        return _no_export()
    groups, listed = c.own.groups(), c.own.groups_with_members()
    seen = (Remark(code="groups", values={"groups": str(groups), "listed": str(listed)}),) if groups else ()
    given = bool(c.files(17)) or listed > 0
    lacks = _remarks("members") if given and listed < groups and not c.files(17) else ()
    return Judgement(given=given, lacks=lacks, seen=seen, applies=groups > 0)


def _hashes_row(c: Context) -> Judgement:
    """Row 18: seals and time stamps, verified anew."""
    seals = sorted({p.parent for p in c.files(18) if p.name == STATEMENT})
    lacks: list[Remark] = []
    seen: list[Remark] = []
    for seal in seals:
        try:
            result = verify(seal)
        except ReconcileError as error:
            lacks += _remarks("seal_not_readable", why=str(error)[:200])
            continue
        if result.has_findings:
            lacks += _remarks("seal_differs", since=result.since, count=str(len(result.changes)))
        else:
            seen.append(Remark(code="seal", values={"since": result.since, "count": str(result.checked)}))
        seen += [Remark(code="stamp", values={"at": t.at}) for t in result.timestamps if not t.problem]
    return Judgement(given=bool(c.files(18)), lacks=tuple(lacks), seen=tuple(seen))


def _extraction_row(c: Context) -> Judgement:
    """Row 19: the extraction log."""
    fields = ("person", "place", "started_at", "ended_at", "tool", "steps")
    lacks = _empty_fields(c.case.extraction, fields, "extraction_")
    given = len(lacks) < len(fields) or bool(c.files(19))
    return Judgement(given=given, lacks=() if c.files(19) and len(lacks) == len(fields) else lacks)


def _declarations_row(c: Context) -> Judgement:
    """Row 20: the party's own declarations."""
    fields = ("recalled", "deleted", "redacted", "patched_client", "clock_changed", "device_replaced", "cleaning_tools")
    lacks = _empty_fields(c.case.declarations, fields, "declares_")
    return Judgement(given=len(lacks) < len(fields), lacks=lacks)


def _origin_row(c: Context) -> Judgement:
    """Row 21: lawful origin of the material."""
    lacks = _empty_fields(c.case.origin, ("own_account", "own_device"), "origin_")
    return Judgement(given=len(lacks) < 2 or bool(c.files(21)), lacks=lacks)


def _abroad_row(c: Context) -> Judgement:
    """Row 23: formalities for evidence formed outside the mainland."""
    said = c.case.case.formed_abroad.strip().lower()
    outside = bool(said) and said not in ("否", "无", "no", "none")
    if not said:
        return Judgement(given=False, lacks=_remarks("abroad_not_said"))
    return Judgement(given=True, lacks=_remarks("formalities") if outside and not c.files(23) else ())


def _deadlines_row(c: Context) -> Judgement:
    """Row 24: deadlines, and whether they have passed."""
    matter = c.case.case
    lacks = list(_empty_fields(matter, ("evidence_deadline", "examination_deadline"), "case_"))
    seen: list[Remark] = []
    for field in ("evidence_deadline", "examination_deadline"):
        stated = getattr(matter, field)
        day = _parse_day(stated)
        if stated and day is None:
            lacks += _remarks("deadline_unreadable", value=stated[:40])
        elif day is not None:
            code = "deadline_passed" if day < c.today else "deadline_in"
            seen.append(Remark(code=code, values={"day": day.isoformat(), "days": str(abs((day - c.today).days))}))
    return Judgement(given=bool(matter.evidence_deadline or matter.examination_deadline), lacks=tuple(lacks), seen=tuple(seen))  # fmt: skip


def _parse_day(text: str) -> date | None:
    """The ISO date that the text begins with; None for other texts."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


RULES: dict[int, Rule] = {
    1: _matter_row,
    2: _devices_row,
    3: _login_row,
    4: _own_profile,
    5: _counterpart_profile,
    6: _all_accounts,
    7: _person_row,
    8: _record_row,
    9: _other_side,
    10: _pc_path,
    11: _text_row,
    12: _kind_rule(12, "images", "image"),
    13: _kind_rule(13, "voices", "voice", transcript=True),
    14: _kind_rule(14, "videos", "video"),
    15: _kind_rule(15, "links", "link", originals=False),
    16: _kind_rule(16, "payments", "transfer", "red_packet", originals=False),
    17: _group_row,
    18: _hashes_row,
    19: _extraction_row,
    20: _declarations_row,
    21: _origin_row,
    22: _files_only(22),
    23: _abroad_row,
    24: _deadlines_row,
}
