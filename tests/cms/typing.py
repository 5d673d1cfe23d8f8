"""A form as a browser would send it: read from the page, some boxes filled differently."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse


class FormReader(HTMLParser):
    """Collect what the page's editing form would send, without pressing a button."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, list[str]] = {}
        self._is_inside = False
        self._box = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_inside = "data-edit-form" in given
        if not self._is_inside:
            return
        name = given.get("name", "")
        if tag == "input" and name and given.get("type") not in {"submit", "file"}:
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self._add(name, given.get("value", "on" if "checked" in given else ""))
        elif tag == "textarea" and name:
            self._box = name
            self._add(name, "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given and self._select:
            self._add(self._select, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._box:
            self.data[self._box][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # Browsers leave out the first line's end, which the template writes.
            self.data[self._box][-1] = self.data[self._box][-1].removeprefix("\n").strip("\r\n")
            self._box = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._is_inside = False

    def _add(self, name: str, value: str) -> None:
        self.data.setdefault(name, []).append(value)


def read_form(html: str, **filled: Any) -> dict[str, Any]:
    """Return the data of a page's form; an option of None leaves a box out."""
    reader = FormReader()
    reader.feed(html)
    data: dict[str, Any] = {
        # A template row that is never shown carries a placeholder in its name.
        name: values
        for name, values in reader.data.items()
        if "__prefix__" not in name
    }
    data.update(filled)
    return {name: value for name, value in data.items() if value is not None}


def open_form(client: Client, page: Any, **filled: Any) -> dict[str, Any]:
    """Open a page in the admin and return its form, filled."""
    answer = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert answer.status_code == 200
    return read_form(answer.content.decode(), **filled)


def send_form(client: Client, page: Any, action: str = "", **filled: Any) -> Any:
    """Open a page's form, fill it, and press a button; none saves a draft."""
    pressed = {action: "1"} if action else {}
    data = open_form(client, page, **filled, **pressed)
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)
