"""wx-cli: JSON, Markdown and text of one chat, from a WeChat 4 store on a computer."""
