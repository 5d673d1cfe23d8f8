"""Languages by their own names, for the admin's templates."""

from django import template

from locales.languages import Language, get_language

register = template.Library()


@register.simple_tag
def language_of(code: str) -> Language:
    """Return the language of a code."""
    return get_language(code)
