"""A time-stamp authority on this machine, for tests: it answers as the library's own test authority does, or as it is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
STAMPED_AT = datetime(2025, 3, 1, 1, 2, 3, tzinfo=UTC)
Answer = Callable[[bytes], bytes]


@cache
def private_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def certificate(days: int = 36500, *, stamps: bool = True, bits: int = 2048) -> x509.Certificate:
    """The authority's own certificate, signed by itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "时间戳机构")])
    made = x509.CertificateBuilder(
        name, name, private_key(bits).public_key(), 1, VALID_FROM, VALID_FROM + timedelta(days)
    )
    if stamps:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return made.sign(private_key(bits), hashes.SHA256())


def stamper(cert: x509.Certificate | None = None, bits: int = 2048, **options: Any) -> Any:
    """The library's own test authority, always at the same time."""
    from asn1crypto import keys
    from asn1crypto import x509 as read
    from pyhanko.sign.timestamps import DummyTimeStamper

    form = serialization.PrivateFormat.PKCS8
    key = private_key(bits).private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())
    own = (cert or certificate()).public_bytes(serialization.Encoding.DER)
    return DummyTimeStamper(read.Certificate.load(own), keys.PrivateKeyInfo.load(key), fixed_dt=STAMPED_AT, **options)


def granting(made: Any = None, change: Callable[[Any], None] = lambda request: None) -> Answer:
    """Answers with a time stamp; `change` works on the request before that is answered."""
    from asn1crypto import tsp

    def answer(data: bytes) -> bytes:
        request = tsp.TimeStampReq.load(data)
        change(request)
        return bytes((made or stamper()).request_tsa_response(request).dump())

    return answer


@contextmanager
def serving(
    answer: Answer, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
) -> Iterator[tuple[str, list[bytes]]]:
    """Its address, and the requests that it got."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            body = answer(asked[-1])
            self.send_response(status)
            for name, value in (("Content-Type", "application/timestamp-reply"), *headers):
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # the client may have gone
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
