"""The review page's server: one case folder, on this machine's loopback address alone."""

import socket
import threading
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from reconcile.intake.source import Source
from reconcile.review.app import build_app
from reconcile.review.guard import Guard, Keys
from reconcile.review.listener import PREFERRED_PORT, listen, listen_near, web_server
from reconcile.review.store import CaseFolder
from reconcile.vocabulary import Side
from reconcile.wording import Lang, say

NO_EXPORTS: Mapping[Side, Path] = {}


@dataclass(frozen=True, slots=True)
class Review:
    """A server that is ready to run: the keys with the address to open, and the socket that it listens on."""

    keys: Keys
    server: uvicorn.Server
    listener: socket.socket

    def run(self) -> None:
        """Serves until interrupted."""
        with self.listener:
            self.server.run(sockets=[self.listener])


def open_review(folder: Path, lang: Lang, port: int | None = 0, exports: Mapping[Side, Path] = NO_EXPORTS) -> Review:
    """A server over a finished comparison, not yet running.

    Args:
        folder: what `reconcile compare` wrote.
        lang: language the page opens in; it can be changed there.
        port: 0 = any free one; None = the same each time, any free one where that is taken.
        exports: where the exports that were compared lie, for the pictures of messages; a side left out shows none.

    Raises:
        CaseNotFound: there is no finished comparison.
        UsageError: the port is taken.
        UnreadableSource: an export is not where it is said to be.
    """
    case = CaseFolder(folder)
    for export in exports.values():
        Source(export)
    listener = listen_near(PREFERRED_PORT) if port is None else listen(port)
    keys = Keys(listener.getsockname()[1])
    app = Guard(build_app(case, lang, exports), keys, say("review.refused", lang))
    return Review(keys, web_server(app), listener)


def serve(
    folder: Path,
    lang: Lang,
    port: int,
    exports: Mapping[Side, Path],
    *,
    open_browser: bool,
    announce: Callable[[str], None],
) -> None:
    """Opens the review page over a finished comparison and serves it until interrupted; see `open_review`."""
    review = open_review(folder, lang, port or None, exports)
    announce(say("review.serving", lang, url=review.keys.url))
    if open_browser:
        threading.Thread(target=webbrowser.open, args=(review.keys.launch_url,), daemon=True).start()
    with suppress(KeyboardInterrupt):  # Ctrl+C is how one leaves
        review.run()
