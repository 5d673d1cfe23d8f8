"""The look of the readers' pages: small, mirrored by itself, legible in the sun and in the dark."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from cms.reader.styles import STYLE, STYLE_HASH
from locales.languages import READER_LANGUAGES, get_language

CMS = Path(__file__).resolve().parent.parent.parent / "cms"
TEMPLATES = CMS / "templates" / "cms"
# The pages of a higher layer in the same frame.
ABOVE = CMS.parent / "campaigns" / "templates" / "campaigns"
LIGHT, DARK = STYLE.split("@media (prefers-color-scheme:dark)")
# Files of their own with a style of their own; classes that only a script looks for.
OTHERS = {"single_file.html", "leaflet.html"}


def classes_in_templates() -> set[str]:
    found: set[str] = set()
    for template in (*TEMPLATES.glob("*.html"), *ABOVE.glob("*.html")):
        if template.name not in OTHERS:
            text = template.read_text()
            for value in re.findall(r'class="([^"]*)"', text):
                found.update(re.sub(r"{%.*?%}|{{.*?}}", " ", value).split())
            # What a template hands to another to write.
            found.update(re.findall(r'with class="(\w+)"', text))
    return found


def classes_in_style() -> set[str]:
    selectors = re.sub(r"{[^{}]*}", " ", STYLE)
    return set(re.findall(r"\.([a-z][\w-]*)", selectors))


def classes_in_script() -> set[str]:
    script = (CMS / "static" / "cms" / "reader.js").read_text()
    return set(re.findall(r"\w+", " ".join(re.findall(r"\[([^\]]*)\]\.map", script))))


def test_every_class_of_the_style_is_used() -> None:
    assert classes_in_style() - classes_in_templates() == set()


def test_every_class_that_is_used_has_a_look() -> None:
    assert classes_in_templates() - classes_in_style() - classes_in_script() == set()


def test_style_is_small() -> None:
    assert len(STYLE.encode()) < 5.25 * 1024


@pytest.mark.parametrize(
    "language", [code for code in READER_LANGUAGES if get_language(code).script != "Latn"]
)
def test_script_that_the_first_font_lacks_is_named_one(language: str) -> None:
    """Without it a browser shapes each text in two fonts in vain and asks the system for a third."""
    rules = re.findall(r"([^{}]*){([^{}]*font-family:[^{}]*)}", STYLE)
    (named,) = [said for about, said in rules if f"[lang={language}]" in about]
    assert re.match(r'font-family:"[^"]+",system-ui,sans-serif', named)


def test_style_mirrors_by_itself() -> None:
    sides = r"(?:margin|padding|border|inset)-(?:left|right)|(?:^|[;{])(?:left|right)\s*:"
    assert not re.findall(sides, STYLE)
    assert not re.findall(r"text-align:(?:left|right)|float:|translate", STYLE)


def test_nothing_moves_and_nothing_is_fetched() -> None:
    assert not re.findall(r"transition|animation|scroll-behavior|url\(|@import|@font-face", STYLE)


def test_hash_is_that_of_the_style() -> None:
    digest = hashlib.sha256(STYLE.encode()).digest()
    assert f"'sha256-{base64.b64encode(digest).decode()}'" == STYLE_HASH


def colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+):(#\w+)", text.partition("}")[0]))


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("sheet", [LIGHT, DARK], ids=["in the light", "in the dark"])
@pytest.mark.parametrize("text", ["ink", "quiet", "way", "alarm"])
@pytest.mark.parametrize("ground", ["paper", "card", "note"])
def test_text_can_be_read_in_the_sun(sheet: str, text: str, ground: str) -> None:
    held = colours(sheet)
    assert contrast(held[text], held[ground]) >= 7


def test_measure_of_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.01)
