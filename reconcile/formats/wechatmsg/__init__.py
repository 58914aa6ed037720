"""WeChatMsg 0.x and 1.x, which became MemoTrace: its messages in three forms."""
