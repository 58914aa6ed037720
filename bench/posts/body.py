"""The XML body of a post, spelled as one device's client would: CDATA or entities, number text, hosts and tokens of its own."""

import random
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bench.posts.truth import NAMES, Media, Post, Said


@dataclass(frozen=True)
class Hand:
    """How one device's client spells things."""

    seed: int
    cdata: bool
    floats: bool
    host: str
    remark: str

    @staticmethod
    def of(seed: int) -> "Hand":
        """A hand drawn from a seed."""
        dice = random.Random(seed)
        host = dice.choice(("shmmsns.qpic.cn", "szmmsns.qpic.cn", "mmsns.qpic.cn"))
        return Hand(seed, dice.random() < 0.5, dice.random() < 0.5, host, dice.choice(("", "老", "A.")))

    def name(self, who: str) -> str:
        """The name under which this device shows somebody."""
        return self.remark + NAMES[who]

    def words(self, text: str) -> str:
        """Text inside an element."""
        if self.cdata and "]]>" not in text:
            return f"<![CDATA[{text}]]>"
        return escape(text).replace("\n", "&#x0A;")

    def number(self, value: float) -> str:
        """A number as text."""
        return f"{value:.6f}" if self.floats else f"{value:g}"

    def url(self, media: Media, size: int = 0) -> str:
        """Where a picture lies; its token changes with each request."""
        if media.is_clip:
            return f"http://szzjwxsns.video.qq.com/102/20202/snsvideodownload?filekey={media.md5}&token=t{self.seed}&idx=1&dur=14"
        return f"http://{self.host}/mmsns/{media.md5}/{size}?tp=webp&token=t{self.seed}"


def timeline(post: Post, hand: Hand, kind_name: str) -> str:
    """A TimelineObject; `kind_name` contentStyle (3.x, API) or type (4.x)."""
    kind = 3 if post.url else 15 if any(m.is_clip for m in post.media) else 1 if post.media else 2
    place = (
        f' poiName="{escape(post.place)}" city="广州" latitude="23.13" longitude="113.27"'
        if post.place
        else ' poiName="" city=""'
    )
    account = "gh_bench000001" if "mp.weixin" in post.url else ""
    return (
        f"<TimelineObject><id>{hand.words(str(post.id))}</id><username>{hand.words(post.who)}</username>"
        f"<createTime>{hand.words(str(post.at))}</createTime><contentDescShowType>0</contentDescShowType><contentDescScene>3</contentDescScene>"
        f"<private>0</private><contentDesc>{hand.words(post.text)}</contentDesc><sourceUserName></sourceUserName><sourceNickName></sourceNickName>"
        f"<statisticsData></statisticsData><ContentObject><{kind_name}>{kind}</{kind_name}><contentSubStyle>0</contentSubStyle>"
        f"<title>{hand.words(post.title)}</title><description>{hand.words(post.digest)}</description>"
        f"<contentUrl>{hand.words(post.url)}</contentUrl><mediaList>{''.join(_media(m, hand) for m in post.media)}</mediaList></ContentObject>"
        f"<appInfo><id></id></appInfo><location{place}></location><publicUserName>{account}</publicUserName></TimelineObject>"
    )


def _media(media: Media, hand: Hand) -> str:
    kind = 6 if media.is_clip else 2
    more = f' videomd5="{media.md5}"' if media.is_clip else ""
    length = f"<videoDuration>{hand.number(media.seconds)}</videoDuration>"
    return (
        f"<media><id>{media.number}</id><type>{kind}</type><title></title><description></description><private>0</private>"
        f'<url type="1" md5="{media.md5}"{more} token="t{hand.seed}" key="{hand.seed}" enc_idx="1">{hand.words(hand.url(media))}</url>'
        f'<thumb type="1" token="t{hand.seed}">{hand.words(hand.url(media, 150))}</thumb>{length}'
        f'<size width="{hand.number(media.width)}" height="{hand.number(media.height)}" totalSize="{hand.number(media.size)}"></size></media>'
    )


def data_item(post: Post, hand: Hand) -> str:
    """The whole of `SnsTimeLine.content` of a 4.x client."""
    likes = "".join(_said(s, hand) for s in post.said if s.text is None)
    comments = "".join(_said(s, hand) for s in post.said if s.text is not None)
    return (
        f"<SnsDataItem>{timeline(post, hand, 'type')}<LocalExtraInfo><tid>{post.id}</tid><nickname>{hand.words(hand.name(post.who))}</nickname>"
        f"<like_flag>0</like_flag><ext_flag>1</ext_flag><like_user_list>{likes}</like_user_list><comment_user_list>{comments}</comment_user_list>"
        "<with_user_list></with_user_list></LocalExtraInfo></SnsDataItem>"
    )


def _said(said: Said, hand: Hand) -> str:
    sticker = (
        f"<emojilist><emojiinfo><md5>{said.sticker}</md5><width>86</width></emojiinfo></emojilist>"
        if said.sticker
        else ""
    )
    return (
        f"<user_comment><username>{said.who}</username><nickname>{hand.words(hand.name(said.who))}</nickname>"
        f"<content>{hand.words(said.text or '')}</content><create_time>{said.at}</create_time><type>{1 if said.text is None else 2}</type>"
        f"<source>0</source><comment_id>{said.number}</comment_id><comment_64id>0</comment_64id><ref_username>{said.answers_who}</ref_username>"
        f"<ref_comment_id>{said.answers}</ref_comment_id><ref_comment_64id>0</ref_comment_64id><comment_flag>0</comment_flag>"
        f"<b_deleted>{int(said.removed)}</b_deleted>{sticker}</user_comment>"
    )
