"""Draws the three pictures as SVG (coverage, messages per day, clock offset), in greys and shapes.

lets-plot draws them without numpy, a browser or the network. Its random ids are renumbered, so that equal reports have
equal bytes.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from reconcile.lazy_modules import lazy_module
from reconcile.report.model import ReportData, Track
from reconcile.report.picture_svg import normalise_svg, translate_svg
from reconcile.report.words import code_of, text_of
from reconcile.vocabulary import Side
from reconcile.wording import Lang

# Only reports with pictures need lets-plot.
_plotting = lazy_module("reconcile.report.plotting")

FONTS = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, SimHei, sans-serif"
_INK, _PALE, _MIDDLE = "#1a1a1a", "#c4c4c4", "#7d7d7d"
_WIDTH = 760
_SECOND_MS = 1000.0
_DAY_MS = 86_400_000.0
_SHORT_DAYS = 4
_FEW_MOMENTS = 3
# lets-plot measures an ideograph like a letter, so its legends are too narrow.
_LEGEND_SPACE = 40
_PNG_SCALE = 1.0
# lets-plot's raster output prints a warning on the terminal if it finds no font settings.
_FONT_CONFIG = "/etc/fonts/fonts.conf"
# A gap is drawn at least this wide (share of the picture), so that it is visible.
_LEAST_SHARE = 0.004
# The axis of clock offsets spans at least this many seconds each way, so that small offsets look level.
_LEAST_SECONDS = 10.0


@dataclass(frozen=True)
class Picture:
    """One picture: its name (file stem), size in points and SVG text."""

    name: str
    width: int
    height: int
    svg: str


@dataclass(frozen=True)
class _Plot:
    """A plot. Two are equal if all that they show is."""

    shown: bytes
    spec: Any = field(compare=False)

    @classmethod
    def of(cls, spec: Any) -> "_Plot":
        """The plot that lets-plot is to draw."""
        told = orjson.dumps(spec.as_dict(), default=np.ndarray.tolist, option=orjson.OPT_SERIALIZE_NUMPY)
        return cls(told, spec)


def pictures(data: ReportData, langs: Sequence[Lang]) -> list[dict[Lang, Picture]]:
    """Every picture that the data has numbers for, in order, in each language.

    Each is drawn once with the longer English labels, so that there is room for either language.
    """
    drawn = []
    for name, spec, height in _plots_of_data(data, "en"):
        svg = _as_svg(_Plot.of(spec), name)
        drawn.append({lang: Picture(name, _WIDTH, height, translate_svg(svg, lang)) for lang in langs})
    return drawn


def fallback_images(data: ReportData, lang: Lang) -> dict[str, bytes]:
    """Each picture as PNG, for programs that do not draw SVG."""
    if Path(_FONT_CONFIG).is_file():
        os.environ.setdefault("FONTCONFIG_FILE", _FONT_CONFIG)
    images = {}
    for name, spec, _ in _plots_of_data(data, lang):
        images[name] = _as_png(_Plot.of(spec))
    return images


def _plots_of_data(data: ReportData, lang: Lang) -> Iterator[tuple[str, Any, int]]:
    """Name, plot and height of each picture that the data has numbers for."""
    for name, draw in (("coverage", _coverage_plot), ("days", _days_plot), ("offsets", _offsets_plot)):
        plot = draw(data, lang)
        if plot is not None:
            yield name, *plot


def _without_markup(label: str) -> str:
    """A label without characters that lets-plot reads as markup or formulas."""
    return label.replace("<", "‹").replace(">", "›").replace("\\", "＼")


def _plot_theme(height: int) -> Any:
    """The look common to all pictures, and the size."""
    p = _plotting.lets_plot
    return (
        p.theme_minimal2()
        + p.ggsize(_WIDTH, height)
        + p.theme(
            text=p.element_text(family=FONTS, color=_INK, size=12),
            axis_title=p.element_text(size=12),
            axis_text=p.element_text(size=11, color=_INK),
            legend_text=p.element_text(size=11),
            legend_title=p.element_blank(),
            strip_text=p.element_text(size=12, color=_INK),
            panel_grid_minor=p.element_blank(),
            panel_grid_major=p.element_line(color="#e4e4e4", size=0.6),
            legend_position="bottom",
            legend_key_spacing_x=_LEGEND_SPACE,
            plot_margin=[4, 44, 2, 2],
        )
    )


def _milliseconds(at: str) -> float:
    """A time of the report's text in milliseconds since 1970, as if it were UTC."""
    return datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() * _SECOND_MS


def _time_axis(moments: list[float]) -> Any:
    """A time axis with dates, or with hours for a short span; a few moments are all labelled."""
    p = _plotting.lets_plot
    moments = sorted(set(moments))
    span = moments[-1] - moments[0] if moments else 0.0
    form = "%m-%d %H:%M" if 0 < span < _SHORT_DAYS * _DAY_MS and any(m % _DAY_MS for m in moments) else "%Y-%m-%d"
    breaks = moments if len(moments) <= _FEW_MOMENTS else None
    return p.scale_x_datetime(format=form, breaks=breaks)


def _moments(tracks: list[Track]) -> list[float]:
    """Every moment in the coverage picture."""
    found: list[float] = []
    for t in tracks:
        found += [_milliseconds(at) for at in (t.first_at, t.last_at, t.coverage_from, t.coverage_to) if at]
        found += [_milliseconds(at) for gap in t.gaps for at in gap[:2]]
    return found


def _coverage_plot(data: ReportData, lang: Lang) -> tuple[Any, int] | None:
    """The coverage picture and its height; None without times."""
    p = _plotting.lets_plot
    tracks = [t for t in data.series.tracks if t.first_at or t.gaps]
    if not tracks:
        return None
    lanes = {(t.conversation, t.side): i for i, t in enumerate(reversed(tracks))}
    place = {id(t): float(lanes[t.conversation, t.side]) for t in tracks}
    sides = {s.side: _without_markup(text_of(s.called, lang)) for s in data.sides}
    layers = (
        _span_layers(tracks, place, lang) + _gap_layers(tracks, place, lang) + _conflict_layers(tracks, place, lang)
    )
    layers += _edge_layers(tracks, place, lang)
    plot = p.ggplot()
    for layer in layers:
        plot += layer
    several = len({t.conversation for t in tracks}) > 1
    labels = [f"{t.conversation} · {sides[t.side]}" if several else sides[t.side] for t in tracks]
    height = 90 + 26 * len(tracks)
    return (
        (
            plot
            + p.scale_y_continuous(breaks=[place[id(t)] for t in tracks], labels=labels, expand=[0, 0.8])
            + _time_axis(_moments(tracks))
            + p.scale_color_identity()
            + p.labs(x="", y="")
            + _plot_theme(height),
            height,
        )
        if layers
        else None
    )


def _span_layers(tracks: list[Track], place: dict[int, float], lang: Lang) -> list[Any]:
    """A bar in each lane from the first to the last message."""
    held = [t for t in tracks if t.first_at and t.last_at]
    if not held:
        return []
    p = _plotting.lets_plot
    table = {
        "x": [_milliseconds(t.first_at or "") for t in held],
        "xend": [_milliseconds(t.last_at or "") for t in held],
        "y": [place[id(t)] for t in held],
        "mark": [_MIDDLE if t.side is Side.LEFT else _PALE for t in held],
    }
    label = text_of("report.span_held", lang)
    return [
        p.geom_segment(
            p.aes("x", "y", xend="xend", yend="y", color="mark"),
            data=_as_arrays(table),
            size=5,
            tooltips="none",
            manual_key=p.layer_key(label, color=_MIDDLE),
        )
    ]


def _gap_layers(tracks: list[Track], place: dict[int, float], lang: Lang) -> list[Any]:
    """A frame around each gap, in the lane of the side that lacks the messages."""
    gaps = [(place[id(t)], *g) for t in tracks for g in t.gaps]
    if not gaps:
        return []
    p = _plotting.lets_plot
    starts, ends = [_milliseconds(g[1]) for g in gaps], [_milliseconds(g[2]) for g in gaps]
    moments = _moments(tracks)
    least = _LEAST_SHARE * (max(moments) - min(moments))
    table = {
        "xmin": [a - (least if b - a < least else 0) for a, b in zip(starts, ends, strict=True)],
        "xmax": [b + (least if b - a < least else 0) for a, b in zip(starts, ends, strict=True)],
        "ymin": [g[0] - 0.3 for g in gaps],
        "ymax": [g[0] + 0.3 for g in gaps],
    }
    label = text_of("report.gap_lacked", lang)
    return [
        p.geom_rect(
            p.aes(xmin="xmin", xmax="xmax", ymin="ymin", ymax="ymax"),
            data=_as_arrays(table),
            fill="white",
            color=_INK,
            size=0.9,
            tooltips="none",
            manual_key=p.layer_key(label, fill="white", color=_INK),
        )
    ]


def _conflict_layers(tracks: list[Track], place: dict[int, float], lang: Lang) -> list[Any]:
    """A cross at each conflict."""
    marks = [(_milliseconds(at), place[id(t)]) for t in tracks for at in t.conflicts]
    if not marks:
        return []
    p = _plotting.lets_plot
    label = code_of("relation", "conflict", lang)
    return [
        p.geom_point(
            p.aes("x", "y"),
            data=_as_arrays({"x": [m[0] for m in marks], "y": [m[1] for m in marks]}),
            shape=4,
            size=4,
            stroke=1.6,
            color=_INK,
            tooltips="none",
            manual_key=p.layer_key(label, shape=4, color=_INK),
        )
    ]


def _edge_layers(tracks: list[Track], place: dict[int, float], lang: Lang) -> list[Any]:
    """A stroke at both ends of the period that both copies cover."""
    edges = [(_milliseconds(at), place[id(t)]) for t in tracks for at in (t.coverage_from, t.coverage_to) if at]
    if not edges:
        return []
    p = _plotting.lets_plot
    table = {"x": [e[0] for e in edges], "y": [e[1] - 0.45 for e in edges], "yend": [e[1] + 0.45 for e in edges]}
    label = text_of("report.window_edge", lang)
    return [
        p.geom_segment(
            p.aes("x", "y", xend="x", yend="yend"),
            data=_as_arrays(table),
            size=1.2,
            color=_INK,
            tooltips="none",
            manual_key=p.layer_key(label, color=_INK, linetype="solid"),
        )
    ]


def _days_plot(data: ReportData, lang: Lang) -> tuple[Any, int] | None:
    """The picture of messages per day and its height; None without messages."""
    days = data.series.days
    if not days:
        return None
    p = _plotting.lets_plot
    both, only = text_of("report.in_both", lang), text_of("report.only_here", lang)
    table: dict[str, list[Any]] = {"from": [], "to": [], "low": [], "high": [], "part": [], "side": []}
    for day, left, right, left_only, right_only in days:
        for fact, rows, single in zip(data.sides, (left, right), (left_only, right_only), strict=True):
            for part, low, high in ((only, 0, single), (both, single, max(rows, single))):
                if low == high:
                    continue
                start = _milliseconds(day)
                values = (
                    start,
                    start + data.series.bin_days * _DAY_MS,
                    low,
                    high,
                    part,
                    _without_markup(text_of(fact.called, lang)),
                )
                for column, value in zip(table.values(), values, strict=True):
                    column.append(value)
    height = 300
    return (
        p.ggplot(_as_arrays(table))
        + p.geom_rect(
            p.aes(xmin="from", xmax="to", ymin="low", ymax="high", fill="part"),
            color="white",
            size=0.1,
            tooltips="none",
        )
        + p.facet_wrap("side", ncol=1, order=0)
        + p.scale_fill_manual(values={both: _PALE, only: _INK}, breaks=[both, only])
        + _time_axis([_milliseconds(day[0]) for day in days])
        + p.labs(x=text_of("report.pic_bins", lang, n=data.series.bin_days), y=text_of("report.messages", lang))
        + _plot_theme(height),
        height,
    )


def _offsets_plot(data: ReportData, lang: Lang) -> tuple[Any, int] | None:
    """The picture of the clock offset over time and its height; None without pairs."""
    points = data.series.offsets
    if not points:
        return None
    p = _plotting.lets_plot
    table = {"at": [_milliseconds(at) for at, _ in points], "seconds": [s for _, s in points]}
    height = 210
    return (
        p.ggplot(_as_arrays(table), p.aes("at", "seconds"))
        # lets-plot prints a message if a line has only one point.
        + (p.geom_line(color=_MIDDLE, size=0.8, tooltips="none") if len(points) > 1 else p.geom_blank())
        + p.geom_point(color=_INK, size=2, tooltips="none")
        + p.coord_cartesian(ylim=_offset_axis_limits(table["seconds"]))
        + _time_axis(table["at"])
        + p.labs(x="", y=text_of("report.seconds", lang))
        + _plot_theme(height),
        height,
    )


def _offset_axis_limits(seconds: list[float]) -> list[float]:
    """The ends of an axis of seconds, wide enough that a second does not look like a jump."""
    return [min(*seconds, -_LEAST_SECONDS), max(*seconds, _LEAST_SECONDS)]


def _as_arrays(table: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as arrays: lets-plot checks every number of a list against six other libraries' types."""
    return {k: v if v and isinstance(v[0], str) else np.array(v) for k, v in table.items()}


# The application writes several reports of one case, each with the same pictures.
@lru_cache(maxsize=32)
def _as_svg(plot: _Plot, name: str) -> str:
    """The plot as SVG with ids of its own. Raises RuntimeError if lets-plot could not draw it."""
    svg = str(plot.spec.to_svg())
    if "generateSvg()" in svg:
        raise RuntimeError(f"picture {name} could not be drawn: {svg}")
    return normalise_svg(svg, name)


@lru_cache(maxsize=32)
def _as_png(plot: _Plot) -> bytes:
    """The plot as PNG. To draw one takes a quarter of a second."""
    out = BytesIO()
    plot.spec.to_png(out, scale=_PNG_SCALE)
    return out.getvalue()
