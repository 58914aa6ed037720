"""A review server in a thread, and a plain HTTP client that can say anything in its headers."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconcile.review.guard import Keys
from reconcile.review.server import Review, open_review
from reconcile.vocabulary import Side
from reconcile.wording import Lang


@dataclass(frozen=True)
class Answer:
    """Status, headers and body of an answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


# Seconds until a server that says nothing counts as hung: more than the busiest machine needs.
PATIENCE = 600


@dataclass(frozen=True)
class Client:
    """Speaks to one server. `ask` sends exactly the headers given; `get` and `post` add what the page's own code would."""

    keys: Keys

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
        """One request; a header named Host replaces the client's own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.keys.port, timeout=PATIENCE)
        try:
            connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    @property
    def own(self) -> dict[str, str]:
        """What a browser that was let in sends."""
        return {"Cookie": f"{self.keys.cookie}={self.keys.session}"}

    @property
    def posting(self) -> dict[str, str]:
        """What the page's own posts carry."""
        origin = f"http://127.0.0.1:{self.keys.port}"
        return self.own | {"Origin": origin, "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        answer = self.ask("GET", path, self.own)
        assert answer.status == 200, answer.body
        return answer.json

    def post(self, path: str, body: object) -> Answer:
        """Posts JSON."""
        return self.ask("POST", path, self.posting, json.dumps(body).encode())

    def judge(self, **what: Any) -> Answer:
        """Posts a judgement."""
        return self.post("/api/judge", {"conversation": 0, "reviewer": "王律师"} | what)


@contextmanager
def serving(folder: Path, lang: Lang = "zh", **exports: Path) -> Iterator[Client]:
    """A server over the folder, in a thread, for the time of the block."""
    review = open_review(folder, lang, exports={Side(side): path for side, path in exports.items()})
    thread = threading.Thread(target=_run, args=(review,), daemon=True)
    thread.start()
    try:
        yield Client(review.keys)
    finally:
        review.server.should_exit = True
        thread.join(timeout=PATIENCE)


def _run(review: Review) -> None:
    review.run()
