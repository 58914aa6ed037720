"""The pages of the application and their JSON interface.

Reading is GET; every action is a POST from the page itself.
"""

import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from reconcile.app import batches, other_jobs
from reconcile.app.case_form import Filled, fill
from reconcile.app.cases import RESULT, Told, folder_name
from reconcile.app.commands import Mask
from reconcile.app.desk import AREAS, BATCH, SUBMISSION, Area, Chosen, Desk, Signing
from reconcile.app.errors import Refused
from reconcile.app.folders import folder_entries
from reconcile.app.home import Home
from reconcile.app.json_values import batch_shown, case_shown, cases_shown, words_of
from reconcile.app.results import PREVIEW, TYPES, exports_of, output, outputs
from reconcile.app.uploads import MOST_PIECE
from reconcile.errors import ReconcileError
from reconcile.review.answers import HANDLERS, KEPT, BadRequest, Json, answering, lang_of, posted
from reconcile.review.static_files import files_of, in_language, static_files
from reconcile.vocabulary import Side
from reconcile.wording import Lang

KEPT_REVIEWS = 4


_ReportForm = Literal["html", "docx", "xlsx", "pdf", "csv", "json", "case"]


class Wish(BaseModel):
    """What a page posts: the case, the language, and the arguments of the action."""

    model_config = ConfigDict(extra="forbid")

    lang: Lang = "zh"
    case: str = Field("", max_length=200)
    side: Side = Side.LEFT
    area: Area = "left"
    path: str = Field("", max_length=4096)
    name: str | None = Field(None, max_length=120)
    left: str | None = Field(None, max_length=80)
    right: str | None = Field(None, max_length=80)
    export: str = Field("", max_length=20)
    told: Told = Told()
    key: str = Field("", max_length=4096)
    timestamp: str = Field("", max_length=2000)
    is_confirmed: bool = False
    drop: int = 0
    what: str = Field("", max_length=40)
    forms: list[_ReportForm] = Field([], max_length=len(get_args(_ReportForm)))
    mask: Mask = "none"
    masks: Chosen = Chosen()
    form: Literal["html", "docx"] = "html"
    filled: list[Filled] = Field([], max_length=500)


class Pages:
    """The endpoints over one folder of cases."""

    def __init__(self, desk: Desk, home: Home, lang: Lang) -> None:
        self.desk = desk
        self.home = home
        self.lang: Lang = lang
        self._reviews: dict[tuple[str, int], Starlette] = {}
        self._is_warm = False

    def index(self, _: Request) -> Response:
        """The page; everything it shows comes from the other endpoints."""
        if not self._is_warm:
            # Started only now, so that the first page does not wait for libraries that only later pages need.
            self._is_warm = True
            threading.Thread(target=import_module, args=("reconcile.app.compared",), daemon=True).start()
            self.desk.jobs.prepare()
        page = files_of("reconcile.app")["app.html"]
        return Response(in_language(page.content, self.lang), media_type=page.media_type)

    def static(self, request: Request) -> Response:
        """One of the page's own files."""
        found = (static_files() | files_of("reconcile.app")).get(request.path_params["name"])
        if found is None:
            return PlainTextResponse("", status_code=404)
        return Response(found.content, media_type=found.media_type, headers=KEPT)

    def words(self, request: Request) -> Response:
        """The catalogue in one language."""
        return Json(words_of(lang_of(request)))

    def cases(self, request: Request) -> Response:
        """Every case, most recently changed first, and the state of the batch."""
        lang = lang_of(request)
        return Json(cases_shown(self.desk, lang) | {"batch": batch_shown(self.desk, lang)})

    def case(self, request: Request) -> Response:
        """One case: its exports, what is running, and the results."""
        return Json(case_shown(self.desk, _query_value(request, "case"), lang_of(request)))

    def maskable(self, request: Request) -> Response:
        """The people and numbers of a finished comparison that could be masked."""
        place = self.desk.shelf.place(_query_value(request, "case"))
        if not (place / RESULT / "manifest.json").is_file():
            raise Refused("compare_first")
        from reconcile.app.compared import maskable_shown

        return Json(maskable_shown(place))

    def folder(self, request: Request) -> Response:
        """The contents of a folder on this machine, for choosing a path."""
        return Json(folder_entries(request.query_params.get("path", "")))

    def file(self, request: Request) -> Response:
        """One file that a command wrote, for download, or a report to open."""
        name = request.path_params["case"]
        found = self._output_path(name, request.path_params["folder"], request.path_params["name"])
        media_type = TYPES[found.suffix]
        if request.query_params.get("look") == "1" and found.suffix in {".html", ".pdf"}:
            return FileResponse(found, media_type=media_type, headers=PREVIEW if found.suffix == ".html" else None)
        kept_as = f"attachment; filename=\"{found.name.encode('ascii', 'replace').decode()}\"; filename*=UTF-8''{quote(found.name)}"
        return FileResponse(found, media_type=media_type, headers={"Content-Disposition": kept_as})

    async def wish(self, request: Request) -> Response:
        """Carries out one action and returns the case as it is afterwards."""
        act = ACTS.get(request.path_params["act"])
        if act is None:
            return Json({"error": "bad_request"}, status_code=404)
        asked = await posted(request, Wish)
        return Json(await run_in_threadpool(lambda: self._do_and_show(act, asked)))

    async def piece(self, request: Request) -> Response:
        """Stores one chunk of a dropped file. The body is the chunk; the URL states file and position."""
        if request.headers.get("content-type") != "application/octet-stream":
            raise BadRequest("content-type")
        values = request.query_params
        case, file = _query_value(request, "case"), values.get("file", "")
        area, number, at = (
            _area_or_bad_request(values.get("area")),
            _count_or_bad_request(values.get("drop")),
            _count_or_bad_request(values.get("at")),
        )
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > MOST_PIECE:
                raise BadRequest("body")
        await run_in_threadpool(lambda: self.desk.put_piece(case, area, number, file, at, bytes(content)))
        return Json({"at": at + len(content)})

    async def review(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The review page over the case's finished comparison."""
        name = scope["path_params"]["case"]
        try:
            app = await run_in_threadpool(lambda: self._review_page(name))
        except (Refused, ReconcileError):
            await PlainTextResponse("", status_code=404)(scope, receive, send)
            return
        await app(scope, receive, send)

    def _review_page(self, name: str) -> Starlette:
        """The review page over the case's results; the last few are kept."""
        place = self.desk.shelf.place(name)
        manifest = place / RESULT / "manifest.json"
        if not manifest.is_file():
            raise Refused("compare_first", 404)
        key = name, manifest.stat().st_mtime_ns
        if key not in self._reviews:
            from reconcile.app.compared import review_over

            self._reviews[key] = review_over(place, self.lang, exports_of(self.desk.shelf.load(name)))
            while len(self._reviews) > KEPT_REVIEWS:
                del self._reviews[next(iter(self._reviews))]
        return self._reviews[key]

    def _output_path(self, name: str, folder: str, file: str) -> Path:
        """The path of a listed output; `-` as the case means the batch."""
        if name == "-":
            return output(batches.batch_outputs(self.desk), folder, file).path
        place = self.desk.shelf.place(name)
        return output(outputs(self.desk.shelf.load(name), place), folder, file).path

    def _do_and_show(self, act: Callable[["Pages", Wish], str], asked: Wish) -> dict[str, Any]:
        """Carries out the action; returns the case, or the list of cases, as it is afterwards."""
        name = act(self, asked)
        if not name:
            return cases_shown(self.desk, asked.lang) | {"batch": batch_shown(self.desk, asked.lang)}
        return case_shown(self.desk, name, asked.lang)


def _place_cases(pages: Pages, asked: Wish) -> str:
    """Makes a folder the folder of cases, now and at the next start."""
    given = Path(asked.path.strip().strip('"')).expanduser()
    if not given.is_absolute() or folder_name(given.name) != given.name:
        raise Refused("path_not_whole")
    try:
        given.mkdir(mode=0o700, parents=True, exist_ok=True)
    except ValueError:
        raise Refused("path_not_whole") from None
    pages.desk.shelf.folder = given
    pages.home.remember(cases=str(given))
    pages.desk.resume(asked.lang)
    return ""


def _on_case(act: Callable[[Desk, Wish], object]) -> Callable[[Pages, Wish], str]:
    """An endpoint for an action on the case that the request names."""

    def do_on_case(pages: Pages, asked: Wish) -> str:
        act(pages.desk, asked)
        return asked.case

    return do_on_case


def _finish_drop(desk: Desk, asked: Wish) -> None:
    """Adds a completed drop as an export, or checks it as a submission."""
    if asked.area == SUBMISSION:
        path = desk.finish_submission(asked.case, asked.drop)
        other_jobs.check(desk, asked.case, str(path), asked.side, asked.lang)
    else:
        desk.finish_drop(asked.case, Side(asked.area), asked.drop, asked.lang)


def _state_facts(desk: Desk, asked: Wish) -> None:
    desk.tell(asked.case, asked.export, asked.told, asked.key, asked.lang, confirmed=asked.is_confirmed)


def _make_report(desk: Desk, asked: Wish) -> None:
    path, key, authority = (asked.path, asked.key, asked.timestamp) if "pdf" in asked.forms else ("", "", "")
    desk.report(asked.case, list(asked.forms), asked.lang, asked.mask, asked.masks, Signing(path, key, authority))


ACTS: Mapping[str, Callable[[Pages, Wish], str]] = {
    "create": lambda pages, asked: pages.desk.shelf.create(asked.name or ""),
    "place": _place_cases,
    "batch": _on_case(lambda desk, asked: batches.run_batch(desk, asked.path, asked.lang)),
    "open_dispute": lambda pages, asked: batches.open_dispute(pages.desk, asked.name or "", asked.lang),
    "add": _on_case(lambda desk, asked: desk.add(asked.case, asked.side, asked.path, asked.lang)),
    "dropped": _on_case(_finish_drop),
    "remove": _on_case(lambda desk, asked: desk.remove(asked.case, asked.export)),
    "split": _on_case(lambda desk, asked: desk.split(asked.case, asked.export, asked.lang)),
    "move": _on_case(lambda desk, asked: desk.move(asked.case, asked.export)),
    "tell": _on_case(_state_facts),
    "again": _on_case(lambda desk, asked: desk.recognise(asked.case, asked.export, asked.lang)),
    "call": _on_case(lambda desk, asked: desk.call(asked.case, asked.name, asked.left, asked.right)),
    "compare": _on_case(lambda desk, asked: desk.compare(asked.case, asked.lang)),
    "report": _on_case(_make_report),
    "check": _on_case(lambda desk, asked: other_jobs.check(desk, asked.case, asked.path, asked.side, asked.lang)),
    "bill": _on_case(lambda desk, asked: other_jobs.bill(desk, asked.case, asked.path, asked.key, asked.lang)),
    "fill": _on_case(lambda desk, asked: fill(desk.shelf.place(asked.case), asked.filled)),
    "checklist": _on_case(lambda desk, asked: other_jobs.checklist(desk, asked.case, asked.lang)),
    "seal": _on_case(lambda desk, asked: other_jobs.seal(desk, asked.case, asked.lang)),
    "verify": _on_case(lambda desk, asked: other_jobs.verify(desk, asked.case, asked.what, asked.lang)),
    "guide": _on_case(lambda desk, asked: other_jobs.guide(desk, asked.case, asked.form, asked.lang)),
    "cancel": _on_case(lambda desk, asked: desk.cancel(asked.case or BATCH, asked.what)),
}


def build(desk: Desk, home: Home, lang: Lang) -> Starlette:
    """The application over one folder of cases; put `Guard` in front of it."""
    pages = Pages(desk, home, lang)

    async def drop(request: Request) -> Response:
        """Starts a drop and returns its number."""
        asked = await posted(request, Wish)
        return Json({"drop": await run_in_threadpool(lambda: desk.begin_drop(asked.case, asked.area))})

    routes = [
        Route("/", pages.index, methods=["GET"]),
        Route("/static/{name}", pages.static, methods=["GET"]),
        Route("/api/words", pages.words, methods=["GET"]),
        Route("/api/cases", pages.cases, methods=["GET"]),
        Route("/api/case", pages.case, methods=["GET"]),
        Route("/api/maskable", pages.maskable, methods=["GET"]),
        Route("/api/folder", pages.folder, methods=["GET"]),
        Route("/file/{case}/{folder}/{name}", pages.file, methods=["GET"]),
        Route("/api/drop", drop, methods=["POST"]),
        Route("/api/piece", pages.piece, methods=["POST"]),
        Route("/api/do/{act}", pages.wish, methods=["POST"]),
        Mount("/review/{case}", app=pages.review),
    ]
    return Starlette(routes=routes, exception_handlers=HANDLERS | {ReconcileError: answering("not_written", 507)})


def _query_value(request: Request, name: str) -> str:
    return request.query_params.get(name, "")


def _area_or_bad_request(stated: str | None) -> Area:
    """The area of this name. Raises BadRequest for any other."""
    found: Area | None = next((area for area in AREAS if area == stated), None)
    if found is None:
        raise BadRequest("area")
    return found


def _count_or_bad_request(stated: str | None) -> int:
    """The whole number. Raises BadRequest for anything else."""
    if stated is None or not stated.isascii() or not stated.isdecimal() or len(stated) > 15:
        raise BadRequest("number")
    return int(stated)
