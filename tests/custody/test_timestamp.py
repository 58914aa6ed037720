"""Time-stamp requests go out as files and answers come back as files; a self-made authority stands in for a real one."""

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from reconcile.custody import cms
from reconcile.custody.seal import seal
from reconcile.custody.timestamp import timestamp_check, timestamp_request
from reconcile.custody.verify import verify
from reconcile.errors import UsageError

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed: no authority to answer requests")

CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = Test Authority
[ca]
basicConstraints = critical,CA:true
[leaf]
basicConstraints = critical,CA:false
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = tsa1
[tsa1]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha1, md5
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def openssl(*arguments: str, folder: Path) -> None:
    subprocess.run([str(OPENSSL), *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01")
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "tsa.cnf"]
    for name in ("ca", "stranger"):
        rsa = [
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-config",
            "tsa.cnf",
        ]  # unlike a curve's, its signature may rest on any digest
        openssl("req", "-x509", *(rsa if name == "ca" else new), "-keyout", f"{name}.key", "-out", f"{name}.pem", "-extensions", "ca", "-days", "2", folder=folder)  # fmt: skip
    openssl("req", *new, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Test TSA", folder=folder)
    openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-out", "tsa.pem", "-extfile", "tsa.cnf", "-extensions", "leaf", "-days", "2", folder=folder)  # fmt: skip
    return folder


def answer(authority: Path, request: Path, *options: str, signer: str = "tsa") -> Path:
    out = request.with_suffix(".tsr")
    openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa1", "-queryfile", str(request), "-signer", f"{signer}.pem", "-inkey", f"{signer}.key", "-out", str(out), *options, folder=authority)  # fmt: skip
    return out


def signer_of(authority: Path, name: str, key: str, *, digest: str = "sha256", by: str = "ca") -> None:
    """A further signer `name`: its key (rsa:BITS or ec), its certificate signed with `digest` by `by`."""
    kind = ["-newkey", key] if key.startswith("rsa") else ["-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{key}"]
    new = ["req", "-new", *kind, "-nodes", "-config", "tsa.cnf", "-keyout", f"{name}.key", "-out", f"{name}.csr"]
    openssl(*new, "-subj", f"/CN={name}", folder=authority)
    extensions = "ca" if name.startswith("middle") else "leaf"
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{by}.pem", "-CAkey", f"{by}.key", f"-{digest}", "-out", f"{name}.pem", "-extfile", "tsa.cnf", "-extensions", extensions, "-days", "2", folder=authority)  # fmt: skip


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    (tmp_path / "聊天.csv").write_text("在吗", "utf-8")
    seal([tmp_path / "聊天.csv"], tmp_path / "seal")
    return tmp_path / "seal"


def test_a_granted_token_holds_against_the_authoritys_root(sealed: Path, authority: Path) -> None:
    answer(authority, timestamp_request(sealed))
    (token,) = verify(sealed, certificates=[authority / "ca.pem"]).timestamps
    assert (token.verified, token.policy, token.checkpoint) == (True, "1.2.3.4.1", "checkpoint-1.json")


def test_openssl_itself_verifies_the_checkpoint(sealed: Path, authority: Path) -> None:
    request = timestamp_request(sealed)
    tsr = answer(authority, request)
    openssl("ts", "-verify", "-data", str(request.with_suffix(".json")), "-in", str(tsr), "-CAfile", "ca.pem", folder=authority)  # fmt: skip


def test_a_bare_token_is_read_too(sealed: Path, authority: Path) -> None:
    tsr = answer(authority, timestamp_request(sealed), "-token_out")
    assert timestamp_check(sealed, tsr, [authority / "ca.pem"]).verified


def test_without_certificates_a_token_is_read_but_not_called_verified(sealed: Path, authority: Path) -> None:
    token = timestamp_check(sealed, answer(authority, timestamp_request(sealed)))
    assert (token.verified, token.problem, token.authority) == (False, None, "CN=Test TSA")


def test_a_strangers_root_does_not_hold(sealed: Path, authority: Path) -> None:
    tsr = answer(authority, timestamp_request(sealed))
    token = timestamp_check(sealed, tsr, [authority / "stranger.pem"])
    assert token.problem == "signature"
    assert not set("[]<>{}()") & set(token.detail), token.detail
    assert 0 < len(token.detail) < 120


def test_a_token_over_other_data_is_said_so(sealed: Path, authority: Path) -> None:
    tsr = answer(authority, timestamp_request(sealed))
    checkpoint = sealed / "timestamps" / "checkpoint-1.json"
    checkpoint.write_bytes(checkpoint.read_bytes() + b" ")
    assert timestamp_check(sealed, tsr, [authority / "ca.pem"]).problem == "other_data"


def test_a_log_rewritten_after_the_stamp_is_found_even_with_a_new_head(sealed: Path, authority: Path) -> None:
    answer(authority, timestamp_request(sealed, note="交时间戳"))
    kept = sealed.parent / "kept"
    shutil.move(sealed / "timestamps", kept)
    shutil.rmtree(sealed)
    seal([sealed.parent / "聊天.csv"], sealed, who="改写者")
    timestamp_request(sealed)
    shutil.rmtree(sealed / "timestamps")
    shutil.move(kept, sealed / "timestamps")
    result = verify(sealed, certificates=[authority / "ca.pem"])
    assert ([t.problem for t in result.timestamps], result.has_findings) == (["log_differs"], True)


def test_a_refusal_by_the_authority_is_not_a_token(sealed: Path, authority: Path) -> None:
    request = timestamp_request(sealed)
    request.write_bytes(request.read_bytes()[:-4])
    assert timestamp_check(sealed, answer(authority, request)).problem == "not_granted"


def test_bytes_that_are_no_answer_are_said_to_be_unreadable(sealed: Path) -> None:
    request = timestamp_request(sealed)
    garbage = request.with_suffix(".tsr")
    garbage.write_bytes(b"0\x80nonsense")
    assert timestamp_check(sealed, garbage).problem == "unreadable"


def test_a_certificate_that_is_no_root_asks_for_the_root(sealed: Path, authority: Path) -> None:
    tsr = answer(authority, timestamp_request(sealed))
    with pytest.raises(UsageError, match="none of them is a root"):
        timestamp_check(sealed, tsr, [authority / "tsa.pem"])


def test_each_request_covers_one_more_log_line(sealed: Path, authority: Path) -> None:
    for _ in range(2):
        answer(authority, timestamp_request(sealed))
    assert [t.lines for t in verify(sealed).timestamps] == [2, 3]


def weakness(sealed: Path, tsr: Path, authority: Path, *more: str) -> str:
    """What is said of a stamp that can be forged; with certificates and without, it is the same and never verified."""
    known = [authority / f"{name}.pem" for name in ("ca", *more)]
    found = [timestamp_check(sealed, tsr, given) for given in ([], known)]
    assert [(t.verified, t.problem) for t in found] == [(False, "weak")] * 2, found
    assert verify(sealed).has_findings
    return found[1].detail


@pytest.mark.parametrize(("digest", "said"), [("sha1", "SHA-1"), ("md5", "MD5")])
def test_a_stamp_signed_over_a_broken_digest_proves_nothing(
    sealed: Path, authority: Path, digest: str, said: str
) -> None:
    config = (authority / "tsa.cnf").read_text()
    (authority / "weak.cnf").write_text(config.replace("signer_digest = sha256", f"signer_digest = {digest}"))
    signer_of(authority, "sound", "rsa:2048")
    tsr = answer(authority, timestamp_request(sealed), "-config", "weak.cnf", signer="sound")
    assert weakness(sealed, tsr, authority) == said


@pytest.mark.parametrize(("digest", "said"), [("sha1", "SHA-1"), ("md5", "MD5")])
def test_a_stamp_over_a_broken_digest_of_the_checkpoint_proves_nothing(
    sealed: Path, authority: Path, digest: str, said: str
) -> None:
    request = timestamp_request(sealed)
    checkpoint = str(request.with_suffix(".json"))
    openssl("ts", "-query", "-data", checkpoint, f"-{digest}", "-cert", "-out", str(request), folder=authority)
    assert weakness(sealed, answer(authority, request), authority) == said


@pytest.mark.parametrize(
    ("key", "digest", "said"),
    [
        ("rsa:2048", "sha1", "SHA-1: CN=weak"),
        ("rsa:1024", "sha256", "RSA 1024: CN=weak"),
        ("P-256", "md5", "MD5: CN=weak"),
    ],
)
def test_a_stamp_by_a_weak_certificate_proves_nothing(
    sealed: Path, authority: Path, key: str, digest: str, said: str
) -> None:
    signer_of(authority, "weak", key, digest=digest)
    assert weakness(sealed, answer(authority, timestamp_request(sealed), signer="weak"), authority) == said


def test_a_weak_certificate_between_signer_and_root_counts_too(sealed: Path, authority: Path) -> None:
    signer_of(authority, "middle", "rsa:1024", digest="sha1")
    signer_of(authority, "below", "P-256", by="middle")
    tsr = answer(authority, timestamp_request(sealed), "-chain", "middle.pem", signer="below")
    assert weakness(sealed, tsr, authority, "middle") == "RSA 1024: CN=middle; SHA-1: CN=middle"


def test_a_strong_stamp_through_a_chain_of_any_order_holds(sealed: Path, authority: Path) -> None:
    for n in range(4):
        signer_of(authority, f"middle{n}", "P-256", by="ca" if n == 0 else f"middle{n - 1}")
    signer_of(authority, "last", "rsa:2048", by="middle3")
    chain = authority / "chain.pem"
    for order in (range(4), reversed(range(4))):
        chain.write_text("".join((authority / f"middle{n}.pem").read_text() for n in order))
        tsr = answer(authority, timestamp_request(sealed), "-chain", "chain.pem", signer="last")
        assert timestamp_check(sealed, tsr, [authority / "ca.pem"]).verified
        bare = answer(authority, timestamp_request(sealed), "-chain", "chain.pem", "-token_out", signer="last")
        assert timestamp_check(sealed, bare, [authority / "ca.pem"]).verified


def _indefinite(data: bytes) -> bytes:
    """The same answer in BER: lengths of the outer parts are left open, as streaming writers do."""
    parts = list(cms.split_elements(data))
    return b"".join(
        bytes([p.tag, 0x80]) + p.inside + b"\0\0" if p.tag == 0x30 and n == 0 else p.whole for n, p in enumerate(parts)
    )


def test_an_answer_with_open_lengths_holds(sealed: Path, authority: Path) -> None:
    tsr = answer(authority, timestamp_request(sealed))
    tsr.write_bytes(_indefinite(tsr.read_bytes()))
    assert timestamp_check(sealed, tsr, [authority / "ca.pem"]).verified


def test_an_answer_in_der_is_carried_byte_for_byte(sealed: Path, authority: Path) -> None:
    data = answer(authority, timestamp_request(sealed)).read_bytes()
    assert cms.to_der(data) == data


def test_one_broken_answer_hides_no_other(sealed: Path, authority: Path) -> None:
    good = answer(authority, timestamp_request(sealed))
    rng, data = random.Random(1), good.read_bytes()
    for n in range(150):
        at = rng.randrange(len(data))
        (good.parent / f"x{n}.tsr").write_bytes(data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :])
    for n, odd in enumerate(
        (b"", b"0", b"0\x80", b"0\x82\xff\xff", b"\x30\x80" * 60, b"0\x03\x02\x01\x00", data[:-1], data * 2)
    ):
        (good.parent / f"y{n}.tsr").write_bytes(odd)
    found = {t.file: t for t in verify(sealed, certificates=[authority / "ca.pem"]).timestamps}
    assert (len(found), found[good.name].verified) == (159, True)


def test_an_answer_that_may_not_be_read_hides_no_other(
    sealed: Path, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = answer(authority, timestamp_request(sealed))
    shut = good.with_name("shut.tsr")
    shut.write_bytes(b"x")
    real = Path.read_bytes

    def read(path: Path) -> bytes:
        if path.name == shut.name:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    assert [(t.file, t.problem) for t in verify(sealed).timestamps] == [(good.name, None), (shut.name, "unreadable")]


def test_an_answer_too_large_for_one_and_what_is_no_file_hide_no_other(sealed: Path, authority: Path) -> None:
    good = answer(authority, timestamp_request(sealed))
    with (good.parent / "large.tsr").open("wb") as file:
        file.truncate(1 << 40)
    for name in ("pipe.tsr", "checkpoint-0.json"):
        os.mkfifo(good.parent / name)
    (good.parent / "endless.tsr").symlink_to("/dev/zero")
    (good.parent / "gone.tsr").symlink_to("nowhere")
    (good.parent / "folder.tsr").mkdir()
    found = [(t.file, t.verified, t.problem) for t in verify(sealed, certificates=[authority / "ca.pem"]).timestamps]
    odd = ("endless.tsr", "folder.tsr", "gone.tsr", "large.tsr", "pipe.tsr")
    assert found == [(good.name, True, None), *((name, False, "unreadable") for name in odd)]
