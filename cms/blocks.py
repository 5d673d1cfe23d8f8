"""Blocks of a plain page: headings, paragraphs and lists of plain text; nothing that weighs."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

PLAIN_BLOCKS = [
    ("heading", blocks.CharBlock(max_length=120, icon="title", label=_("Heading"))),
    ("paragraph", blocks.TextBlock(icon="pilcrow", label=_("Paragraph"))),
    (
        "points",
        blocks.ListBlock(blocks.CharBlock(max_length=300), icon="list-ul", label=_("Points")),
    ),
]
