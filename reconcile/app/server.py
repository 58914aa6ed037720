"""The application's server on the loopback address; a second start opens the running one."""

import contextlib
import http.client
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from reconcile.app.cases import CaseShelf
from reconcile.app.desk import Desk
from reconcile.app.home import Home
from reconcile.app.jobs import Jobs
from reconcile.app.routes import build
from reconcile.app.worker import Command
from reconcile.review.guard import Guard, Keys
from reconcile.review.listener import LOOPBACK, PREFERRED_PORT, listen, listen_near, web_server
from reconcile.wording import Lang, say

ANSWER_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Application:
    """A server that is ready to run."""

    keys: Keys
    server: uvicorn.Server
    listener: socket.socket
    desk: Desk
    home: Home

    def run(self) -> None:
        """Serves until interrupted; running commands end with it."""
        self.home.begin(self.desk.shelf.folder, self.keys.port, self.keys.token)
        try:
            with self.listener:
                self.server.run(sockets=[self.listener])
        finally:
            self.desk.jobs.close()
            self.home.end(self.desk.shelf.folder)


def open_app(
    home: Home, command: Command, lang: Lang, cases: Path | None = None, port: int | None = None
) -> Application:
    """The application, ready to run.

    Args:
        home: where settings are stored.
        command: runs a command line; see `worker.Command`.
        lang: initial language of the page.
        cases: the folder of cases; None = as remembered.
        port: None = that of the last run, so that the browser keeps its settings, or any free one.

    Raises:
        UsageError: the requested port is taken.
    """
    listener = listen(port) if port is not None else listen_near(home.port or PREFERRED_PORT)
    keys = Keys(listener.getsockname()[1])
    # The remembered port is kept even if it was taken this time.
    kept = {} if home.port and port is None else {"port": keys.port}
    home.remember(**kept, **({"cases": str(cases.resolve())} if cases else {}))
    desk = Desk(CaseShelf(cases.resolve() if cases else home.cases), Jobs(command))
    desk.resume(lang)
    app = Guard(build(desk, home, lang), keys, say("app.refused", lang))
    return Application(keys, web_server(app), listener, desk, home)


def serve_app(
    command: Command,
    lang: Lang,
    cases: Path | None,
    port: int | None,
    *,
    open_browser: bool,
    announce: Callable[[str], None],
) -> None:
    """Opens the application in the browser and serves it; without a display it only prints the address."""
    home = Home.of_user()
    shows = open_browser and has_display()
    address = running_address(home, cases or home.cases)
    if address is not None:
        announce(say("app.runs_already", lang, url=address))
        if shows:
            webbrowser.open(address)
        return
    app = open_app(home, command, lang, cases, port)
    announce(say("app.serving", lang, url=app.keys.url, folder=app.desk.shelf.folder))
    if shows:
        threading.Thread(target=webbrowser.open, args=(app.keys.launch_url,), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl+C is how one leaves
        app.run()


def running_address(home: Home, cases: Path) -> str | None:
    """The address of the application that serves this folder of cases; None = none answers."""
    stated = home.running(cases)
    port, token = stated.get("port"), stated.get("token")
    if not isinstance(port, int) or not isinstance(token, str) or not 0 < port < 65536 or not token.isascii():
        return None
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=ANSWER_SECONDS)
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError), contextlib.closing(connection):
        connection.request("GET", f"/?token={token}")
        if connection.getresponse().status == http.client.OK:
            return f"http://{LOOPBACK}:{port}/?token={token}"
    return None


def has_display() -> bool:
    """Whether a browser can be shown on this machine."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
