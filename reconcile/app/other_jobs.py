"""Other actions on a case: check a submission, compare payments, seal, checklist and guide."""

from reconcile.app.cases import Case
from reconcile.app.commands import bill_words, check_words, checklist_words, guide_words, seal_words, verify_words
from reconcile.app.desk import Desk, path_given
from reconcile.app.errors import Refused
from reconcile.app.worker import PASSWORD
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Side
from reconcile.wording import Lang

SEAL = lazy_pattern(r"seal-\d{1,4}")
MOST_SEALS = 10_000


def check(desk: Desk, name: str, path: str, side: Side, lang: Lang) -> None:
    """Starts the check of a submission against a party's exports."""
    case, place, submission = desk.shelf.load(name), desk.shelf.place(name), path_given(path)
    if all(e.side != side for e in case.exports):
        raise Refused("one_party_only")
    words = check_words(case, place, str(submission), side, lang)
    desk.begin(name, "check", words, "check", lang, desk.keys_of(name, case))


def bill(desk: Desk, name: str, path: str, password: str, lang: Lang) -> None:
    """Starts the comparison of a payment statement with the payments in the case's exports."""
    case, place, statement = desk.shelf.load(name), desk.shelf.place(name), path_given(path)
    secrets = {**desk.keys_of(name, case), **({PASSWORD: password} if password else {})}
    desk.begin(name, "bill", bill_words(case, place, str(statement), lang), "bill", lang, secrets)


def seal(desk: Desk, name: str, lang: Lang) -> None:
    """Starts to hash the case's exports, into a new folder of the case."""
    case, place = desk.shelf.load(name), desk.shelf.place(name)
    if not case.exports:
        raise Refused("no_exports")
    number = next(n for n in range(1, MOST_SEALS) if not (place / f"seal-{n}").exists())
    desk.begin(name, "seal", seal_words(case, place / f"seal-{number}", lang), f"seal-{number}", lang)


def verify(desk: Desk, name: str, sealed: str, lang: Lang) -> None:
    """Starts to verify that the files of one of this case's seals are unchanged."""
    if sealed not in seals_of(desk.shelf.load(name)):
        raise Refused("no_such_seal", 404)
    desk.begin(name, "verify", verify_words(desk.shelf.place(name) / sealed, lang), "", lang)


def seals_of(case: Case) -> list[str]:
    """The seals made in this case, latest first."""
    made = [f.folder for f in case.finished if f.what == "seal" and f.code == 0 and SEAL.fullmatch(f.folder)]
    return list(dict.fromkeys(reversed(made)))


def checklist(desk: Desk, name: str, lang: Lang) -> None:
    """Starts to write the checklist of a submission; the first time, it creates the case file to fill in."""
    place = desk.shelf.place(name)
    make, judge = checklist_words(place, lang)
    words = judge if (place / "checklist" / "case.toml").is_file() else make
    desk.begin(name, "checklist", words, "checklist", lang)


def guide(desk: Desk, name: str, form: str, lang: Lang) -> None:
    """Starts to write the guide to keeping and extracting records."""
    desk.begin(name, "guide", guide_words(desk.shelf.place(name), form, lang), "guide", lang)
