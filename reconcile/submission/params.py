"""Every number that decides something in the check of a submission, with its unit, meaning and source.

Sources as in `engine/params.py`: `life` = a fact about WeChat or its exporters, `dev` = chosen on development cases
(never on reported ones), `design` = a bound that keeps the work linear or a choice. The geometry of screens and pages
stands beside the code that looks at them.
"""

from pydantic import BaseModel, ConfigDict, Field


class CheckParams(BaseModel):
    """Parameters of the check. They are fixed: equal inputs and parameters give equal bytes."""

    model_config = ConfigDict(frozen=True)

    # fmt: off
    # Check
    doubt_share: float = Field(0.2, description="share of doubtful rows above which the check makes no statement; dev")
    doubt_share_recognised: float = Field(0.6, description="the same of recognised words, which are full of small doubts; dev")
    placed_share: float = Field(0.5, description="share of rows that must find their place: nobody changes most of what he hands in; design")
    placed_rows: int = Field(5, description="rows from which this share says something; design")
    skew_seconds: float = Field(60.0, description="difference of clocks from which the page states it; design")
    account_characters: int = Field(6, description="characters from which a displayed name may be an account; life")
    # Pairing
    timed_share: float = Field(0.9, description="share of rows with a time to the minute from which times carry the pairing; design")
    moment_seconds: float = Field(2.0, description="between the two times of one message; life")
    common_characters: int = Field(6, description="characters of texts by which a submission is taken to a conversation; design")
    # Excerpt
    beyond_rows: int = Field(3, description="export rows looked at beyond an end of the excerpt, besides as many as it has there; design")
    gap_rows: int = Field(200, description="rows on either side of a gap; a longer one is no gap but another passage; design")
    long_characters: int = Field(5, description="characters of words that are no everyday reply; dev")
    alike_share: float = Field(0.6, description="likeness from which words in their place are one message changed; dev")
    noise_rows: int = Field(6, description="rows off by little from which an excerpt was recognised, where it states ids or seconds; dev")
    noise_share: float = Field(0.08, description="their share of all rows; dev")
    noise_small_share: float = Field(0.8, description="their share of the rows that differ; dev")
    small_edits_share: float = Field(0.2, description="share of characters that recognition may get wrong in one row; dev")
    legible_score: float = Field(0.9, description="confidence from which recognised digits count as legible; dev")
    pieces: int = Field(12, description="lines of one row that are looked for one by one; design")
    reach_rows: int = Field(40, description="export lines looked at beyond a placed line, besides as many as the excerpt has; design")
    whole_rows: int = Field(600, description="an interval of the export up to this length is looked at whole; design")
    lacking_score: float = Field(-0.9, description="an excerpt line without a place; dev")
    left_out_first_score: float = Field(-0.35, description="an export line that the excerpt does not hold; dev")
    left_out_more_score: float = Field(-0.02, description="each further one beside it; dev")
    same_share: float = Field(0.34, description="words less alike than this are one message only where all else says so; dev")
    order_characters: int = Field(5, description="characters of words whose order is no chance; dev")
    order_seconds: float = Field(2.0, description="in which the order of two messages may be chance; life")
    order_most_seconds: float = Field(900.0, description="a device's clock that is off by more shows in more rows than one; design")
    block_lines: int = Field(3, description="lines that keep their order are a passage put elsewhere, no sentence; design")
    sender_share: float = Field(0.8, description="share of the placed lines of a name from which it is one person's; dev")
    sender_votes: int = Field(3, description="placed lines from which a name is one person's; design")
    both_senders_share: float = Field(0.75, description="share of the lines of both names from which each is one person's; dev")
    offset_seeds: int = Field(3, description="seeds from which the offset of the times is told; design")
    fine_seconds: float = Field(60.0, description="coarsest unit of times that say something about a clock; life")
    close_lines: int = Field(4, description="export lines to a placed neighbour that count as close; dev")
    sure_score: float = Field(2.0, description="score from which a place is sure; dev")
    look_back: int = Field(400, description="candidates before a seed that may be its predecessor; design")
    skipped_line_score: float = Field(0.4, description="price of an excerpt line between two seeds without a place; dev")
    jump_score: float = Field(0.35, description="price of passing over export lines, times their binary logarithm; dev")
    jump_most_score: float = Field(3.5, description="most that it costs; dev")
    backward_score: float = Field(4.5, description="price of going back in the export: passages out of order; dev")
    seed_places: int = Field(8, description="words at more places than this are no seed; design")
    seed_share: float = Field(0.72, description="likeness from which nearly equal words are a seed; dev")
    seed_characters: int = Field(5, description="characters of such words; dev")
    common_gram_lines: int = Field(60, description="lines that may share a part of words by which others are looked up; design")
    seed_seconds: float = Field(90.0, description="between the times of two lines of one moment; dev")
    near_lines: int = Field(12, description="export lines to a placed neighbour: what a talk writes while two clocks are minutes apart; design")
    misread_characters: int = Field(3, description="characters of words that show a reading error in a form without ids and seconds; dev")
    around_lines: int = Field(4, description="equal lines among the three before and behind from which a line stands in its place; dev")
    long_seed_weight: float = Field(4.0, description="weight from which a seed is kept though its sender differs: a changed sender looks like that; dev")
    # Passages
    window_rows: int = Field(10, description="rows before and after a passage that are shown as its surroundings; design")
    passage_gap_rows: int = Field(20, description="left-out rows in a run from which two passages may begin; dev")
    same_talk_seconds: float = Field(1_800.0, description="rows closer than this belong to one talk; dev")
    one_sided_rows: int = Field(3, description="rows of one author or kind from which a selection is one-sided; design")
    # Pictures
    overlap_share: float = Field(0.75, description="likeness from which items of two screens are one; dev")
    overlap_characters: int = Field(6, description="characters: a single everyday reply at the edge is no overlap; dev")
    edge_characters: int = Field(4, description="characters of an item cut off at the edge of a screen that show which one it is; dev")
    doubtful_score: float = Field(0.6, description="confidence below which a recognised row is noted; dev")
    # fmt: on


CHECK_PARAMS = CheckParams()
