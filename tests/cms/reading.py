"""A reader's page as text."""

from django.test import Client


def read(reader: Client, path: str, *, status: int = 200) -> str:
    """Return a page's text; fail when its status is another."""
    answer = reader.get(path, headers={"accept-encoding": ""})
    assert answer.status_code == status
    return answer.content.decode()
