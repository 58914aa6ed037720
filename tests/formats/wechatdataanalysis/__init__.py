"""Tests of WeChatDataAnalysis' forms."""
