"""Tests of wechat-decrypt's forms."""
