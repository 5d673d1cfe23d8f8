"""A message's page, saved or not, read into the frozen values that the rules judge.

The number of queries is the same however much a message uses. What a message uses is what its
original uses; for a page that is being edited it is what stands in the form (set on the page first).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q

from cms import wording_states
from cms.holding import is_behind, read_use
from cms.links import make_link
from cms.linting.parts import host_of
from cms.linting.values import TEXT_FIELDS, DraftMessage, Media, Template, Used, Word
from cms.models import (
    Claim,
    ContactPoint,
    Entry,
    Fact,
    FactKind,
    Leg,
    LegRole,
    ListedWord,
    MessagePage,
    Pathway,
    RouteLanguage,
    Sensitivity,
    Source,
    Story,
    TemplateState,
    TestResult,
)
from cms.models.translated import source_of

# A page that is not saved yet has no code: any five letters take as much room.
CODE_TO_COME = "-----"
TRAVELLED = (LegRole.ORIGIN, LegRole.DEPARTURE, LegRole.TRANSIT)
SHUT = {TestResult.WRONG, TestResult.CLOSED}
# A bare file name of a kind -> the model and the field of its hard and of its softer wording.
WORDINGS: dict[str, tuple[Any, str, str]] = {
    "fact": (Fact, "statement", "softer_statement"),
    "claim": (Claim, "answer", "softer_answer"),
}
Rows = dict[str, list[Any]]


def read_draft(
    page: MessagePage, *, variables: Sequence[tuple[str, str]] | None = None
) -> DraftMessage:
    """Read a message as it stands; `variables` are those of the form, else those that are saved."""
    source = source_of(page)
    language = page.locale.language_code
    routes = [route.pk for route in source.routes.all()]
    rows, direct = _read_rows(source)
    return DraftMessage(
        language=language,
        expires=source.expires if source is not page else page.expires,
        has_expired=source.has_expired,
        texts=read_texts(page),
        original=None if source is page else read_texts(source),
        pattern=source.pattern,
        is_push=source.sensitivity == Sensitivity.PUSH_OK,
        audience=tuple(source.audience_countries),
        route_countries=countries_of(routes),
        audio_first=RouteLanguage.objects.filter(
            route__in=routes, code=language, audio_first=True
        ).exists(),
        plain_language=page.plain_language,
        is_behind=_is_behind(page),
        link=link_of(page),
        hosts=_read_hosts(rows),
        template=_read_template(page, variables),
        media=_read_media(page),
        uses=tuple(_read_used(rows, direct, page)),
        words=tuple(
            Word(word, kind)
            for word, kind in ListedWord.objects.filter(language=language).values_list(
                "word", "kind"
            )
        ),
    )


def read_texts(page: MessagePage) -> dict[str, str]:
    """Return the texts of a page by the names of their boxes."""
    return {name: getattr(page, name) or "" for name in TEXT_FIELDS}


def link_of(page: MessagePage) -> str:
    """Return what {link} stands for in a page's texts."""
    return make_link(settings.PUBLIC_URL, code=page.code or CODE_TO_COME)


def countries_of(routes: Iterable[int]) -> tuple[str, ...]:
    """Return the countries in which people are who travel on these routes, or are about to."""
    legs = Leg.objects.filter(route__in=routes, role__in=TRAVELLED).order_by("route", "sort_order")
    return tuple(dict.fromkeys(legs.values_list("country", flat=True)))


def _is_behind(page: MessagePage) -> bool:
    """Tell whether nobody has taken up yet what has changed under this text.

    A wording other than the live one is somebody's answer to the change; one that was never live
    is confirmed instead.
    """
    if page.pk is None or not is_behind(page):
        return False
    row = MessagePage.objects.get(pk=page.pk)
    return not row.live or read_texts(row) == read_texts(page)


# ---- What it uses ------------------------------------------------------------------------------


def _read_rows(source: MessagePage) -> tuple[Rows, dict[str, set[int]]]:
    """Read all that a message rests on, by kind, and which of it the message names itself."""
    direct = {
        "fact": {row.pk for row in source.facts.all()},
        "pathway": {row.pk for row in source.pathways.all()},
        "claim": {row.pk for row in source.claims.all()},
        "contact_point": {row.pk for row in source.contact_points.all()},
        "story": {row.pk for row in source.stories.all()},
    }
    claims = list(Claim.objects.filter(pk__in=direct["claim"]))
    stories = list(Story.objects.filter(pk__in=direct["story"]).select_related("consent"))
    pathways = _fetch(Pathway, Q(pk__in=direct["pathway"]) | Q(claims__in=claims))
    through = Q(claims__in=claims) | Q(pathways__in=pathways)
    rows = {
        "claim": claims,
        "pathway": pathways,
        "fact": _fetch(Fact, Q(pk__in=direct["fact"]) | through | Q(stories__in=stories)),
        "contact_point": _fetch(ContactPoint, Q(pk__in=direct["contact_point"]) | through),
        "story": stories,
    }
    return rows, direct


def _fetch(model: Any, wanted: Q) -> list[Any]:
    return list(model.objects.filter(wanted).distinct().order_by("key"))


def _read_used(rows: Rows, direct: dict[str, set[int]], page: MessagePage) -> Iterable[Used]:
    wordings = {kind: _read_wordings(kind, rows[kind], page) for kind in WORDINGS}
    for kind, entries in rows.items():
        for entry in entries:
            hard, soft = wordings.get(kind, {}).get(entry.translation_key, ("", ""))
            yield _read_one(kind, entry, direct=entry.pk in direct[kind], wording=(hard, soft))


def _read_one(kind: str, entry: Entry, *, direct: bool, wording: tuple[str, str]) -> Used:
    use = read_use(kind, entry)
    # `result` and `reach_from` are a contact's, `kind` and `topics` a fact's.
    where = entry.reach_from if isinstance(entry, ContactPoint) else entry.countries
    return Used(
        kind=kind,
        key=entry.key,
        review_by=entry.review_by,
        direct=direct,
        expires=entry.expires,
        has_expired=entry.has_expired,
        reached_on=use.reached_on,
        is_dead=isinstance(entry, ContactPoint) and entry.result in SHUT,
        countries=tuple(where),
        is_risk=isinstance(entry, Fact) and entry.kind == FactKind.RISK,
        topics=tuple(entry.topics) if isinstance(entry, Fact) else (),
        on_request=isinstance(entry, ContactPoint) and entry.sensitivity == Sensitivity.ON_REQUEST,
        missing=_name_fields(entry, use.missing),
        partner_safety=entry.partner_safety,
        sensitive_in=tuple(entry.sensitive_in),
        wording=wording[0],
        softer=wording[1],
        consent_holds=use.consent_holds,
    )


def _name_fields(entry: Entry, names: Iterable[str]) -> tuple[str, ...]:
    fields: dict[str, Any] = {field.name: field for field in entry._meta.get_fields()}
    return tuple(str(fields[name].verbose_name) for name in names)


def _read_wordings(
    kind: str, entries: Iterable[Any], page: MessagePage
) -> dict[Any, tuple[str, str]]:
    """Return the hard and the softer wording of what is flagged, in the page's language if there."""
    model, hard, soft = WORDINGS[kind]
    flagged = [entry for entry in entries if entry.partner_safety]
    keys = [entry.translation_key for entry in flagged]
    here = model.objects.filter(translation_key__in=keys, locale=page.locale_id)
    rows = [*flagged, *here]
    return {row.translation_key: (getattr(row, hard), getattr(row, soft)) for row in rows}


def _read_hosts(rows: Rows) -> frozenset[str]:
    """Return the hosts that a text may name: our own, and those of what the message uses."""
    addresses = [
        *(pathway.official_url for pathway in rows["pathway"]),
        *(contact.url for contact in rows["contact_point"]),
        *Source.objects.filter(
            Q(fact__in=rows["fact"])
            | Q(pathway__in=rows["pathway"])
            | Q(claim__in=rows["claim"])
            | Q(contactpoint__in=rows["contact_point"])
            | Q(story__in=rows["story"])
        ).values_list("url", flat=True),
        settings.PUBLIC_URL,
    ]
    return frozenset(host for address in addresses if (host := host_of(address)))


# ---- What goes with the texts ------------------------------------------------------------------


def _read_template(page: MessagePage, variables: Sequence[tuple[str, str]] | None) -> Template:
    if variables is None:
        rows = page.whatsapp_template_variables.all()
        variables = [(row.name, row.example) for row in rows]
    return Template(
        needed=page.whatsapp_template_needed,
        is_approved=_is_approved(page),
        variables=tuple(variables),
    )


def _is_approved(page: MessagePage) -> bool:
    if not page.whatsapp_template_needed or not page.whatsapp_text:
        return False
    if page.whatsapp_template_state == TemplateState.APPROVED:
        return True
    # What came with the starter pack may lag behind: WhatsApp's own word on this very text counts.
    said = wording_states.state_of(page) if page.pk else None
    return said is not None and said.may_send


def _read_media(page: MessagePage) -> Media:
    recording = page.recording
    return Media(
        has_recording=recording is not None,
        has_transcript=bool(recording and recording.transcript.strip()),
        voice_agreed=bool(recording and recording.voice_agreed),
        has_picture=page.picture_id is not None,
        picture_alt=page.picture_alt or "",
    )
