"""WechatExporter: chats of an iPhone backup as HTML or text."""
