"""Wishes of the page, posted as the page posts them."""

import json
import time
from typing import Any
from urllib.parse import quote

from reconcile.app.server import Application
from tests.review.client import PATIENCE, Answer, Client


def do(app: Application, act: str, **values: Any) -> Answer:
    return Client(app.keys).ask("POST", f"/api/do/{act}", Client(app.keys).posting, json.dumps(values).encode())


def case_of(app: Application, name: str) -> Any:
    return Client(app.keys).get(f"/api/case?case={quote(name)}&lang=zh")


def new_case(app: Application, name: str) -> str:
    made: str = do(app, "create", name=name).json["id"]
    return made


def settled(app: Application, name: str) -> Any:
    """The case once nothing of it runs."""
    for _ in range(5 * PATIENCE):
        found = case_of(app, name)
        if not found["running"] and all(e["state"] not in {"reading", "waiting"} for e in found["exports"]):
            return found
        time.sleep(0.2)
    raise AssertionError("still running")


def drop(app: Application, case: str, side: str, files: dict[str, bytes]) -> list[Answer]:
    """Sends files as the page does; the last answer is that of the whole drop."""
    client = Client(app.keys)
    begun = client.ask("POST", "/api/drop", client.posting, json.dumps({"case": case, "area": side}).encode())
    number = begun.json["drop"]
    sending = client.posting | {"Content-Type": "application/octet-stream"}
    answers = []
    for name, content in files.items():
        at = f"/api/piece?case={quote(case)}&area={side}&drop={number}&file={quote(name)}&at=0"
        answers.append(client.ask("POST", at, sending, content))
    return [*answers, do(app, "dropped", case=case, area=side, drop=number)]
