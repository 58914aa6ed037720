"""Limits the time of a request, so that a slow sender holds no connection open."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

# A browser on the same machine sends a request in milliseconds.
REQUEST_SECONDS = 10.0


class PatientProtocol(H11Protocol):
    """The server's protocol, with an end to the time in which a request must be there, its body too."""

    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request is due from now on."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Receives more of a request; once it is complete, its answer may take any time."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is due any more."""
        self._forget()
        super().connection_lost(exc)

    def _watch(self) -> None:
        # A request is under way, or none has begun.
        if self.conn.their_state.__name__ not in ("IDLE", "SEND_BODY"):
            self._forget()
        elif self._due is None:
            self._due = self.loop.call_later(REQUEST_SECONDS, self._end)

    def _forget(self, *_: Any) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _end(self) -> None:
        self._due = None
        self.transport.abort()
