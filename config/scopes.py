"""Which texts each catalogue holds: the whole interface's, or what readers and recipients see."""

from dataclasses import dataclass

from locales.languages import INTERFACE_LANGUAGES, LAST_RESORT, READER_LANGUAGES


@dataclass(frozen=True, slots=True)
class Scope:
    """Say which source files count, by the beginnings of their paths."""

    within: tuple[str, ...]
    without: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Tell whether the texts of a source file belong in."""
        return path.startswith(self.within) and not path.startswith(self.without)


EVERYTHING = Scope(within=("",))
READERS = Scope(
    within=(
        "campaigns/field/conversation.py",
        "campaigns/reading/",
        "campaigns/templates/campaigns/",
        "cms/passing_on/",
        "cms/reader/",
        "cms/templates/cms/",
        "cms/templatetags/",
        "messaging/notifying/confirming.py",
        "messaging/upkeep/lapsing.py",
        "messaging/models/consent.py",
        "messaging/models/subscribers.py",
        "messaging/numbers.py",
        "messaging/notifying/telling.py",
    ),
    without=("cms/templates/cms/admin/", "cms/templates/cms/panels/"),
)
# The catalogues we keep. The source is in English, so English needs none.
SCOPES: dict[str, Scope] = {
    code: EVERYTHING if code in INTERFACE_LANGUAGES else READERS
    for code in READER_LANGUAGES
    if code != LAST_RESORT
}
