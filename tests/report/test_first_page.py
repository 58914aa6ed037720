"""The sentence of the first page says what differs and never more than the verdict holds."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from reconcile.frames import Verdicts
from reconcile.report.build import build_report
from reconcile.report.first_page import front_of
from reconcile.report.html import sureness_sentence
from reconcile.report.model import ErrorBound, ReportData
from reconcile.report.model_findings import ConversationReport, Sums
from reconcile.report.pieces import Tally
from reconcile.report.rates import measured
from reconcile.report.words import text_of
from tests.build.findings import build_findings, build_run, build_summaries
from tests.build.reports import report

NOTHING = Sums(**dict.fromkeys(Sums.model_fields, 0))


def of(
    sums: dict[str, int], *, grade: str = "no_gap_found", agreed: tuple[Tally, ...] = (), **facts: Any
) -> ReportData:
    """A report of one conversation with these counts."""
    whole = NOTHING.model_copy(update=sums)
    blank = {
        "findings": (),
        "findings_found": 0,
        "edge_unverified": 0,
        "open_by": (),
        "referenced_absent": 0,
        "reasons": (),
        "grade": grade,
    }
    talk: ConversationReport = report().conversations[0].model_copy(update=blank | {"sums": whole} | facts)
    return report().model_copy(
        update={"sums": whole, "conversations": (talk,), "agreed_by": agreed, "aside_by": (), "not_printed": 0}
    )


def told(data: ReportData) -> str:
    return text_of(front_of(data).verdict, "zh")


def opened(data: ReportData) -> str:
    return " ".join(text_of(line, "zh") for line in front_of(data).undetermined)


def test_where_all_agree_the_sentence_names_the_number_and_the_period() -> None:
    assert (
        told(of({"agreements": 40})) == "在共同时段内，可比对的 40 条消息双方一致，未发现一方持有而另一方缺少的消息。"
    )


def test_differences_of_form_are_counted() -> None:
    assert "其中 5 条仅显示形式不同" in told(of({"agreements": 40}, agreed=(Tally(code="form", pairs=5),)))


def test_times_in_another_zone_are_said_and_not_called_innocent() -> None:
    data = of({"agreements": 40}, zone_shifts=23)
    assert "其中 23 条双方所载时间相差整时区" in told(data)
    assert "不能排除时间被改动" in told(data)
    assert opened(data).startswith("23 条消息双方所载时间相差整时区")


def test_messages_whose_content_is_not_stated_do_not_count_as_equal() -> None:
    said = told(of({"agreements": 40}, agreed=(Tally(code="not_stated", pairs=3),)))
    assert "可比对的 37 条消息双方一致" in said
    assert "3 条一方未载明内容，未作比较" in said


@pytest.mark.parametrize("fact", [{"unstated": 2}, {"clock_changes": 1}])
def test_unstated_content_and_a_clock_that_was_set_allow_no_full_answer(fact: dict[str, Any]) -> None:
    data = of({"agreements": 40}, grade="cannot_determine", **fact)
    assert told(data).startswith("就现有材料无法作出完整判断")
    assert "未发现" not in told(data)
    assert opened(data)


def test_doubtful_messages_are_named_beside_a_conflict() -> None:
    data = of({"agreements": 40, "conflicts": 1, "doubtful_pairs": 2}, grade="conflicting")
    assert told(data).endswith("另有事项未能判断，见下。")
    assert opened(data).startswith("2 对消息内容相近，是否为同一条消息")


def test_messages_whose_copies_differ_in_a_part_are_not_said_to_be_alike() -> None:
    data = of({"agreements": 40, "doubtful_pairs": 3, "differing_pairs": 1}, grade="cannot_determine")
    assert "2 对消息内容相近，是否为同一条消息" in opened(data)
    assert "1 对消息双方记载不一致，属于形式差异还是实质差异，不能判断" in opened(data)


def test_an_unverified_edge_is_never_silent() -> None:
    data = of(
        {"agreements": 40, "left_aside": 6},
        grade="explained_differences",
        open_by=(Tally(code="edge_unverified", left=6),),
    )
    assert "另有事项未能判断" in told(data)
    assert opened(data).startswith("原告的材料有 6 条消息在被告的材料的首末消息")


def test_what_is_not_among_chosen_messages_is_never_silent() -> None:
    data = of(
        {"agreements": 40, "left_aside": 31},
        grade="explained_differences",
        open_by=(Tally(code="selection", left=31),),
    )
    assert opened(data).startswith("原告的材料有 31 条消息不见于被告的材料，后者系由人挑选消息形成")


def test_rows_in_doubt_name_their_holder_and_the_reason_that_is_possible() -> None:
    doubt = (Tally(code="kind_not_exported", right=21),)
    data = of({"agreements": 40, "right_doubtful": 21}, grade="cannot_determine", open_by=doubt)
    assert opened(data).startswith("21 条消息仅见于被告的材料，原告的材料是否缺少，不能判断")
    assert "导出形式不含此类消息" in opened(data)


def test_what_each_side_lacks_is_said_of_each() -> None:
    said = told(of({"agreements": 40, "left_only": 6, "right_only": 2}, grade="one_sided"))
    assert said == "原告的材料缺少被告的材料所载的 2 条消息；被告的材料缺少原告的材料所载的 6 条消息。"


def test_without_a_common_message_nothing_is_said_to_agree() -> None:
    assert told(of({"left_rows": 4}, grade="cannot_determine")) == "双方材料没有共同的消息，无法判断。"


def test_english_says_one_message_in_the_singular() -> None:
    data = of({"agreements": 40, "conflicts": 1, "left_only": 3}, grade="conflicting")
    said = text_of(front_of(data).verdict, "en")
    assert said.startswith("1 message differs between the two copies")
    assert "the copy of 被告 lacks 3 messages that the copy of 原告 holds" in said


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        ((10, 10), "能够发现的不少于 74%"),
        ((10, 9), "能够发现的不少于 60%"),
        # Two that the material itself explains were not overlooked.
        ((12, 10), "能够发现的不少于 74%"),
    ],
)
def test_of_what_was_hidden_the_page_gives_a_bound_never_all_in_percent(hidden: tuple[int, int], said: str) -> None:
    tried, hit = hidden
    rates = {
        "hide_and_recover": {"state": "estimated", "hidden": tried, "reported": hit, "explained": max(0, tried - 10)},
        "false_match": {"state": "not_estimable", "why": "few_decoys"},
    }
    sentence = sureness_sentence(front_of(report().model_copy(update={"measured": measured(rates)})), "zh")
    assert sentence is not None
    assert said in sentence
    assert "100%" not in sentence


def test_the_first_page_says_of_how_many_claims_at_most_how_many_are_wrong() -> None:
    bounds = (ErrorBound(claim="missing", claimed=20, wrong_at_most=1),)
    sentence = sureness_sentence(front_of(report().model_copy(update={"error_bounds": bounds, "measured": None})), "zh")
    assert "报告为缺少的 20 条中，有误的不超过 1 条" in (sentence or "")


def test_a_bound_of_none_says_that_no_error_is_expected() -> None:
    bounds = (ErrorBound(claim="missing", claimed=3, wrong_at_most=0),)
    sentence = sureness_sentence(front_of(report().model_copy(update={"error_bounds": bounds, "measured": None})), "zh")
    assert "报告为缺少的 3 条，预计无误" in (sentence or "")


def test_what_the_verdict_says_of_no_common_message_is_not_said_again() -> None:
    data = of({"left_rows": 4}, grade="cannot_determine", reasons=("no_common_message",))
    assert not any(phrase.key == "front.open_no_common" for phrase in front_of(data).undetermined)


def test_a_bound_that_excludes_nothing_is_said_to_be_none() -> None:
    bounds = (ErrorBound(claim="conflicts", claimed=2, wrong_at_most=2),)
    sentence = sureness_sentence(front_of(report().model_copy(update={"error_bounds": bounds, "measured": None})), "en")
    assert "the number wrong cannot be bounded" in (sentence or "")


def test_where_nothing_is_claimed_or_measured_the_first_page_has_no_sentence_on_errors() -> None:
    assert sureness_sentence(front_of(report().model_copy(update={"error_bounds": (), "measured": None})), "zh") is None


def test_copies_that_meet_nowhere_have_no_common_period() -> None:
    found = build_findings()
    late, early = (datetime(2024, month, 1, tzinfo=UTC) for month in (6, 3))
    verdicts = found.verdicts.with_columns(
        coverage_from=pl.lit(late).cast(pl.Datetime("us", "UTC")),
        coverage_to=pl.lit(early).cast(pl.Datetime("us", "UTC")),
    )
    data = build_report(replace(found, verdicts=Verdicts.cast(verdicts)), *build_summaries(), build_run())
    assert (front_of(data).common_from, front_of(data).common_to) == (None, None)


def test_findings_are_numbered_as_the_first_page_lists_them_and_so_is_the_list_of_discrepancies() -> None:
    data = report()
    shown = [i.finding.number for i in front_of(data).items if i.conversation.number == 1]
    assert shown == sorted(shown)
    listed = [d.finding for d in data.discrepancies if d.finding is not None]
    assert listed == sorted(listed)
