"""Pictures of WeChat's screens as rows: pages to pictures, words with places, bubbles with sides, overlaps taken out."""
