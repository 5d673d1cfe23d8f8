"""Look-alikes: signs of other scripts that are read as Latin letters, as jokers and some phones write them.

For keywords only: a search must not take a Russian word for an English one.
"""

import re

# Small and capital letters that look like a Latin one in some writing; Greek and Cyrillic, Armenian.
_CYRILLIC = dict(zip("авеёкмнорстухѕіјԁԛԝһьзб", "abeekmhopctyxsijdqwhb3b", strict=True))
_GREEK = dict(zip("αβγεζηικμνορτυχςσω", "abyezhikmvoptuxsow", strict=True))
_GREEK_CAPITAL = {"ν": "n", "υ": "y"}
_ARMENIAN = dict(zip("օսհոքցզԁ", "ouhnpgqd", strict=True))
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True))
_LEET = {"5": "s", "0": "o", "1": "i", "7": "t", "4": "a", "3": "e", "@": "a", "$": "s"}
_LATIN = str.maketrans(_CYRILLIC | _GREEK | _GREEK_CAPITAL | _ARMENIAN | _SMALL_CAPITALS)
_DIGITS = str.maketrans(_LEET)
# Letters in filled circles and squares, and the letters that flags are made of: no letters to Unicode.
_ENCLOSED = str.maketrans(
    {
        chr(first + place): chr(ord("a") + place)
        for first in (0x1F150, 0x1F170, 0x1F1E6)
        for place in range(26)
    }
)
_THRICE = re.compile(r"([^\W\d_])\1{2,}")


def open_enclosed(text: str) -> str:
    """Return a text with its letters in filled circles and squares as letters."""
    return text.translate(_ENCLOSED)


def read_as_latin(folded: str) -> str:
    """Return a folded text with every look-alike of a Latin letter as that letter."""
    return folded.translate(_LATIN)


def read_digits_as_letters(folded: str) -> str:
    """Return a folded text whose words of letters and digits are letters only, as in st0p."""
    words = (word if word.isdecimal() else word.translate(_DIGITS) for word in folded.split())
    return " ".join(words)


def join_spaced(folded: str) -> str:
    """Return a folded text whose words are single letters as one word; any other text as it is."""
    words = folded.split()
    is_spaced = len(words) > 2 and all(len(word) == 1 and word.isalpha() for word in words)
    return "".join(words) if is_spaced else folded


def shorten_runs(folded: str) -> str:
    """Return a folded text with every letter that stands three times or more standing once."""
    return _THRICE.sub(r"\1", folded)
