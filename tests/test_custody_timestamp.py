"""Time-stamp requests go out as files and answers come back as files; a self-made authority stands in for a real one."""

import shutil
import subprocess
from pathlib import Path

import pytest

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
digests = sha256
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
        openssl("req", "-x509", *new, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-extensions", "ca", "-days", "2", folder=folder)  # fmt: skip
    openssl("req", *new, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Test TSA", folder=folder)
    openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-out", "tsa.pem", "-extfile", "tsa.cnf", "-extensions", "leaf", "-days", "2", folder=folder)  # fmt: skip
    return folder


def answer(authority: Path, request: Path, *options: str) -> Path:
    out = request.with_suffix(".tsr")
    openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa1", "-queryfile", str(request), "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", str(out), *options, folder=authority)  # fmt: skip
    return out


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
    assert timestamp_check(sealed, tsr, [authority / "stranger.pem"]).problem == "signature"


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
