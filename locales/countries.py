"""The countries on the routes: names, calling codes, one time zone each, quiet hours.

A country with several time zones has its capital's: Spain's is Madrid's, not the Canary Islands'.
What is known of a subscriber is a country and nothing finer, so quiet hours elsewhere in it can be
off by the difference. EU stands for the European Union: a place to name, with Brussels' time and no
calling code of its own. EH (Western Sahara) is a disputed name: each partner decides how it shows.
"""

from dataclasses import dataclass
from datetime import time

from babel import Locale

from locales.cldr import find_locale

QUIET_FROM = time(21)
QUIET_UNTIL = time(8)


class UnknownCountry(LookupError):
    """Say that a code is not in the table."""


@dataclass(frozen=True, slots=True)
class Country:
    """Describe one country; nothing is sent from `quiet_from` to `quiet_until`, local time."""

    code: str
    calling_code: str
    zone: str
    quiet_from: time = QUIET_FROM
    quiet_until: time = QUIET_UNTIL


_TABLE = (
    Country("AE", "971", "Asia/Dubai"),
    Country("AF", "93", "Asia/Kabul"),
    Country("BA", "387", "Europe/Sarajevo"),
    Country("BD", "880", "Asia/Dhaka"),
    Country("BG", "359", "Europe/Sofia"),
    Country("BI", "257", "Africa/Bujumbura"),
    Country("BY", "375", "Europe/Minsk"),
    Country("CD", "243", "Africa/Kinshasa"),
    Country("CI", "225", "Africa/Abidjan"),
    Country("CM", "237", "Africa/Douala"),
    Country("CO", "57", "America/Bogota"),
    Country("CR", "506", "America/Costa_Rica"),
    Country("CU", "53", "America/Havana"),
    Country("CY", "357", "Asia/Nicosia"),
    Country("DJ", "253", "Africa/Djibouti"),
    Country("DZ", "213", "Africa/Algiers"),
    # Quito keeps the time of Guayaquil; the zone is named after the larger city.
    Country("EC", "593", "America/Guayaquil"),
    Country("EG", "20", "Africa/Cairo"),
    Country("EH", "212", "Africa/El_Aaiun"),
    Country("ER", "291", "Africa/Asmara"),
    Country("ES", "34", "Europe/Madrid"),
    Country("ET", "251", "Africa/Addis_Ababa"),
    Country("EU", "", "Europe/Brussels"),
    Country("GM", "220", "Africa/Banjul"),
    Country("GN", "224", "Africa/Conakry"),
    Country("GR", "30", "Europe/Athens"),
    Country("GT", "502", "America/Guatemala"),
    Country("HN", "504", "America/Tegucigalpa"),
    Country("HT", "509", "America/Port-au-Prince"),
    Country("ID", "62", "Asia/Jakarta"),
    Country("IQ", "964", "Asia/Baghdad"),
    Country("IR", "98", "Asia/Tehran"),
    Country("IT", "39", "Europe/Rome"),
    Country("KE", "254", "Africa/Nairobi"),
    Country("LB", "961", "Asia/Beirut"),
    Country("LT", "370", "Europe/Vilnius"),
    Country("LV", "371", "Europe/Riga"),
    Country("LY", "218", "Africa/Tripoli"),
    Country("MA", "212", "Africa/Casablanca"),
    Country("MK", "389", "Europe/Skopje"),
    Country("ML", "223", "Africa/Bamako"),
    Country("MM", "95", "Asia/Yangon"),
    Country("MR", "222", "Africa/Nouakchott"),
    Country("MT", "356", "Europe/Malta"),
    Country("MW", "265", "Africa/Blantyre"),
    Country("MX", "52", "America/Mexico_City"),
    Country("MY", "60", "Asia/Kuala_Lumpur"),
    Country("MZ", "258", "Africa/Maputo"),
    Country("NE", "227", "Africa/Niamey"),
    Country("NG", "234", "Africa/Lagos"),
    Country("NI", "505", "America/Managua"),
    Country("OM", "968", "Asia/Muscat"),
    Country("PA", "507", "America/Panama"),
    Country("PK", "92", "Asia/Karachi"),
    Country("PL", "48", "Europe/Warsaw"),
    Country("RS", "381", "Europe/Belgrade"),
    Country("RU", "7", "Europe/Moscow"),
    Country("SA", "966", "Asia/Riyadh"),
    Country("SD", "249", "Africa/Khartoum"),
    Country("SN", "221", "Africa/Dakar"),
    Country("SO", "252", "Africa/Mogadishu"),
    Country("SY", "963", "Asia/Damascus"),
    Country("TD", "235", "Africa/Ndjamena"),
    Country("TH", "66", "Asia/Bangkok"),
    Country("TN", "216", "Africa/Tunis"),
    Country("TR", "90", "Europe/Istanbul"),
    Country("TZ", "255", "Africa/Dar_es_Salaam"),
    Country("US", "1", "America/New_York"),
    Country("VE", "58", "America/Caracas"),
    # XK is nobody's ISO code: it is what CLDR and the operators write for Kosovo.
    Country("XK", "383", "Europe/Belgrade"),
    Country("YE", "967", "Asia/Aden"),
    Country("ZA", "27", "Africa/Johannesburg"),
    Country("ZM", "260", "Africa/Lusaka"),
    Country("ZW", "263", "Africa/Harare"),
)

COUNTRIES: dict[str, Country] = {country.code: country for country in _TABLE}

# A text may speak of a country that nobody is sent to: all that CLDR names, without its test codes.
NAMED_COUNTRIES: frozenset[str] = frozenset(COUNTRIES) | {
    str(code)
    for code in Locale("en").territories
    if len(str(code)) == 2 and code not in {"QO", "XA", "XB", "ZZ"}
}


def get_country(code: str) -> Country:
    """Return the country of a code; raise UnknownCountry when the table has none."""
    try:
        return COUNTRIES[code]
    except KeyError:
        raise UnknownCountry(f"No country has the code {code!r}.") from None


def country_name(code: str, language: str) -> str:
    """Return a country's name in a language, else in English; what is no country's code as it is."""
    if code not in NAMED_COUNTRIES:
        return code
    english = Locale("en").territories[code]
    locale = find_locale(language)
    return str(locale.territories.get(code, english) if locale else english)
