"""WeChat 4.x on Windows, macOS and Linux."""
