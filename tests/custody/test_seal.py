"""A seal finds every byte changed, file gone or added, and log line altered or removed; it states no more than that."""

import os
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile.custody import log
from reconcile.custody.atomic_folder import refuse_inside
from reconcile.custody.seal import describe as describe_seal
from reconcile.custody.seal import seal
from reconcile.custody.tree import text_name
from reconcile.custody.verify import Verification, describe, verify
from reconcile.digests import LibrarySM3, digest_file
from reconcile.errors import CaseNotEmpty, CaseNotFound, UnreadableSource, UsageError
from reconcile.wording import Lang


@pytest.fixture
def material(tmp_path: Path) -> Path:
    folder = tmp_path / "手机导出"
    (folder / "图片").mkdir(parents=True)
    (folder / "聊天.csv").write_text("sent_at,text\n2024-03-01 09:00,在吗\n", "utf-8")
    (folder / "图片" / "a.jpg").write_bytes(bytes(range(256)))
    (folder / "空.txt").touch()
    return folder


def sealed(material: Path) -> Path:
    out = material.parent / "seal"
    seal([material], out, who="张律师", where="广州", note="当事人手机导出")
    for _ in range(3):
        verify(out, record=True, who="李书记员")
    return out


def kinds(result: Verification) -> list[tuple[str, str]]:
    return [(c.kind, c.name) for c in result.changes]


def test_untouched_material_is_unchanged_since(material: Path) -> None:
    result = verify(sealed(material))
    assert (result.unchanged, result.has_findings, result.checked) == (True, False, 3)


def test_a_single_changed_byte_is_found(material: Path) -> None:
    out = sealed(material)
    for file in [f for f in material.rglob("*") if f.is_file() and f.stat().st_size]:
        data = file.read_bytes()
        file.write_bytes(bytes([data[0] ^ 1]) + data[1:])
        assert [k for k, _ in kinds(verify(out))] == ["changed"]
        file.write_bytes(data)


def test_a_file_gone_and_a_file_added_are_named(material: Path) -> None:
    out = sealed(material)
    (material / "空.txt").rename(material / "空2.txt")
    assert kinds(verify(out)) == [("gone", "手机导出/空.txt"), ("added", "手机导出/空2.txt")]


def test_a_file_in_place_of_a_link_is_of_another_kind(material: Path) -> None:
    (material / "link").symlink_to("聊天.csv")
    out = sealed(material)
    (material / "link").unlink()
    shutil.copy(material / "聊天.csv", material / "link")
    assert kinds(verify(out)) == [("kind_changed", "手机导出/link")]


def test_the_whole_folder_gone_leaves_every_file_gone(material: Path) -> None:
    out = sealed(material)
    shutil.rmtree(material)
    assert [k for k, _ in kinds(verify(out))] == ["gone"] * 3


def test_moved_material_is_found_by_the_path_given(material: Path) -> None:
    out = sealed(material)
    moved = material.parent / "elsewhere"
    material.rename(moved)
    assert not verify(out, [moved]).has_findings


def test_equal_bytes_with_another_time_are_no_finding(material: Path) -> None:
    out = sealed(material)
    os.utime(material / "聊天.csv", (1, 1))
    result = verify(out)
    assert (result.times_differ, result.has_findings) == (("手机导出/聊天.csv",), False)


def test_roots_not_given_are_said_to_be_unchecked(material: Path) -> None:
    other = material.parent / "other.bin"
    other.write_bytes(b"x")
    out = material.parent / "two"
    seal([material, other], out)
    result = verify(out, [other])
    assert (result.not_given, result.checked, result.unchanged) == (("手机导出",), 1, False)
    assert (result.has_findings, result.is_undetermined) == (False, True)
    assert describe(result, "en")[0].endswith("(files checked: 1); 1 sealed path was not given and not checked.")


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_each_log_line_removed_is_found(material: Path, number: int) -> None:
    out = sealed(material)
    lines = (out / "custody.jsonl").read_bytes().splitlines(keepends=True)
    (out / "custody.jsonl").write_bytes(b"".join(lines[:number] + lines[number + 1 :]))
    assert verify(out).log_problems


@pytest.mark.parametrize("room", range(4))
def test_a_disk_that_is_full_at_any_step_of_recording_leaves_a_good_seal(
    material: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    out = sealed(material)
    steps = iter(range(9))
    put, write = log.write_head, log.write_line

    def full(real: Any) -> Any:
        def step(*given: Any) -> None:
            if next(steps) >= room:
                raise OSError(28, "No space left on device")
            real(*given)

        return step

    with monkeypatch.context() as patched, suppress(OSError):
        patched.setattr(log, "write_head", full(put))
        patched.setattr(log, "write_line", full(write))
        verify(out, record=True)
    assert not verify(out).has_findings
    verify(out, record=True)
    assert not verify(out).has_findings


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_line_of_the_log_that_a_crash_cut_short_is_none_and_is_followed_by_a_whole_one(
    material: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    out = sealed(material)

    def cut(path: Path, line: bytes, size: int) -> None:
        path.write_bytes(path.read_bytes()[:size] + line[:kept])
        raise OSError

    with monkeypatch.context() as patched, suppress(OSError):
        patched.setattr(log, "write_line", cut)
        verify(out, record=True)
    assert not verify(out).has_findings
    verify(out, record=True)
    assert not verify(out).has_findings


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_altered_byte_of_the_log_is_found(material: Path, data: st.DataObject) -> None:
    out = material.parent / "seal"
    if not out.exists():
        sealed(material)
    log = out / "custody.jsonl"
    raw = log.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    log.write_bytes(raw[:at] + bytes([raw[at] ^ data.draw(st.integers(1, 255))]) + raw[at + 1 :])
    assert verify(out).has_findings
    log.write_bytes(raw)


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_altered_byte_of_the_statement_is_found(material: Path, data: st.DataObject) -> None:
    out = material.parent / "seal"
    if not out.exists():
        sealed(material)
    statement = out / "statement.json"
    raw = statement.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    statement.write_bytes(raw[:at] + bytes([raw[at] ^ data.draw(st.integers(1, 255))]) + raw[at + 1 :])
    try:
        assert verify(out).has_findings
    except (UnreadableSource, UsageError):
        pass
    finally:
        statement.write_bytes(raw)


def test_a_log_cut_short_with_its_head_shows_against_a_head_kept_elsewhere(material: Path) -> None:
    out = sealed(material)
    kept = verify(out).head
    shutil.rmtree(out)
    seal([material], out)
    assert [p.code for p in verify(out, head=kept).log_problems] == ["head_not_in_log"]


def test_a_log_line_added_by_hand_is_found(material: Path) -> None:
    out = sealed(material)
    lines = (out / "custody.jsonl").read_bytes().splitlines(keepends=True)
    (out / "custody.jsonl").write_bytes(b"".join([*lines, lines[-1]]))
    assert {p.code for p in verify(out).log_problems} == {"line_number", "chain_broken", "head_differs"}


def test_the_statement_is_an_in_toto_statement_that_coreutils_can_check(material: Path) -> None:
    out = sealed(material)
    statement = orjson.loads((out / "statement.json").read_bytes())
    by_name = {s["name"]: s["digest"]["sha256"] for s in statement["subject"]}
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert by_name["手机导出/聊天.csv"] == digest_file(material / "聊天.csv")[1]


def test_the_tree_digest_is_the_dir_hash_of_in_toto(tmp_path: Path) -> None:
    # find t -type f | LC_ALL=C sort | xargs sha256sum | sha256sum
    folder = tmp_path / "t"
    folder.mkdir()
    (folder / "b").write_bytes(b"2")
    (folder / "a").write_bytes(b"1")
    made = seal([folder], tmp_path / "seal")
    assert made.tree_sha256 == "289560279b2df1ee20903927cf852d6a8a2be0f8c410c9ee785d065639a3f6af"


def keys(folder: Path, name: str = "own") -> tuple[Path, Path]:
    """A private and a public key in files of this name."""
    key = ed25519.Ed25519PrivateKey.generate()
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    form, encoding = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    private.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo))
    return private, public


def test_signed_statement_holds_against_its_key_and_no_other(material: Path, tmp_path: Path) -> None:
    (private, public), (_, stranger) = (keys(tmp_path, name) for name in ("own", "other"))
    seal([material], tmp_path / "seal", key=private)
    results = [verify(tmp_path / "seal", public_key=k).seal_problems for k in (public, stranger)]
    assert results == [(), ("signature_does_not_fit",)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_signature_is_named_whether_or_not_it_was_checked(material: Path, tmp_path: Path, lang: Lang) -> None:
    private, public = keys(tmp_path)
    seal([material], tmp_path / "seal", key=private)
    key = orjson.loads((tmp_path / "seal" / "statement.dsse.json").read_bytes())["signatures"][0]["keyid"]
    without, checked = verify(tmp_path / "seal"), verify(tmp_path / "seal", public_key=public)
    assert (without.has_findings, checked.has_findings) == (False, False)
    told = ["\n".join(describe(r, lang)) for r in (without, checked)]
    words = {"zh": ("未核对", "相符"), "en": ("not checked", "fits")}[lang]
    assert [key in t and w in t for t, w in zip(told, words, strict=True)] == [True, True]


@pytest.mark.parametrize(
    ("harm", "code"), [(b"nothing", "envelope_unreadable"), (None, "envelope_of_another_statement")]
)
def test_an_envelope_that_does_not_hold_the_statement_is_found_without_a_key(
    material: Path, tmp_path: Path, harm: bytes | None, code: str
) -> None:
    private, _ = keys(tmp_path)
    seal([material], tmp_path / "one", key=private)
    (material / "more").write_text("x")
    seal([material], tmp_path / "two", key=private)
    envelope = (tmp_path / "two" / "statement.dsse.json").read_bytes() if harm is None else harm
    (material / "more").unlink()
    (tmp_path / "one" / "statement.dsse.json").write_bytes(envelope)
    assert verify(tmp_path / "one").seal_problems == (code,)


def test_a_seal_inside_the_material_is_refused(material: Path) -> None:
    with pytest.raises(UsageError, match="lies inside"):
        seal([material], material / "seal")


def test_the_guard_sees_through_links(material: Path, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(material)
    with pytest.raises(UsageError, match="only read"):
        refuse_inside(tmp_path / "shortcut" / "out", [material])


def test_sealing_changes_no_byte_and_no_time_of_the_material(material: Path) -> None:
    before = {f: (f.read_bytes(), f.stat().st_mtime_ns) for f in material.rglob("*") if f.is_file()}
    sealed(material)
    assert before == {f: (f.read_bytes(), f.stat().st_mtime_ns) for f in material.rglob("*") if f.is_file()}


def test_a_used_folder_is_refused(material: Path) -> None:
    out = sealed(material)
    with pytest.raises(CaseNotEmpty):
        seal([material], out)


def test_verifying_without_a_seal_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CaseNotFound, match=r"no seal there"):
        verify(tmp_path)


def test_the_library_twin_of_sm3_agrees_with_the_published_vector() -> None:
    twin = LibrarySM3()
    twin.update(b"abc")
    assert twin.hexdigest() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_names_that_are_no_utf8_are_kept_apart() -> None:
    assert text_name(os.fsdecode(b"\xff")) != text_name("\\xff")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_outcome_has_words_in_both_languages(material: Path, lang: str) -> None:
    out = material.parent / "s"
    made = seal([material], out)
    (material / "new").write_bytes(b"n")
    (out / "custody.head.json").unlink()
    shown = "\n".join([*describe_seal(made, lang), *describe(verify(out, head="00"), lang)])  # type: ignore[arg-type]
    # The files of a seal hold UTC; a person reads China's time, with its offset, as in reports.
    at = (
        datetime.fromisoformat(made.sealed_at)
        .astimezone(ZoneInfo("Asia/Shanghai"))
        .strftime("%Y-%m-%d %H:%M:%S +08:00")
    )
    assert (shown.count(at), made.sealed_at in shown, "UTC" in shown) == (2, False, False)
    assert {"手机导出/new", made.head} <= set(shown.replace(": ", "：").replace("：", "\n").splitlines())
