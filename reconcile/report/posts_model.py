"""The report model of posts, articles and favourites."""

from reconcile.report.pieces import Frozen, Segment, Tally
from reconcile.vocabulary import Side


class PostField(Frozen):
    """One detail of a post besides its text; `code` names it (link_title, place, image, …)."""

    code: str
    text: tuple[Segment, ...]


class PostSaid(Frozen):
    """One like or comment, as this device saw it last."""

    action: str
    at: str | None
    who: str | None
    text: str
    reply_to: str | None
    is_removed: bool


class PostPart(Frozen):
    """Details of a post besides its text.

    Attributes:
        under: for a comment that differs, the post it belongs to.
        witness, witness_locator: the record of the other device that refers to a post it lacks.
    """

    fields: tuple[PostField, ...] = ()
    flags: tuple[str, ...] = ()
    likes: tuple[str, ...] = ()
    likes_found: int = 0
    comments: tuple[PostSaid, ...] = ()
    comments_found: int = 0
    under: str | None = None
    witness: str | None = None
    witness_locator: str | None = None


class PostCount(Frozen):
    """What one export holds of Moments: rows of each table."""

    side: Side
    posts: int
    own: int
    media: int
    likes: int
    comments: int
    removed_comments: int
    witnesses: int
    first_at: str | None
    last_at: str | None


class TraceRow(Frozen):
    """A trace of a tool, a mark of removal or an oddity in one side's posts."""

    side: Side
    trace: str
    locator: str
    post_id: str | None
    excerpt: str
    count: int


class ArticleRow(Frozen):
    """An official account's article with a card on either side; no device stores the article's text."""

    triple: str
    title: str | None
    account: str | None
    relation: str
    title_differs: bool
    left_places: tuple[str, ...]
    right_places: tuple[str, ...]
    is_removed: bool


class FavouriteRow(Frozen):
    """A favourite and the place of the message it copies; `held` = whether that side's chats hold it."""

    side: Side
    locator: str
    conversation: int | None
    at: str | None
    sender: str | None
    kind: str | None
    text: str
    message_id: str | None
    left_held: bool
    right_held: bool


class PostsReport(Frozen):
    """Moments, articles and favourites: counts, interactions and lists.

    Attributes:
        number: the chapter with the posts themselves (None = none).
        interactions: likes and comments by relation.
        traces_by_kind: the traces by code.
    """

    number: int | None
    counts: tuple[PostCount, ...]
    interactions: tuple[Tally, ...]
    traces: tuple[TraceRow, ...]
    traces_found: int
    traces_by_kind: tuple[Tally, ...]
    articles: tuple[ArticleRow, ...]
    articles_found: int
    articles_both: int
    favourites: tuple[FavouriteRow, ...]
    favourites_found: int
    favourites_witness: int
