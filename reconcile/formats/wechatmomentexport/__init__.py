"""WeChatMomentExport: Moments of an iPhone backup."""
