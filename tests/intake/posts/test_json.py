"""Facts of posts are read from JSON by the paths at which a form keeps them."""

from reconcile.intake.posts.json import texts, wholes

POST = {"author": "wxid_a", "card": {"title": "", "feed": {"nickname": "沈工"}}, "size": {"width": "1080.0"}, "tid": 7}


def test_a_path_leads_into_members_and_the_first_text_of_several_counts() -> None:
    assert texts(POST, author="author", title="card.title|card.feed.nickname") == {"author": "wxid_a", "title": "沈工"}


def test_a_path_that_leads_nowhere_or_to_no_text_states_nothing() -> None:
    assert texts(POST, gone="place.name", object="card", inside="author.name") == dict.fromkeys(
        ("gone", "object", "inside")
    )


def test_whole_numbers_are_read_from_text_too() -> None:
    assert wholes(POST, width="size.width|width", tid="tid", gone="size.height") == {
        "width": 1080,
        "tid": 7,
        "gone": None,
    }
