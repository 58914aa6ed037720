"""Every reader keeps the contract: exclusive recognition, repeatable reading, sound frames, provenance, documentation."""

import shutil
import sys
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest

from reconcile.errors import ReconcileError
from reconcile.formats.registry import FORMS, all_readers, readers_for
from reconcile.frames import Contacts, Conversations, Counters, Members, Messages, Witnesses
from reconcile.intake.contract import Reader
from reconcile.intake.file_reader import FileReader
from reconcile.intake.identify import identify
from reconcile.intake.side_stores import is_fallback
from reconcile.intake.source import Source
from tests.contracts.golden import EXPORTS, case_source, cases, hold, known, options_of, read
from tests.thorough import WHOLE, some

DOCS = EXPORTS.parents[1] / "docs"
CASES = cases()
# Our own neutral table, and raw databases, whose files their own tests build.
WITHOUT_FIXTURE = frozenset(r.name for r in all_readers() if r.name == "message_table" or r.name.endswith("_db"))
IDS = [f"{c.parent.name}-{c.name}" for c in CASES]
of_each_reader = pytest.mark.parametrize(
    "case", {c.parent.name: c for c in CASES}.values(), ids=lambda c: c.parent.name
)
of_some_readers = pytest.mark.parametrize(
    "case", some({c.parent.name: c for c in CASES}.values(), 3), ids=lambda c: c.parent.name
)
of_each_in_the_suite = pytest.mark.parametrize("case", CASES, ids=IDS) if WHOLE else of_each_reader


@pytest.fixture(scope="module", params=CASES, ids=IDS)
def case(request: pytest.FixtureRequest) -> Path:
    """Each fixture in turn: every law is asked of one before the next is read."""
    found: Path = request.param
    return found


def test_the_right_reader_and_no_other_is_certain(case: Path) -> None:
    source = Source(case_source(case))
    assert identify(all_readers(), source).name == case.parent.name
    # What takes whatever nobody else knows reads the whole source and is asked last.
    claims = {r.name: r.sniff(source).strength for r in all_readers() if not is_fallback(r)}
    assert {n for n, c in claims.items() if c == "certain"} <= {case.parent.name}
    assert {n for n, c in claims.items() if c != "none"} <= {r.name for r in readers_for(source)}


@of_each_reader
def test_a_file_that_lies_alone_in_a_folder_is_recognised_as_the_file_itself(case: Path, tmp_path: Path) -> None:
    files = [f for f in (case / "input").rglob("*") if f.is_file()]
    if len(files) == 1:
        shutil.copy(files[0], tmp_path)
        assert identify(all_readers(), Source(tmp_path)).name == identify(all_readers(), Source(files[0])).name


def test_a_fixture_reads_as_its_golden_file_says(case: Path) -> None:
    hold(case, known(case))


# What expected.json holds was read by another process, so every fixture reads the same each time; here some read twice in one.
@of_some_readers
def test_a_reader_that_reads_twice_gives_the_same(case: Path) -> None:
    one, two = known(case), read(case)
    assert one.messages.equals(two.messages)
    assert (one.facts, one.notes) == (two.facts, two.notes)


@pytest.mark.parametrize("schema", [Messages, Conversations, Contacts, Members, Witnesses, Counters])
def test_frames_obey_their_schemas(schema: type[dy.Schema]) -> None:
    frames = [getattr(known(case), schema.__name__.lower()) for case in CASES]
    assert [i for i, frame in zip(IDS, frames, strict=True) if frame.schema != schema.create_empty().schema] == []
    # No rule of a schema looks at more than one row: all frames obey where those of all cases together do.
    schema.validate(pl.concat(frames))


def test_rows_are_numbered_in_order_and_belong_to_a_conversation_that_is_listed(case: Path) -> None:
    reading = known(case)
    assert reading.messages["row"].to_list() == list(range(reading.messages.height))
    assert set(reading.messages["conversation"]) <= set(reading.conversations["conversation"])


def test_a_locator_names_a_file_of_the_source_and_one_row_only(case: Path) -> None:
    source, messages = Source(case_source(case)), known(case).messages
    assert messages["locator"].is_unique().all()
    names = set(source.names)
    assert {loc.split("#", 1)[0] for loc in messages["locator"]} <= names


def test_every_reader_documents_its_form() -> None:
    told = {r.name: sys.modules[type(r).__module__].__doc__ or "" for r in all_readers()}
    words = ("Producer:", "Container:", "Encoding:", "Time zone:", "Cannot say:")
    assert [(name, word) for name, doc in told.items() for word in words if word not in doc] == []
    assert all(isinstance(r, Reader) for r in all_readers())


def test_every_reader_has_a_fixture() -> None:
    assert {r.name for r in all_readers()} - WITHOUT_FIXTURE - {c.parent.name for c in CASES} == set()


def test_every_reader_has_a_page_in_both_languages() -> None:
    pages = {r.name: [DOCS / lang / "formats" / f"{r.name}.md" for lang in ("en", "zh")] for r in all_readers()}
    # What lacks one needs pages/NAME.toml and `make pages`.
    assert [name for name, both in pages.items() if not all(p.is_file() for p in both)] == []


def test_every_fixture_belongs_to_a_reader() -> None:
    assert {c.parent.name for c in CASES} <= {r.name for r in all_readers()}


def test_readers_stand_in_alphabetical_order() -> None:
    names = [r.name for r in all_readers()]
    assert names == sorted(names)


def test_the_list_of_readers_repeats_each_name_and_its_endings() -> None:
    readers = {r.name: r for r in all_readers()}
    assert [f.name for f in FORMS] == list(readers)
    for form in FORMS:
        reader = readers[form.name]
        assert set(getattr(reader, "suffixes", ())) <= set(form.endings) or not isinstance(reader, FileReader)


@of_each_in_the_suite
def test_a_file_cut_in_the_middle_ends_in_one_clear_error_or_a_note(case: Path, tmp_path: Path) -> None:
    source = case_source(case)
    cut = tmp_path / source.name
    if source.is_dir():
        shutil.copytree(source, cut)
    else:
        shutil.copy(source, cut)
    largest = max(Source(cut).files, key=lambda f: (f.stat().st_size, f.name))
    data = largest.read_bytes()
    largest.write_bytes(data[: len(data) * 3 // 5])
    said = ""
    height = 0
    try:
        opened = Source(cut)
        height = identify(all_readers(), opened, forced=case.parent.name).read(opened, options_of(case)).messages.height
    except ReconcileError as error:
        said = str(error)
    assert "\n" not in said
    assert height <= known(case).messages.height
