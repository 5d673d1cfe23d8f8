"""A small project with marked texts, and how its French catalogue is filled."""

from collections.abc import Callable
from pathlib import Path

PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext

_("Leave this page")
gettext_lazy("Hello %(name)s")
ngettext("One message", "%(count)d messages", 3)
pgettext("verb", "Read")
# Translators: shown on the desk
_("{people} people")
print("never marked")
"""
TEMPLATE = """
{% load i18n %}<div>
    <p class="café">{% translate "Legal ways" %}</p>
  {% blocktranslate count n=places|length trimmed %}
      One place
    {% plural %}
      {{ n }} places
  {% endblocktranslate %}
 {{ name|default:_("nobody") }} {# Translators: a button #}
{% translate "Stop" context "button" %}
</div>
"""
FRENCH = {
    "Leave this page": "Quitter cette page",
    "Hello %(name)s": "Bonjour %(name)s",
    "Read": "Lire",
    "{people} people": "{people} personnes",
    "Legal ways": "Voies légales",
    "nobody": "personne",
    "Stop": "Arrêter",
}
FRENCH_PLURALS = {
    "%(count)d messages": ("Un message", "%(count)d messages"),
    "%(n)s places": ("Une place", "%(n)s places"),
}


def make_project(folder: Path) -> Path:
    """Write a project whose texts are all of the readers' scope; return its folder."""
    (folder / "cms/templates/cms").mkdir(parents=True)
    (folder / "cms/templatetags").mkdir()
    (folder / "cms/templatetags/reading.py").write_text(PYTHON, encoding="utf-8")
    (folder / "cms/templates/cms/page.html").write_text(TEMPLATE, encoding="utf-8")
    (folder / "cms/notes.html").write_text('{% translate "no template" %}', encoding="utf-8")
    return folder


def edit(path: Path, change: Callable[[str], str]) -> None:
    """Change the text of a file."""
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def translate(text: str) -> str:
    """Fill the empty messages of a French catalogue."""
    for source, translation in FRENCH.items():
        text = text.replace(
            f'msgid "{source}"\nmsgstr ""', f'msgid "{source}"\nmsgstr "{translation}"'
        )
    for source, forms in FRENCH_PLURALS.items():
        empty = f'msgid_plural "{source}"\nmsgstr[0] ""\nmsgstr[1] ""'
        filled = f'msgid_plural "{source}"\nmsgstr[0] "{forms[0]}"\nmsgstr[1] "{forms[1]}"'
        text = text.replace(empty, filled)
    return text
