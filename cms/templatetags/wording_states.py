"""What WhatsApp says of a wording, for the page on which the message is edited."""

from django import template

from cms.models import MessagePage
from cms.wording_states import WordingState, state_of

register = template.Library()


@register.simple_tag
def wording_state_of(message: MessagePage) -> WordingState | None:
    """Return what WhatsApp says of a message's wording, or None before it has seen one."""
    return state_of(message)
