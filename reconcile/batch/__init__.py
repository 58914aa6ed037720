"""Batches: many cases from a folder or a manifest.

One bad case never stops the rest, and a run that was killed resumes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["PAGE", "BatchOptions", "Job", "Summary", "find_jobs", "run_batch"]

if TYPE_CHECKING:
    from reconcile.batch.jobs import BatchOptions, Job, find_jobs
    from reconcile.batch.run import PAGE, Summary, run_batch

_HOMES = {
    "BatchOptions": "jobs",
    "Job": "jobs",
    "find_jobs": "jobs",
    "PAGE": "run",
    "Summary": "run",
    "run_batch": "run",
}


def __getattr__(name: str) -> Any:
    """A public name, imported on first use: workers start loading libraries before this process does."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"reconcile.batch.{_HOMES[name]}"), name)
