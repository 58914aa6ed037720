"""A plain ZIP is the folder it holds; tricks and bombs are refused."""

import errno
import os
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from reconcile.case import read
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


def zipped(members: dict[str, bytes], tmp_path: Path) -> bytes:
    return packed(tmp_path / "made.zip", members).read_bytes()


def test_a_folder_that_holds_one_archive_stands_for_it(tmp_path: Path) -> None:
    folder = tmp_path / "sent" / "by mail"
    folder.mkdir(parents=True)
    archive = packed(folder / "a.zip", {"聊天/甲.csv": b"x,y\n"})
    (tmp_path / "sent" / ".DS_Store").write_bytes(b"\0")
    source = Source(tmp_path / "sent")
    assert (source.path, source.names) == (archive, ("聊天/甲.csv",))
    assert [f.path for f in source.digest()] == ["a.zip"]


def test_a_forensic_report_alone_in_a_folder_is_reached_by_its_members(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    packed(tmp_path / "x" / "a.ufdr", {"report.xml": b"<a/>", "files/1.jpg": b"x"})
    assert Source(tmp_path / "x").names == ("files/1.jpg", "report.xml")


def test_a_workbook_alone_in_a_folder_keeps_its_folder(tmp_path: Path) -> None:
    """Its name may be that of the chat."""
    folder = tmp_path / "小明(wxid_1)"
    folder.mkdir()
    packed(folder / "a.xlsx", {"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b"<a/>"})
    assert (Source(folder).path, Source(folder).names) == (folder, ("a.xlsx",))


def test_archives_alone_in_a_folder_are_read_as_its_folders_and_hashed_each(tmp_path: Path) -> None:
    folder = tmp_path / "months"
    folder.mkdir()
    for month in ("2024-01", "2024-02"):
        packed(folder / f"{month}.zip", {"chat.csv": month.encode()})
    source = Source(folder)
    assert source.names == ("2024-01/chat.csv", "2024-02/chat.csv")
    assert [f.path for f in source.digest()] == ["2024-01.zip", "2024-02.zip"]
    source.verify_unchanged(source.digest(), source.stamps())


def test_an_archive_that_holds_one_archive_is_read_as_what_that_holds(tmp_path: Path) -> None:
    inner = zipped({"chat.csv": b"x"}, tmp_path)
    source = Source(packed(tmp_path / "outer.zip", {"sent/inner.zip": inner, "__MACOSX/sent/._inner.zip": b"junk"}))
    assert source.names == ("chat.csv",)
    assert [f.path for f in source.digest()] == ["outer.zip"]


def test_an_archive_among_other_files_stays_closed(tmp_path: Path) -> None:
    """It is one that somebody sent as a file."""
    folder = tmp_path / "chat"
    folder.mkdir()
    (folder / "chat.csv").write_bytes(b"x")
    packed(folder / "sent.zip", {"other.csv": b"x"})
    (tmp_path / "linked").mkdir()
    packed(tmp_path / "linked" / "a.zip", {"other.csv": b"x"})
    (tmp_path / "linked" / "link").symlink_to(folder)
    assert Source(folder).names == ("chat.csv", "sent.zip")
    assert Source(tmp_path / "linked").names == ("a.zip",)


def test_archives_within_archives_are_opened_three_deep_at_most(tmp_path: Path) -> None:
    data = zipped({"chat.csv": b"x"}, tmp_path)
    for _ in range(4):
        data = zipped({"in.zip": data}, tmp_path)
    (tmp_path / "deep.zip").write_bytes(data)
    assert Source(tmp_path / "deep.zip").names == ("in.zip",)


def test_archives_of_a_folder_count_together_against_the_limit(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    for n in range(4):
        packed(tmp_path / "x" / f"{n}.zip", {"a.csv": bytes(range(256)) * 40})
    with pytest.raises(LimitExceeded, match="max_unpacked_bytes"):
        Source(tmp_path / "x", Limits(max_unpacked_bytes=20_000))


def test_a_full_temporary_folder_is_told_and_no_archive_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "sent_at,sender,text\n2024-03-01T09:00:00+08:00,a,b\n")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space left") as raised:
        read(tmp_path / "a.zip")
    assert raised.value.filename is not None
