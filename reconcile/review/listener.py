"""The socket and the server of the local pages: this machine's loopback address alone."""

import asyncio
import os
import socket
from contextlib import suppress
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from reconcile.errors import UsageError

LOOPBACK = "127.0.0.1"
PREFERRED_PORT = 38475
"""Of no known service. A browser keeps a reviewer's name and settings by port, so that the same one is taken wherever it is free."""


def web_server(app: ASGIApp) -> uvicorn.Server:
    """A server with short time limits that names no software and speaks HTTP only."""
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
    # With the protocol named, asyncio sends at once. Otherwise the second part of every answer is sent 40 ms late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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


# A browser on the same machine sends a request in milliseconds.
REQUEST_SECONDS = 10.0


class PatientProtocol(H11Protocol):
    """The server's protocol with a deadline by which a request, body included, must be complete."""

    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request is due from now on."""
        super().connection_made(transport)
        self._watch_request()

    def data_received(self, data: bytes) -> None:
        """Receives more of a request; once it is complete, its answer may take any time."""
        super().data_received(data)
        self._watch_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is due any more."""
        self._forget_deadline()
        super().connection_lost(exc)

    def _watch_request(self) -> None:
        """Starts the deadline while a request is awaited or incomplete; stops it once it is complete."""
        # A request is under way, or none has begun.
        if self.conn.their_state.__name__ not in ("IDLE", "SEND_BODY"):
            self._forget_deadline()
        elif self._due is None:
            self._due = self.loop.call_later(REQUEST_SECONDS, self._end_connection)

    def _forget_deadline(self, *_: Any) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _end_connection(self) -> None:
        """Closes a connection whose request took too long."""
        self._due = None
        self.transport.abort()
