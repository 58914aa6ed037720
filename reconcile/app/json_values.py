"""Cases, exports and commands as JSON values for the page, in one language."""

from functools import cache
from pathlib import Path
from typing import Any

from reconcile.app.advice import for_page
from reconcile.app.batches import FOLDER, batch_outputs, last_batch
from reconcile.app.case_form import form_of
from reconcile.app.cases import RESULT, Case, Export, Finished
from reconcile.app.commands import compare_words, shown
from reconcile.app.desk import BATCH, Desk
from reconcile.app.errors import Refused
from reconcile.app.jobs import Job
from reconcile.app.other_jobs import seals_of
from reconcile.app.recognised import (
    LEAST_PARTS,
    facts_shown,
    is_same_account,
    mapping_shown,
    other_account,
    parts_of,
    same_as,
)
from reconcile.app.results import outputs
from reconcile.vocabulary import Side
from reconcile.wording import Lang, say, section

MOST_CASES = 500


@cache
def words_of(lang: Lang) -> dict[str, str]:
    """Every sentence that the page may show, by key."""
    kinds = {key.replace(".", "_"): entry[lang] for key, entry in section("verdict").items() if key.startswith("kind.")}
    shared = {key: entry[lang] for key, entry in section("review").items() if key.startswith("refused_")}
    return kinds | shared | {key: entry[lang] for key, entry in section("app").items()}


def cases_shown(desk: Desk, lang: Lang) -> dict[str, Any]:
    """Every case with its state in brief."""
    names = desk.shelf.names()
    rows = [_case_row(desk, name, lang) for name in names[:MOST_CASES]]
    return {"folder": str(desk.shelf.folder), "total": len(names), "cases": [row for row in rows if row]}


def _case_row(desk: Desk, name: str, lang: Lang) -> dict[str, Any] | None:
    """One case in the list; None where it vanished meanwhile."""
    try:
        case = desk.shelf.load(name)
    except Refused as refused:
        return {"id": name, "name": name, "error": say(f"app.refused_{refused.code}", lang)}
    last = case.last("compare")
    return {
        "id": name,
        "name": case.name,
        "error": None,
        "exports": {str(side): sum(e.side == side for e in case.exports) for side in Side},
        "code": last.code if last else None,
        "is_running": bool(desk.jobs.of(name)),
        "is_compared": (desk.shelf.place(name) / RESULT / "manifest.json").is_file(),
    }


def case_shown(desk: Desk, name: str, lang: Lang) -> dict[str, Any]:
    """One case in full. Raises Refused."""
    place = desk.shelf.place(name)
    running = desk.jobs.of(name)
    case = desk.shelf.load(name)
    return {
        "id": name,
        "name": case.name,
        "left": case.left_name,
        "right": case.right_name,
        "folder": str(place),
        "exports": [_export_shown(desk, name, case, export, running, lang) for export in case.exports],
        "running": [_job_shown(job, lang) for job in running if not job.what.isdecimal()],
        "finished": {
            what: _finished_shown(case.last(what), lang) for what in dict.fromkeys(f.what for f in case.finished)
        },
        "result": _result_or_none(place, lang),
        "is_outdated": _is_outdated(case, place, lang),
        "files": [o.shown for o in outputs(case, place)],
        "seals": seals_of(case),
        "form": form_of(place),
        "command": shown(compare_words(case, place, lang)) if case.exports else None,
    }


def _result_or_none(place: Path, lang: Lang) -> dict[str, Any] | None:
    """Names of the sides and verdicts of a finished comparison; None = not finished."""
    if not (place / RESULT / "manifest.json").is_file():
        return None
    from reconcile.app.compared import result_shown

    return result_shown(place, lang)


def batch_shown(desk: Desk, lang: Lang) -> dict[str, Any]:
    """The batch: what is running, how it ended, and its files."""
    batch = last_batch(desk)
    return {
        "running": [_job_shown(job, lang) for job in desk.jobs.of(BATCH)],
        "finished": _finished_shown(batch.finished if batch else None, lang),
        "scored": _scored_disputes(desk, lang) if batch else [],
        "files": [o.shown for o in batch_outputs(desk)],
    }


def _scored_disputes(desk: Desk, lang: Lang) -> list[dict[str, Any]]:
    from reconcile.app.compared import scored_disputes

    return scored_disputes(desk.shelf.folder / FOLDER, lang)


def _export_shown(desk: Desk, name: str, case: Case, export: Export, running: list[Job], lang: Lang) -> dict[str, Any]:
    job = next((job for job in running if job.what == export.id), None)
    return {
        "id": export.id,
        "side": export.side,
        "path": export.path,
        "name": export.name or Path(export.path).name,
        "is_dropped": export.is_dropped,
        "told": export.told.model_dump(),
        "state": _export_state(export, job),
        "stage": _job_shown(job, lang) if job else None,
        "facts": facts_shown(export, lang),
        "mapping": mapping_shown(export),
        "error": export.error,
        "told_error": for_page(_without_path(export), lang) if export.error else "",
        "needs_key": export.needs_key or desk.wants_key(name, export),
        "is_confirmed": export.is_confirmed,
        "same_as": same_as(case, export),
        "other_account": other_account(case, export),
        "is_same_account": is_same_account(case, export),
        "parts": _parts_shown(export),
    }


def _parts_shown(export: Export) -> int:
    """Number of exports that may lie in a folder that cannot be read as one; 0 = fewer than two."""
    found = len(parts_of(export)) if export.error and not export.question else 0
    return found if found >= LEAST_PARTS else 0


def _without_path(export: Export) -> str:
    """The error of an export without its path, which the page shows above."""
    return export.error.removeprefix(export.path).lstrip("：: ")


def _export_state(export: Export, job: Job | None) -> str:
    """reading, ready, failed or waiting."""
    if job is not None:
        return "reading"
    if export.facts is not None:
        return "ready"
    return "failed" if export.error or export.needs_key else "waiting"


def _job_shown(job: Job, lang: Lang) -> dict[str, Any]:
    """What a running command does, and for how many seconds."""
    stage = say(f"cli.stage_{job.stage}", lang) if job.stage.isalpha() else job.stage or say("app.stage_waiting", lang)
    return {"what": job.what, "stage": stage, "code": job.stage or "waiting", "seconds": round(job.seconds)}


def _finished_shown(finished: Finished | None, lang: Lang) -> dict[str, Any] | None:
    if finished is None:
        return None
    return finished.model_dump() | {"error": for_page(finished.error, lang) if finished.error else ""}


def _is_outdated(case: Case, place: Path, lang: Lang) -> bool:
    """Whether exports or names changed since the comparison."""
    last = case.last("compare")
    if last is None or not case.exports:
        return False
    said, now = (
        command.rpartition(" --lang ")[0] for command in (last.command, shown(compare_words(case, place, lang)))
    )
    return said != now
