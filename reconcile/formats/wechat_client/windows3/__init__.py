"""WeChat for Windows 2.9 to 3.9."""
