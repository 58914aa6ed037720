"""The commands as a user types them: results, exit codes, one clear line for bad input, nothing half-written."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest

from reconcile.wording import say
from tests.command import Done, run

ROOT = Path(__file__).parents[2]
LOAN = ROOT / "fixtures" / "disputes" / "loan"
HEAD = "sent_at,sender,text\n"


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Path]:
    """A comparison with findings, by default options, and the folder of its results."""
    out = tmp_path_factory.mktemp("compared") / "case"
    return run("compare", LOAN / "a.csv", LOAN / "b.csv", "--out", out), out


def test_a_dispute_with_findings_exits_with_one_and_writes_every_result(compared: tuple[Done, Path]) -> None:
    done, out = compared
    assert done.returncode == 1
    names = {f.name for f in out.iterdir()}
    wanted = {
        "alignment.parquet",
        "messages.parquet",
        "verdicts.parquet",
        "verdicts.json",
        "manifest.json",
        "report.html",
    }
    assert wanted <= names


def test_a_command_that_leaves_at_once_has_said_all_and_cleared_away_what_it_unpacked(tmp_path: Path) -> None:
    packed, unpacked = tmp_path / "a.zip", tmp_path / "tmp"
    unpacked.mkdir()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(LOAN / "a.csv", "a.csv")
    command = [sys.executable, "-m", "reconcile", "inspect", str(packed), "--json"]
    done = subprocess.run(
        command, capture_output=True, cwd=ROOT, check=True, env=os.environ | {"TMPDIR": str(unpacked)}
    )
    assert json.loads(done.stdout)["reader"] == "message_table"
    assert list(unpacked.iterdir()) == []


def test_an_export_against_itself_exits_with_nought(tmp_path: Path) -> None:
    done = run(
        "compare",
        LOAN / "a.csv",
        LOAN / "a.csv",
        "--out",
        tmp_path / "out",
        "--no-error-rates",
        "--report",
        "html",
        "--report",
        "csv",
    )
    assert done.returncode == 0
    # One party's file given twice by mistake must not pass for two parties' agreement.
    said = say("report.alike_same_files", "zh")
    assert said in done.stdout
    assert said in (tmp_path / "out" / "report.html").read_text("utf-8")
    named = [line.rpartition("/")[2] for line in done.stdout.splitlines() if "报告" in line]
    assert named == ["report.html", "findings.csv"]


def test_two_different_copies_of_one_account_are_told(tmp_path: Path) -> None:
    lines = (LOAN / "a.csv").read_text("utf-8").splitlines(keepends=True)
    for name, kept in (("a", lines), ("b", lines[:-1])):
        (tmp_path / f"{name}.csv").write_text("".join(kept), "utf-8")
        shutil.copy(LOAN / "a.json", tmp_path / f"{name}.json")
    words = ("compare", tmp_path / "a.csv", tmp_path / "b.csv", "--no-error-rates", "--report", "csv")
    done = run(*words, "--out", tmp_path / "out", "--lang", "en")
    assert say("report.alike_one_owner", "en") in done.stdout
    assert "report.html" not in done.stdout
    assert "findings.csv" in done.stdout


def test_two_runs_write_the_same_bytes(compared: tuple[Done, Path], tmp_path: Path) -> None:
    run("compare", LOAN / "a.csv", LOAN / "b.csv", "--out", tmp_path / "case")
    for file in ("alignment.parquet", "verdicts.json", "report.html", "manifest.json"):
        assert (compared[1] / file).read_bytes() == (tmp_path / "case" / file).read_bytes()


def test_a_folder_of_another_run_is_refused_unless_overwritten(tmp_path: Path) -> None:
    words = ("compare", LOAN / "a.csv", LOAN / "a.csv", "--out", tmp_path / "out", "--no-error-rates", "--quiet")
    run(*words)
    assert run(*words).returncode == 2
    assert run(*words, "--overwrite").returncode == 0


BAD = {
    "no_header.csv": b"2024-03-01 09:00:00,a,hello\n",
    "missing_columns.csv": b"sent_at,sender\n2024-03-01 09:00:00,a\n",
    "empty.csv": b"",
    "binary.csv": bytes(range(256)) * 20,
    "wrong_encoding.csv": HEAD.encode() + "2024-03-01 09:00:00,a,你好吗\n".encode("gbk"),
    "nuls.csv": HEAD.encode() + b"2024-03-01 09:00:00,a,\x00\x00\n",
    "duplicate.csv": b"sent_at,sender,text,text\n2024-03-01 09:00:00,a,x,y\n",
    "numbers.csv": HEAD.encode() + b"1709254800,a,x\n",
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_input_ends_in_one_clear_line_and_exit_code_two(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(BAD[name])
    done = run("compare", tmp_path / name, LOAN / "b.csv", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert done.stderr.startswith("reconcile: ")
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("*out*"))


def test_inspect_speaks_in_words_and_by_chinas_clock() -> None:
    said = {lang: run("inspect", LOAN / "a.csv", "--lang", lang).stdout for lang in ("zh", "en")}
    assert all("2024-03-01 09:02:11 +08:00" in text for text in said.values())
    assert "转账 10" in said["zh"]
    assert "transfer 10" in said["en"]
    mail = run("inspect", ROOT / "fixtures/exports/wechat_email/ios_side_a").stdout
    assert "形式：微信邮件导出 (wechat_email)" in mail
    assert "材料未写明时区，系推定  东八区（Asia/Shanghai）" in mail
    assert "所属账号：账号 wxid_zhouwenhai71，名称 文海" in said["zh"]
    posts = run("inspect", ROOT / "fixtures/exports/moments_weflow_json/plain/input").stdout
    assert "时间范围：未载明\n类别：0\n" in posts


@pytest.mark.parametrize(
    ("given", "said"),
    [(("compare",), "--out"), (("compar", "a", "b"), "compare"), (("inspect", "a", "--lang", "fr"), "zh")],
)
def test_wrong_usage_ends_in_one_line_that_names_what_is_wanting(given: tuple[str, ...], said: str) -> None:
    done = run(*given)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr
    assert "--help" in done.stderr


def test_a_missing_file_a_folder_without_an_export_and_a_broken_sidecar_are_told(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.csv").write_text(HEAD + "2024-03-01 09:00:00,a,x\n")
    (tmp_path / "a.json").write_text("{no json")
    for bad in (tmp_path / "nowhere.csv", tmp_path / "folder", tmp_path / "a.csv"):
        done = run("compare", bad, LOAN / "b.csv", "--out", tmp_path / "out")
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr


def test_odd_times_become_notes_and_the_rows_stay(tmp_path: Path) -> None:
    body = "".join(
        f"{t},a,text {i}\n"
        for i, t in enumerate(["0001-01-01 00:00:00", "9999-12-31 23:59:59", "soon", "2024-03-01 09:00:00"])
    )
    (tmp_path / "a.csv").write_text(HEAD + body)
    shown = run("inspect", tmp_path / "a.csv", "--json")
    found = json.loads(shown.stdout)
    assert found["rows"] == 4
    assert sum(n["count"] for n in found["notes"] if n["code"] == "bad_time") == 3


def test_a_line_of_a_million_characters_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEAD + "2024-03-01 09:00:00,a," + "字" * 1_000_000 + "\n")
    assert (
        run("compare", tmp_path / "a.csv", tmp_path / "a.csv", "--no-error-rates", "--out", tmp_path / "out").returncode
        == 0
    )


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_convert_writes_a_table_that_compares_as_equal(suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"a.{suffix}"
    assert run("convert", LOAN / "a.csv", "--out", out).returncode == 0
    done = run("compare", out, LOAN / "a.csv", "--no-error-rates", "--out", tmp_path / "out")
    relations = set(pl.read_parquet(tmp_path / "out" / "alignment.parquet")["relation"])
    assert (done.returncode, relations) == (0, {"agreement"})


def test_the_terminal_says_how_many_messages_neither_side_holds(tmp_path: Path) -> None:
    head = "message_id,sent_at,sender,is_self,text,reply_to\n"
    said = [(n, f"第{n}句话要说清楚这一件事", "") for n in range(1, 13)]
    quoting = [(n, w, "6200000000000000099" if n == 9 else "") for n, w, _ in said]
    for name, own, rows in (("a", "a", quoting), ("b", "b", quoting), ("plain_a", "a", said), ("plain_b", "b", said)):
        lines = "".join(
            f"62000000000000000{n:02d},2024-03-01 09:{n:02d}:00,wxid_{'ab'[n % 2]},{str('ab'[n % 2] == own).lower()},{w},{q}\n"
            for n, w, q in rows
        )
        (tmp_path / f"{name}.csv").write_text(head + lines, "utf-8")
    words = ("--out", tmp_path / "out", "--no-error-rates", "--overwrite")
    told = say("report.absent_line", "zh", n=1)
    assert told in run("compare", tmp_path / "a.csv", tmp_path / "b.csv", *words).stdout
    assert told not in run("compare", tmp_path / "plain_a.csv", tmp_path / "plain_b.csv", *words).stdout


def test_one_broken_case_never_stops_a_batch(tmp_path: Path) -> None:
    for name in ("good", "bad", "same"):
        (tmp_path / "cases" / name).mkdir(parents=True)
    for side in "ab":
        (tmp_path / "cases" / "good" / f"{side}.csv").write_bytes((LOAN / f"{side}.csv").read_bytes())
        (tmp_path / "cases" / "bad" / f"{side}.csv").write_bytes(b"")
        (tmp_path / "cases" / "same" / f"{side}.csv").write_bytes((LOAN / "a.csv").read_bytes())
    done = run("batch", tmp_path / "cases", "--out", tmp_path / "out")
    # One party's material given twice is told where two parties' is expected.
    assert say("cli.batch_same_files", "zh", n=1, path=tmp_path / "out" / "summary.html") in done.stdout
    assert pl.read_parquet(tmp_path / "out" / "verdicts.parquet")["case"].to_list() == ["good", "same"]
    assert pl.read_parquet(tmp_path / "out" / "failures.parquet")["case"].to_list() == ["bad"]


def test_results_are_replaced_without_the_models_of_decisions_being_built(tmp_path: Path) -> None:
    code = """if True:
        import sys
        from pathlib import Path
        from reconcile.custody.atomic_folder import MANIFEST, writing
        for _ in range(2):
            with writing(Path(sys.argv[1]), overwrite=True) as folder:
                (folder / MANIFEST).write_text('{}')
        print('reconcile.custody.decisions' in sys.modules)
    """
    command = [sys.executable, "-c", code, str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "False\n"


def test_a_plain_comparison_loads_no_library_of_graphs_statistics_xml_or_workbooks_and_no_reader_of_other_files(
    tmp_path: Path,
) -> None:
    code = """if True:
        import sys
        from pathlib import Path
        from reconcile.case import compare
        compare(Path(sys.argv[1], 'a.csv'), Path(sys.argv[1], 'b.csv'), Path(sys.argv[2]))
        others = ('weflow.json', 'inferred.reader', 'wechat_client.wechat4.messages', 'wechatmsg.html')
        late = ['ssl', 'urllib.request', 'networkx', 'scipy', 'docx', 'xlsxwriter', 'weasyprint', 'yaml']
        late += ['lxml', 'plistlib', 'python_calamine', 'reconcile.custody.decisions', *(f'reconcile.formats.{o}' for o in others)]
        print([m for m in late if m in sys.modules])
    """
    command = [sys.executable, "-c", code, str(ROOT / "fixtures" / "disputes" / "loan"), str(tmp_path / "out")]
    assert subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout == "[]\n"


def test_a_table_of_unknown_make_is_compared_without_readers_and_libraries_of_other_files(tmp_path: Path) -> None:
    rows = [f"2024-03-01 09:{n:02},{'甲乙'[n % 2]},第{n}句话" for n in range(30)]
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("\n".join(["时间,谁,说了什么", *rows]), encoding="utf-8")
    code = """if True:
        import sys
        from pathlib import Path
        from reconcile.case import compare
        compare(Path(sys.argv[1], 'a.csv'), Path(sys.argv[1], 'b.csv'), Path(sys.argv[2]))
        others = ('weflow.json', 'wechat_client.wechat4.messages', 'wechatmsg.html', *map('inferred.{}'.format, ('pages.from_html', 'tables.from_sql')))
        late = ['yaml', 'lxml', 'plistlib', *(f'reconcile.formats.{o}' for o in others)]
        print([m for m in late if m in sys.modules], 'reconcile.formats.inferred.reader' in sys.modules)
    """
    command = [sys.executable, "-c", code, str(tmp_path), str(tmp_path / "out")]
    assert subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout == "[] True\n"


def test_help_loads_neither_frames_nor_reports_and_reading_no_comparison() -> None:
    code = """if True:
        import sys, reconcile.cli.main
        print([m for m in ('polars', 'jinja2', 'networkx', 'pydantic') if m in sys.modules])
        import reconcile.case
        late = ('reconcile.comparison', 'reconcile.report', 'networkx', 'ssl', 'cryptography', 'reconcile.custody.decisions')
        print([m for m in late if m in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n[]\n"


@pytest.mark.parametrize("option", ["--timezone", "--owner", "--columns", "--reader"])
def test_a_value_given_twice_is_refused_and_not_dropped(tmp_path: Path, option: str) -> None:
    done = run("inspect", LOAN / "a.csv", option, "one", option, "two")
    assert (done.returncode, option in done.stderr) == (2, True)
