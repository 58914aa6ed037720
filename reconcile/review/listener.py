"""The socket and the server of the local pages: this machine's loopback address alone."""

import os
import socket
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from reconcile.errors import UsageError
from reconcile.review.request_timeout import PatientProtocol

LOOPBACK = "127.0.0.1"
PREFERRED_PORT = 38475
"""Of no known service. A browser keeps a reviewer's name and settings by port, so that the same one is taken wherever it is free."""


def web_server(app: ASGIApp) -> uvicorn.Server:
    """A server that waits for no request long, says nothing of itself, and speaks HTTP alone."""
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


def listen(port: int) -> socket.socket:
    """A socket on the loopback address. Raises UsageError where the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name != "nt":  # there it would let two programs have one port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise UsageError("--port", f"--port {port}: cannot listen there ({error.strerror}); try --port 0") from None
    return listener


def listen_near(port: int) -> socket.socket:
    """A socket on this port where it is free, else on any."""
    with suppress(UsageError):
        return listen(port)
    return listen(0)
