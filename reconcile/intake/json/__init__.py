"""JSON files: arrays read in pieces, shapes, duplicate keys."""
