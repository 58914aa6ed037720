"""Screenshots of WeChat as rows: pages, words with positions, bubbles by side, no overlaps."""
