"""Every number that decides something in the comparison, with its unit, meaning and source.

Log-odds are in nats. A price is the cost of a hypothesis before any evidence. Sources: `life` = a fact about WeChat or
its exporters (docs), `dev` = chosen on the development seeds of the simulators (never on reported ones), `design` = a
bound that keeps the work linear.
"""

from pydantic import BaseModel, ConfigDict, Field


class Params(BaseModel):
    """Parameters of the alignment model. They are fixed: equal inputs and parameters give equal bytes."""

    model_config = ConfigDict(frozen=True)

    # Clock
    timed_share: float = Field(
        0.5, description="share of rows with a time below which a conversation goes by order alone; dev"
    )
    vote_window_seconds: float = Field(
        61.0, description="width of the densest window of time differences; life: minute precision"
    )
    vote_pairs_per_key: int = Field(
        16, description="left times right occurrences up to which a text votes for an offset; design"
    )
    vote_keys: int = Field(4096, description="texts per conversation that vote, chosen by hash; design")
    zone_minutes: tuple[int, ...] = Field(
        (-720, -660, -600, -570, -540, -480, -420, -360, -300, -270, -240, -210, -180, -150, -120, -60, 0, 60, 120, 180, 210, 240, 270, 300,
         330, 345, 360, 390, 420, 480, 510, 525, 540, 570, 600, 630, 660, 690, 720, 765, 780, 825, 840),
        description="minutes from UTC of all clocks in use since 2011, in winter and summer; life: IANA time zone database",
    )  # fmt: skip
    home_zone_minutes: int = Field(480, description="minutes from UTC of one of the two clocks; life: China")
    zone_slack_seconds: float = Field(120.0, description="how far a zone shift may lie off two zones' difference; dev")
    spread_floor_seconds: float = Field(1.0, description="two phones stamp one message to the second; life")
    jump_seconds: float = Field(45.0, description="smallest change of offset that starts a new clock segment; dev")
    jump_spreads: float = Field(8.0, description="the same in units of the conversation's spread; dev")
    drift_rate: float = Field(
        1e-3,
        description="largest drift of a clock, seconds a second; life: phones keep 20 ppm, neglected PCs 1,000 ppm",
    )
    segment_rows: int = Field(3, description="pairs that make a clock segment; fewer are single times; design")
    block_rows: int = Field(48, description="confident pairs averaged for one knot of the clock; dev")
    offset_free_seconds: float = Field(
        600.0, description="offset that needs no support beyond a single vote; life: phones set their clocks"
    )
    id_votes: float = Field(3.0, description="votes that a pair by server id has for an offset; design: three texts")
    clock_seeds: int = Field(
        64, description="clock segments of a conversation, from its first, that may stand for its main offset; design"
    )
    zone_votes: float = Field(1.5, description="votes that an offset of a zone needs; dev")
    offset_votes: float = Field(3.5, description="votes that any other offset needs; dev")
    copy_share: float = Field(0.01, description="prior share of texts that were sent before and are sent again; dev")
    copy_records: int = Field(100_000, description="records of which the share of copies is counted whole; design")
    stock_copies: int = Field(4, description="copies of a text in an export beyond which it is a stock reply; dev")
    copy_weight: float = Field(50.0, description="records that this prior counts for; dev")
    sender_clock_seconds: float = Field(
        15.0, description="smallest distance of a sender's own clock from the others' that is taken out; dev"
    )
    stray_share: float = Field(
        0.25, description="share of a sender's rows up to which another name amid them is in doubt; dev"
    )
    steady_share: float = Field(
        0.8, description="share of votes that agree along one file from which the other file's order is mixed; dev"
    )
    sender_clock_share: float = Field(
        0.25, description="votes of others, for each of an owner, from which the owner's clock may be told; dev"
    )
    sender_clock_rows: int = Field(
        4, description="voting texts of a sender from which an own clock may be estimated; dev"
    )

    clock_limit_seconds: float = Field(
        13 * 3600.0,
        description="how far off a device's clock may be for a whole chat; life: twelve hours, as AM for PM",
    )
    steady_pairs: int = Field(
        20, description="pairs with times from which a chat shows how closely its times agree; dev"
    )
    torn_nats: float = Field(
        0.25, description="mean logarithm by which a copy's pauses are longer where its times are torn apart; dev"
    )
    spell_rows: int = Field(
        8, description="messages of an owner from which a clock that was off for a while is told from a choice; dev"
    )
    spell_turns: int = Field(
        3, description="exchanges over which these messages must spread, since one answer may be redated whole; dev"
    )
    possible_clocks: int = Field(
        8,
        description="clocks of a conversation, by how many unmatched texts show them, that are asked for others; design",
    )

    first_message_second: int = Field(
        1_295_568_000, description="seconds since 1970 before which there was no message; life: WeChat began in 2011"
    )
    reset_seconds: int = Field(
        400 * 86_400,
        description="how far back a reset clock leads at least; design: who redates by a year is not excused",
    )
    epoch_days: int = Field(1462, description="days from 1900 to 1904 as dates begin; life: ECMA-376-1, 18.17.4.1")
    travel_limit_seconds: float = Field(
        19 * 3600.0, description="largest difference of zones of one journey: from China to Samoa; life"
    )
    travel_seconds: float = Field(24 * 3600.0, description="shortest stay in another time zone; dev")
    travel_pause_seconds: float = Field(2 * 3600.0, description="pause before and after a change of zone; dev")

    # Blocking
    settle_spreads: float = Field(
        4.0, description="equal rows within this many spreads are settled without the model; dev"
    )
    settle_seconds: float = Field(15.0, description="second, wider pass of settling; dev")
    slot_tolerance: float = Field(
        0.4, description="places between pairs by which equal records without a time may differ; design: below a half"
    )
    window_seconds: float = Field(120.0, description="time window of candidate pairs; life: recall and send delays")
    candidate_neighbours: int = Field(
        8, description="nearest unmatched records in time that become candidates, each way; design"
    )
    late_neighbours: int = Field(
        2, description="nearest records of the same sender that the second round looks at, each way; design"
    )
    any_time_copies: int = Field(
        4, description="copies of a text per side up to which it is a candidate at any time; design"
    )
    similar_grams: int = Field(
        6, description="rarest 3-grams of a leftover text that block similar texts at any time; design"
    )
    similar_gram_copies: int = Field(4, description="records per side that may share such a 3-gram; design")

    settled_records: int = Field(
        50_000,
        description="records of an export from which the next share is asked; more than a table of a batch has; design",
    )
    settled_share: float = Field(
        0.01, description="share of new pairs below which the clock is not fitted again; design"
    )

    # Weights
    time_tail: float = Field(0.02, description="share of matched pairs whose time lies outside the clock's peak; dev")
    equal_time_seconds: float = Field(0.0005, description="times closer than this are one time; life: thousandths")
    fine_seconds: float = Field(0.001, description="grain of times that are stated finer than a second; life")
    one_second_nats: float = Field(
        6.0, description="log-odds that two texts of a sender and second are one message; life: nobody types that fast"
    )
    equal_time_pairs: float = Field(2.0, description="pairs of unequal times that their share begins with; design")
    late_share: float = Field(0.01, description="share of own messages that reach the other device late; life")
    burst_share: float = Field(
        0.5, description="largest share of the time of writing over which a burst of late messages arrives; dev"
    )
    late_limit_seconds: float = Field(
        3 * 86400.0, description="longest late delivery; life: the server keeps undelivered messages 72 h"
    )
    clock_set_share: float = Field(0.001, description="share of pairs whose time was set by anything else; dev")
    redated_share: float = Field(0.0001, description="share of pairs of which one date alone was changed; design")
    redated_days: int = Field(31, description="most days between two such dates; design")
    rate_seconds: float = Field(
        300.0, description="stretch before and behind a record in which the rate of messages is counted; dev"
    )
    rate_records: int = Field(
        3, description="messages that tell the rate where a late one arrived, if fewer lie close; dev"
    )
    rate_most_seconds: float = Field(86_400.0, description="widest stretch, each way, that tells this rate; dev")
    form_share: float = Field(0.05, description="share of pairs that differ in form; dev")
    altered_share: float = Field(0.003, description="share of pairs that differ in substance; dev")
    altered_stretch_nats: float = Field(1.6, description="price of one altered stretch; dev")
    altered_character_nats: float = Field(0.5, description="price of one altered character; dev")
    replaced_share: float = Field(1e-7, description="share of pairs whose whole content was replaced; dev")
    cut_characters: float = Field(
        4.0, description="altered characters that a text without its end is priced as at most; dev"
    )
    altered_least_equal: float = Field(
        0.35, description="share of equal characters below which two texts are different and not altered; dev"
    )
    placeholder_share: float = Field(
        0.3, description="chance that words met for the first time stand for a kind, in a tool that knows no kinds; dev"
    )
    placeholder_character_nats: float = Field(1.5, description="price of each character of such words beyond four; dev")
    memo_character_nats: float = Field(0.2, description="what an equal character beside a payment's sum tells; dev")
    rarity_limit_nats: float = Field(25.0, description="content factors depend on each other; design")
    rarity_character_nats: float = Field(1.8, description="information of one character of a text seen once; dev")
    sender_equal_nats: float = Field(0.7, description="equal senders in a conversation of two; design: log 2")
    sender_least_share: float = Field(
        0.1, description="share of a group below which its sender tells no more: people write in turns; design"
    )
    sender_differs_nats: float = Field(-8.0, description="different senders; dev")
    id_equal_nats: float = Field(20.0, description="equal server ids; design")
    id_differs_nats: float = Field(-14.0, description="different server ids where ids are shared; dev")
    body_id_equal_nats: float = Field(12.0, description="equal ids inside the body; dev")
    hash_equal_nats: float = Field(10.0, description="equal media digests; dev")
    hash_differs_nats: float = Field(-4.0, description="different media digests: re-encoding is innocent; dev")
    amount_equal_nats: float = Field(3.0, description="equal amounts; dev")
    amount_differs_nats: float = Field(-6.0, description="different amounts of two payments; dev")
    kind_unclear_nats: float = Field(-1.5, description="one side's kind is unknown or written under another; dev")
    kind_differs_nats: float = Field(-9.0, description="two kinds that no form confuses; dev")
    order_near_nats: float = Field(1.0, description="both records stand between the same confident neighbours; dev")
    order_far_nats: float = Field(-2.0, description="they do not; dev")
    order_crossed_nats: float = Field(
        -20.0, description="they do not, in a file without times, and their content is unlike; design"
    )

    order_stock_nats: float = Field(
        -3.0,
        description="they do not, have no time, and are stock replies or show no words: per e-fold of pairs between; dev",
    )

    habit_exceptions: float = Field(0.5, description="share of exceptions that a habit of a tool bears; dev")
    left_out_share: float = Field(0.5, description="words near a kind, per record of it, that may stand for it; design")
    habit_records: int = Field(2, description="records that show what a tool does to every text; dev")
    equal_records: int = Field(2, description="equal pairs from which another's part is changed selectively; dev")
    heard_share: float = Field(0.3, description="least likeness of two transcripts of one voice; design")
    size_slack: float = Field(0.1, description="share by which two rounded sizes of one file may differ; design")

    cut_per_exception: int = Field(
        10,
        description="texts of one length for each longer one from which their tool cuts there: it may cut before it escapes; design",
    )
    cut_slack_characters: int = Field(
        8, description="characters by which a tool's cut may fall short of its limit, as at the end of a word; dev"
    )
    most_parts: int = Field(100, description="rows over which one message is spread at most; design")
    merged_rows: int = Field(16, description="messages that one row of a table made by hand holds at most; design")
    merged_seconds: float = Field(
        300.0,
        description="seconds between messages that such a row joins, since the client shows one time above them; design",
    )
    merged_anchors: int = Field(
        16, description="messages that say the rarest line of such a row, above which its place is not sought; design"
    )
    merged_joins: int = Field(3, description="such rows that show how far apart the two clocks are; design")
    merged_far_seconds: float = Field(
        172_800.0,
        description="seconds between such a row and its messages at most, where that is known; life: a table may state days",
    )
    likely_wholes: int = Field(16, description="texts with one beginning that a row may be a part of; design")
    part_similarity: float = Field(0.6, description="similarity from which a row is an altered part of a text; dev")
    part_share: float = Field(0.85, description="the same where the rest of the text stands in another row; dev")
    loss_texts: int = Field(3, description="unlike texts from which a loss is a tool's and not a hand's; dev")
    part_texts: int = Field(
        3,
        description="texts that two conversations hold at one moment, from which one may be a part of the other; design",
    )
    shown_texts: int = Field(2000, description="unlike texts from which is learnt what a file loses; design")
    two_loss_texts: int = Field(
        200, description="texts in which two losses at once are looked for: their number grows with its square; design"
    )
    open_payment_seconds: float = Field(
        86_400.0, description="how long a transfer may wait for its receipt; life: it is returned after 24 hours"
    )
    address_parts: int = Field(
        3, description="unlike words for streets, towns and numbers from which a text is an address; life"
    )
    sure_digits: int = Field(15, description="first digits of a number that a float keeps; life: IEEE 754")
    character_bytes: int = Field(4, description="most bytes of one character; life: UTF-8")
    quoted_characters: int = Field(
        2, description="characters quoted below which a quotation tells nothing: a sign, or what a tool left; dev"
    )

    # Absence
    missing_share: float = Field(0.003, description="prior share of records that the other export lacks; dev")
    explained_share: float = Field(0.5, description="prior share of records that a permitted hypothesis explains; dev")

    explained_nats: float = Field(
        4.6, description="log-odds of a permitted hypothesis against a missing record; design: a hundred to one"
    )
    edge_seconds: float = Field(2.0, description="two devices stamp one message up to so far apart; life")
    touching_seconds: float = Field(
        60.0, description="two stated ranges so close are one; life: file names give whole days"
    )
    silent_owner_nats: float = Field(
        3.0, description="log-odds against an owner's silence by chance from which he was no member; design: 5 in 100"
    )
    edge_spreads: float = Field(3.0, description="the same in units of the conversation's spread; dev")
    recall_seconds: float = Field(125.0, description="a message can be recalled for two minutes; life")
    refusal_seconds: float = Field(120.0, description="longest delay of a refusal notice; life")
    refusal_early_seconds: float = Field(
        30.0, description="by how much a refusal notice may precede its message by jitter; dev"
    )
    refusal_next_seconds: float = Field(
        3600.0, description="the same for a notice right behind its message in the file, whatever the clocks; dev"
    )
    refusal_places: int = Field(12, description="places that a refusal notice may stand behind its message; dev")
    owner_refusals: int = Field(2, description="least refusals behind one party's rows alone that name the owner; dev")
    retry_seconds: float = Field(600.0, description="longest time until a failed message is sent again; dev")
    delivered_twice_seconds: float = Field(180.0, description="longest time between two deliveries; life: SMS")
    numbered_share: float = Field(
        0.9, description="share of records with server ids from which the lack of one says something; dev"
    )
    sending_limit_seconds: float = Field(
        3 * 86_400.0, description="a message still being sent for longer is no longer pending; life"
    )
    distinctive_characters: int = Field(
        6, description="words of this length tell a message; shorter ones everybody writes; dev"
    )
    name_share: float = Field(
        0.8,
        description="share of a name's distinctive messages that are one person's, from which it means that person; dev",
    )
    level: float = Field(0.95, description="probability with which an interval or a bound holds; design")
    silent_records: int = Field(3, description="records of kinds absent throughout that tell of a tool; dev")
    text_only_records: int = Field(
        6, description="absent records of other kinds from which an export is text only; dev"
    )
    selection_records: int = Field(
        12, description="absent records, without payments, from which an export was made with a selection of kinds; dev"
    )
    selection_kinds: int = Field(4, description="kinds of chats among these records from which it was; dev")
    text_only_kinds: int = Field(
        3, description="kinds among these records from which an export is text only or a selection; dev"
    )

    # Solving
    component_records: int = Field(400, description="records of one component that are solved exactly; design")
    margin_solves: int = Field(
        24, description="records of a component up to which every margin is solved exactly; design"
    )
    solve_slack_nats: float = Field(
        6.0, description="how far below the asserting log-odds a pair still counts as the next best alternative; dev"
    )
    more_pairs_nats: float = Field(
        1e-9, description="what each further pair gains, which decides between equally good assignments alone; design"
    )
    closely_judged: int = Field(
        6_000,
        description="candidate pairs of an export that are asked for every form; beyond, similarity decides; design",
    )
    judged_pairs: int = Field(200_000, description="candidate pairs whose texts are compared one by one; design")
    notice_similarity: float = Field(
        0.6, description="two notices of no known kind are one event from this similarity; dev"
    )
    quick_similarity: float = Field(
        0.3, description="texts less similar than this are different unless one holds the other; dev"
    )
    quick_characters: int = Field(
        400, description="beginning of long texts by which similarity is looked at first; design"
    )
    chance_draws: int = Field(
        1_500, description="pairs of unlike messages drawn to tell what a similarity is worth; design"
    )
    judged_characters: int = Field(4_000, description="of longer texts, equality, prefix and length decide; design")
    most_labels: int = Field(4, description="labels that somebody adds to one text at most; design")

    # Decisions
    accept_nats: float = Field(3.0, description="log-odds from which a pair is asserted; dev")
    rewritten_share: float = Field(0.1, description="messages written anew, per pair, from which none is missing; dev")
    absent_nats: float = Field(
        7.0, description="log-odds from which an absence is asserted against a partner that would agree; design: 1000:1"
    )
    sorted_share: float = Field(
        0.98, description="share of rows in order of time within each sender or kind of a table sorted by it; dev"
    )
    sorted_groups: float = Field(0.1, description="most senders or kinds for each row of such a table; dev")
    number_figures: int = Field(30, description="most figures of a covered number, and covers of a text; life")
    withheld_letters: int = Field(3, description="most characters of a name that one 某 replaces; life")
    person_figures: int = Field(7, description="least figures of a number of a person, which is no sum; life")
    plain_digits: int = Field(11, description="digits beyond which a spreadsheet program writes an exponent; life")
    first_post_second: int = Field(
        1_325_376_000,
        description="seconds since 1970 from which a post's number can carry its time; life: Moments began in 2012",
    )
    rendering_characters: int = Field(
        300, description="characters of a text that show whether a tool wrote it for a card; design"
    )
    passage_share: float = Field(
        0.5, description="left-out rows against the passages beside them below which they are a hole; design"
    )
    sole_hole_share: float = Field(
        0.1, description="left-out rows against the passages beside them below which nobody selected them away; design"
    )
    late_settle_seconds: float = Field(5.0, description="a time difference below this is no delivery delay; life")
    usual_share: float = Field(0.9, description="share of a chat's pairs that shows how closely its times agree; dev")
    usual_margin: float = Field(1.5, description="how far beyond that a time may lie without being remarked; dev")
    overtaken_seconds: float = Field(
        12 * 3600.0,
        description="how long a message may wait while later ones of its author arrive at once; life: clients send again",
    )
    whole_delay_seconds: float = Field(
        86_400.0,
        description="of which a wait is a multiple only where somebody changed a date; life: a network keeps no hour",
    )
    whole_hour_seconds: float = Field(3600.0, description="the same of who changed an hour; life")
    ordered_share: float = Field(
        0.95, description="share of a file's times in its order from which one out of it says something; dev"
    )
    time_conflict_seconds: float = Field(
        60.0, description="a time difference that two phones' clocks do not make; life"
    )
    time_conflict_spreads: float = Field(6.0, description="the same in units of the conversation's spread; dev")

    confidence_nats: float = Field(10.0, description="margin beyond which confidence grows no more; dev")
    confidence_most: float = Field(
        0.999, description="largest confidence: no held-out table supports a larger one; design"
    )
    confidence_least: float = Field(0.001, description="smallest confidence; design")

    account_pairs: int = Field(
        10_000, description="pairs settled by equality and judged otherwise whose factors are listed; design"
    )


PARAMS = Params()
