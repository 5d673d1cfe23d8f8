"""The lists and forms of the CMS for what is no page; one kind a module, `entries` for what they share."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from cms.snippets.alerts import AlertViewSet
from cms.snippets.claims import ClaimViewSet
from cms.snippets.contact_points import ContactPointViewSet
from cms.snippets.facts import FactViewSet
from cms.snippets.pathways import PathwayViewSet
from cms.snippets.recordings import RecordingViewSet
from cms.snippets.routes import RouteViewSet
from cms.snippets.sources import SourceViewSet
from cms.snippets.stories import ConsentViewSet, StoryViewSet
from cms.snippets.words import ListedWordViewSet


class ContentGroup(SnippetViewSetGroup):
    """Gather the lists under one entry of the menu."""

    menu_label = _("Content")
    menu_icon = "list-ul"
    menu_order = 150
    items = (
        FactViewSet,
        PathwayViewSet,
        ClaimViewSet,
        ContactPointViewSet,
        AlertViewSet,
        StoryViewSet,
        ConsentViewSet,
        RecordingViewSet,
        ListedWordViewSet,
        RouteViewSet,
        SourceViewSet,
    )
