"""Who is who, anchors, skew, candidates, scores and the one-to-one alignment."""
