"""Whether a submission is complete: checklist, guide, identity checks, comparison with exports."""
