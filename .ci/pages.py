"""Writes the generated pages of docs/en and docs/zh from the program; `--check` only says whether they are up to date.

Generated are the glossary, the command line, the list of formats and one page a format.
"""

import re
import sys
import tomllib
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any

import click

from reconcile import vocabulary
from reconcile.cli.help import about, option_rows
from reconcile.cli.main import program
from reconcile.formats.registry import all_readers
from reconcile.report.words import GLOSSARY
from reconcile.wording import LANGS, Lang, has, say

DOCS = Path(__file__).parents[1] / "docs"
FORMATS = Path(__file__).parents[1] / "reconcile" / "formats"
WRITTEN = {"en": "Written by `make pages`.", "zh": "本页由 `make pages` 生成。"}
WORDS = {
    "en": {
        "glossary": "Glossary", "term": "Term", "meaning": "Meaning", "codes": "Codes in the results", "code": "Code", "name": "Name",
        "commands": "Commands", "usage": "Usage", "option": "Option", "command": "Command",
        "formats": "Formats", "format": "Format", "title": "Title", "tested": "Tested with",
        "producer": "Producer", "fields": "Fields read", "unseen": "What this format does not show", "what": "What", "note": "Remark",
        "formats_about": "`reconcile readers` prints this list. Each page states how a format is recognised and what it cannot show.",
        "commands_about": "`reconcile COMMAND --help` prints the same. Exit codes: 0 nothing stands against completeness, 1 findings, 3 no findings but something could not be determined, 2 could not run.",
    },
    "zh": {
        "glossary": "用语", "term": "用语", "meaning": "含义", "codes": "结果中的代码", "code": "代码", "name": "名称",
        "commands": "命令", "usage": "用法", "option": "选项", "command": "命令",
        "formats": "可读取的形式", "format": "形式", "title": "名称", "tested": "试过的版本",
        "producer": "来源", "fields": "读取的字段", "unseen": "本形式不能显示的内容", "what": "内容", "note": "说明",
        "formats_about": "`reconcile readers` 列出同样的内容。各页写明如何识别，以及该形式不能显示什么。",
        "commands_about": "`reconcile 命令 --help` 显示同样的内容。退出码：0 未见不利于完整性之处；1 有发现；3 无发现，但有未能判断之处；2 未能运行。",
    },
}  # fmt: skip
# Enums whose codes have names in the catalogue: the group there.
GROUPS = {
    "Kind": "kind", "Relation": "relation", "Cause": "cause", "Grade": "grade", "Form": "form", "WitnessKind": "witness",
    "NoteCode": "note", "PostTrace": "trace", "PostWitnessKind": "post_witness", "Status": "status",
    "ConversationKind": "conversation_kind", "TimePrecision": "precision", "ZoneSource": "zone", "ArticlePlace": "article_place",
}  # fmt: skip


def main() -> int:
    """Rewrites the pages, or returns 1 where `--check` is given and one of them is not what the program says."""
    pages = {DOCS / lang / name: text for lang in LANGS for name, text in pages_of(lang)}
    folders = [DOCS / lang / "formats" for lang in LANGS]
    surplus = [page for folder in folders for page in folder.glob("*.md") if page not in pages]
    if "--check" in sys.argv:
        stale = [path for path, text in pages.items() if not path.is_file() or path.read_text("utf-8") != text]
        for path in (*stale, *surplus):
            print(f"{path.relative_to(DOCS.parent)}: not what the program says; run make pages")
        return int(bool(stale or surplus))
    for page in surplus:
        page.unlink()
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return 0


def pages_of(lang: Lang) -> list[tuple[str, str]]:
    """Every generated page of one language: its path below docs/LANG, and its text."""
    forms = [(f"formats/{reader.name}.md", format_page(reader, lang)) for reader in all_readers()]
    return [("glossary.md", glossary(lang)), ("commands.md", commands(lang)), ("formats.md", formats(lang)), *forms]


def glossary(lang: Lang) -> str:
    """The words of the reports, then every code of the results with its name."""
    word = WORDS[lang]
    terms = [(say(f"report_text.term_{k}", lang), say(f"report_text.mean_{k}", lang)) for k in GLOSSARY]
    enums = [
        e for e in vars(vocabulary).values() if isinstance(e, type) and issubclass(e, StrEnum) and e is not StrEnum
    ]
    codes = chain.from_iterable((f"### {e.__name__}", "", *_codes(e, lang), "") for e in enums)
    lines = [f"# {word['glossary']}", "", WRITTEN[lang], "", *_table((word["term"], word["meaning"]), terms), ""]
    return "\n".join([*lines, f"## {word['codes']}", "", *codes])


def _codes(enum: type[StrEnum], lang: Lang) -> list[str]:
    about_enum = [re.sub(r"\s+", " ", enum.__doc__ or "").strip(), ""] if lang == "en" else []
    named = [(f"`{code}`", _name_of(GROUPS.get(enum.__name__, ""), code, lang)) for code in enum]
    if not any(name for _, name in named):
        return [*about_enum, ", ".join(code for code, _ in named)]
    return [*about_enum, *_table((WORDS[lang]["code"], WORDS[lang]["name"]), named)]


def _name_of(group: str, code: str, lang: Lang) -> str:
    key = f"verdict.{code}" if group == "grade" else f"verdict.{group}.{code}"
    return say(key, lang) if group and has(key) else ""


def commands(lang: Lang) -> str:
    """Every command with its arguments and options, as --help states them."""
    word, top = WORDS[lang], click.Context(program, info_name="reconcile")
    names = program.list_commands(top)
    lines = [
        f"# {word['commands']}",
        "",
        WRITTEN[lang],
        "",
        word["commands_about"],
        "",
        _quoted(about("program", lang), lang),
        "",
    ]
    lines += [
        *_table((word["command"], word["meaning"]), [(f"[`{n}`](#{n})", _quoted(about(n, lang), lang)) for n in names]),
        "",
    ]
    return "\n".join([*lines, *chain.from_iterable(_command(n, top, lang) for n in names)])


def _command(name: str, top: click.Context, lang: Lang) -> list[str]:
    command = program.commands[name]
    context = click.Context(command, parent=top, info_name=name)
    places = [p.make_metavar(context) for p in command.get_params(context) if isinstance(p, click.Argument)]
    usage = " ".join(("reconcile", name, *places, say("help.options_place", lang)))
    rows = [(f"`{option}`", _quoted(what, lang)) for option, what in option_rows(command, context, lang)]
    table = _table((WORDS[lang]["option"], WORDS[lang]["meaning"]), rows)
    return [f"## {name}", "", _quoted(about(name, lang), lang), "", "```", usage, "```", "", *table, ""]


def formats(lang: Lang) -> str:
    """Every format that can be read, with what it was tested with."""
    word = WORDS[lang]
    rows = [
        (f"[{r.name}](formats/{r.name}.md)", _quoted(say(f"readers.{r.name}", lang), lang), _quoted(say(f"readers.{r.name}__tested", lang), lang))
        for r in all_readers()
    ]  # fmt: skip
    table = _table((word["format"], word["title"], word["tested"]), rows)
    return "\n".join([f"# {word['formats']}", "", WRITTEN[lang], "", word["formats_about"], "", *table, ""])


def format_page(reader: Any, lang: Lang) -> str:
    """One format: what the catalogue says of it, and what its producer's folder (`pages/NAME.toml`) says."""
    word, page = WORDS[lang], tomllib.loads(_source(reader).read_text("utf-8"))
    title, tested = (_quoted(say(f"readers.{reader.name}{part}", lang), lang) for part in ("", "__tested"))
    colon = "：" if lang == "zh" else ": "
    producer = [f"{word['producer']}{colon}{_quoted(page['producer'], lang)}  "] if "producer" in page else []
    facts = [f"{word['format']}{colon}`{reader.name}`  ", *producer, f"{word['tested']}{colon}{tested}"]
    lines = [f"# {title}", "", WRITTEN[lang], "", *facts, ""]
    for section in page.get("section", []):
        lines += [f"## {section[f'{lang}_title']}", "", section[lang], ""]
    if fields := page.get("fields"):
        lines += [f"## {word['fields']}", "", ", ".join(f"`{name}`" for name in fields), ""]
    unseen = [(row[lang], row.get(f"{lang}_note", "")) for row in page.get("unseen", [])]
    if unseen:
        lines += [f"## {word['unseen']}", "", *_table((word["what"], word["note"]), unseen), ""]
    return "\n".join(lines)


def _source(reader: Any) -> Path:
    return FORMATS / type(reader).__module__.split(".")[2] / "pages" / f"{reader.name}.toml"


def _quoted(text: str, lang: Lang) -> str:
    """English text in which Chinese names stand as code."""
    return text if lang == "zh" else re.sub(r"[\u4e00-\u9fff]+", lambda m: f"`{m.group()}`", text)


def _table(heading: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [heading, tuple("---" for _ in heading), *(tuple(_cell(c) for c in row) for row in rows)]
    return ["| " + " | ".join(line) + " |" for line in lines]


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text.replace("\n", " "))


if __name__ == "__main__":
    sys.exit(main())
