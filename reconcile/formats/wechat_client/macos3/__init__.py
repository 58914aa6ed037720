"""WeChat for macOS 3.x."""
