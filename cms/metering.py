"""What one text costs on the phone: alphabet, parts, room left, and which characters make it dear."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from cms.links import PLACEHOLDER, fill_link
from cms.linting.parts import count_text
from locales.alphabets import (
    GSM7_BASIC,
    GSM7_EXTENSION,
    ROOM,
    Alphabet,
    SmsCount,
    compose_text,
    count_parts,
    split_clusters,
)

# What a phone's keyboard puts in place of the plain sign.
_PLAIN_SIGNS = str.maketrans("’‘‚“”„«»–—−•", '\'\'\'"""""----')


class Cost(StrEnum):
    """How a character costs room."""

    FORCES_SHORT_PARTS = "forces_short_parts"
    TAKES_TWO_PLACES = "takes_two_places"


@dataclass(frozen=True, slots=True)
class Costly:
    """One character that costs room; `instead` is a plain one that says the same, if there is."""

    character: str
    cost: Cost
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Meter:
    """What a text takes; `left` is the room in its last part, `parts_if_plain` what it could take.

    `is_own_script` says that the text is written in letters that GSM-7 does not have at all.
    """

    alphabet: Alphabet
    units: int
    parts: int
    left: int
    per_part: int
    parts_if_plain: int
    costly: tuple[Costly, ...] = ()
    is_own_script: bool = False
    has_link: bool = False

    @property
    def room(self) -> int:
        """Return what the parts it takes have room for, one at least."""
        return max(self.parts, 1) * self.per_part


def measure(text: str, *, link: str) -> Meter:
    """Measure a text as it would go out, its link filled in."""
    count = count_text(text, link=link)
    single, joined = ROOM[count.alphabet]
    per_part = single if count.parts <= 1 else joined
    own_script = _is_own_script(text, count)
    return Meter(
        alphabet=count.alphabet,
        units=count.units,
        parts=count.parts,
        left=max(0, max(count.parts, 1) * per_part - count.units),
        per_part=per_part,
        parts_if_plain=_count_plain(text, link=link).parts,
        costly=() if own_script else tuple(_price_one(char, count) for char in count.costly),
        is_own_script=own_script,
        has_link=PLACEHOLDER in text,
    )


def _is_own_script(text: str, count: SmsCount) -> bool:
    """Tell letters of another script from slips of the pen: they are most of the text."""
    letters = [cluster for cluster in split_clusters(text) if cluster[0].isalpha()]
    costly = [cluster for cluster in letters if cluster in count.costly]
    return count.alphabet == "ucs2" and 2 * len(costly) > len(letters)


def _price_one(character: str, count: SmsCount) -> Costly:
    if count.alphabet == "gsm7":
        return Costly(character, Cost.TAKES_TWO_PLACES)
    return Costly(character, Cost.FORCES_SHORT_PARTS, find_plain(character))


def find_plain(character: str) -> str:
    """Return a character of GSM-7 that says the same: c for ç, ' for ’; nothing where none does."""
    signs = character.translate(_PLAIN_SIGNS)
    bare = "".join(
        char for char in unicodedata.normalize("NFKD", signs) if not unicodedata.combining(char)
    )
    return bare if bare and bare != character and set(bare) <= GSM7_BASIC else ""


def _count_plain(text: str, *, link: str) -> SmsCount:
    """Count the text as if each letter outside GSM-7 were a plain one."""
    clusters = split_clusters(compose_text(fill_link(text, link)))
    allowed = GSM7_BASIC | GSM7_EXTENSION
    return count_parts("".join(char if char in allowed else "x" for char in clusters))
