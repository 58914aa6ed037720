"""The commands on a finished comparison: `report`, `review` and `explain`."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from reconcile.cli.console import echo, echo_json, print_lines
from reconcile.cli.exit_codes import Exit
from reconcile.cli.help import Told
from reconcile.cli.option_values import cover_of, labels_of
from reconcile.cli.options import LANG, PATH, REPORT_FORMS, shared
from reconcile.wording import Lang, say


@click.command(cls=Told)
@click.argument("folder", type=PATH)
@click.option("--out", type=PATH)
@click.option("--report", "forms", multiple=True, type=click.Choice(REPORT_FORMS))
@click.option("--mask", is_flag=True)
@click.option("--masks", type=PATH)
@click.option("--no-decisions", is_flag=True)
@click.option("--case-file", type=PATH)
@click.option("--sign", type=PATH)
@click.option("--timestamp", metavar="URL", default="")
@click.option("--overwrite", is_flag=True)
@shared
def report(folder: Path, out: Path | None, overwrite: bool, lang: Lang, **chosen: Any) -> int:
    """Write reports of a finished comparison again, with reviewers' decisions."""
    from reconcile.reissue import FOLDER, ReissueOptions, reissue
    from reconcile.report.chosen_masks import load_masks

    options = ReissueOptions(
        forms=chosen["forms"] or ("html", "docx", "xlsx"),
        lang=lang,
        mask=load_masks(chosen["masks"]) if chosen["masks"] else chosen["mask"],
        decisions=not chosen["no_decisions"],
        cover=cover_of(chosen["case_file"]),
        labels=labels_of((None, None), chosen["case_file"], lang),
        sign=_signer(chosen["sign"], chosen["timestamp"].strip(), chosen["forms"]),
    )
    for path in reissue(folder, out or folder / FOLDER, options, overwrite=overwrite):
        echo(say("cli.report_at", lang, path=path))
    return Exit.NOTHING


def _signer(key: Path | None, authority: str, forms: tuple[str, ...]) -> "Callable[[bytes], bytes] | None":
    """What signs and time-stamps the PDF; None = neither. Raises UsageError where no PDF is written."""
    if key is None and not authority:
        return None
    from reconcile.cli.bills import password_of
    from reconcile.custody.signature import pdf_signer
    from reconcile.errors import UsageError

    if "pdf" not in forms:
        if key is not None:
            raise UsageError("--sign", f"--sign {key}: only a PDF is signed; add --report pdf")
        raise UsageError("--timestamp", f"--timestamp {authority}: only a PDF is time-stamped; add --report pdf")
    return pdf_signer(key, password_of(None, "cli.sign_password") if key is not None else None, authority)


@click.command(cls=Told)
@click.argument("folder", metavar="DIR", type=PATH)
@click.option("--port", type=click.IntRange(0, 65535), default=0)
@click.option("--no-browser", is_flag=True)
@click.option("--left", type=PATH)
@click.option("--right", type=PATH)
@shared
def review(
    folder: Path, port: int, no_browser: bool, left: Path | None, right: Path | None, lang: Lang, quiet: bool
) -> int:
    """Look at a finished comparison and judge doubtful rows, in a browser on this machine."""
    from reconcile.review.server import serve
    from reconcile.vocabulary import Side

    exports = {side: path for side, path in ((Side.LEFT, left), (Side.RIGHT, right)) if path is not None}
    announce = (lambda _: None) if quiet and not no_browser else partial(click.echo, err=True)
    serve(folder, lang, port, exports, open_browser=not no_browser, announce=announce)
    return Exit.NOTHING


@click.command("explain", cls=Told)
@click.argument("folder", metavar="DIR", type=PATH)
@click.argument("row", metavar="ROW")
@click.option("--json", "as_json", is_flag=True)
@LANG
def explain_row(folder: Path, row: str, as_json: bool, lang: Lang) -> int:
    """What decided about one row, with weights: left:12, right:7 or a locator."""
    from reconcile.explanation import explain
    from reconcile.explanation.text import as_text
    from reconcile.outputs import load_manifest
    from reconcile.wording.sides import called_in

    found = explain(folder, row)
    if as_json:
        echo_json(found)
    else:
        print_lines(as_text(found, called_in(load_manifest(folder), lang), lang))
    return 0
