"""How much of a route fits where there is little room: a file to hand on, a leaflet to print.

Whom to call and what is urgent always stay. Stories never come along: a person may take back what
she told, and neither a file that was handed on nor paper can be called back.
"""

from collections.abc import Iterator
from dataclasses import replace

from cms.reader.showing import Content

# How many of each kind: all of them where they fit, else fewer.
MOST_OF_A_KIND = (12, 8, 6, 5, 4, 3, 2, 1, 0)


def shorten(content: Content) -> Iterator[Content]:
    """Return the content without its stories, then with less and less of each kind."""
    whole = replace(content, stories=())
    yield whole
    kinds = (content.risks, content.rules, content.pathways, content.claims)
    longest = max(len(kind) for kind in kinds)
    for most in MOST_OF_A_KIND:
        if most < longest:
            yield replace(
                whole,
                risks=content.risks[:most],
                rules=content.rules[:most],
                pathways=content.pathways[:most],
                claims=content.claims[:most],
            )
