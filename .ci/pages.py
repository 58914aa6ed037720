"""Writes docs/glossary.md and docs/formats/README.md from the program itself; `--check` only says whether they are up to date."""

import re
import sys
from enum import StrEnum
from pathlib import Path

from reconcile import vocabulary
from reconcile.formats.registry import READERS
from reconcile.report.words import GLOSSARY
from reconcile.wording import LANGS, say

DOCS = Path(__file__).parents[1] / "docs"


def main() -> int:
    """Rewrites both pages, or returns 1 where `--check` is given and one of them is not what the program says."""
    pages = {DOCS / "glossary.md": glossary(), DOCS / "formats" / "README.md": formats()}
    stale = [path for path, text in pages.items() if not path.is_file() or path.read_text("utf-8") != text]
    if "--check" in sys.argv:
        print(
            "\n".join(f"{path.relative_to(DOCS.parent)}: not what the program says; run make pages" for path in stale)
        )
        return int(bool(stale))
    for path, text in pages.items():
        path.write_text(text, "utf-8")
    return 0


def glossary() -> str:
    """The words of the reports in both languages, then every code of the results with what its docstring says."""
    words = [
        f"| {say(f'report_text.term_{k}', 'zh')} | {say(f'report_text.term_{k}', 'en')} | {say(f'report_text.mean_{k}', 'zh')} {say(f'report_text.mean_{k}', 'en')} |"
        for k in GLOSSARY
    ]
    enums = [
        v for v in vars(vocabulary).values() if isinstance(v, type) and issubclass(v, StrEnum) and v is not StrEnum
    ]
    codes = [f"### {e.__name__}\n\n{_prose(e.__doc__)}\n\n{', '.join(f'`{m}`' for m in e)}\n" for e in enums]
    return (
        "# 用语 / Glossary\n\n由 `make pages` 写成。 Written by `make pages`.\n\n"
        "| 中文 | English | 含义 / meaning |\n|---|---|---|\n" + "\n".join(words) + "\n\n"
        "## 结果中的代码 / Codes in the results\n\n" + "\n".join(codes)
    )


def _prose(text: str | None) -> str:
    return re.sub(r"[ \n]+", " ", text or "").strip()


def _both(key: str) -> str:
    return " / ".join(dict.fromkeys(say(f"readers.{key}", lang) for lang in LANGS))


def formats() -> str:
    """Every form that can be read, with what was tried."""
    rows = [
        f"| [{r.name}]({r.name}.md) | {_both(r.name)} | {_both(f'{r.name}__tested')} |"
        for r in READERS
        if (DOCS / "formats" / f"{r.name}.md").is_file()
    ]
    return (
        "# 可读取的形式 / Forms that can be read\n\n由 `make pages` 写成；每种形式不能看到什么，见其页面。"
        " Written by `make pages`; what a form cannot hold stands on its page.\n\n"
        "| 形式 / form | 名称 / title | 试过 / tried |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
