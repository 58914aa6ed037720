"""The user's actions in the application: add exports, state facts, compare, report, stop a command."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Annotated, Literal, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, Field

from reconcile.app import uploads
from reconcile.app.cases import RESULT, Case, CaseShelf, Export, Finished, Told
from reconcile.app.commands import MASKS, Mask, Words, compare_words, inspect_words, report_words, reports_folder, shown
from reconcile.app.errors import Refused
from reconcile.app.jobs import CANCELLED, DIED, NO_SECRETS, Jobs
from reconcile.app.recognised import LEAST_PARTS, PICTURES, kept_facts, parts_of, same_as
from reconcile.app.worker import KEY, PASSWORD, Done, Secrets
from reconcile.custody.atomic_files import write_files
from reconcile.intake.sqlite.key import KEY_FILE_END
from reconcile.vocabulary import Side
from reconcile.wording import Lang, say

Area = Literal["left", "right", "submission"]
SUBMISSION: Area = "submission"
AREAS: dict[Area, str] = {"left": "a", "right": "b", "submission": "submitted"}
"""Names of the folders for dropped files; `reconcile batch` knows the first two as the two sides of a case."""
MOST_LINES, MOST_FINISHED, MOST_EXPORTS = 200, 40, 40
BATCH = ""
"""Commands over many cases belong to no case."""


class Chosen(BaseModel):
    """People, each with all their names, and numbers that the user chose to mask."""

    model_config = ConfigDict(extra="forbid")

    people: list[list[Annotated[str, Field(max_length=400)]]] = Field([], max_length=2000)
    numbers: list[Annotated[str, Field(max_length=60)]] = Field([], max_length=2000)


class Signing(NamedTuple):
    """Signature and time stamp wanted for a PDF report; '' = none.

    Attributes:
        key: path of the file with the key that signs it.
        password: of that file; never stored.
        authority: address of the time-stamp authority.
    """

    key: str = ""
    password: str = ""
    authority: str = ""


class Desk:
    """Carries out the user's actions on the cases of one folder.

    Every method raises Refused for what cannot be done.
    """

    def __init__(self, shelf: CaseShelf, jobs: Jobs) -> None:
        self.shelf = shelf
        self.jobs = jobs
        self._keys: dict[tuple[str, str], str] = {}
        self._lock = Lock()

    def add(self, name: str, side: Side, path: str, lang: Lang) -> None:
        """Adds an export that stays where it is."""
        self._add_export(name, side, path_given(path), lang)

    def begin_drop(self, name: str, area_name: Area) -> int:
        """Starts a drop and returns the number under which its files are sent."""
        area = self._area_folder(name, area_name)
        with self.shelf.changing(name) as case:
            number, case.next = case.next, case.next + 1
        uploads.begin(area, number)
        return number

    def put_piece(self, name: str, area_name: Area, number: int, file: str, at: int, piece: bytes) -> None:
        """Stores a piece of a dropped file."""
        uploads.put_piece(self._area_folder(name, area_name), number, file, at, piece)

    def finish_drop(self, name: str, side: Side, number: int, lang: Lang) -> None:
        """Adds the files of a drop as one export, once all are there; refused files are deleted."""
        area = self._area_folder(name, side.value)
        dropped = uploads.finish(area, number)
        try:
            self._add_export(name, side, dropped, lang, number=number)
        except Refused:
            uploads.discard(area, number)
            raise

    def finish_submission(self, name: str, number: int) -> Path:
        """The path of a dropped submission, once all its files are there."""
        return uploads.finish(self._area_folder(name, SUBMISSION), number)

    def remove(self, name: str, identifier: str) -> None:
        """Removes an export from the case; a dropped one is deleted, sources elsewhere stay."""
        self.jobs.cancel(name, identifier)
        with self.shelf.changing(name) as case:
            export = case.export(identifier)
            case.exports.remove(export)
            others = [Path(e.path) for e in case.exports]
        self._keys.pop((name, identifier), None)
        self.shelf.forget_copy(name, export, others)

    def split(self, name: str, identifier: str, lang: Lang) -> None:
        """Replaces an export by one for each file or folder in it, all of the same side."""
        self.jobs.cancel(name, identifier)
        with self.shelf.changing(name) as case:
            export = case.export(identifier)
            found = [path for path in parts_of(export) if all(Path(e.path) != path for e in case.exports)]
            if len(found) < LEAST_PARTS or len(case.exports) + len(found) > MOST_EXPORTS:
                raise Refused("no_parts")
            numbers, case.next = range(case.next, case.next + len(found)), case.next + len(found)
            at = case.exports.index(export)
            case.exports[at : at + 1] = [
                Export(id=str(n), side=export.side, path=str(p), name=p.name, is_dropped=export.is_dropped)
                for n, p in zip(numbers, found, strict=True)
            ]
        self._keys.pop((name, identifier), None)
        for number in numbers:
            self.recognise(name, str(number), lang)

    def move(self, name: str, identifier: str) -> None:
        """Moves an export to the other party; its files stay where they are."""
        with self.shelf.changing(name) as case:
            export = case.export(identifier)
            export.side = next(side for side in Side if side != export.side)

    def tell(self, name: str, identifier: str, told: Told, key: str, lang: Lang, *, confirmed: bool = False) -> None:
        """Stores what the user states about an export, or confirms; reads it again if something changed."""
        with self.shelf.changing(name) as case:
            export = case.export(identifier)
            is_new = told != export.told or bool(key)
            # What is read another way is guessed anew.
            export.is_confirmed = confirmed or (export.is_confirmed and not is_new)
            export.told = told
        if key:
            self._keys[name, identifier] = key.strip()
        if is_new:
            self.recognise(name, identifier, lang)

    def recognise(self, name: str, identifier: str, lang: Lang) -> None:
        """Starts to inspect an export; stores what it is when that is known."""
        self.jobs.cancel(name, identifier)
        export = self.shelf.load(name).export(identifier)
        key = self._keys.get((name, identifier))

        def then(done: Done) -> None:
            """Stores what the inspection found."""
            self._record_recognised(name, identifier, done, key is not None, lang)

        self.jobs.start(name, identifier, inspect_words(export, lang), then, {KEY: key} if key else NO_SECRETS)

    def call(self, name: str, called: str | None, left: str | None, right: str | None) -> None:
        """Renames the case and its sides; None keeps a name."""
        with self.shelf.changing(name) as case:
            case.name = called.strip() or case.name if called is not None else case.name
            case.left_name = left.strip() if left is not None else case.left_name
            case.right_name = right.strip() if right is not None else case.right_name

    def compare(self, name: str, lang: Lang) -> None:
        """Starts the comparison of both parties' exports."""
        case, place = self.shelf.load(name), self.shelf.place(name)
        if {e.side for e in case.exports} != set(Side):
            raise Refused("one_party_only")
        if any(same_as(case, e) for e in case.exports):
            raise Refused("same_export")
        if any(e.needs_key or self.wants_key(name, e) for e in case.exports):
            raise Refused("key_first")
        if any(e.facts is None for e in case.exports):
            raise Refused("not_recognised")
        self.begin(name, "compare", compare_words(case, place, lang), RESULT, lang, self.keys_of(name, case))

    def report(
        self, name: str, forms: list[str], lang: Lang, mask: Mask, chosen: Chosen, signing: Signing | None = None
    ) -> None:
        """Starts writing reports of the finished comparison; stores in the case what to mask."""
        place = self.shelf.place(name)
        key, password, authority = signing or Signing()
        signs = str(path_given(key)) if key.strip() else ""
        if not (place / RESULT / "manifest.json").is_file():
            raise Refused("compare_first")
        if mask == "chosen":
            from reconcile.app.compared import masked_rows

            masks = {**chosen.model_dump(), "rows": masked_rows(place)}
            if not any(masks.values()):
                raise Refused("nothing_chosen")
            write_files({place / MASKS: orjson.dumps(masks, option=orjson.OPT_INDENT_2)})
        secrets = {PASSWORD: password} if signs and password else NO_SECRETS
        words = report_words(place, forms, lang, mask, {"--sign": signs, "--timestamp": authority.strip()})
        self.begin(name, "report", words, reports_folder(lang, mask), lang, secrets)

    def keys_of(self, name: str, case: Case) -> Secrets:
        """The keys given for the exports of a case, in the form that commands take."""
        keys = dict.fromkeys(k for e in case.exports if (k := self._keys.get((name, e.id))))
        return {KEY: KEY_FILE_END.join(keys)} if keys else NO_SECRETS

    def cancel(self, name: str, what: str) -> None:
        """Stops what is running for this part of a case."""
        self.jobs.cancel(name, what)

    def resume(self, lang: Lang) -> None:
        """Cleans up after a restart: deletes unfinished drops and reads interrupted exports again."""
        for name in self.shelf.names():
            try:
                case = self.shelf.load(name)
            except Refused:
                continue
            for area in AREAS.values():
                uploads.clear(self.shelf.place(name) / area)
            for export in case.exports:
                if export.facts is None and not (export.error or export.needs_key):
                    self.recognise(name, export.id, lang)

    def wants_key(self, name: str, export: Export) -> bool:
        """Whether an export needs its key again; keys are only held in memory."""
        return export.had_key and (name, export.id) not in self._keys

    def _add_export(self, name: str, side: Side, path: Path, lang: Lang, number: int | None = None) -> None:
        """Adds an export to the case and starts to inspect it. Raises Refused."""
        if path.suffix.lower() in PICTURES:
            raise Refused("is_picture")
        with self.shelf.changing(name) as case:
            if any(Path(e.path) == path for e in case.exports):
                raise Refused("given_twice", 409)
            if len(case.exports) >= MOST_EXPORTS:
                raise Refused("too_many_exports")
            if number is None:
                number, case.next = case.next, case.next + 1
            is_dropped = path.is_relative_to(self.shelf.place(name).resolve()) or path.is_relative_to(
                self.shelf.place(name)
            )
            given = Export(
                id=str(number), side=side, path=str(path), name=_name_of(path, number), is_dropped=is_dropped
            )
            case.exports.append(given)
        self.recognise(name, str(number), lang)

    def _area_folder(self, name: str, area: Area) -> Path:
        return self.shelf.place(name) / AREAS[area]

    def _record_recognised(self, name: str, identifier: str, done: Done, had_key: bool, lang: Lang) -> None:
        """Stores what an inspection found, or why it failed."""
        if done is CANCELLED:
            return
        facts = asked = None
        with suppress(ValueError, KeyError, TypeError):
            said = orjson.loads(done.out)
            facts, asked = (kept_facts(said), None) if done.code == 0 else (None, said["question"])
        error = "" if facts is not None else _error_of(done, lang)
        self._record_change(name, lambda case: _note_facts(case, identifier, facts, asked, error, had_key))

    def begin(self, name: str, what: str, words: Words, folder: str, lang: Lang, secrets: Secrets = NO_SECRETS) -> None:
        """Starts a command of a case and stores how it ends. Raises Refused if one of this kind is running."""
        with self._lock:
            if any(job.what == what for job in self.jobs.of(name)):
                raise Refused("runs_already", 409)

            def then(done: Done) -> None:
                """Stores how the command ended."""
                finished = finished_by(what, words, done, folder, lang)
                self._record_change(name, lambda case: _note_finished(case, finished))

            self.jobs.start(name, what, words, then, secrets)

    def _record_change(self, name: str, change: Callable[[Case], None]) -> None:
        """Changes the case; does nothing where the case or the export is gone."""
        # The case or the export may be gone when a command ends, or the disk full. That is no error of the command.
        with suppress(Refused), self.shelf.changing(name, keeps=True) as case:
            change(case)


def path_given(path: str) -> Path:
    """A path as people type or paste it, with or without quotes. Raises Refused if nothing is there."""
    given = Path(path.strip().strip('"').strip("'")).expanduser()
    if not given.is_absolute():
        raise Refused("path_not_whole")
    with suppress(
        OSError, ValueError, RuntimeError
    ):  # a name that is too long, contains a null character, or is a circular link
        return given.resolve(strict=True)
    raise Refused("path_not_there", 404)


def _name_of(path: Path, number: int) -> str:
    """The name of an export on the page; for files dropped together, the first and the number of others."""
    if path.name != str(number):
        return path.name
    names = sorted(p.name for p in path.iterdir())
    return f"{names[0]} +{len(names) - 1}" if names else path.name


def _note_facts(case: Case, identifier: str, facts: object, asked: object, error: str, had_key: bool) -> None:
    """Writes the result of an inspection into the case."""
    export = case.export(identifier)
    export.facts = facts if isinstance(facts, dict) else None
    export.question = asked if isinstance(asked, dict) else None
    asks = "--key-file" in error
    # The page asks for a key itself, so advice for the command line is left out.
    export.error = "" if asks and not had_key else error
    export.needs_key, export.had_key = asks or (had_key and bool(error)), had_key and not error


def _note_finished(case: Case, finished: Finished) -> None:
    """Adds a finished command to the case; only the latest are kept."""
    case.finished = [*case.finished, finished][-MOST_FINISHED:]


def finished_by(what: str, words: Words, done: Done, folder: str, lang: Lang) -> Finished:
    """The stored result of a finished command."""
    lines = done.out.splitlines()[:MOST_LINES]
    error = _error_of(done, lang) if done.code not in {0, 1, 3} else ""
    return Finished(what=what, command=shown(words), code=done.code, lines=lines, error=error, folder=folder)


def _error_of(done: Done, lang: Lang) -> str:
    """The line that says why the command failed."""
    if done is CANCELLED:
        return say("app.cancelled", lang)
    if done is DIED:
        return say("app.died", lang)
    said = done.err.strip().splitlines()
    return said[-1].removeprefix("reconcile: ") if said else say("app.died", lang)
