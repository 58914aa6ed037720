"""The review page and its JSON interface; the only writes are judgements, undoing and marks."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from urllib.parse import quote

import polars as pl
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from reconcile.custody.decisions import Decision
from reconcile.review import overview
from reconcile.review.answers import HANDLERS, KEPT, BadRequest, Json, answering, lang_of, posted
from reconcile.review.decisions import Desk, Judging, Undoing, judged_lines
from reconcile.review.detail import absent_of, line_detail
from reconcile.review.export import decisions_csv, decisions_json
from reconcile.review.marks import Marking, MarkShelf, RowName, marked_lines, tags_of
from reconcile.review.media import MediaShelf
from reconcile.review.minimap import minimap
from reconcile.review.page import About, about_line, lines_page, local
from reconcile.review.rejudge import Rejudge
from reconcile.review.second_review import ByReviewer, latest_by_reviewer, lines_to_review
from reconcile.review.static_files import in_language, static_files
from reconcile.review.store import CaseFolder, Conversation
from reconcile.review.view import View, lines_in, shown_pattern
from reconcile.review.words import page_words
from reconcile.vocabulary import Side
from reconcile.wording import Lang

MAX_PAGE = 400
KEPT_VIEWS = 16


@dataclass
class Pages:
    """The endpoints over one case folder."""

    case: CaseFolder
    lang: Lang
    exports: Mapping[Side, Path]
    home: str = ""
    desk: Desk = field(init=False)
    rejudge: Rejudge = field(init=False)
    marks: MarkShelf = field(init=False)
    media: MediaShelf = field(init=False)
    _views: OrderedDict[tuple[object, ...], pl.Series] = field(default_factory=OrderedDict)
    _lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        self.desk = Desk(self.case)
        self.rejudge = Rejudge(self.case)
        self.marks = MarkShelf(self.case)
        self.media = MediaShelf(self.case, self.exports)

    def index(self, _: Request) -> Response:
        """The page itself; the other endpoints give everything that it shows."""
        page = static_files()["index.html"]
        content = in_language(page.content, self.lang)
        if self.home:
            shown = f'href="{quote(self.home, safe="./#=&%")}" data-say-label="home">'
            content = content.replace(b'href="../../" data-say-label="home" hidden>', shown.encode(), 1)
        return Response(content, media_type=page.media_type)

    def static(self, request: Request) -> Response:
        """One of the page's own files."""
        found = static_files().get(request.path_params["name"])
        if found is None:
            return PlainTextResponse("", status_code=404)
        return Response(found.content, media_type=found.media_type, headers=KEPT)

    def words(self, request: Request) -> Response:
        """The catalogue in one language."""
        lang = lang_of(request)
        return Json(page_words(lang, self.case.names(lang)))

    def overview(self, _: Request) -> Response:
        """The case: its conversations, worst first, with verdicts as found and as judged anew."""
        log = self.desk.log()
        found = overview.case_overview(self.case, self.rejudge, log, self.desk.standing())
        return Json(found | {"marks": self.marks.head})

    def changes(self, _: Request) -> Response:
        """Digest of the log's last entry and of the marks, so that a page notices changes by others."""
        return Json({"head": self.desk.log().head, "marks": self.marks.head})

    def choices(self, request: Request) -> Response:
        """The possible settings of a conversation's filters."""
        found = self._asked_conversation(request)
        said = self._latest_judgements(found)
        mine = [m for m in self.marks.of_run() if m.conversation == found.id]
        more = {
            "tags": [{"code": t, "count": sum(t in m.tags for m in mine)} for t in tags_of(mine)],
            "bookmarks": sum(m.is_bookmarked for m in mine),
            "masks": sum(m.is_masked for m in mine),
            "reviewers": sorted({name for by in said.values() for name in by}),
        }
        return Json(overview.choices(found.lines) | more)

    def lines(self, request: Request) -> Response:
        """A stretch of the lines that pass the filters."""
        conversation = self._asked_conversation(request)
        numbers = self._line_numbers(request, conversation)
        start = _number_in_query(request, "start", 0)
        count = min(_number_in_query(request, "count", 100), MAX_PAGE)
        shown = numbers.slice(start, count)
        about = About(
            self.desk.by_row(conversation.id), self._latest_judgements(conversation), self.marks.by_row(conversation.id)
        )
        pattern = shown_pattern(request.query_params.get("words", ""))
        found = lines_page(conversation, shown, about)
        return Json({"total": len(numbers), "start": start, "pattern": pattern, "lines": found})

    def place(self, request: Request) -> Response:
        """The position of a line, or of the next one, among the lines that pass the filters."""
        numbers = self._line_numbers(request, self._asked_conversation(request))
        at = int(numbers.search_sorted(_number_in_query(request, "line", 0)))
        at = min(at, len(numbers) - 1)
        return Json({"at": at, "line": int(numbers[at]) if len(numbers) else None})

    def step(self, request: Request) -> Response:
        """The next or former finding among the lines that pass the filters, seen from a line."""
        conversation = self._asked_conversation(request)
        numbers = self._line_numbers(request, conversation)
        targets = self._targets(request, conversation, numbers).cast(pl.Int64)
        line = _number_in_query(request, "line", -1, least=-1)
        if request.query_params.get("step") == "-1":
            place = int(targets.search_sorted(line, side="left")) - 1
        else:
            place = int(targets.search_sorted(line, side="right"))
        number = int(targets[place]) if 0 <= place < len(targets) else None
        at = int(numbers.search_sorted(number)) if number is not None else None
        return Json({"line": number, "at": at})

    def findings(self, request: Request) -> Response:
        """A stretch of the conversation's findings."""
        conversation = self._asked_conversation(request)
        runs = conversation.findings
        start = _number_in_query(request, "start", 0)
        shown = runs.slice(start, min(_number_in_query(request, "count", 100), MAX_PAGE))
        judged = self._judged_lines(conversation)
        return Json({"total": runs.height, "start": start, "findings": overview.findings_page(shown, judged)})

    def absent(self, request: Request) -> Response:
        """Messages that something mentions but neither side holds."""
        return Json(absent_of(self.case, self._asked_conversation(request)))

    def minimap(self, request: Request) -> Response:
        """How many lines of interest each part of the shown list has, for the strip beside it."""
        conversation = self._asked_conversation(request)
        numbers = self._line_numbers(request, conversation)
        bins = min(max(_number_in_query(request, "bins", 300), 1), 2000)
        return Json(minimap(conversation.lines, numbers, self._judged_lines(conversation), bins))

    def line(self, request: Request) -> Response:
        """One line in full."""
        conversation = self._asked_conversation(request)
        entries = self.desk.log().entries
        found = line_detail(self.case, conversation, _number_in_query(request, "line", 0), entries)
        rows = [(Side(side), message["row"]) for side, message in found["sides"].items()]
        found |= about_line(rows, self._latest_judgements(conversation), self.marks.by_row(conversation.id))
        found["tags_in_use"] = tags_of(self.marks.of_run())
        for side, message in found["sides"].items():
            message["media"] = self.media.has(Side(side), message["row"])
            message["pictures"] = self.media.of_post(Side(side), message["row"])
        return Json(found)

    def picture(self, request: Request) -> Response:
        """The picture that a message shows, where the export at hand holds it."""
        side, row = request.path_params["side"], request.path_params["row"]
        found = self.media.picture(Side(side), row) if side in set(Side) else None
        if found is None:
            return PlainTextResponse("", status_code=404)
        return Response(found.content, media_type=found.media_type)

    def post_picture(self, request: Request) -> Response:
        """One picture of a post, by its place in it, where the export at hand holds it."""
        side, row, place = (request.path_params[name] for name in ("side", "row", "place"))
        found = self.media.post_picture(Side(side), row, place) if side in set(Side) else None
        if found is None:
            return PlainTextResponse("", status_code=404)
        return Response(found.content, media_type=found.media_type)

    async def judge(self, request: Request) -> Response:
        """Takes a judgement."""
        asked = await posted(request, Judging)
        return await run_in_threadpool(lambda: self._answer_written(self.desk.judge(asked)))

    async def undo(self, request: Request) -> Response:
        """Takes a judgement back."""
        asked = await posted(request, Undoing)
        return await run_in_threadpool(lambda: self._answer_written(self.desk.undo(asked)))

    async def mark(self, request: Request) -> Response:
        """Takes the marks of a line."""
        asked = await posted(request, Marking)
        return await run_in_threadpool(lambda: Json(self.marks.put(asked).model_dump(mode="json")))

    def export(self, request: Request) -> Response:
        """Every entry of the log as a file to keep."""
        form = request.path_params["form"]
        if form == "json":
            content, media_type = decisions_json(self.case, self.rejudge), "application/json"
        elif form == "csv":
            content, media_type = decisions_csv(self.case, lang_of(request)), "text/csv; charset=utf-8"
        else:
            return PlainTextResponse("", status_code=404)
        kept_as = {"Content-Disposition": f'attachment; filename="decisions.{form}"'}
        return Response(content, media_type=media_type, headers=kept_as)

    def _answer_written(self, decision: Decision) -> Response:
        """The id, time and log head of an entry just written."""
        return Json({"id": decision.id, "at": local(decision.at), "head": self.desk.log().head})

    def _asked_conversation(self, request: Request) -> Conversation:
        """The conversation that the request names. Raises IndexError or BadRequest."""
        return self.case.conversation(_number_in_query(request, "c", 0))

    def _judged_lines(self, conversation: Conversation) -> pl.Series:
        """Numbers of the lines with a standing judgement."""
        return judged_lines(conversation, self.desk.standing())

    def _targets(self, request: Request, conversation: Conversation, numbers: pl.Series) -> pl.Series:
        """Numbers that a step may end on: first lines of findings, or each line still to be judged."""
        if request.query_params.get("what") == "open":
            targets = lines_in(conversation.lines, View(state="open"), self._judged_lines(conversation))
        else:
            targets = conversation.findings["first"]
        if len(numbers) == conversation.lines.height:
            return targets
        return targets.filter(targets.is_in(numbers.implode()))

    def _latest_judgements(self, conversation: Conversation) -> dict[RowName, ByReviewer]:
        return latest_by_reviewer(self.desk.log().entries, self.case.basis, conversation.id)

    def _lines_of_state(self, conversation: Conversation, view: View) -> pl.Series:
        """Numbers of the lines selected by the state in the filters."""
        if view.state in ("second", "disputed"):
            return lines_to_review(conversation, self._latest_judgements(conversation), view.state, view.reviewer)
        return self._judged_lines(conversation) if view.state else pl.Series("line", [], pl.UInt32)

    def _marked_lines(self, conversation: Conversation, view: View) -> pl.Series | None:
        """Numbers of the lines with the mark or tag of the filters; None where they name none."""
        if not (view.mark or view.tag):
            return None
        is_wanted = {"bookmark": "is_bookmarked", "mask": "is_masked"}.get(view.mark)
        found = [m for m in self.marks.of_run() if is_wanted is None or getattr(m, is_wanted)]
        return marked_lines(conversation, [m for m in found if not view.tag or view.tag in m.tags])

    def _line_numbers(self, request: Request, conversation: Conversation) -> pl.Series:
        """Numbers of the lines that pass the request's filters; recent answers are kept."""
        view = View.model_validate(dict(request.query_params))
        judged, marked = self._lines_of_state(conversation, view), self._marked_lines(conversation, view)
        key = (conversation.index, view, tuple(judged), None if marked is None else tuple(marked))
        with self._lock:
            if key not in self._views:
                self._views[key] = lines_in(conversation.lines, view, judged, marked)
            self._views.move_to_end(key)
            while len(self._views) > KEPT_VIEWS:
                self._views.popitem(last=False)
            return self._views[key]


def build_app(case: CaseFolder, lang: Lang, exports: Mapping[Side, Path], *, home: str = "") -> Starlette:
    """The page over one case folder; it must be wrapped in `Guard`. `exports`: see `MediaShelf`.

    `home`: the page of the local application (`reconcile.app`) to which it links back.
    """
    pages = Pages(case, lang, exports, home)
    gets: dict[str, Callable[[Request], Response]] = {
        "/": pages.index,
        "/static/{name}": pages.static,
        "/api/words": pages.words,
        "/api/case": pages.overview,
        "/api/changes": pages.changes,
        "/api/choices": pages.choices,
        "/api/lines": pages.lines,
        "/api/place": pages.place,
        "/api/step": pages.step,
        "/api/findings": pages.findings,
        "/api/absent": pages.absent,
        "/api/minimap": pages.minimap,
        "/api/line": pages.line,
        "/api/picture/{side}/{row:int}": pages.picture,
        "/api/picture/{side}/{row:int}/{place:int}": pages.post_picture,
        "/export/decisions.{form}": pages.export,
    }
    routes = [Route(path, endpoint, methods=["GET"]) for path, endpoint in gets.items()]
    routes += [
        Route("/api/judge", pages.judge, methods=["POST"]),
        Route("/api/undo", pages.undo, methods=["POST"]),
        Route("/api/mark", pages.mark, methods=["POST"]),
    ]
    unreadable = {pl.exceptions.PolarsError: answering("unreadable", 500)}
    return Starlette(routes=routes, exception_handlers=HANDLERS | unreadable)


def _number_in_query(request: Request, name: str, default: int, least: int = 0) -> int:
    """A whole number of the query, `default` if absent. Raises BadRequest below `least`."""
    stated = request.query_params.get(name, str(default))
    if not stated.removeprefix("-").isdecimal() or len(stated) > 12 or int(stated) < least:
        raise BadRequest(name)
    return int(stated)
