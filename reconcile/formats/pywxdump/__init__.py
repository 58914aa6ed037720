"""PyWxDump: pages of one chat as CSV, JSON or HTML, and its merged database."""
