"""The commands about exports: `inspect`, `convert` and `readers`."""

from pathlib import Path
from typing import Any

import click

from reconcile.cli.console import echo, echo_json
from reconcile.cli.exit_codes import Exit
from reconcile.cli.help import Told
from reconcile.cli.option_values import read_options
from reconcile.cli.options import PATH, reading, shared
from reconcile.cli.start import keep_little
from reconcile.errors import UnreadableSource, UnrecognisedSource, UsageError
from reconcile.wording import Lang, has, say


@click.command(cls=Told)
@click.argument("export", type=PATH)
@click.option("--reader")
@click.option("--json", "as_json", is_flag=True)
@click.option("--save-columns", type=PATH)
@reading
@shared
def inspect(
    export: Path, reader: str | None, as_json: bool, save_columns: Path | None, lang: Lang, **chosen: Any
) -> int:
    """What is in an export: format, owner, conversations, kinds, coverage, notes, hashes."""
    keep_little()
    from reconcile.inspection import as_text, describe, question, save_draft, save_mapping

    options = read_options(chosen)
    try:
        found = describe(export, reader, options)
    except (UnreadableSource, UnrecognisedSource, UsageError) as refused:
        # Only where stating columns is the advice, for the file is looked at once more.
        asked = question(export, options) if as_json and "--columns" in str(refused) else None
        if asked is not None:
            echo_json({"question": asked})
        draft = save_columns if save_columns and save_columns.suffix.lower() == ".toml" else None
        if draft and not options.columns and save_draft(export, draft, options):
            echo(say("cli.draft_saved", lang, path=draft))
        raise
    if save_columns is not None:
        save_mapping(found, save_columns)
    if as_json:
        echo_json(found)
    else:
        echo(as_text(found, lang))
    return Exit.NOTHING


@click.command(cls=Told)
@click.argument("export", type=PATH)
@click.option("--out", required=True, type=PATH)
@click.option("--reader")
@click.option("--overwrite", is_flag=True)
@reading
@shared
def convert(export: Path, out: Path, reader: str | None, overwrite: bool, lang: Lang, **chosen: Any) -> int:
    """Write any readable export as the message table."""
    keep_little()
    from reconcile.inspection import convert as write_table

    rows, posts = write_table(export, out, reader, read_options(chosen), overwrite=overwrite)
    echo(say("cli.converted", lang, rows=rows, path=out))
    if posts is not None:
        echo(say("moments.converted_posts", lang, posts=posts, path=out.with_name(f"{out.stem}.posts{out.suffix}")))
    return Exit.NOTHING


@click.command(cls=Told)
@shared
def readers(lang: Lang, **_: Any) -> int:
    """List the forms that can be read."""
    from reconcile.formats.registry import all_readers

    for reader in all_readers():
        texts = {f"readers.{reader.name}": reader.title, f"readers.{reader.name}__tested": reader.tested_with}
        title, tested = (say(key, lang) if has(key) else own for key, own in texts.items())
        echo(say("cli.reader", lang, name=f"{reader.name:24}", title=title, tested=tested))
    return Exit.NOTHING
