"""Answers of the local pages and what these pages post.

The module is light, so that a page appears before the libraries are loaded.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from reconcile.errors import DecisionsChanged
from reconcile.wording import LANGS, Lang


class Refused(Exception):
    """A request that is refused; `.code` names the reason in the catalogue."""

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
    """A request that our own pages never make."""


def _answer_refused(_: Request, error: Exception) -> Response:
    """The code of a refusal as JSON, with its status."""
    assert isinstance(error, Refused)
    return Json({"error": error.code}, status_code=error.status)


def answering(error: str, status: int) -> Callable[[Request, Exception], Response]:
    """A handler that answers every exception with this code and nothing of the exception's text."""
    return lambda _, __: Json({"error": error}, status_code=status)


HANDLERS: Any = {
    Refused: _answer_refused,
    **dict.fromkeys((BadRequest, ValidationError, IndexError), answering("bad_request", 400)),
    DecisionsChanged: answering("log_changed", 409),
    OSError: answering("not_written", 507),
}


def lang_of(request: Request) -> Lang:
    """The language that a request asks for."""
    asked = request.query_params.get("lang")
    return next((lang for lang in LANGS if lang == asked), LANGS[0])


async def posted(request: Request, model: type[Model]) -> Model:
    """The values that a page of ours posted.

    Raises:
        BadRequest: another content type, or too many bytes.
        ValidationError: other values.
    """
    if request.headers.get("content-type") != "application/json":
        raise BadRequest("content-type")
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY:
            raise BadRequest("body")
    return model.model_validate_json(content)
