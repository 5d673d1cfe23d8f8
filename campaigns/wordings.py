"""What WhatsApp says of a wording, in words; also for those below who may not know of us.

See `settings.CMS_WORDING_STATE`.
"""

from django.conf import settings
from django.utils.translation import gettext_lazy

from campaigns.editions import make_draft
from cms.models import MessagePage
from cms.rendering import render
from cms.wording_states import WordingState
from messaging.models import Template

_State = Template.State
# WhatsApp's own words for why, as known; any other stands as it came.
_REASONS = {
    "INCORRECT_CATEGORY": gettext_lazy("The category does not fit the text."),
    "INVALID_FORMAT": gettext_lazy("The text is not formed as WhatsApp wants it."),
    "TAG_CONTENT_MISMATCH": gettext_lazy("The language or category is not that of the text."),
    "PROMOTIONAL": gettext_lazy("WhatsApp takes it for advertising."),
    "SCAM": gettext_lazy("WhatsApp takes it for a fraud."),
}
_REMEDIES = {
    _State.PENDING: gettext_lazy("It cannot be sent yet. Wait, or send by SMS only."),
    _State.REJECTED: gettext_lazy("Change the text: the same wording cannot be submitted again."),
    _State.PAUSED: gettext_lazy("It cannot be sent for some hours. Wait, or change the text."),
    _State.DISABLED: gettext_lazy("It cannot be sent any more. Change the text."),
}
CATEGORIES = {
    "utility": gettext_lazy("utility"),
    "marketing": gettext_lazy("marketing"),
    "authentication": gettext_lazy("a code"),
}


def explain_reason(reason: str) -> str:
    """Return WhatsApp's reason in words, with its own word behind it."""
    known = _REASONS.get(reason.strip().upper())
    return f"{known} ({reason})" if known else reason


def explain_category(category: str) -> str:
    """Return in words as what a wording is billed."""
    return str(CATEGORIES.get(category, category))


def state_of(message: MessagePage) -> WordingState | None:
    """Return what WhatsApp says of a message's wording in its language, or None before it has seen one."""
    draft = make_draft(
        render(message, channel="whatsapp", public_url=settings.PUBLIC_URL, pushed=True)
    )
    seen = Template.objects.filter(name=draft.name, language=draft.language).exclude(ref="")
    rows = list(seen.order_by("-pk"))
    if not rows:
        return None
    found = next((row for row in rows if row.digest == draft.digest), None)
    return _describe(found or rows[0], is_current=found is not None)


def _describe(template: Template, *, is_current: bool) -> WordingState:
    state = _State(template.state)
    is_other = template.billed_as != template.category.lower()
    return WordingState(
        label=str(state.label),
        may_send=state == _State.APPROVED and is_current,
        reason=explain_reason(template.reason),
        remedy=str(_REMEDIES.get(state, "")),
        billed_as=explain_category(template.billed_as) if is_other else "",
        is_current=is_current,
        checked_at=template.checked_at,
    )
