"""The post table: what devices hold of Moments, beside the message table (docs/en/post-table.md).

Columns are non-null unless said; null always means that the form does not say, which is never a difference. Instants are UTC,
microseconds. Post ids are unsigned decimal text, never floats.
"""

import dataframely as dy

from reconcile.vocabulary import (
    ArticlePlace,
    Cause,
    Interaction,
    PostKind,
    PostMediaKind,
    PostTrace,
    PostWitnessKind,
    Relation,
    Side,
    TextQuality,
    TimePrecision,
    ZoneSource,
)


class Posts(dy.Schema):
    """One row a post, in the order in which the export holds them. Profile covers are no posts."""

    row = dy.UInt32(description="0-based position in the reader's order")
    locator = dy.String(description="file and row id inside it")
    post_id = dy.String(nullable=True, description="server id, unsigned 64-bit as decimal text; null = none")
    author = dy.String(nullable=True, description="account id; null = the form gives a name only, or nothing")
    author_name = dy.String(nullable=True, description="the name as this device shows it")
    is_self = dy.Bool(nullable=True, description="posted by the owner of this device; null = unknown")
    sent_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC", description="null = no usable time")
    sent_raw = dy.String(nullable=True, description="the time as the export writes it")
    time_precision = dy.Enum(TimePrecision)
    zone_source = dy.Enum(ZoneSource)
    kind = dy.Enum(PostKind, nullable=True, description="null = the form does not tell reliably")
    text = dy.String(description="raw words; '' = none")
    text_quality = dy.Enum(TextQuality, nullable=True, description="null = raw; absent = the body could not be read")
    is_private = dy.Bool(nullable=True, description="visible to the author alone at this device's last look")
    is_unlisted = dy.Bool(nullable=True, description="the row stands, the client lists it nowhere any more")
    latitude = dy.Float64(nullable=True)
    longitude = dy.Float64(nullable=True)
    city = dy.String(nullable=True)
    place = dy.String(nullable=True, description="name of the place shown under the post")
    address = dy.String(nullable=True)
    link_title = dy.String(nullable=True)
    link_description = dy.String(nullable=True)
    link_url = dy.String(nullable=True, description="as stored, with its parameters")
    article_biz = dy.String(
        nullable=True, description="with mid and idx: names an official account's article everywhere"
    )
    article_mid = dy.String(nullable=True)
    article_idx = dy.String(nullable=True)
    source_account = dy.String(nullable=True, description="official account or app that the card came from")
    source_name = dy.String(nullable=True)
    media_count = dy.UInt32(nullable=True, description="pictures and clips; null = the form does not keep all")
    like_count = dy.UInt32(nullable=True, description="as the store itself counts them")
    comment_count = dy.UInt32(nullable=True)
    raw = dy.String(nullable=True, description="JSON object of what no column above holds")


class PostMedia(dy.Schema):
    """One row a picture or clip of a post, in the post's order. A live photo is one row."""

    post = dy.UInt32(description="row in Posts")
    position = dy.UInt32(description="0-based")
    media_id = dy.String(nullable=True)
    kind = dy.Enum(PostMediaKind)
    md5 = dy.String(nullable=True, description="as the body states it, lower-case hex; not that of a file in the cache")
    live_md5 = dy.String(nullable=True, description="of the clip of a live photo")
    size = dy.Int64(nullable=True, description="bytes, as stated")
    width = dy.Int64(nullable=True, description="pixels")
    height = dy.Int64(nullable=True)
    duration = dy.Float64(nullable=True, description="seconds")
    url = dy.String(nullable=True)
    thumb = dy.String(nullable=True)
    path = dy.String(nullable=True, description="file inside the export")


class Interactions(dy.Schema):
    """One row a like or comment as it stood when this device last fetched the post."""

    row = dy.UInt32()
    post = dy.UInt32(description="row in Posts")
    action = dy.Enum(Interaction)
    comment_id = dy.String(nullable=True, description="running number inside the post; null = none or 0")
    comment_id64 = dy.String(nullable=True, description="64-bit id where the client keeps one")
    author = dy.String(nullable=True, description="account id; null = the form gives a name only")
    author_name = dy.String(nullable=True)
    text = dy.String(description="'' = a like, sticker or picture")
    at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    reply_to = dy.String(nullable=True, description="comment_id of the comment answered")
    reply_author = dy.String(nullable=True)
    reply_name = dy.String(nullable=True)
    is_deleted = dy.Bool(nullable=True, description="marked as removed on this device; null = the form does not say")
    media_md5 = dy.String(nullable=True, description="of stickers and pictures in it, blank-separated")
    locator = dy.String()


class PostWitnesses(dy.Schema):
    """One row for each reference in a store to a post, whether the store has that post or not."""

    witness = dy.Enum(PostWitnessKind)
    locator = dy.String()
    post_id = dy.String(nullable=True)
    list_of = dy.String(
        nullable=True, description="of list_whole and list_broken: whose page; null = the common timeline"
    )
    author = dy.String(nullable=True, description="of the post referred to")
    actor = dy.String(nullable=True, description="who liked or commented")
    action = dy.Enum(Interaction, nullable=True)
    comment_id = dy.String(nullable=True)
    at = dy.Datetime(
        nullable=True, time_unit="us", time_zone="UTC", description="of the like or comment, else of the post"
    )
    text = dy.String(nullable=True)


class PostAlignment(dy.Schema):
    """Every post of both exports exactly once; relation and cause as in Alignment."""

    case = dy.String()
    conversation = dy.String()
    relation = dy.Enum(Relation)
    left_row = dy.UInt32(nullable=True)
    right_row = dy.UInt32(nullable=True)
    left_locator = dy.String(nullable=True)
    right_locator = dy.String(nullable=True)
    post_id = dy.String(nullable=True)
    cause = dy.Enum(Cause, nullable=True)
    detail = dy.String(nullable=True, description="what differs or why, comma-joined codes")
    confidence = dy.Float64(min=0.0, max=1.0)
    similarity = dy.Float64(nullable=True, min=0.0, max=1.0)
    offset_seconds = dy.Float64(nullable=True, description="left time minus right time; null without both")
    method = dy.String(nullable=True, description="post_id, or words: author, time and words")
    witness_locator = dy.String(nullable=True, description="what on the lacking side refers to the post")


class InteractionAlignment(dy.Schema):
    """Every like and comment of both exports exactly once."""

    case = dy.String()
    relation = dy.Enum(Relation)
    left_row = dy.UInt32(nullable=True, description="row in Interactions")
    right_row = dy.UInt32(nullable=True)
    left_post = dy.UInt32(nullable=True, description="row in Posts")
    right_post = dy.UInt32(nullable=True)
    cause = dy.Enum(Cause, nullable=True)
    detail = dy.String(nullable=True)


class PostTraces(dy.Schema):
    """One row a trace of a tool, a mark of removal or an oddity in one side's posts."""

    case = dy.String()
    side = dy.Enum(Side)
    trace = dy.Enum(PostTrace)
    row = dy.UInt32(nullable=True, description="row in Posts; null = of the whole store or of a post not held")
    post_id = dy.String(nullable=True)
    comment_id = dy.String(nullable=True)
    locator = dy.String()
    excerpt = dy.String(nullable=True)
    count = dy.UInt32(description="how many, where one row stands for several")


class Articles(dy.Schema):
    """One row an article's card on one device: title, digest and address; the text itself is kept nowhere."""

    side = dy.Enum(Side)
    biz = dy.String()
    mid = dy.String()
    idx = dy.String()
    place = dy.Enum(ArticlePlace)
    locator = dy.String()
    conversation = dy.String(nullable=True, description="of a push or a card in a chat: our id")
    row = dy.UInt32(nullable=True, description="row of the message or post that holds the card")
    title = dy.String(nullable=True)
    digest = dy.String(nullable=True)
    url = dy.String(nullable=True)
    account = dy.String(nullable=True, description="the official account, as id or name")
    published_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    is_removed = dy.Bool(nullable=True, description="the push itself marks the article as removed")


class ArticlePairs(dy.Schema):
    """One row an article that either side holds a card of."""

    case = dy.String()
    biz = dy.String()
    mid = dy.String()
    idx = dy.String()
    relation = dy.Enum(Relation, description="agreement where both hold a card, else set_aside")
    cause = dy.Enum(Cause, nullable=True)
    detail = dy.String(
        nullable=True, description="title: the cards show different titles, as after an edit by the account"
    )
    title = dy.String(nullable=True)
    account = dy.String(nullable=True)
    left_cards = dy.UInt32()
    right_cards = dy.UInt32()
    left_places = dy.String(nullable=True, description="comma-joined")
    right_places = dy.String(nullable=True)


class Favourites(dy.Schema):
    """One row a favourite of either side, and whether the chats hold the message that it copies."""

    case = dy.String()
    side = dy.Enum(Side, description="whose favourite")
    locator = dy.String()
    conversation = dy.String(nullable=True, description="our id; null = not said, or not among the chats")
    message_id = dy.String(nullable=True)
    sender = dy.String(nullable=True)
    sent_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC", description="of the message, where said")
    kind = dy.String(nullable=True)
    text = dy.String(nullable=True)
    left_row = dy.UInt32(nullable=True, description="row of the left side's messages that it copies; null = not held")
    right_row = dy.UInt32(nullable=True)
