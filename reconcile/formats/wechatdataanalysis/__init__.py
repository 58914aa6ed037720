"""WeChatDataAnalysis: a ZIP of chats, and Moments."""
