"""The short link of a message: one for each language, never one for a person."""

PLACEHOLDER = "{link}"


def make_link(public_url: str, *, language: str, code: str) -> str:
    """Return the address of a message's page in one language.

    No slash ends it: beside Arabic or Ge'ez text a phone would draw that slash on the wrong side.
    """
    return f"{public_url.rstrip('/')}/{language}/m/{code}"


def fill_link(text: str, link: str) -> str:
    """Put the link where the editor left a place for it."""
    return text.replace(PLACEHOLDER, link)
