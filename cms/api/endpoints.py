"""The addresses below /api/v1/ and what each gives. The clock is read here and nowhere below."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI, Query
from ninja.errors import ValidationError
from ninja.operation import Operation
from ninja.renderers import JSONRenderer

from cms.api import schemas
from cms.api.answering import NOT_THERE, report
from cms.api.asking import (
    Asked,
    AskedClaims,
    AskedContacts,
    AskedEntries,
    AskedFacts,
    AskedPart,
    AskedPathways,
    AskedRoutes,
    Unaskable,
    check_names,
)
from cms.api.finding import givable, givable_alerts, givable_stories
from cms.api.reading import (
    Answer,
    read_entries,
    read_entry,
    read_languages,
    read_route,
    read_routes,
)
from cms.models import Claim, ContactPoint, Fact, Pathway

INTRODUCTION = (
    "What Waymark has published, for others to build on. Read only, and nobody is watched. "
    "Every text says which language it is in; what is machine-made or not checked says so and must "
    "be shown as such. Our own texts are CC BY 4.0; sources keep their own licence."
)


class PlainRenderer(JSONRenderer):
    """Write every script as it is: escapes would triple the length of Arabic and Amharic."""

    json_dumps_params: Mapping[str, Any] = {"ensure_ascii": False}


class PublicApi(NinjaAPI):
    """Name what can be asked for by what it does, so that made clients read well."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name of the function, without where it stands."""
        return operation.view_func.__name__


# Its own pages of documentation would load from a third party, which our policy forbids.
api = PublicApi(
    title="Waymark",
    version="1",
    description=INTRODUCTION,
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
    renderer=PlainRenderer(),
    openapi_extra={
        "info": {
            "license": {
                "name": schemas.LICENCE,
                "url": "https://creativecommons.org/licenses/by/4.0/",
            }
        }
    },
)


@api.exception_handler(Http404)
def report_missing(_request: HttpRequest, _error: Http404) -> HttpResponse:
    """Say that there is nothing here, or nothing any more."""
    return report(404, (None, NOT_THERE))


@api.exception_handler(ValidationError)
def report_invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name each parameter that is not of its form."""
    mistakes = [
        (str(found["loc"][-1]), found["msg"].removeprefix("Value error, "))
        for found in error.errors
    ]
    return report(422, *mistakes)


@api.exception_handler(Unaskable)
def report_unaskable(_request: HttpRequest, error: Unaskable) -> HttpResponse:
    """Name the parameter that asks for what does not exist."""
    return report(422, (error.parameter, str(error)))


def _answers(kind: Any) -> dict[Any, Any]:
    return {200: kind, 304: None, 422: schemas.Problem}


def _answers_with_one(kind: Any) -> dict[Any, Any]:
    return {**_answers(schemas.Single[kind]), 404: schemas.Problem}


def _or_nothing(found: Answer | None) -> Answer:
    if found is None:
        raise Http404
    return found


@api.get("/languages", response=_answers(schemas.Page[schemas.Tongue]))
def list_languages(request: HttpRequest, asked: Query[AskedPart]) -> Answer:
    """List every language that can be asked for, with what its speakers may read instead."""
    check_names(request, asked)
    return read_languages(asked, today=timezone.localdate())


@api.get("/routes", response=_answers(schemas.Page[schemas.Route]))
def list_routes(request: HttpRequest, asked: Query[AskedRoutes]) -> Answer:
    """List the routes, by code."""
    check_names(request, asked)
    return read_routes(asked, today=timezone.localdate())


@api.get("/routes/{code}", response=_answers_with_one(schemas.Route))
def get_route(request: HttpRequest, code: str, asked: Query[Asked]) -> Answer:
    """Give one route."""
    check_names(request, asked)
    return _or_nothing(read_route(code, asked=asked, today=timezone.localdate()))


@api.get("/facts", response=_answers(schemas.Page[schemas.Fact]))
def list_facts(request: HttpRequest, asked: Query[AskedFacts]) -> Answer:
    """List facts: risks, rules, what is true of legal ways, figures."""
    return _list(request, Fact, asked)


@api.get("/facts/{key}", response=_answers_with_one(schemas.Fact))
def get_fact(request: HttpRequest, key: str, asked: Query[Asked]) -> Answer:
    """Give one fact."""
    return _get(request, Fact, key, asked)


@api.get("/pathways", response=_answers(schemas.Page[schemas.Pathway]))
def list_pathways(request: HttpRequest, asked: Query[AskedPathways]) -> Answer:
    """List legal ways."""
    return _list(request, Pathway, asked)


@api.get("/pathways/{key}", response=_answers_with_one(schemas.Pathway))
def get_pathway(request: HttpRequest, key: str, asked: Query[Asked]) -> Answer:
    """Give one legal way."""
    return _get(request, Pathway, key, asked)


@api.get("/claims", response=_answers(schemas.Page[schemas.Claim]))
def list_claims(request: HttpRequest, asked: Query[AskedClaims]) -> Answer:
    """List what smugglers say, each with its answer."""
    return _list(request, Claim, asked)


@api.get("/claims/{key}", response=_answers_with_one(schemas.Claim))
def get_claim(request: HttpRequest, key: str, asked: Query[Asked]) -> Answer:
    """Give one claim with its answer."""
    return _get(request, Claim, key, asked)


@api.get("/contacts", response=_answers(schemas.Page[schemas.Contact]))
def list_contacts(request: HttpRequest, asked: Query[AskedContacts]) -> Answer:
    """List where to get help; `country` is where it can be reached from."""
    return _list(request, ContactPoint, asked)


@api.get("/contacts/{key}", response=_answers_with_one(schemas.Contact))
def get_contact(request: HttpRequest, key: str, asked: Query[Asked]) -> Answer:
    """Give one contact point."""
    return _get(request, ContactPoint, key, asked)


@api.get("/alerts", response=_answers(schemas.Page[schemas.Alert]))
def list_alerts(request: HttpRequest, asked: Query[AskedEntries]) -> Answer:
    """List what holds today and for a few days only."""
    check_names(request, asked)
    today = timezone.localdate()
    return read_entries(givable_alerts(today=today), asked, today=today)


@api.get("/stories", response=_answers(schemas.Page[schemas.Story]))
def list_stories(request: HttpRequest, asked: Query[AskedEntries]) -> Answer:
    """List the stories whose person agrees today. Ask again each day: a yes can be taken back."""
    check_names(request, asked)
    today = timezone.localdate()
    return read_entries(givable_stories(today=today), asked, today=today)


@api.get("/openapi.json", include_in_schema=False)
def describe(request: HttpRequest) -> Any:  # noqa: ARG001 - the library knows it by this name
    """Give the description of this interface that tools can read."""
    return api.get_openapi_schema()


def not_there(_request: HttpRequest, **_rest: str) -> HttpResponse:
    """Say that an address below does not exist, rather than lead to the readers' pages."""
    raise Http404


def _list(request: HttpRequest, model: Any, asked: AskedEntries) -> Answer:
    check_names(request, asked)
    today = timezone.localdate()
    return read_entries(givable(model, today=today), asked, today=today)


def _get(request: HttpRequest, model: Any, key: str, asked: Asked) -> Answer:
    check_names(request, asked)
    today = timezone.localdate()
    return _or_nothing(read_entry(givable(model, today=today), key, asked=asked, today=today))
