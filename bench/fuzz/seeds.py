"""The inputs that are changed: every fixture of every form, a store of every client, statements, submissions, message tables."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import polars as pl

from reconcile.intake.contract import ReadOptions
from tests.build import databases as stores
from tests.build import favourites, moments, qq_store
from tests.build.bills import many
from tests.build.bills import write as write_bill
from tests.build.client_forms import write_ios_backup
from tests.build.merged_database import merged
from tests.build.submissions import ROWS, pasted, table
from tests.contracts.golden import case_source, cases

Use = Literal["export", "bill", "submission"]
SHARED_DISPUTE = Path(__file__).parents[2] / "fixtures" / "disputes" / "loan"


@dataclass(frozen=True)
class Seed:
    """One sound input: the path that a user would name, the form it has, and what he would use it for."""

    form: str
    path: Path
    use: Use = "export"
    key: str | None = None
    password: str | None = None
    # Writes the same anew in a folder, each of its texts changed by a function; for material that cannot be changed in its bytes.
    rebuilt: Callable[[Path, Callable[[str], str]], Path] | None = None

    @property
    def options(self) -> ReadOptions:
        """What the user would tell."""
        return ReadOptions(key=self.key)


def seeds(folder: Path) -> list[Seed]:
    """Every seed; those that are built are written under `folder`."""
    return [
        *_fixtures(),
        *_tables(folder / "table"),
        *_stores(folder),
        *_moments(folder),
        *_bills(folder),
        *_submissions(folder),
    ]


def _fixtures() -> Iterator[Seed]:
    for case in cases():
        key = case / "key.txt"
        yield Seed(case.parent.name, case_source(case), key=key.read_text("utf-8").strip() if key.is_file() else None)


def _tables(folder: Path) -> Iterator[Seed]:
    folder.mkdir(parents=True, exist_ok=True)
    frame = pl.read_csv(SHARED_DISPUTE / "a.csv", infer_schema=False).head(40)
    frame.write_csv(folder / "t.csv")
    frame.write_ndjson(folder / "t.jsonl")
    frame.write_parquet(folder / "t.parquet")
    side = folder / "with_facts"
    side.mkdir(exist_ok=True)
    frame.write_csv(side / "a.csv")
    if (SHARED_DISPUTE / "a.json").is_file():
        (side / "a.json").write_bytes((SHARED_DISPUTE / "a.json").read_bytes())
    yield from (Seed("message_table", p) for p in (folder / "t.csv", folder / "t.jsonl", folder / "t.parquet", side))


def _stores(folder: Path) -> Iterator[Seed]:
    for name, write in {
        "windows_msg_db": stores.write_windows, "wechat4_db": stores.write_wechat4, "macos3_db": stores.write_macos3,
        "ios_db": stores.write_ios, "ios_backup": write_ios_backup, "android_db": stores.write_android,
    }.items():  # fmt: skip
        place = folder / name
        place.mkdir()
        yield Seed(name, write(place, stores.view(stores.JIA), stores.JIA))
    place = folder / "pc_backup_db"
    place.mkdir()
    yield Seed("pc_backup_db", _backup(place, str), key=stores.BACKUP_KEY, rebuilt=_backup)
    (folder / "pywxdump_db").mkdir()
    yield Seed("pywxdump_db", merged(folder / "pywxdump_db"))
    (folder / "qq_nt_db").mkdir()
    yield Seed("qq_nt_db", qq_store.store(folder / "qq_nt_db", [[qq_store.TEXT], [qq_store.TEXT], [qq_store.RECALL]]))
    for name, keep in favourites.WRITERS.items():
        yield Seed("favourites_db", keep(folder / "favourites" / name, favourites.KEPT))


def _moments(folder: Path) -> Iterator[Seed]:
    for name, write, at in (
        ("moments_wechat4_db", moments.write_wechat4, "db_storage/sns/sns.db"),
        ("moments_windows_db", moments.write_windows, "Msg/Sns.db"),
        ("moments_android_db", moments.write_android, "MicroMsg/0123456789abcdef0123456789abcdef/SnsMicroMsg.db"),
        ("moments_ios_db", moments.write_ios, f"Documents/{moments.md5(moments.JIA)}/wc/wc005_008.db"),
    ):
        made = partial(_story, write, name, at)
        yield Seed(name, made(folder, str), rebuilt=made)


def _story(write: Callable[..., Path], name: str, at: str, folder: Path, mark: Callable[[str], str]) -> Path:
    write(folder / name / at, [replace(p, text=mark(p.text)) for p in moments.STORY])
    return folder / name


def _backup(folder: Path, mark: Callable[[str], str]) -> Path:
    rows = [replace(r, sent=replace(r.sent, body=mark(r.sent.body))) for r in stores.view(stores.JIA)]
    return stores.write_pc_backup(folder, rows, stores.JIA)


def _bills(folder: Path) -> Iterator[Seed]:
    payments = many(random.Random(2), 12, peers=2)
    for age in ("csv", "xlsx", "xlsx2026"):
        for password in (None, "1234"):
            place = folder / f"bill_{age}_{password}"
            place.mkdir()
            yield Seed(
                "wechat_pay_bill", write_bill(payments, place, age, password=password), "bill", password=password
            )


def _submissions(folder: Path) -> Iterator[Seed]:
    place = folder / "submissions"
    place.mkdir()
    (place / "pasted.txt").write_text(pasted(ROWS[50:90]), "utf-8")
    yield Seed("submission", place / "pasted.txt", "submission")
    yield Seed("submission", table(place / "sub.csv", ROWS[50:90]), "submission")
    document = place / "pages.docx"
    _document(document)
    yield Seed("submission", document, "submission")


def _document(path: Path) -> None:
    from docx import Document  # noqa: PLC0415 - slow to load

    document = Document()
    for line in pasted(ROWS[50:70]).splitlines():
        document.add_paragraph(line)
    document.save(str(path))
