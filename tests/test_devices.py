"""Several devices of one party, an earlier export against a later one, more than two exports of a group."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import polars as pl
import pytest
from click.testing import CliRunner

import reconcile
from reconcile import case
from reconcile.case import read
from reconcile.cli.main import program
from reconcile.devices import merge_devices
from reconcile.drift import drift_of, run_drift
from reconcile.engine.compare import compare_readings
from reconcile.errors import UsageError
from reconcile.frames import Findings
from reconcile.group import Union, run_group, union_of
from reconcile.intake.contract import INCOMPLETE, SELECTION, Declared
from reconcile.options import CaseOptions
from reconcile.settings import Settings
from tests.build.chats import chat, held
from tests.thorough import meeting

JIA, YI, BING = "wxid_jia000000001", "wxid_yi0000000002", "wxid_bing00000003"
START = 1_709_254_800
WORDS = "第{n}批材料{m}箱今天已经送到工地门口，请派人清点并在送货单上签字"


def table(
    folder: Path,
    name: str,
    owner: str,
    gone: Iterable[int] = (),
    *,
    rows: int = 40,
    room: bool = False,
    never: Iterable[int] = (),
    **changed: str,
) -> Path:
    """One device's export of the same forty messages, without those that it lacks; `changed` holds tN = other words.

    Rows are numbered as they came; those of `never` were not there when they did, the others that it lacks had a number.
    """
    unnumbered = set(never)
    numbers = {n: i for i, n in enumerate((n for n in range(rows) if n not in unnumbered), 1)}
    lost = {*gone, *unnumbered}
    folder.mkdir(parents=True, exist_ok=True)
    people = (JIA, YI, BING) if room else (JIA, YI)
    peer = "48000000001@chatroom" if room else (YI if owner == JIA else JIA)
    lines = [
        {
            "sent_at": START + n * 1000 + n * n, "sender": people[n % len(people)], "is_self": people[n % len(people)] == owner,
            "conversation": peer, "conversation_kind": "group" if room else "direct", "message_id": str(6_116_895_530_414_900_000 + n * 7_919_321),
            "text": changed.get(f"t{n}", WORDS.format(n=n, m=n * 3 + 1)), "kind": "text", "local_id": numbers[n],
        }
        for n in range(rows)
        if n not in lost
    ]  # fmt: skip
    file = folder / f"{name}.jsonl"
    file.write_bytes(b"\n".join(orjson.dumps(line) for line in lines))
    file.with_suffix(".json").write_bytes(orjson.dumps({"owner": {"id": owner}, "time_unit": "s"}))
    return file


def compare(left: Path, right: Path, out: Path, more: tuple[list[Path], list[Path]] = ([], [])) -> Findings:
    """The comparison without error rates and reports, of which devices say nothing."""
    return case.compare(left, right, out, CaseOptions(error_rates=False, reports=()), more=more)


def missing(found: pl.DataFrame) -> tuple[int, int]:
    return int(found["left_missing"].sum()), int(found["right_missing"].sum())


def test_a_phone_beside_a_pc_leaves_only_what_the_party_truly_lacks(tmp_path: Path) -> None:
    pc, phone = table(tmp_path / "a", "pc", JIA, [7, *range(15, 24)]), table(tmp_path / "a", "phone", JIA, [7])
    other = table(tmp_path / "b", "other", YI)
    assert missing(compare(pc, other, tmp_path / "one").verdicts) == (10, 0)
    both = compare(pc, other, tmp_path / "two", more=([phone], []))
    assert missing(both.verdicts) == (1, 0)


def beside_a_selection(folder: Path, gone: Iterable[int]) -> Findings:
    """A device that lacks rows, merged with a selection of a few, against an export of all."""
    whole, mail = read(table(folder, "whole", JIA, gone)), read(table(folder, "mail", JIA, set(range(40)) - {2, 5, 30}))
    chosen = replace(mail, facts=replace(mail.facts, declared=(SELECTION,)))
    merged = merge_devices([whole, chosen], ["whole", "mail"], Settings()).reading
    return compare_readings(merged, read(table(folder, "other", YI)), Settings())


def test_a_selection_excuses_no_message_between_two_that_another_device_holds(tmp_path: Path) -> None:
    found = beside_a_selection(tmp_path, [7, 20, 21, 22])
    assert missing(found.verdicts) == (4, 0)
    assert all("second_device" in tests for tests in found.gaps["tests_not_possible"])


def test_where_a_selection_alone_holds_messages_it_excuses_those_it_lacks(tmp_path: Path) -> None:
    found = beside_a_selection(tmp_path, range(12))
    assert missing(found.verdicts) == (0, 0)
    assert found.alignment["cause"].cast(pl.String).value_counts().filter(cause="declared")["count"].to_list() == [10]


@pytest.mark.parametrize("order", [("phone", "pc"), ("pc", "phone")])
def test_a_merged_copy_is_tested_by_the_numbers_of_the_device_that_holds_the_rows(
    tmp_path: Path, order: tuple[str, str]
) -> None:
    """Row 7 had a number on the phone; the PC, signed off from 3 to 11, gave none."""
    devices = {
        "phone": table(tmp_path / "a", "phone", JIA, [7]),
        "pc": table(tmp_path / "a", "pc", JIA, never=range(3, 12)),
    }
    first, second = (devices[name] for name in order)
    found = compare(first, table(tmp_path / "b", "other", YI), tmp_path / "out", more=([second], []))
    assert found.gaps["cause"].cast(pl.String).to_list() == ["id_gap"]
    assert found.irregularities.is_empty()


@pytest.fixture(scope="module")
def of_two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Findings]:
    """A party's two devices against the other party: the folder of results and the findings."""
    folder = tmp_path_factory.mktemp("two")
    pc, phone = table(folder / "a", "pc", JIA, range(15, 24)), table(folder / "a", "phone", JIA, [3])
    found = compare(pc, table(folder / "b", "other", YI), folder / "out", more=([phone], []))
    return folder / "out", found


def test_every_row_of_every_device_stands_in_devices_parquet_once(of_two: tuple[Path, Findings]) -> None:
    out, found = of_two
    rows = pl.read_parquet(out / "devices.parquet")
    assert rows.group_by("label").len().sort("label").rows() == [("pc.jsonl", 31), ("phone.jsonl", 39)]
    assert rows.select("label", "device_row").is_duplicated().sum() == 0
    kept = rows.filter(pl.col("state") == "kept")["row"].sort().to_list()
    assert kept == list(range(40)) == found.messages.filter(pl.col("side").cast(pl.String) == "left")["row"].to_list()


def test_a_row_names_the_device_that_holds_it(of_two: tuple[Path, Findings]) -> None:
    left = pl.read_parquet(of_two[0] / "messages.parquet").filter(pl.col("side") == "left")
    assert left["locator"][15].startswith("phone.jsonl/")
    assert left["locator"][14].startswith("pc.jsonl/")


def test_the_summary_says_what_a_device_alone_would_lack(of_two: tuple[Path, Findings]) -> None:
    told = pl.read_parquet(of_two[0] / "devices_summary.parquet")
    assert told.select("label", "held", "only_here", "lacks", "would_lack").rows() == [("pc.jsonl", 31, 1, 9, 9), ("phone.jsonl", 39, 9, 1, 1)]  # fmt: skip
    assert "phone.jsonl" in (of_two[0] / "devices.html").read_text("utf-8")


def test_two_devices_with_other_words_of_one_message_are_told_apart(tmp_path: Path) -> None:
    readings = [
        read(table(tmp_path / "a", "pc", JIA)),
        read(table(tmp_path / "a", "phone", JIA, t9="第9批材料99箱今天已经送到工地门口，请派人清点并在送货单上签字")),
    ]
    party = merge_devices(readings, ["pc", "phone"], compare_settings())
    assert party.rows is not None
    assert party.rows.filter(pl.col("state") == "differs").select("label", "row").rows() == [("phone", 9)]
    assert "28箱" in party.reading.messages["text"][9]


def without_conversation(file: Path, seconds: int = 0) -> Path:
    """The table as CSV without its columns of conversations and ids, its clock off by so many seconds."""
    lines = pl.read_ndjson(file).drop("conversation", "conversation_kind", "message_id", "local_id")
    lines.with_columns(pl.col("sent_at") + seconds).write_csv(file.with_suffix(".csv"))
    file.unlink()
    return file.with_suffix(".csv")


@meeting(keyed=["none", "first", "second"], seconds=[37, -37, 120, 3600])
def test_a_second_device_is_put_on_the_first_ones_clock(tmp_path: Path, keyed: str, seconds: int) -> None:
    phone, pc = table(tmp_path / "a", "phone", JIA, range(3, 40, 4)), table(tmp_path / "b", "pc", JIA, range(1, 40, 4))
    if keyed != "second":
        pc = without_conversation(pc, seconds)
    if keyed != "first":
        phone = without_conversation(phone, -seconds if keyed == "second" else 0)
    party = merge_devices([read(phone), read(pc)], ["phone", "pc"], compare_settings()).reading.messages
    whole = read(table(tmp_path / "c", "whole", JIA)).messages
    base = pl.duration(seconds=-seconds if keyed == "second" else 0)
    expected = whole.select("text", pl.col("sent_at") + base)
    assert party.select("text", "sent_at").equals(expected)


def compare_settings() -> Settings:

    return Settings()


def test_devices_of_one_party_may_be_given_by_options_alone(tmp_path: Path) -> None:
    paths = [str(table(tmp_path / "a", n, JIA, g)) for n, g in (("pc", range(15, 24)), ("phone", ()))]
    other = str(table(tmp_path / "b", "other", YI))
    run = CliRunner().invoke(program, ["compare", "--left", paths[0], "--left", paths[1], "--right", other, "--out", str(tmp_path / "out"), "--no-error-rates", "--report", "json"], standalone_mode=False)  # fmt: skip
    assert (run.exception, run.return_value) == (None, 0), run.output


def test_one_export_alone_is_no_comparison(tmp_path: Path) -> None:
    alone = tmp_path / "a.csv"
    alone.write_text("sent_at,sender,text\n2024-03-01 09:00:00,wxid_a,在吗\n", "utf-8")
    run = CliRunner().invoke(program, ["compare", str(alone), "--out", str(tmp_path / "out")], standalone_mode=False)
    assert isinstance(run.exception, UsageError)


def test_an_export_of_another_account_is_no_device_of_the_party(tmp_path: Path) -> None:
    pc, other = table(tmp_path / "a", "pc", JIA), table(tmp_path / "b", "other", YI)
    with pytest.raises(UsageError, match=YI):
        compare(pc, other, tmp_path / "out", more=([other], []))
    assert not (tmp_path / "out").exists()


def test_swapping_the_parties_mirrors_the_counts_of_their_devices(tmp_path: Path) -> None:
    pc, phone = table(tmp_path / "a", "pc", JIA, [7, *range(15, 24)]), table(tmp_path / "a", "phone", JIA, [7])
    found = compare(table(tmp_path / "b", "other", YI), pc, tmp_path / "out", more=([], [phone]))
    assert missing(found.verdicts) == (0, 1)


def test_drift_tells_what_went_what_came_and_what_changed(tmp_path: Path) -> None:
    old = table(tmp_path, "old", JIA, rows=30)
    new = table(
        tmp_path, "new", JIA, [11, 12], rows=36, t20="第20批材料16箱今天已经送到工地门口，请派人清点并在送货单上签字"
    )
    found = run_drift(old, new, tmp_path / "out")
    assert found.counts == {
        "stayed": 27,
        "changed": 1,
        "went": 2,
        "came_later": 6,
        "came_earlier": 0,
        "unsure": 0,
        "aside": 0,
    }
    rows = pl.read_parquet(tmp_path / "out" / "drift.parquet")
    assert rows["old_row"].drop_nulls().n_unique() == 30
    assert rows["new_row"].drop_nulls().n_unique() == 34


def test_the_page_of_two_exports_names_senders_as_the_device_shows_them(tmp_path: Path) -> None:
    old = Path(__file__).parents[1] / "fixtures" / "disputes" / "loan" / "a.csv"
    lines = old.read_text("utf-8").splitlines(keepends=True)
    new = tmp_path / "a.csv"
    new.write_text("".join(line for line in lines if "我承诺8月31日" not in line), "utf-8")
    new.with_suffix(".json").write_bytes(old.with_suffix(".json").read_bytes())
    run_drift(old, new, tmp_path / "out")
    assert "<b><bdi>何俊（同学）</bdi></b>" in (tmp_path / "out" / "drift.html").read_text("utf-8")


def test_drift_of_an_export_against_itself_finds_nothing(tmp_path: Path) -> None:
    export = table(tmp_path, "old", JIA)
    found, _ = drift_of(read(export), read(export))
    assert found.counts["stayed"] == 40
    assert not found.has_findings


def test_rows_that_went_from_the_beginning_are_told_too(tmp_path: Path) -> None:
    found, _ = drift_of(read(table(tmp_path, "old", JIA)), read(table(tmp_path, "new", JIA, range(6))))
    assert found.counts["went"] == 6


def test_the_drift_command_answers_1_when_something_went(tmp_path: Path) -> None:
    paths = [str(table(tmp_path, "old", JIA)), str(table(tmp_path, "new", JIA, [9]))]
    run = CliRunner().invoke(
        program, ["drift", *paths, "--out", str(tmp_path / "out"), "--lang", "en"], standalone_mode=False
    )
    assert (run.exception, run.return_value) == (None, 1)
    assert "In the earlier export only: 1" in run.output


def room(folder: Path) -> list[Path]:
    return [table(folder / o, "export", o, g, room=True) for o, g in ((JIA, [10]), (YI, [10, 20, 21]), (BING, [30]))]


@pytest.fixture(scope="module")
def union(tmp_path_factory: pytest.TempPathFactory) -> Union:
    folder = tmp_path_factory.mktemp("room")
    return run_group(room(folder), folder / "out", names=["甲", "乙", "丙"])


def test_the_union_of_a_group_says_who_holds_what(union: Union) -> None:
    assert union.messages.height == 40
    lacked = union.messages.filter(pl.col("lacking").list.len() > 0).sort("sent_at")
    assert lacked.select("holders", "lacking").rows() == [(["丙"], ["甲", "乙"]), (["甲", "丙"], ["乙"]), (["甲", "丙"], ["乙"]), (["甲", "乙"], ["丙"])]  # fmt: skip


def test_an_export_that_names_no_conversation_is_of_the_one_that_the_others_name(tmp_path: Path) -> None:
    files = [table(tmp_path / str(n), "a", JIA, {n}) for n in range(3)]
    union = run_group([files[0], *map(without_conversation, files[1:])], tmp_path / "out")
    assert union.messages["conversation"].to_list() == [YI] * 40


def test_a_message_of_which_no_comparison_tells_is_unsure_and_not_excused() -> None:
    whole = chat(40)
    cut = held(whole[:12] + whole[13:], 2, is_room=True, declared=(Declared(INCOMPLETE),))
    told = union_of([held(whole, 0, is_room=True), held(whole, 1, is_room=True), cut], ["甲", "乙", "丙"]).messages
    odd = told.filter("is_unsure").select("text", "lacking", "excused").rows()
    assert odd == [(whole[12]["text"], [], ["丙:unsure"])]
    assert told["excused"].list.len().sum() == 1


def test_every_row_of_every_party_stands_in_the_union_once(union: Union) -> None:
    assert union.rows.group_by("party").len()["len"].sort().to_list() == [37, 39, 39]
    assert union.rows.select("party", "row").is_duplicated().sum() == 0
    assert union.messages["message"].to_list() == list(range(40))
    assert union.messages["sent_at"].is_sorted()
    assert set(union.rows["message"]) == set(range(40))
    first = union.rows.filter(pl.col("party") == union.rows["party"][0]).sort("row")
    assert first["message"].is_sorted()


def test_a_group_run_answers_with_pairwise_verdicts_and_a_page(tmp_path: Path) -> None:
    run = CliRunner().invoke(
        program,
        ["group", *map(str, room(tmp_path)), "--out", str(tmp_path / "out"), "--lang", "en"],
        standalone_mode=False,
    )
    assert (run.exception, run.return_value) == (None, 1)
    assert pl.read_parquet(tmp_path / "out" / "verdicts.parquet").height == 3
    assert "Pair by pair" in (tmp_path / "out" / "group.html").read_text("utf-8")


def written(folder: Path, name: str, lines: list[dict[str, object]], **sidecar: object) -> Path:
    """One device's export of these rows."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.jsonl"
    file.write_bytes(b"\n".join(orjson.dumps(line) for line in lines))
    file.with_suffix(".json").write_bytes(orjson.dumps({"time_unit": "s", **sidecar}))
    return file


def test_a_device_that_shows_names_only_keeps_owner_and_peer_apart(tmp_path: Path) -> None:
    """The old phone ends before the new one begins, so no common row tells who is who: only whose device it is does."""
    said = [
        {"sent_at": START + n * 900, "is_self": n % 2 == 0, "text": WORDS.format(n=n, m=n * 3 + 1), "kind": "text"}
        for n in range(40)
    ]
    names = [{**line, "sender": "杨帆" if line["is_self"] else "宋佳"} for line in said[:20]]
    ids = [{**line, "sender": JIA if line["is_self"] else YI, "conversation": YI, "conversation_kind": "direct"} for line in said[20:]]  # fmt: skip
    new, old = written(tmp_path, "new", ids, owner={"id": JIA}), written(tmp_path, "old", names)
    for order in ((new, old), (old, new)):
        merged = merge_devices([read(p) for p in order], ["one", "two"], compare_settings()).reading.messages
        told = merged.group_by("is_self").agg(pl.col("sender").unique())
        assert [{YI, JIA} & set(s) for s in told.sort("is_self")["sender"]] in ([{YI}, {JIA}], [set(), set()])
        assert not any({"宋佳", "杨帆"} <= set(s) for s in told["sender"])


def test_every_row_of_a_device_stands_or_is_the_record_of_one_that_stands(tmp_path: Path) -> None:
    """Pictures, equal words and messages held twice, some with other ids or digests or none: no row vanishes."""
    rows: list[dict[str, object]] = [
        {"sent_at": START + n * 60, "is_self": n % 2 == 0, "sender": (JIA, YI)[n % 2], "conversation": YI, "text": WORDS.format(n=n, m=n), "kind": "text", "message_id": str(10**18 + n * 7919)}
        for n in range(30)
    ]  # fmt: skip
    pc, phone = list(rows), list(rows)
    picture = {**rows[10], "kind": "image", "text": "[图片]"}
    pc.append({**picture, "message_id": str(10**18 + 500_001), "sent_at": START + 640})
    phone.append({**picture, "message_id": str(10**18 + 600_003), "sent_at": START + 600})
    short = {**rows[20], "text": "收到", "message_id": ""}
    pc.append({**short, "sent_at": START + 1210})
    phone += [{**short, "sent_at": START + 1330}, {**short, "sent_at": START + 1331}, {**short, "kind": "voice", "text": "[语音]", "sent_at": START + 1400}]  # fmt: skip
    files = [
        written(tmp_path, name, sorted(told, key=lambda line: str(line["sent_at"])), owner={"id": JIA})
        for name, told in (("pc", pc), ("phone", [*phone, phone[4]]))
    ]
    readings = [read(p) for p in files]
    party = merge_devices(readings, ["pc", "phone"], compare_settings())
    assert party.rows is not None
    held = [r.messages.with_columns(device=pl.lit(i, pl.UInt32)) for i, r in enumerate(readings)]
    columns = ["text", "kind", "message_id", "media_hash"]
    said = pl.concat(f.select("device", pl.col("row").alias("device_row"), *columns) for f in held)
    merged = party.reading.messages.select("row", "locator", *columns)
    told = party.rows.join(said, on=["device", "device_row"]).join(merged, on="row", suffix="_now", how="left")
    assert told.height == sum(r.messages.height for r in readings)
    one_id = pl.col("message_id") == pl.col("message_id_now")
    no_other = (pl.col("message_id") != pl.col("message_id_now")).fill_null(value=False).not_()
    equal = (pl.col("text") == pl.col("text_now")) & (pl.col("kind") == pl.col("kind_now")) & no_other
    lost = told.filter(~((pl.col("locator") == pl.col("locator_now")) | one_id | equal).fill_null(value=False))
    assert lost.is_empty()
    assert merged.filter(pl.col("kind").cast(pl.String) == "image").height == 2


def test_a_row_that_may_be_another_devices_message_is_in_doubt_and_not_missing(tmp_path: Path) -> None:
    def lines(owner: str, seconds: float) -> list[dict[str, object]]:
        said = [
            {"sent_at": START + n * 600, "sender": (JIA, YI)[n % 2], "text": WORDS.format(n=n, m=n), "kind": "text"}
            for n in range(24)
        ]
        said[12] |= {"kind": "voice", "text": "[语音]", "duration": seconds, "sent_at": START + 7188 + int(seconds)}
        peer = YI if owner == JIA else JIA
        return [{**s, "is_self": s["sender"] == owner, "conversation": peer} for s in said]

    pc, phone, other = (
        written(tmp_path, name, lines(owner, seconds), owner={"id": owner})
        for name, owner, seconds in (("pc", JIA, 12.0), ("phone", JIA, 31.0), ("other", YI, 12.0))
    )
    found = compare(pc, other, tmp_path / "out", more=([phone], []))
    rows = pl.read_parquet(tmp_path / "out" / "devices.parquet").filter(pl.col("state") == "unsure")
    assert rows.select("label", "row").rows() == [("phone.jsonl", 13)]
    assert missing(found.verdicts) == (0, 0)
    odd = found.alignment.filter(pl.col("left_row") == 13).select(pl.col("relation", "detail").cast(pl.String))
    assert odd.rows() == [("doubtful", "repeat")]


def test_a_text_edited_on_one_device_differs_from_that_of_the_other() -> None:
    whole = chat(40)
    edited = [r | ({"text": f"{r['text']}50000元"} if i == 12 else {}) for i, r in enumerate(whole)]
    party = merge_devices((held(whole, 0), held(edited, 0, shift=8.0)), ("old", "new"), Settings())
    assert party.rows is not None
    assert party.reading.messages.height == 40
    assert party.rows.filter(state="differs").select("label", "device_row").rows() == [("new", 12)]


def test_rows_that_one_person_sent_at_one_second_of_two_devices_accuse_nobody() -> None:
    shown = {30: {"text": "[文件] 清单.xlsx", "kind": "file"}}
    whole = [r | shown.get(i, {}) for i, r in enumerate(chat(40))]
    unlike = [r | ({"text": "[文件] 合同.docx", "kind": "file"} if i == 12 else {}) for i, r in enumerate(whole)]
    party = merge_devices((held(whole, 0), held(unlike, 0)), ("old", "new"), Settings())
    assert party.rows is not None
    assert party.rows.filter(state="unsure").height == 1
    relations = reconcile.compare(party.reading, held(whole, 1)).alignment["relation"].cast(pl.String).to_list()
    assert relations.count("doubtful") == len(relations) - relations.count("agreement") == 1


def test_a_third_device_s_copy_in_the_form_of_the_first_is_the_message_that_the_second_shortened() -> None:
    whole = chat(60)
    replies = range(6, 60, 4)

    def replied(shown: str) -> list[dict[str, object]]:
        told = {i: {"kind": "quote", "text": shown.format(whole[i - 5]["text"], f"好的，第{i}件")} for i in replies}
        return [r | told.get(i, {}) for i, r in enumerate(whole)]

    full, short = (replied(s) for s in ("> 甲某(wxid_aaaaaaaa) 10-12 01:50:41\n> {}\n{}", "{1}"))
    old, pc = (replace(held(f, 0), facts=replace(held(f, 0).facts, reader="full")) for f in (full[:35], full[10:]))
    new = replace(held(short[30:], 0), facts=replace(held(short[30:], 0).facts, reader="short"))
    party = merge_devices((old, new, pc), ("old", "new", "pc"), Settings())
    assert party.rows is not None
    assert party.rows.filter(pl.col("state") == "unsure").is_empty()
    assert party.reading.messages.height == 60


@meeting(first=[12, 20], is_shared=[False, True])
def test_names_of_a_second_device_are_whose_the_first_states_and_nobody_s_where_two_bear_them(
    tmp_path: Path, first: int, is_shared: bool
) -> None:
    """Also where equal words of other days seem to say that each name is the other person's."""
    names = {JIA: "杨帆", YI: "杨帆" if is_shared else "宋佳"}
    said = [
        {"sent_at": START + n * 40_000, "sender": (JIA, YI)[n % 2], "text": WORDS.format(n=n, m=n), "kind": "text"}
        for n in range(40)
    ]
    for early, late in ((3, 24), (5, 28), (6, 33), (8, 37)):
        said[late]["text"] = said[early]["text"]
    told = {JIA: [{"id": YI, "nickname": names[YI]}], YI: [{"id": JIA, "nickname": names[JIA]}]}
    phone, other = (
        written(tmp_path, name, [{**s, "is_self": s["sender"] == owner, "conversation": peer, "conversation_kind": "direct"} for s in lines], owner={"id": owner, "name": names[owner]}, contacts=told[owner])
        for name, owner, peer, lines in (("phone", JIA, YI, said[:20]), ("other", YI, JIA, said))
    )  # fmt: skip
    pc = written(tmp_path, "pc", [{**s, "sender": names[str(s["sender"])]} for s in said[first:]])
    party = merge_devices([read(phone), read(pc)], ["phone", "pc"], Settings()).reading
    senders = party.messages["sender"].to_list()[20:]
    assert senders == (["杨帆"] * 20 if is_shared else [(JIA, YI)[n % 2] for n in range(20, 40)])
    relations = reconcile.compare(party, read(other)).alignment["relation"].cast(pl.String)
    assert relations.unique().to_list() == ["agreement"]


@pytest.mark.parametrize(("last", "state"), [(25, "set_aside"), (38, "one_sided")], ids=["no longer in use", "in use"])
def test_a_device_s_export_shows_how_far_the_party_reaches_only_where_it_was_in_use_to_the_end(
    last: int, state: str
) -> None:
    whole = [r | {"at": r["at"] * 300} for r in chat(60)]
    old = held(whole[:last], 0, exported_at=datetime(2025, 1, 1, tzinfo=UTC))
    party = merge_devices((old, held(whole[10:40], 0)), ("old", "new"), Settings()).reading
    found = reconcile.compare(party, held(whole, 1))
    assert found.alignment.filter(pl.col("right_row") == 45)["relation"].cast(pl.String).to_list() == [state]


def test_of_one_minute_the_rows_of_two_devices_keep_the_order_of_each_device() -> None:
    rows = [r | {"at": r["at"] // 300 * 300, "precision": "minute"} for r in chat()]
    late, whole = held(rows[12:], 0), held(rows[:30], 0)
    for devices in ((late, whole), (whole, late)):
        merged = merge_devices(devices, ("one", "two"), Settings())
        assert merged.reading.messages["text"].to_list() == [r["text"] for r in rows]
