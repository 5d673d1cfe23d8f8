"""Links, ways to stop, numbers, parts and reading level: what the rules take for what."""

import pytest

from cms.linting import lint
from cms.linting.languages import read_numbers
from cms.linting.parts import SHORTENERS, hosts_in, words_to_stop
from cms.linting.reading_level import count_syllables, score
from cms.metering import Cost, find_plain, measure
from tests.cms.drafts import CLEAN, LINK, TODAY, draft, listing, template, texts, used, using


def found(rule: str, message: object) -> list[tuple[str, str]]:
    findings = lint(message, today=TODAY)  # type: ignore[arg-type]
    return [(item.what, item.detail) for item in findings if item.rule == rule]


# ---- Options -----------------------------------------------------------------------------------


def test_risk_needs_an_option_in_each_country_of_the_audience() -> None:
    uses = (used(is_risk=True), used("pathway", "P", countries=("LY",)))
    assert not found("risk_without_option", using(*uses))
    both = using(*uses, audience=("LY", "TN"))
    assert found("risk_without_option", both) == [("CM-R1", "TN")]


def test_without_an_audience_it_is_every_country_of_the_routes() -> None:
    uses = (used(is_risk=True), used("pathway", "P", countries=("LY",)))
    assert found("risk_without_option", using(*uses, audience=())) == [("CM-R1", "NE")]


def test_contact_that_is_shut_is_no_option() -> None:
    risk = used(is_risk=True)
    shut = used("contact_point", "K", countries=("LY",), is_dead=True)
    assert found("risk_without_option", using(risk, shut))
    assert not found("risk_without_option", using(risk, used("contact_point", "K")))


def test_option_that_came_with_a_claim_is_not_offered_by_the_message() -> None:
    uses = (used(is_risk=True), used("pathway", "P", direct=False))
    assert found("risk_without_option", using(*uses))


def test_flagged_fact_without_softer_wording_may_not_be_used_there() -> None:
    flagged = used(partner_safety=True, sensitive_in=("LY",), wording="Libya did it.")
    assert found("partner_safety", using(flagged)) == [
        ("CM-R1", "there is none yet: write it first")
    ]
    assert not found("partner_safety", using(flagged, audience=("NE",)))
    assert found("partner_safety", using(flagged, audience=()))


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("Of 5,762 people held", True),
        ("Held in Libya", True),
        ("Official detention centres", True),
        ("At the end of January 2025 some people are held", False),
    ],
)
def test_hard_wording_is_known_by_its_figures_names_and_phrases(text: str, is_told: bool) -> None:
    hard = "UNHCR counted 5,762 people in official detention centres in Libya at the end of January 2025."
    flagged = used(partner_safety=True, wording=hard, softer="Some people are held on the way.")
    message = using(flagged, texts={**CLEAN.texts, "web_summary": text})
    assert bool(found("partner_safety", message)) is is_told


def test_going_home_is_never_pressed_on_anybody() -> None:
    assert found("sensitive_pushed", draft(pattern="go_home", is_push=True))
    assert not found("sensitive_pushed", draft(pattern="go_home"))


# ---- Words in what comes unasked ---------------------------------------------------------------


def test_sms_is_judged_as_a_nudge_when_it_may_be_pushed() -> None:
    asked = listing("Hello, 0", "destination", "office")
    assert found("betraying_word", asked) == []
    pushed = listing("Hello, 0", "destination", "office", is_push=True)
    assert {what for what, _detail in found("betraying_word", pushed)} == {"office"}


# ---- Links -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("See lmis.gov.et, also in Oromo.", ["lmis.gov.et"]),
        ("HTTPS://Bit.ly/x and https://[2001:db8::1]/", ["bit.ly", "[2001"]),
        ("http://10.0.0.1/x", ["10.0.0.1"]),
        ("Write to help@example.org.", ["example.org"]),
        ("Your text is ready.Reply 1. At 10.30 e.g. now", []),
        ("www.example.org/tunisia?x=1", ["example.org"]),
        ("موقع.example هنا", ["موقع.example"]),
    ],
)
def test_addresses_are_seen_without_their_scheme(text: str, hosts: list[str]) -> None:
    assert hosts_in(text) == hosts


def test_our_own_address_is_no_foreign_one() -> None:
    assert not found("foreign_link", texts(sms_text=f"{LINK} 0 stop"))


def test_short_link_service_is_refused_even_where_a_source_uses_it() -> None:
    for host in sorted(SHORTENERS):
        message = draft(texts={**CLEAN.texts, "sms_text": f"{host}/x 0"}, hosts=frozenset({host}))
        assert found("foreign_link", message) == [(host, "")]


# ---- Ways to stop ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1 more, 0 stop"),
        ("en", "Reply STOP at any time"),
        ("fr", "Envoyez ARRET"),
        ("ar", "أرسل ٠"),
        ("ar", "أرسل توقف"),
        ("am", "ለማቆም 0"),
        ("am", "አቁም"),
    ],
)
def test_way_to_stop_is_seen(language: str, text: str) -> None:
    message = draft(language=language, texts={"sms_text": text}, plain_language=True)
    assert not found("no_way_to_stop", message)


@pytest.mark.parametrize("text", ["10 days, 2,000 places", "In the end it is enough", "0800 123"])
def test_ordinary_words_and_numbers_are_no_way_to_stop(text: str) -> None:
    assert found("no_way_to_stop", texts(sms_text=text))


def test_every_language_has_something_that_stops() -> None:
    assert {"0", "stop"} <= set(words_to_stop("snk"))


# ---- Places to fill ----------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["{Link}", "{ link }", "{name}", "{link", "link}", "{}"])
def test_place_that_nothing_fills_is_named(place: str) -> None:
    assert found("unknown_placeholder", texts(sms_text=f"See {place}, 0"))


def test_link_may_be_part_of_an_approved_wording_or_a_variable_of_it() -> None:
    text = "See {link}, 0 stop"
    assert not found("template_variables", template(text=text))
    assert not found("template_variables", template(("link", LINK), text=text))
    assert found("template_variables", template(("link", " "), text=text)) == [("link", "–")]


# ---- Numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1,190 and 1.190 and 1 190 and 1\u202f190", ["1190"]),
        ("١٬١٩٠", ["1190"]),
        ("to 13 Dec 2025", ["13", "2025"]),
        ("091 712 7644", ["091712", "7644"]),
        ("2026 164,850", ["2026", "164850"]),
        ("none", []),
    ],
)
def test_numbers_are_read_in_any_writing(text: str, numbers: list[str]) -> None:
    assert read_numbers(text) == numbers


# ---- Reading level -----------------------------------------------------------------------------

SYLLABLES = {
    "en": "the:1 boat:1 people:2 information:4 recorded:3 missing:2 needs:1 usually:4 idea:3 used:1 "
    "going:2 little:2 government:3 official:3 watches:2 country:2 ocean:2 employer:3 radio:3",
    "fr": "route:1 gens:1 élevé:3 prêt:1 information:4 réel:2 océan:3 voyage:2 pays:2 vie:1 que:1 "
    "travailler:3 gouvernement:4 vient:1 eau:1 oublié:3 pluie:1 famille:2",
    "es": "barco:2 información:4 día:2 país:2 aéreo:4 ciudad:2 agua:2 guerra:2 que:1 muy:1 ley:1 "
    "leyes:2 río:2 océano:4 vergüenza:3 ahora:3 lluvia:2 empleador:4",
}


@pytest.mark.parametrize("language", SYLLABLES)
def test_syllables_are_counted_as_they_are_said(language: str) -> None:
    pairs = [pair.split(":") for pair in SYLLABLES[language].split()]
    wrong = [w for w, n in pairs if count_syllables(w, language=language) != int(n)]
    assert wrong == []


def test_formulas_give_the_numbers_of_their_authors() -> None:
    # Ten words a sentence and one syllable a word, three sentences.
    text = "the cat sat on the mat and ate the fish. " * 3
    easy = score(text, language="en")
    assert easy is not None
    assert easy.value == pytest.approx(0.39 * 10 + 11.8 * 1 - 15.59)
    text = "le chat dort et le chien boit l’eau du lac. " * 3
    french = score(text, language="fr")
    assert french is not None
    assert french.value == pytest.approx(207 - 1.015 * 10 - 73.6 * 1)


def test_few_words_and_other_languages_have_no_score() -> None:
    assert score("A short text.", language="en") is None
    assert score("كلمة " * 40, language="ar") is None


def test_short_texts_are_read_together() -> None:
    part = "Comprehensive documentation necessitates considerable administrative preparation "
    message = texts(
        sms_text=f"{part * 2} 0 stop", whatsapp_text=f"{part} 0 stop", web_summary=f"{part}"
    )
    assert len(found("reading_level", message)) == 1


# ---- What a text takes -------------------------------------------------------------------------


def test_meter_names_what_each_costly_character_costs() -> None:
    meter = measure("ç" + "a" * 99, link=LINK)
    assert (meter.alphabet, meter.parts, meter.parts_if_plain) == ("ucs2", 2, 1)
    assert [(c.character, c.cost, c.instead) for c in meter.costly] == [
        ("ç", Cost.FORCES_SHORT_PARTS, "c")
    ]
    (euro,) = measure("5 €", link=LINK).costly
    assert euro.cost == Cost.TAKES_TWO_PLACES


def test_meter_counts_the_link_in_full_and_what_is_left() -> None:
    meter = measure("{link}", link=LINK)
    assert meter.has_link
    assert (meter.units, meter.left) == (len(LINK), 160 - len(LINK))
    assert measure("a" * 161, link=LINK).left == 2 * 153 - 161
    assert measure("", link=LINK).parts == 0


def test_script_of_its_own_is_not_listed_letter_by_letter() -> None:
    meter = measure("اسأل المكتب", link=LINK)
    assert meter.is_own_script
    assert meter.costly == ()


@pytest.mark.parametrize(("dear", "plain"), [("’", "'"), ("ê", "e"), ("…", "..."), ("ŋ", "")])
def test_plain_sign_is_proposed_where_there_is_one(dear: str, plain: str) -> None:
    assert find_plain(dear) == plain
