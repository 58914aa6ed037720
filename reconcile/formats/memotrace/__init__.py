"""MemoTrace (留痕) 2.x and 3.x: its messages in six forms."""
