"""wechat-dump: text with one line for each message."""
