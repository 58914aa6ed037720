"""A chat drawn as the phone and the PC client show it, page by page, for tests of reading screens."""

import html
import importlib.util
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.browser import PATIENCE_MS, chromium

CHROMIUM = Path("/usr/bin/chromium")


def lacking_to_draw() -> str:
    """What is not on this machine to draw Chinese screens and pages with; '' if nothing."""
    if not CHROMIUM.exists() or importlib.util.find_spec("playwright") is None:
        return "no chromium to draw with"
    fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False, text=True).stdout
    return "" if fonts.strip() else "no Chinese font to draw with"


@dataclass(frozen=True)
class Shown:
    """One thing on the screen: a bubble of a side, a time bar, or a notice."""

    text: str
    own: bool = False
    kind: str = "text"  # text, time, notice, image, voice, transfer, received, packet, file, link; parts of a card stand on lines
    name: str = ""


PHONE = """
body { margin:0; width:390px; background:#ededed; font:17px/1.35 "Noto Sans CJK SC"; color:#191919; }
.status { height:44px; display:flex; justify-content:space-between; padding:14px 22px 0; font-size:15px; font-weight:600; box-sizing:border-box; background:#ededed; }
.title { height:44px; text-align:center; line-height:44px; font-weight:500; border-bottom:1px solid #d9d9d9; background:#ededed; }
.time { text-align:center; color:#b2b2b2; font-size:12px; margin:12px 0; }
.row { display:flex; margin:10px 12px; align-items:flex-start; }
.row.own { flex-direction:row-reverse; }
.avatar { width:40px; height:40px; border-radius:5px; background:#7aa; flex:none; }
.own .avatar { background:#a87; }
.box { margin:0 10px; max-width:245px; }
.name { font-size:12px; color:#888; margin-bottom:3px; }
.bubble { background:#fff; border-radius:5px; padding:9px 11px; word-break:break-all; white-space:pre-wrap; }
.own .bubble { background:#95ec69; }
.image { width:120px; height:160px; background:linear-gradient(#9ab,#456); border-radius:5px; }
.transfer { background:#fa9d3b; color:#fff; border-radius:5px; padding:12px; width:220px; }
.transfer small { display:block; border-top:1px solid #ffffff55; margin-top:8px; padding-top:4px; font-size:12px; }
.received { background:#fde1c3; }
.card { background:#fff; border-radius:5px; padding:12px; width:220px; display:flex; justify-content:space-between; }
.card small { display:block; color:#999; font-size:12px; margin-top:6px; }
.icon { width:44px; height:52px; border-radius:4px; color:#fff; font-size:16px; text-align:center; line-height:52px; flex:none; }
.input { position:relative; height:56px; background:#f7f7f7; border-top:1px solid #ddd; margin-top:14px; }
"""
PC = PHONE.replace("width:390px", "width:900px").replace("max-width:245px", "max-width:560px").replace("font:17px", "font:14px").replace("background:#ededed; font", "background:#f5f5f5; font")  # fmt: skip


def page_html(items: list[Shown], title: str, css: str = PHONE, clock: str = "9:41") -> str:
    body = "".join(_item(i) for i in items)
    head = f'<div class="status"><span>{clock}</span><span>5G 87%</span></div><div class="title">{html.escape(title)}</div>'
    return (
        f'<!doctype html><meta charset="utf-8"><style>{css}</style><body>{head}{body}<div class="input"></div></body>'
    )


def _item(item: Shown) -> str:
    text = html.escape(item.text)
    if item.kind in ("time", "notice"):
        return f'<div class="time">{text}</div>'
    if item.kind == "image":
        inner = '<div class="image"></div>'
    elif item.kind in ("transfer", "received", "packet"):
        head, *more = text.split("\n")
        foot = "微信红包" if item.kind == "packet" else "微信转账"
        inner = f'<div class="transfer {item.kind}">{head}<div style="font-size:13px">{"".join(more)}</div><small>{foot}</small></div>'
    elif item.kind in ("file", "link"):
        head, *more = text.split("\n")
        icon = f'<div class="icon" style="background:#fa9d3b">{more.pop()}</div>' if item.kind == "file" else ""
        inner = f'<div class="card"><div>{head}{"".join(f"<small>{m}</small>" for m in more)}</div>{icon}</div>'
    else:
        inner = f'<div class="bubble">{text}</div>'
    name = f'<div class="name">{html.escape(item.name)}</div>' if item.name and not item.own else ""
    return f'<div class="row{" own" if item.own else ""}"><div class="avatar"></div><div class="box">{name}{inner}</div></div>'


def draw(pages: list[str], folder: Path, *, width: int = 390, height: int = 844, scale: float = 3) -> list[Path]:
    """Pictures of the pages, as tall as their content needs (at least the screen), named in order."""
    files = []
    context = chromium().new_context(viewport={"width": width, "height": height}, device_scale_factor=scale)
    for number, content in enumerate(pages, 1):
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.set_content(content)
        files.append(folder / f"screen{number:03d}.png")
        page.screenshot(path=str(files[-1]), full_page=True)
        page.close()
    context.close()
    return files
