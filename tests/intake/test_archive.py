"""A plain ZIP is the folder it holds; tricks and bombs are refused."""

import stat
import zipfile
from pathlib import Path

import pytest

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.intake.source import Source
from reconcile.settings import Limits


def packed(path: Path, members: dict[str, bytes], mode: int = 0) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, data, compress_type=zipfile.ZIP_DEFLATED)
    return path


def test_plain_zip_shows_its_files_and_is_hashed_as_one(tmp_path: Path) -> None:
    source = Source(packed(tmp_path / "a.zip", {"聊天/甲.csv": b"x,y\n", "__MACOSX/聊天/甲.csv": b"junk"}))
    assert source.names == ("聊天/甲.csv",)
    assert [f.path for f in source.digest()] == ["a.zip"]


def test_names_packed_on_a_chinese_windows_are_read(tmp_path: Path) -> None:
    # zipfile cannot write such a name: a same-length stand-in is replaced in the bytes.
    data = (
        packed(tmp_path / "b.zip", {"aaaa.csv": b"x"}).read_bytes().replace(b"aaaa.csv", "甲某".encode("gbk") + b".csv")
    )
    (tmp_path / "a.zip").write_bytes(data)
    assert Source(tmp_path / "a.zip").names == ("甲某.csv",)


def test_spreadsheet_stays_one_file(tmp_path: Path) -> None:
    source = Source(packed(tmp_path / "a.xlsx", {"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b"<a/>"}))
    assert source.is_file
    assert source.files == (tmp_path / "a.xlsx",)
    assert source.names == ("a.xlsx",)
    assert source.read("a.xlsx")[:2] == b"PK"


def test_members_of_a_forensic_report_are_reached_by_name(tmp_path: Path) -> None:
    source = Source(packed(tmp_path / "a.ufdr", {"report.xml": b"<a/>", "files/1.jpg": b"x"}))
    assert source.names == ("files/1.jpg", "report.xml")
    assert source.read("report.xml") == b"<a/>"


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "c:/a.csv", "x/../../a.csv", "..\\a.csv"])
def test_member_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableSource, match="leads outside"):
        Source(packed(tmp_path / "a.zip", {name: b"x"}))


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="two members"):
        Source(packed(tmp_path / "a.zip", {"a.csv": b"x", "A.csv": b"y"}))


def test_links_inside_an_archive_are_left_out(tmp_path: Path) -> None:
    packed(tmp_path / "a.zip", {"a.csv": b"/etc/passwd"}, mode=stat.S_IFLNK | 0o777)
    with pytest.raises(UnreadableSource, match="empty"):
        Source(tmp_path / "a.zip")


def test_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    packed(tmp_path / "a.zip", {"a.csv": b"\0" * (20 * 2**20)})
    with pytest.raises(LimitExceeded, match="claims"):
        Source(tmp_path / "a.zip", Limits(max_unpack_ratio=100))


def test_archive_cut_in_the_middle_is_no_archive(tmp_path: Path) -> None:
    data = packed(tmp_path / "b.zip", {"a.csv": b"x" * 1000}).read_bytes()
    (tmp_path / "a.zip").write_bytes(data[: len(data) // 2])
    assert Source(tmp_path / "a.zip").zip_names == ()
