"""Archives made to burst, to lead outside, to hide or to lie."""

import io
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib
from pathlib import Path

import pyzipper

CSV = "sent_at,text,sender\n2024-03-01T09:05:07+08:00,你好,wxid_jia0001\n".encode()
Member = tuple[str | zipfile.ZipInfo, bytes]


def packed(path: Path, *members: Member, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, data in members:
            archive.writestr(name, data, compress_type=method)
    return path


def forged(
    path: Path, entries: list[tuple[bytes, int, int]], data: bytes = CSV, flags: int = 0x800, times: int = 1
) -> Path:
    """A ZIP whose central directory claims what it likes: (name, packed size, unpacked size); all share one local entry."""
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = body.compress(data) + body.flush()
    crc = zlib.crc32(data)
    name = entries[0][0]
    local = (
        struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, flags, 8, 0, 0, crc, len(content), len(data), len(name), 0)
        + name
        + content
    )
    directory = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, flags, 8, 0, 0, crc, p or len(content), u, len(n), 0, 0, 0, 0, 0, 0) + n
        for n, p, u in entries * times
    )  # fmt: skip
    count = min(len(entries) * times, 0xFFFF)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(local), 0)
    path.write_bytes(local + directory + end)
    return path


def zeros(size: int) -> bytes:
    return bytes(size)


def bomb_by_ratio(folder: Path) -> Path:
    return packed(folder / "a.zip", ("a.csv", zeros(70 * 2**20)))


def bomb_below_the_old_ratio(folder: Path) -> Path:
    # Every member alone is modest; together they are two hundred times what was given.
    part = zeros(10 * 2**20)
    return packed(folder / "a.zip", *((f"{n}.csv", part) for n in range(12)))


def bomb_that_understates(folder: Path) -> Path:
    return forged(folder / "a.zip", [(b"a.csv", 0, 100)], data=CSV + zeros(30 * 2**20))


def many_members(folder: Path) -> Path:
    path = folder / "a.zip"
    entries = [(f"{n:06}.csv".encode(), 0, len(CSV)) for n in range(20_000)]
    forged(path, entries)
    return path


def overlapping_members(folder: Path) -> Path:
    return forged(
        folder / "a.zip", [(f"{n}.csv".encode(), 0, 50 * 2**20) for n in range(2_000)], data=zeros(50 * 2**20)
    )


def four_gigabytes_claimed(folder: Path) -> Path:
    return forged(folder / "a.zip", [(b"a.csv", 0, 2**32 - 2)])


def exabytes_claimed(folder: Path) -> Path:
    path = folder / "a.zip"
    packed(path, ("a.csv", CSV))
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = b"\xff\xff\xff\xff"
    extra = struct.pack("<HHQ", 1, 8, 2**62)
    data[at + 30 : at + 32] = struct.pack("<H", len(extra))
    data[at + 46 + 5 : at + 46 + 5] = extra
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<L", end - at)
    path.write_bytes(data)
    return path


def nested_archives(folder: Path) -> Path:
    data = packed(folder / "0.zip", ("a.csv", zeros(2**20))).read_bytes()
    for _ in range(6):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for n in range(8):
                archive.writestr(f"{n}.zip", data)
        data = out.getvalue()
    (folder / "0.zip").unlink()
    (folder / "a.zip").write_bytes(data)
    return folder / "a.zip"


def leads_outside(folder: Path) -> Path:
    return packed(folder / "a.zip", ("ok.csv", CSV), ("../../outside.csv", CSV))


def absolute_name(folder: Path) -> Path:
    return packed(folder / "a.zip", ("/etc/cron.d/x", CSV))


def backslash_name(folder: Path) -> Path:
    return packed(folder / "a.zip", ("..\\..\\outside.csv", CSV))


def drive_name(folder: Path) -> Path:
    return packed(folder / "a.zip", ("C:\\windows\\a.csv", CSV))


def link_member(folder: Path) -> Path:
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed(folder / "a.zip", (link, b"/etc/passwd"), ("b.csv", CSV))


def link_then_through_it(folder: Path) -> Path:
    link = zipfile.ZipInfo("d")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed(folder / "a.zip", (link, b"/tmp"), ("d/outside.csv", CSV))


def device_member(folder: Path) -> Path:
    pipe = zipfile.ZipInfo("a.csv")
    pipe.external_attr = (stat.S_IFIFO | 0o666) << 16
    return packed(folder / "a.zip", (pipe, CSV))


def file_and_folder_of_one_name(folder: Path) -> Path:
    return packed(folder / "a.zip", ("a", CSV), ("a/b.csv", CSV))


def both_unicode_forms(folder: Path) -> Path:
    return packed(folder / "a.zip", ("caf\u00e9.csv", CSV), ("cafe\u0301.csv", CSV))


def twice_one_name(folder: Path) -> Path:
    return packed(folder / "a.zip", ("a.csv", CSV), ("a.csv", CSV.replace("你好".encode(), "不好".encode())))


def control_characters(folder: Path) -> Path:
    return packed(folder / "a.zip", ("a\x1b[31m\n.csv", CSV))


def name_too_long(folder: Path) -> Path:
    return packed(folder / "a.zip", ("长" * 200 + ".csv", CSV))


def path_too_deep(folder: Path) -> Path:
    return packed(folder / "a.zip", ("d/" * 5_000 + "a.csv", CSV))


def emoji_name(folder: Path) -> Path:
    return packed(folder / "a.zip", ("👨\u200d👩\u200d👧.csv", CSV))


def encrypted_member(folder: Path) -> Path:
    path = folder / "a.zip"
    with pyzipper.AESZipFile(path, "w", encryption=pyzipper.WZ_AES) as out:
        out.setpassword(b"x")
        out.writestr("a.csv", CSV)
    return path


def flagged_as_encrypted(folder: Path) -> Path:
    return forged(folder / "a.zip", [(b"a.csv", 0, len(CSV))], flags=0x801)


def wrong_checksum(folder: Path) -> Path:
    path = packed(folder / "a.zip", ("a.csv", CSV), method=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace("你好".encode(), "不好".encode()))
    return path


def unknown_method(folder: Path) -> Path:
    path = packed(folder / "a.zip", ("a.csv", CSV))
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = data.index(mark) + at
        data[place : place + 2] = struct.pack("<H", 97)
    path.write_bytes(data)
    return path


def tar(folder: Path) -> Path:
    (folder / "a.csv").write_bytes(CSV)
    with tarfile.open(folder / "a.tar", "w") as out:
        out.add(folder / "a.csv", "../../a.csv")
    (folder / "a.csv").unlink()
    return folder / "a.tar"


def tar_gz(folder: Path) -> Path:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    (folder / "a.tar.gz").write_bytes(packer.compress(zeros(50 * 2**20)) + packer.flush())
    return folder / "a.tar.gz"


def seven_zip(folder: Path) -> Path:
    (folder / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(200))
    return folder / "a.7z"


def rar(folder: Path) -> Path:
    (folder / "a.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + bytes(200))
    return folder / "a.rar"


def archive_of_archives_only(folder: Path) -> Path:
    inner = packed(folder / "x.zip", ("a.csv", CSV)).read_bytes()
    (folder / "x.zip").unlink()
    return packed(folder / "a.zip", ("x.zip", inner))


# name -> words that the one line must hold; () = it is read, with or without notes.
ARCHIVES = {
    bomb_by_ratio: ("max_unpack_ratio",), bomb_below_the_old_ratio: ("max_unpack_ratio",), bomb_that_understates: ("a.zip",), many_members: ("a.zip",),
    overlapping_members: ("max_unpack",), four_gigabytes_claimed: ("max_unpack",), exabytes_claimed: ("max_unpack",), nested_archives: ("unpack",),
    leads_outside: ("outside",), absolute_name: ("outside",), backslash_name: ("outside",), drive_name: ("outside",), link_member: (),
    link_then_through_it: (), device_member: (), file_and_folder_of_one_name: ("a.zip",), both_unicode_forms: ("a.zip",), twice_one_name: ("two members",),
    control_characters: ("outside",), name_too_long: ("a.zip",), path_too_deep: ("a.zip",), emoji_name: (), encrypted_member: ("encrypted",),
    flagged_as_encrypted: ("encrypted",), wrong_checksum: ("broken",), unknown_method: ("a.zip",), tar: ("unpack",), tar_gz: ("unpack",), seven_zip: ("unpack",),
    rar: ("unpack",), archive_of_archives_only: (),
}  # fmt: skip
