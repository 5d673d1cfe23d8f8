"""The end of a review: what was read goes live, that very revision and no other.

Wagtail imports this while it loads its own models, so nothing of ours is imported here.
"""

from typing import Any


def finish_review(workflow_state: Any, user: Any = None) -> None:
    """Take the revision that the last step has read live; the models say whether it may."""
    revision = workflow_state.current_task_state.revision
    row = revision.content_object
    if hasattr(row, "take_live"):
        row.take_live(revision, by=user)
    else:
        revision.publish(user=user, skip_permission_checks=True)
