"""The commands that compare: `compare` for one dispute, `batch` for many."""

import gc
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from reconcile.cli.console import Progress, echo, print_failures, print_grades, print_verdicts
from reconcile.cli.exit_codes import exit_of_batch, exit_of_grades, gravest
from reconcile.cli.help import Told
from reconcile.cli.option_values import case_options, options_of_sides, sides_of
from reconcile.cli.options import PATH, comparing, reading, shared
from reconcile.cli.start import make_ready
from reconcile.wording import Lang, say


@click.command(cls=Told)
@click.argument("left", required=False, type=PATH)
@click.argument("right", required=False, type=PATH)
@click.option("--left", "lefts", multiple=True, type=PATH)
@click.option("--right", "rights", multiple=True, type=PATH)
@click.option("--out", required=True, type=PATH)
@click.option("--case")
@click.option("--bill", "bills", multiple=True, type=PATH)
@click.option("--bill-password-file", type=PATH)
@comparing
@reading
@shared
def compare(
    left: Path | None,
    right: Path | None,
    lefts: tuple[Path, ...],
    rights: tuple[Path, ...],
    out: Path,
    case: str | None,
    overwrite: bool,
    quiet: bool,
    lang: Lang,
    **chosen: Any,
) -> int:
    """Compare two parties' exports: a verdict for each conversation."""
    sides = sides_of(left, right, lefts, rights)
    make_ready((*sides[0], *sides[1]))
    from reconcile import case as cases
    from reconcile.cli.bills import read_bills, say_bills

    # The loaded modules live until exit, so garbage collection can skip them.
    gc.freeze()
    statements = read_bills(chosen.pop("bills"), chosen.pop("bill_password_file"))
    (first, *more_left), (second, *more_right) = sides
    more = (more_left, more_right)
    printed: list[Any] = []
    with Progress(quiet=quiet, lang=lang) as progress:
        findings = cases.compare(
            first, second, out, case_options(chosen, lang), case=case, overwrite=overwrite, progress=progress.step, more=more, on_report=printed.append
        )  # fmt: skip
    _say_found(findings.verdicts, printed[0] if printed else None, out, lang)
    if (page := out / "devices.html").exists():
        echo(say("devices.page_at", lang, path=page))
    of_bills = say_bills(statements, (*sides[0], *sides[1]), out, lang, options_of_sides(chosen, [*map(len, sides)]))
    return gravest((exit_of_grades(findings.verdicts["grade"]), of_bills))


@click.command(cls=Told)
@click.argument("cases")
@click.option("--out", required=True, type=PATH)
@click.option("--workers", type=click.IntRange(1))
@click.option("--memory")
@click.option("--cluster")
@click.option("--reports", "folders", type=click.Choice(["none", "findings", "all"]))
@click.option("--sample", type=click.IntRange(0), default=0)
@comparing
@reading
@shared
def batch(
    cases: str,
    out: Path,
    workers: int | None,
    cluster: str | None,
    memory: str | None,
    folders: str | None,
    sample: int,
    overwrite: bool,
    quiet: bool,
    lang: Lang,
    **chosen: Any,
) -> int:
    """Compare many disputes: a folder of cases or a manifest; resumes after an interruption."""
    from reconcile.batch.engines import are_many, begun, cores
    from reconcile.batch.memory import parse_memory

    wanted = folders or ("findings" if chosen["reports"] else "none")
    most, count = parse_memory(memory) if memory else None, workers or cores()
    # The workers load their libraries while this process loads its own and looks for the cases.
    early = begun(count) if count > 1 and not cluster and most is None and are_many(cases) else nullcontext()
    with early as pool, Progress(quiet=quiet, lang=lang) as progress:
        from reconcile.batch import PAGE, BatchOptions, run_batch

        how = BatchOptions(workers, cluster, wanted, sample, most)  # type: ignore[arg-type]
        options = case_options(chosen, lang)
        summary = run_batch(cases, out, options, how, overwrite=overwrite, progress=progress.step, begun=pool)
    echo(say("cli.batch_done", lang, n=summary.done, failed=summary.failed, path=out))
    print_failures(summary.failures, summary.failed, out, lang)
    if summary.same_files:
        echo(say("cli.batch_same_files", lang, n=summary.same_files, path=out / PAGE))
    print_grades(summary.grades, lang)
    echo(say("cli.report_at", lang, path=out / PAGE))
    return exit_of_batch(summary.case_grades, summary.failed)


def _printed_titles(printed: Any, lang: Lang) -> dict[str, str]:
    """Titles of the conversations as the reports print them; empty without reports."""
    if printed is None:
        return {}
    from reconcile.report.words import titles_of

    return titles_of(printed.conversations, lang)


def _say_found(verdicts: Any, printed: Any, out: Path, lang: Lang) -> None:
    """Prints what was found, the verdicts and every report that this run wrote.

    Also says where both exports may come from one party.
    """
    from reconcile.cli.result_summary import print_found
    from reconcile.outputs import load_manifest, same_party_evidence_in
    from reconcile.report import REPORTS
    from reconcile.wording.sides import SIDES, account_in, called_in, with_account

    manifest = load_manifest(out)
    names = called_in(manifest, lang)
    for side in SIDES:
        echo(with_account(names[side], account_in(manifest, side), lang))
    if printed is not None:
        print_found(printed, names, lang)
    print_verdicts(verdicts, names, _printed_titles(printed, lang), lang)
    why = same_party_evidence_in(manifest)
    if why and printed is None:
        echo(say(f"report.alike_{why}", lang))
    for name in REPORTS:
        if name in manifest["outputs"]:
            echo(say("cli.report_at", lang, path=out / name))
