"""What can be asked for: the query parameters of the public interface. Anything else is refused."""

from django.http import HttpRequest
from ninja import Field, Schema
from pydantic import field_validator

from cms.models import ClaimType, ContactKind, FactKind, PathwayKind
from locales.countries import NAMED_COUNTRIES
from locales.languages import LAST_RESORT, UnknownLanguage, get_language

LARGEST_PAGE = 100
USUAL_PAGE = 50
# Far beyond what anybody writes, and within what every database can count to.
FARTHEST = 1_000_000


class Unaskable(ValueError):
    """Say that a parameter names something that does not exist."""

    def __init__(self, parameter: str, message: str) -> None:
        self.parameter = parameter
        super().__init__(message)


class Asked(Schema):
    """In which language."""

    language: str = Field(
        LAST_RESORT,
        max_length=12,
        description="A code of /languages. A text that is not in it is given in its original language.",
    )

    @field_validator("language")
    @classmethod
    def check_language(cls, code: str) -> str:
        """Refuse a code that the table of languages does not have."""
        try:
            return get_language(code).code
        except UnknownLanguage as unknown:
            raise ValueError(f"{unknown} /api/v1/languages lists them.") from None


class AskedPart(Asked):
    """Which part of a list."""

    limit: int = Field(USUAL_PAGE, ge=1, le=LARGEST_PAGE, description="How many at most.")
    offset: int = Field(0, ge=0, le=FARTHEST, description="How many to pass over.")


class AskedRoutes(AskedPart):
    """Which routes."""

    country: str = Field("", max_length=2, description="ISO 3166 code, such as LY.")

    @field_validator("country")
    @classmethod
    def check_country(cls, code: str) -> str:
        """Refuse what is no country's code."""
        if code and code not in NAMED_COUNTRIES:
            raise ValueError(f"No country has the code {code!r}.")
        return code


class AskedEntries(AskedRoutes):
    """Which entries; for contact points `country` is where they can be reached from."""

    route: str = Field("", max_length=20, description="A code of /routes, such as cmed.")


class AskedFacts(AskedEntries):
    """Which facts."""

    kind: FactKind | None = None


class AskedPathways(AskedEntries):
    """Which pathways."""

    kind: PathwayKind | None = None


class AskedClaims(AskedEntries):
    """Which claims; `kind` is one of their types."""

    kind: ClaimType | None = None


class AskedContacts(AskedEntries):
    """Which contact points."""

    kind: ContactKind | None = None


def check_names(request: HttpRequest, asked: Asked) -> None:
    """Refuse a parameter that does not exist, or one that stands twice: a guess would mislead."""
    known = type(asked).model_fields
    for name, values in request.GET.lists():
        if name not in known:
            raise Unaskable(name, f"There is no such parameter here. There is: {', '.join(known)}.")
        if len(values) > 1:
            raise Unaskable(name, "It stands twice: give it once.")
