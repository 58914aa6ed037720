"""Changed inputs of every form, always the same ones: none ends in anything but a reading, a note or one clear line."""

import warnings
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from bench.fuzz.laws import SilentLoss, hold_bill, hold_tokens
from bench.fuzz.tokens import shown, standing
from bench.fuzz.worker import Bench
from reconcile.case import read
from reconcile.custody.bill import BillNote, read_bill
from reconcile.custody.bill_frames import BillRows
from reconcile.errors import ReaderFailed, ReconcileError
from reconcile.formats.registry import all_readers
from reconcile.frames import Contacts, Messages
from reconcile.intake.contract import Note, Reading
from reconcile.submission.pasted import read_pasted
from reconcile.vocabulary import NoteCode
from tests.thorough import some

CORPUS = sorted((Path(__file__).parents[2] / "fixtures" / "fuzz").iterdir())
FORMS = sorted({r.name for r in all_readers()} | {"wechat_pay_bill", "submission"})


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("seeds"))


@pytest.mark.parametrize("form", some(FORMS))
def test_changed_inputs_of_a_form_are_read_noted_or_refused(form: str, bench: Bench, tmp_path: Path) -> None:
    index = next(i for i, s in enumerate(bench.seeds) if s.form == form)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = bench.run(index, 7, tmp_path)
    assert told["end"] != "crash", told.get("trace")


@pytest.mark.parametrize("form", ["message_table", "weflow_xlsx", "wechat4_db", "chatlog_json"])
def test_a_token_in_the_material_and_in_nothing_read_or_noted_is_a_silent_loss(form: str, bench: Bench) -> None:
    seed, tokens = bench.tokened(next(i for i, s in enumerate(bench.seeds) if s.form == form))
    base = read(seed.path, None, seed.options)
    assert tokens
    assert tokens <= standing(seed.path)
    hold_tokens(base, base, tokens, seed.path)
    token = min(tokens)
    less = replace(
        base,
        messages=Messages.cast(base.messages.filter(~pl.col("text").str.contains(token))),
        witnesses=base.witnesses.clear(),
    )
    with pytest.raises(SilentLoss, match=token):
        hold_tokens(less, base, frozenset({token}), seed.path)
    hold_tokens(
        replace(less, notes=(*base.notes, Note(NoteCode.ROW_SKIPPED, "a#1"))), base, frozenset({token}), seed.path
    )
    hold_tokens(replace(less, notes=(*base.notes, Note(NoteCode.PART_UNREADABLE, "a"))), base, tokens, seed.path)
    with pytest.raises(SilentLoss):
        hold_tokens(
            replace(less, notes=(*base.notes, Note(NoteCode.BAD_TIME, "a#1"))), base, frozenset({token}), seed.path
        )


def test_a_token_with_zero_bytes_inside_is_shown_where_the_reading_keeps_them(bench: Bench) -> None:
    base = bench.base(next(s for s in bench.seeds if s.form == "message_table"))
    kept = base.messages.with_columns(pl.lit("好Qzj\0abc\0def").alias("text"))
    assert shown(replace(base, messages=Messages.cast(kept))) == {"Qzjabcdef"}


@pytest.mark.parametrize("name", ["微信支付账单.csv", "微信支付账单.xlsx"])
def test_a_payment_in_the_statement_and_in_nothing_read_or_noted_is_a_silent_loss(name: str, bench: Bench) -> None:
    path = next(s.path for s in bench.seeds if s.form == "wechat_pay_bill" and s.path.name == name)
    sound = read_bill(path)
    hold_bill(sound, sound, path)
    less = replace(sound, rows=BillRows.cast(sound.rows.head(11)))
    with pytest.raises(SilentLoss, match="1 of 12"):
        hold_bill(less, sound, path)
    hold_bill(replace(less, notes=(*sound.notes, BillNote("a"))), sound, path)


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.name)
def test_what_once_ended_in_a_traceback_or_was_lost_no_longer_is(path: Path) -> None:
    inside = sorted(path.iterdir())
    refused, found = outcome(path.name, inside[0] if len(inside) == 1 else path)
    assert not isinstance(refused, ReaderFailed)
    assert "\n" not in str(refused)
    assert refused or found is None or found.messages.height or found.posts or found.notes


def outcome(kind: str, source: Path) -> tuple[ReconcileError | None, Reading | None]:
    try:
        if kind.startswith("bill"):
            read_bill(source, "1234" if kind.endswith("locked") else None)
            return None, None
        found = read_pasted(source) if kind.startswith("pages") else read(source)
    except ReconcileError as error:
        return error, None
    Messages.validate(found.messages)
    Contacts.validate(found.contacts)
    return None, found
