"""What the sides are called: neutral names with the account, party names only where the user states them, the same in every output."""

import re
from pathlib import Path

import docx
import openpyxl
import pytest

from reconcile.review.export import decisions_csv
from reconcile.review.store import CaseFolder
from reconcile.review.words import page_words
from reconcile.submission.case_file import CASE_FILE
from reconcile.wording import LANGS, Lang, section, sections
from tests.command import run

LOAN = Path(__file__).parents[2] / "fixtures" / "disputes" / "loan"
ACCOUNTS = ("wxid_zhouwenhai71", "wxid_hejun0926")
NEUTRAL = {"zh": ("甲方材料", "乙方材料"), "en": ("Side A", "Side B")}
PARTIES = re.compile(r"原告|被告|plaintiff|defendant", re.IGNORECASE)


def outputs(folder: Path, lang: Lang, *options: object) -> dict[str, str]:
    """What each output of a comparison says, as text."""
    forms = [w for form in ("html", "docx", "xlsx", "csv") for w in ("--report", form)]
    words = ("compare", LOAN / "a.csv", LOAN / "b.csv", "--out", folder, "--lang", lang, "--no-error-rates", *options)
    said = {"terminal": run(*words, *forms).stdout}
    said["report"] = (folder / "report.html").read_text("utf-8")
    opened = docx.Document(str(folder / "discrepancies.docx"))
    said["word"] = "\n".join(opened.element.body.itertext())
    book = openpyxl.load_workbook(folder / "findings.xlsx", read_only=True)
    said["workbook"] = "\n".join(str(c.value) for sheet in book for r in sheet.iter_rows() for c in r if c.value)
    case = CaseFolder(folder)
    said["review page"] = "\n".join(page_words(lang, case.names(lang)).values())
    said["decisions"] = decisions_csv(case, lang).decode()
    said["explanation"] = run("explain", folder, "left:3", "--lang", lang).stdout
    return said


@pytest.mark.parametrize("lang", LANGS)
def test_sides_have_neutral_names_with_their_accounts_where_nobody_stated_any(lang: Lang, tmp_path: Path) -> None:
    said = outputs(tmp_path / "out", lang)
    assert {name: PARTIES.findall(text) for name, text in said.items() if PARTIES.search(text)} == {}
    named = {name: [n in text for n in NEUTRAL[lang]] for name, text in said.items()}
    assert {n: f for n, f in named.items() if not any(f)} == {}
    assert all(n in said["terminal"] for n in (*NEUTRAL[lang], *ACCOUNTS))
    covers = [said["report"].partition("</section>")[0], said["word"]]
    assert [a for a in ACCOUNTS for cover in covers if a not in cover] == []


def test_a_stated_name_stands_in_every_output(tmp_path: Path) -> None:
    said = outputs(tmp_path / "out", "zh", "--left-name", "上诉人 张伟", "--right-name", "李娜")
    assert [name for name, text in said.items() if any(n in text for n in NEUTRAL["zh"])] == []
    assert [name for name, text in said.items() if "上诉人 张伟" not in text] == []


def test_the_case_file_names_the_parties_and_an_option_comes_before_it(tmp_path: Path) -> None:
    assert run("init", tmp_path / "case").returncode == 0
    file = tmp_path / "case" / CASE_FILE
    file.write_text(file.read_text("utf-8").replace('plaintiff = ""', 'plaintiff = "周文海"'), "utf-8")
    words = ("compare", LOAN / "a.csv", LOAN / "b.csv", "--no-error-rates", "--report", "json", "--case-file")
    by_folder = run(*words, tmp_path / "case", "--out", tmp_path / "one").stdout
    assert "原告周文海（账号 " in by_folder
    assert "乙方材料（账号 " in by_folder
    by_file = run(*words, file, "--left-name", "张三", "--out", tmp_path / "two").stdout
    assert "张三（账号 " in by_file


def test_no_sentence_of_the_program_calls_a_side_left_or_right_or_a_party() -> None:
    """The catalogue of what outputs say: names of options and the words of help, errors and forms to fill in apart."""
    apart = {
        "help",
        "errors",
        "errors_parts",
        "errors_material",
        "checklist",
        "guide",
        "self_test",
        "readers",
        "validation",
    }
    stated = {("report", "side_plaintiff"), ("report", "side_defendant")}
    told = [
        (name, key, entry[lang])
        for name in sections()
        if name not in apart
        for key, entry in section(name).items()
        for lang in LANGS
        if re.search(r"左方|右方|左减右|左缺|右缺|原告|被告|\b(left|right) (side|party|owner|lacks|minus)|plaintiff|defendant", entry[lang])
    ]  # fmt: skip
    assert [t for t in told if t[:2] not in stated] == []
