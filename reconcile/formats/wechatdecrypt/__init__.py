"""wechat-decrypt: one file for each database shard, as CSV or JSON."""
