"""A message table in a folder, with what usually lies beside it."""

from pathlib import Path

import reconcile

TABLE = "sent_at,sender,text\n2024-03-01 09:00:00,wxid_a,在吗\n"
POSTS = "post_id,author,sent_at,text\n14338268492816453747,wxid_a,2024-03-01T09:00:00+08:00,开业\n"


def test_pictures_and_posts_beside_a_table_take_no_message_away(tmp_path: Path) -> None:
    (tmp_path / "chat.csv").write_text(TABLE, "utf-8")
    (tmp_path / "chat.posts.csv").write_text(POSTS, "utf-8")
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "1.jpg").write_bytes(b"\xff\xd8\xff\xd9")

    reading = reconcile.read(tmp_path)

    assert (reading.facts.reader, reading.messages.height) == ("message_table", 1)
    assert reading.posts is not None
    assert reading.posts.posts.height == 1
