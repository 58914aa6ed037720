"""WeChat for Android."""
