"""Admits only this machine, this address and this browser to the review page.

A page of another site in the same browser can send requests here, under a name that its owner points at this machine
(DNS rebinding) or as a cross-site post. So every request must name this very address as its Host, must not come from
another Origin, and must carry the cookie that only the printed address gives.
"""

import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
}
POLICY = "Content-Security-Policy"
"""An answer may bring its own: a report that is previewed runs apart from every page."""
OWN_SITES = (None, "same-origin", "none")
METHODS = ("GET", "HEAD", "POST")


@dataclass(slots=True)
class Keys:
    """The secrets of one run.

    Attributes:
        port: where the server listens.
        token: part of the printed address; valid as long as the server runs.
        ticket: part of the address that a browser is started with, which every user of the machine can read in the
            list of processes; valid once.
        session: value of the cookie that is set in exchange for either.
    """

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    ticket: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def url(self) -> str:
        """The address to print."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    @property
    def launch_url(self) -> str:
        """The address to start a browser with."""
        return f"http://127.0.0.1:{self.port}/?token={self.ticket}"

    @property
    def cookie(self) -> str:
        """Name of the cookie; cookies know no ports, so two pages open at once need two names."""
        return f"reconcile_review_{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """What a Host header may say."""
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})

    def opens(self, token: str) -> bool:
        """Whether the token of an address is valid; a ticket is used up by this."""
        if _is_equal(token, self.token):
            return True
        if self.ticket and _is_equal(token, self.ticket):
            self.ticket = ""
            return True
        return False


class Guard:
    """Wraps the application; see the module's docstring."""

    def __init__(self, app: ASGIApp, keys: Keys, refusal: str) -> None:
        self.app = app
        self.keys = keys
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request pass or refuses it, and puts the security headers on every answer."""
        if scope["type"] != "http":
            return
        request = Request(scope)
        enters = not self._is_foreign(request) and self._enters(request)
        passes = enters or (not self._is_foreign(request) and self._is_known(request))

        async def send_safely(message: Message) -> None:
            """Adds the security headers to the answer, and the cookie when the printed address was opened."""
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                own = headers.get(POLICY)
                headers.update(SECURITY_HEADERS)
                if own is not None:
                    headers[POLICY] = own
                headers.setdefault("Cache-Control", "no-store")
                if enters:
                    headers.append("set-cookie", self._new_cookie())
            await send(message)

        answer = self.app if passes else PlainTextResponse(self.refusal, status_code=403)
        await answer(scope, receive, send_safely)

    def _is_foreign(self, request: Request) -> bool:
        """Whether Host, Origin, method or site differ from what this page itself sends."""
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self.keys.hosts or request.method not in METHODS:
            return True
        origins = request.headers.getlist("origin")
        if any(o != f"http://{hosts[0]}" for o in origins):
            return True
        if request.method == "POST" and not origins:
            return True
        return request.url.path != "/" and request.headers.get("sec-fetch-site") not in OWN_SITES

    def _enters(self, request: Request) -> bool:
        """Whether the printed address was opened; only the page itself can be asked for in this way."""
        token = request.query_params.get("token")
        is_page = request.url.path == "/" and request.method == "GET"
        return is_page and token is not None and self.keys.opens(token)

    def _is_known(self, request: Request) -> bool:
        """Whether the request carries the cookie of this run."""
        return _is_equal(_cookie_value(request.headers, self.keys.cookie), self.keys.session)

    def _new_cookie(self) -> str:
        return f"{self.keys.cookie}={self.keys.session}; Path=/; HttpOnly; SameSite=Strict"


def _is_equal(given: str, expected: str) -> bool:
    """Whether two secrets are equal, compared in constant time."""
    return secrets.compare_digest(given.encode(), expected.encode())


def _cookie_value(headers: Headers, name: str) -> str:
    """The value of a cookie; '' if it is absent or the header is malformed."""
    try:
        jar = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""
