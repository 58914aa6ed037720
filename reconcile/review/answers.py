"""Answers of the local pages and what these pages post.

The module is light, so that a page appears before the libraries are loaded.
"""

from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from reconcile.errors import DecisionsChanged
from reconcile.wording import LANGS, Lang


class Refused(Exception):
    """A judgement or mark that cannot be taken; `.code` names the reason in the catalogue."""

    def __init__(self, code: str, status: int = 409) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


KEPT = {"Cache-Control": "private, max-age=600"}
"""For the pages' own files, which hold nothing of a case."""
MAX_BODY = 64 * 1024
Model = TypeVar("Model", bound=BaseModel)


class Json(Response):
    """A JSON answer; instants never reach it, so nothing needs a default."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The value as JSON."""
        return orjson.dumps(content)


class BadRequest(Exception):
    """A request that no page of ours makes."""


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return Json({"error": error.code}, status_code=error.status)


def _bad(_: Request, __: Exception) -> Response:
    return Json({"error": "bad_request"}, status_code=400)


def _log_changed(_: Request, __: Exception) -> Response:
    return Json({"error": "log_changed"}, status_code=409)


def _disk(_: Request, __: Exception) -> Response:
    return Json({"error": "not_written"}, status_code=507)


HANDLERS: Any = {
    Refused: _refused,
    BadRequest: _bad,
    ValidationError: _bad,
    IndexError: _bad,
    DecisionsChanged: _log_changed,
    OSError: _disk,
}


def lang_of(request: Request) -> Lang:
    """The language that a request asks for."""
    asked = request.query_params.get("lang")
    return next((lang for lang in LANGS if lang == asked), LANGS[0])


async def posted(request: Request, model: type[Model]) -> Model:
    """What a page of ours posted. Raises BadRequest or ValidationError.

    BadRequest: another type or too much. ValidationError: other values.
    """
    if request.headers.get("content-type") != "application/json":
        raise BadRequest("content-type")
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY:
            raise BadRequest("body")
    return model.model_validate_json(content)
