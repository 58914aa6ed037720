"""The vocabulary: every enum of frames, reports and results. The docstrings are the glossary."""

from enum import StrEnum


class Side(StrEnum):
    """One of the two exports compared; neither is the truth, nor a named party's by itself."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> "Side":
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


SELECTIVE = "selective"  # detail: one side leaves out what its other rows state
BOTH = "both"  # the holder of a run of pairs: neither side alone


class Kind(StrEnum):
    """What a message is."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    STICKER = "sticker"
    FILE = "file"
    LINK = "link"
    TRANSFER = "transfer"
    RED_PACKET = "red_packet"
    LOCATION = "location"
    CARD = "card"
    CALL = "call"
    QUOTE = "quote"
    FORWARD = "forward"
    SYSTEM = "system"
    RECALL = "recall"
    OTHER = "other"


RESERVED = "moments"
"""The conversation under which posts stand in results; a chat of that name gets a running number."""


class PostKind(StrEnum):
    """What a post in Moments is, judged by its content; the client's numbers drift by version.

    image and video also where words stand beside them. link: a card with a title or address (article, page). channels: a video
    of the Channels, live: a broadcast of theirs. other: nothing of it could be read.
    """

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    LINK = "link"
    MUSIC = "music"
    NOTE = "note"
    CHANNELS = "channels"
    LIVE = "live"
    OTHER = "other"


class PostMediaKind(StrEnum):
    """What one picture or clip of a post is; `image` also where a short clip belongs to it (live photo)."""

    IMAGE = "image"
    VIDEO = "video"
    OTHER = "other"


class Interaction(StrEnum):
    """What somebody did under a post."""

    LIKE = "like"
    COMMENT = "comment"


class PostWitnessKind(StrEnum):
    """What in one device's store refers to a post or comment, whether it is there or not.

    notification: the account's own stream of likes and comments names the post. top_item: the post stood among the new ones.
    comment_row: a like or comment is stored under the post. unlisted: the post's row stands, and the client lists it nowhere any
    more (removed, hidden or out of range). removed_comment: a comment is marked as removed. list_whole and list_broken: the
    client's list goes on below this post without a hole, or breaks off here.
    """

    NOTIFICATION = "notification"
    TOP_ITEM = "top_item"
    COMMENT_ROW = "comment_row"
    UNLISTED = "unlisted"
    REMOVED_COMMENT = "removed_comment"
    LIST_WHOLE = "list_whole"
    LIST_BROKEN = "list_broken"


class PostTrace(StrEnum):
    """An observation about one side's posts or store that a reader should know, never about a person.

    deletion_blocked: the store holds a trigger that keeps removed posts. tool_trace: another trigger or a tool's own table.
    plugin_text: words that a plug-in put before the author's. unlisted, removed_comment: see PostWitnessKind. time_against_id:
    the post's number carries another moment than its time. id_repeated: one number on two rows with different words.
    """

    DELETION_BLOCKED = "deletion_blocked"
    TOOL_TRACE = "tool_trace"
    PLUGIN_TEXT = "plugin_text"
    UNLISTED = "unlisted"
    REMOVED_COMMENT = "removed_comment"
    TIME_AGAINST_ID = "time_against_id"
    ID_REPEATED = "id_repeated"


class ArticlePlace(StrEnum):
    """Where a device holds the card of an official account's article."""

    PUSH = "push"
    CHAT = "chat"
    MOMENTS = "moments"
    FAVOURITE = "favourite"


class ConversationKind(StrEnum):
    """Two parties, or a room."""

    DIRECT = "direct"
    GROUP = "group"


class TimePrecision(StrEnum):
    """The finest unit in which an export states a time; `none` = the row states no usable time."""

    MILLISECOND = "millisecond"
    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    NONE = "none"


class ZoneSource(StrEnum):
    """Where the zone of a time came from.

    unix: the instant was given as seconds since 1970. explicit: the text carries an offset. declared: the sidecar or the
    user named the zone. assumed: nobody did; Asia/Shanghai was taken. none: no time.
    """

    UNIX = "unix"
    EXPLICIT = "explicit"
    DECLARED = "declared"
    ASSUMED = "assumed"
    NONE = "none"


class Status(StrEnum):
    """What the device says about sending; null where it says nothing."""

    SENT = "sent"
    RECEIVED = "received"
    FAILED = "failed"
    REJECTED = "rejected"
    SENDING = "sending"


class TextQuality(StrEnum):
    """How far a row's text is the words as sent.

    raw: untouched. shown: put into words by the exporter (placeholders, headings). truncated: cut by the exporter.
    stripped: a leading prefix may be lost. absent: the exporter wrote no words although the message has some.
    """

    RAW = "raw"
    SHOWN = "shown"
    TRUNCATED = "truncated"
    STRIPPED = "stripped"
    ABSENT = "absent"


class Relation(StrEnum):
    """What became of a row in the alignment (contract 3)."""

    AGREEMENT = "agreement"
    CONFLICT = "conflict"
    DOUBTFUL = "doubtful"
    ONE_SIDED = "one_sided"
    SET_ASIDE = "set_aside"


class AccountKind(StrEnum):
    """What a line of a row's account says.

    factor: how far one attribute supports that the row and another are one message. hypothesis: a reason for having no partner that holds or
    is contradicted. alternative: the next best decision. change: what would change the decision.
    """

    FACTOR = "factor"
    HYPOTHESIS = "hypothesis"
    ALTERNATIVE = "alternative"
    CHANGE = "change"


class ClockReading(StrEnum):
    """What times off the common clock are consistent with; nothing supports a clock_set beyond the chat."""

    ZONE_SHIFT = "zone_shift"
    CLOCK_CORRECTED = "clock_corrected"
    OWN_CLOCK = "own_clock"
    CLOCK_SET = "clock_set"
    MOVED_STRETCH = "moved_stretch"


class Cause(StrEnum):
    """The named reason of a relation. Inference, never observation; never says who did what.

    Of a set-aside row: outside_coverage, not_delivered, recalled, membership, per_side_row, repeat, kind_not_exported, declared, no_counterpart,
    not_viewed (posts). Of a one-sided row: sync_gap, id_gap, referenced, irregular, unexplained. Of an agreement: form, not_stated, late_delivery. Of
    a conflict: what differs. Of a doubtful row: why. Of a row that a reviewer judged: reviewed (never in alignment.parquet: what was found).
    """

    OUTSIDE_COVERAGE = "outside_coverage"
    NOT_DELIVERED = "not_delivered"
    RECALLED = "recalled"
    MEMBERSHIP = "membership"
    PER_SIDE_ROW = "per_side_row"
    REPEAT = "repeat"
    KIND_NOT_EXPORTED = "kind_not_exported"
    DECLARED = "declared"
    NO_COUNTERPART = "no_counterpart"
    NOT_VIEWED = "not_viewed"
    SYNC_GAP = "sync_gap"
    ID_GAP = "id_gap"
    REFERENCED = "referenced"
    IRREGULAR = "irregular"
    UNEXPLAINED = "unexplained"
    FORM = "form"
    NOT_STATED = "not_stated"
    LATE_DELIVERY = "late_delivery"
    TEXT_DIFFERS = "text_differs"
    AMOUNT_DIFFERS = "amount_differs"
    SENDER_DIFFERS = "sender_differs"
    TIME_DIFFERS = "time_differs"
    MEDIA_DIFFERS = "media_differs"
    KIND_DIFFERS = "kind_differs"
    LINK_DIFFERS = "link_differs"
    INDISTINGUISHABLE = "indistinguishable"
    WEAK_MATCH = "weak_match"
    PAIRING_UNCLEAR = "pairing_unclear"
    ID_DIFFERS = "id_differs"
    CLOCK_UNMEASURED = "clock_unmeasured"
    STATUS_DIFFERS = "status_differs"
    ROW_CONTRADICTS = "row_contradicts"
    REVIEWED = "reviewed"


class Form(StrEnum):
    """A harmless difference of form between two copies of one message."""

    UNICODE = "unicode"
    SCRIPT = "script"
    WIDTH = "width"
    LINE_ENDS = "line_ends"
    INVISIBLE = "invisible"
    EMOJI_SPELLING = "emoji_spelling"
    ESCAPES = "escapes"
    PLACEHOLDER = "placeholder"
    TRUNCATION = "truncation"
    PREFIX_STRIPPED = "prefix_stripped"
    CONTROL_CODES = "control_codes"
    NUMBER_SPELLING = "number_spelling"
    QUOTED_PART = "quoted_part"
    KIND_NAME = "kind_name"
    WORDING_BY_SIDE = "wording_by_side"
    PUNCTUATION = "punctuation"
    EXPORTER_SPELLING = "exporter_spelling"
    PLUGIN_PREFIX = "plugin_prefix"
    SHARE_PARAMETERS = "share_parameters"
    MEDIA_FACTS = "media_facts"
    PRIVACY = "privacy"
    CHANGED_DATE = "changed_date"


class Grade(StrEnum):
    """The judgement on one conversation, worst first (contract 3)."""

    CONFLICTING = "conflicting"
    ONE_SIDED = "one_sided"
    CANNOT_DETERMINE = "cannot_determine"
    EXPLAINED_DIFFERENCES = "explained_differences"
    NO_GAP_FOUND = "no_gap_found"


GRADES_AGAINST = (str(Grade.CONFLICTING), str(Grade.ONE_SIDED))


class WitnessKind(StrEnum):
    """What in one export refers to a message that may be absent."""

    QUOTE = "quote"
    RECALL_NOTICE = "recall_notice"
    TRANSFER_RECEIPT = "transfer_receipt"
    TRANSFER = "transfer"
    FORWARD_ITEM = "forward_item"
    ALBUM_COUNT = "album_count"
    PIN = "pin"
    NOTICE = "notice"
    MEDIA_STORE = "media_store"
    MONEY_TABLE = "money_table"
    FULL_TEXT_INDEX = "full_text_index"
    SESSION_LAST = "session_last"
    DELETION_TABLE = "deletion_table"
    STATED_COUNT = "stated_count"
    FAVOURITE = "favourite"
    NOTIFICATION = "notification"
    FILE_NAME = "file_name"


class LocalIdScope(StrEnum):
    """Over what a local running number counts."""

    EXPORT = "export"
    SHARD = "shard"
    CONVERSATION = "conversation"
    UNKNOWN = "unknown"


class NoteCode(StrEnum):
    """A thing in the input that the report must mention. Never an accusation."""

    BAD_TIME = "bad_time"
    UNKNOWN_KIND = "unknown_kind"
    BROKEN_BODY = "broken_body"
    ID_ROUNDED = "id_rounded"
    ID_SPREADSHEET = "id_spreadsheet"
    ID_ODD = "id_odd"
    TEXT_CUT = "text_cut"
    PREFIX_STRIPPED = "prefix_stripped"
    AMBIGUOUS_HEADER = "ambiguous_header"
    DUPLICATE_ROW = "duplicate_row"
    PAGE_EDGE = "page_edge"
    COUNT_MISMATCH = "count_mismatch"
    HASH_MISMATCH = "hash_mismatch"
    MEMBER_MISSING = "member_missing"
    MEMBER_UNLISTED = "member_unlisted"
    FILTER_STATED = "filter_stated"
    DECLARED = "declared"
    ZONE_ASSUMED = "zone_assumed"
    PRECISION_LOST = "precision_lost"
    COERCED_CELL = "coerced_cell"
    ENCODING_GUESSED = "encoding_guessed"
    ROW_SKIPPED = "row_skipped"
    LINE_OUTSIDE = "line_outside"
    SENDER_UNKNOWN = "sender_unknown"
    OWNER_UNKNOWN = "owner_unknown"
    TOOL_TRACE = "tool_trace"
    DELETION_RECORD = "deletion_record"
    TABLE_DROPPED = "table_dropped"
    COUNTER_RESTORED = "counter_restored"
    WAL_PRESENT = "wal_present"
    PART_ENCRYPTED = "part_encrypted"
    PART_UNSUPPORTED = "part_unsupported"
    PART_UNREADABLE = "part_unreadable"
    COLUMN_DUPLICATE = "column_duplicate"
    COLUMN_UNKNOWN = "column_unknown"
    COLUMN_GUESSED = "column_guessed"
    ODD_VALUE = "odd_value"
    LIMIT_REACHED = "limit_reached"
    MEDIA_MISSING = "media_missing"
    CONVERSATION_UNNAMED = "conversation_unnamed"
    PRIVACY_MODE = "privacy_mode"
    OTHER_FORM = "other_form"
    WORDS_UNREAD = "words_unread"
    FILE_UNREAD = "file_unread"
    ROW_CONTRADICTS = "row_contradicts"


class GraphNode(StrEnum):
    """What a node of the graph stands for.

    run: neighbouring rows of one conversation with the same result: pairs, or rows of one side only. conflict: a pair that differs in
    substance. witness: a reference to a row that only the other side has; absent: to a message that neither side has.
    """

    RUN = "run"
    CONFLICT = "conflict"
    WITNESS = "witness"
    ABSENT = "absent"


class GraphEdge(StrEnum):
    """What joins two nodes of the graph.

    next: the following run of the same conversation. between: a gap and the run of pairs before or after it, in which the lacking side
    continues. holds: the run with a conflict, or with the row that is a witness. speaks_of: a witness and the run of rows to which it refers.
    """

    NEXT = "next"
    BETWEEN = "between"
    HOLDS = "holds"
    SPEAKS_OF = "speaks_of"
