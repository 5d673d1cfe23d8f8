"""Which rows may be given: live originals that have not expired, narrowed down to what was asked."""

from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet, TextField
from django.db.models.functions import Cast

from cms.api.asking import AskedEntries, AskedRoutes, Unaskable
from cms.models import (
    Alert,
    Claim,
    ConsentScope,
    ContactPoint,
    Fact,
    Pathway,
    Route,
    RoutePage,
    Story,
    StoryConsent,
    TranslationState,
)
from cms.reader.showing import DEAD, SOFTER

# Which lists of countries `country` looks into, and which column `kind` does.
COUNTRY_COLUMNS: dict[type[Any], tuple[str, ...]] = {
    Fact: ("countries",),
    Pathway: ("countries", "destination"),
    Claim: ("countries",),
    ContactPoint: ("reach_from",),
    Alert: ("countries",),
    Story: ("countries",),
}
# What an entry points at, which is named only where it may itself be given.
POINTS_AT: dict[type[Any], dict[str, type[Any]]] = {
    Pathway: {"facts": Fact, "contact_points": ContactPoint},
    Claim: {"facts": Fact, "pathways": Pathway, "contact_points": ContactPoint},
    Alert: {"facts": Fact, "contact_points": ContactPoint},
    Story: {"facts": Fact},
}


def givable(model: Any, *, today: date) -> QuerySet[Any]:
    """Return the live originals of a model that serve somebody today."""
    originals = model.objects.filter(translation_state=TranslationState.ORIGINAL, live=True)
    expired = Q(has_expired=True) | Q(expires__isnull=False, expires__lte=today)
    found: QuerySet[Any] = originals.exclude(expired)
    if model is ContactPoint:
        return found.exclude(result__in=DEAD)
    if soft := SOFTER.get(model):
        return found.exclude(Q(partner_safety=True) & Q(**{f"softer_{soft}": ""}))
    return found


def givable_alerts(*, today: date) -> QuerySet[Alert]:
    """Return the alerts that have begun and not ended."""
    return givable(Alert, today=today).filter(begins__lte=today)


def givable_stories(*, today: date) -> QuerySet[Story]:
    """Return the stories whose person agrees today to have them read on the web."""
    agreed = [
        consent.pk
        for consent in StoryConsent.objects.only("scope", "of_age", "withdrawn_at")
        if consent.covers(ConsentScope.WEB)
    ]
    return givable(Story, today=today).filter(consent__in=agreed)


def givable_routes(asked: AskedRoutes | None = None) -> QuerySet[Route]:
    """Return the routes that readers can find."""
    pages = RoutePage.objects.live().filter(translation_state=TranslationState.ORIGINAL)
    rows: QuerySet[Route] = Route.objects.filter(pk__in=pages.values("migration_route"))
    if asked is not None and asked.country:
        rows = rows.filter(_has_leg_in(Route, asked.country))
    return rows


def narrow(rows: QuerySet[Any], asked: AskedEntries) -> QuerySet[Any]:
    """Keep the entries of the route, the country and the kind that were asked for."""
    if asked.route:
        rows = rows.filter(pk__in=_on_route(rows.model, _find_route(asked.route)))
    if asked.country:
        rows = _keep_country(rows, asked.country)
    kind = getattr(asked, "kind", None)
    if kind is None:
        return rows
    if rows.model is Claim:
        return rows.filter(_holds(rows, "types", kind.value))
    return rows.filter(kind=kind)


def _on_route(model: Any, route: Route) -> QuerySet[Any]:
    found: QuerySet[Any] = model.objects.filter(Q(routes=route) | Q(legs__route=route)).values("pk")
    return found


def with_links(rows: QuerySet[Any], *, today: date) -> QuerySet[Any]:
    """Fetch with the rows what they point at, as far as it may be given."""
    targets = POINTS_AT.get(rows.model, {})
    return rows.prefetch_related(
        "routes",
        *(
            Prefetch(name, queryset=givable(target, today=today).order_by("key"))
            for name, target in targets.items()
        ),
    )


def _find_route(code: str) -> Route:
    # PostgreSQL cannot even be asked about a NUL.
    route: Route | None = None if "\0" in code else Route.objects.filter(code=code).first()
    if route is None:
        raise Unaskable("route", f"No route has the code {code!r}. /api/v1/routes lists them.")
    return route


def _keep_country(rows: QuerySet[Any], country: str) -> QuerySet[Any]:
    wanted = Q(pk__in=[])
    for column in COUNTRY_COLUMNS[rows.model]:
        wanted |= _holds(rows, column, country)
    if rows.model is ContactPoint:
        # Without a list it can be reached from anywhere.
        return rows.filter(wanted | Q(reach_from=[]))
    return rows.filter(wanted | _has_leg_in(rows.model, country))


def _has_leg_in(model: Any, country: str) -> Q:
    return Q(pk__in=model.objects.filter(legs__country=country).values("pk"))


def _holds(rows: QuerySet[Any], column: str, code: str) -> Q:
    # Not every database can look into a JSON list; its text, with the quotes, says the same.
    texts = rows.model.objects.alias(as_text=Cast(column, TextField()))
    return Q(pk__in=texts.filter(as_text__contains=f'"{code}"').values("pk"))
