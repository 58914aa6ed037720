"""Is a submission complete: the checklist, the guide, identity, and a submission held against the exports it was cut from."""
