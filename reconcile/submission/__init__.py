"""Whether a submission is complete: checklist, guide, identity checks, and comparison with full exports."""
