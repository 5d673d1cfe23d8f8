"""Who wrote what is live: read from Wagtail's own record of publishing."""

from typing import Any

from wagtail.log_actions import registry

from cms.models import digest_of

PUBLISHED = "wagtail.publish"


def authors_of_live(row: Any) -> set[int]:
    """Return the ids of all who wrote what is live now, since what was live before it."""
    live = row.live_revision
    if live is None:
        return set()
    drafts = row.revisions.filter(created_at__lte=live.created_at).order_by("created_at", "pk")
    before = _published(row).exclude(revision=live).first()
    digest = ""
    if before is not None and before.revision.created_at < live.created_at:
        drafts = drafts.filter(created_at__gt=before.revision.created_at)
        digest = digest_of(before.revision)
    authors = set()
    for draft in drafts:
        # Who saved the same words again wrote nothing.
        if (now := digest_of(draft)) != digest:
            authors.add(draft.user_id)
        digest = now
    return {author for author in authors if author is not None}


def _published(row: Any) -> Any:
    logs = registry.get_logs_for_instance(row).filter(action=PUBLISHED)
    return logs.exclude(revision=None).select_related("revision").order_by("-timestamp", "-pk")
