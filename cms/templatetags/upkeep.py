"""What the admin's templates ask about the upkeep of content. Here the clock is read."""

from typing import Any

from django import template
from django.utils import timezone

from cms.freshness import Standing
from cms.models import ContactPoint, Entry, HarmClass, TestResult
from cms.upkeep.addresses import begin_address, edit_address
from cms.upkeep.heading import Head, Tests, Uses, read_head, read_tests, read_uses
from cms.upkeep.standings import Cell, Line
from cms.upkeep.words import HARMS, STANDINGS, Sign
from locales.languages import Language, get_language

register = template.Library()


@register.simple_tag
def head_of(row: Any, user: Any) -> Head:
    """Return how a text stands today."""
    return read_head(row, user, today=timezone.localdate())


@register.simple_tag
def tests_of(point: ContactPoint, user: Any) -> Tests:
    """Return the tests of a contact point."""
    return read_tests(point, user, today=timezone.localdate())


@register.simple_tag
def uses_of_entry(entry: Entry) -> Uses:
    """Return where an entry is used."""
    return read_uses(entry)


@register.simple_tag
def share(ready: int, total: int) -> int:
    """Return a share in whole percent, never rounded up to all."""
    return ready * 100 // total if total else 0


@register.simple_tag
def harm_sign(harm: HarmClass) -> Sign:
    """Return a class of harm in words."""
    return HARMS[harm]


@register.simple_tag
def standing_sign(standing: Standing) -> Sign:
    """Return a standing in words."""
    return STANDINGS[standing]


@register.simple_tag
def language_named(code: str) -> Language:
    """Return the language of a code."""
    return get_language(code)


@register.simple_tag
def cell_url(line: Line, cell: Cell) -> str:
    """Return where one language of a thing is edited or begun."""
    if cell.pk is None:
        return begin_address(line.model, line.key, language=cell.language)
    return edit_address(line.model, cell.pk)


@register.simple_tag
def row_url(row: Any) -> str:
    """Return where a row is edited."""
    return edit_address(type(row), row.pk)


@register.simple_tag
def result_word(result: str) -> str:
    """Return what came of one test, in words."""
    return str(TestResult(result).label) if result in TestResult else result


@register.filter
def kind_name(model: Any) -> str:
    """Return what one row of a model is called."""
    return str(model._meta.verbose_name)


@register.filter
def model_name(row: Any) -> str:
    """Return the name of a row's model."""
    return str(row._meta.model_name)
