"""Forms of the admin as a browser without scripts sends them."""

from typing import Any

from bs4 import BeautifulSoup, Tag
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

FORMS = ("page-edit-form", "w-editor-form")


def edit_url(row: Any) -> str:
    """Return where a row is edited."""
    if isinstance(row, Page):
        return reverse("wagtailadmin_pages:edit", args=[row.pk])
    return reverse(f"wagtailsnippets_cms_{row._meta.model_name}:edit", args=[row.pk])


def open_form(client: Client, row: Any) -> dict[str, list[str]]:
    """Return everything that the form of a row would send."""
    response = client.get(edit_url(row))
    assert response.status_code == 200, response.get("location")
    return read_form(response.content.decode()) | _read_blocks(row)


def _read_blocks(row: Any) -> dict[str, list[str]]:
    """Return what the script of a page's blocks would send."""
    sent: dict[str, list[str]] = {}
    body = getattr(row, "body", ())
    if hasattr(row, "body"):
        sent["body-count"] = [str(len(body))]
    for place, block in enumerate(body):
        start = f"body-{place}"
        sent |= {f"{start}-order": [str(place)], f"{start}-type": [block.block_type]}
        sent |= {f"{start}-id": [block.id], f"{start}-deleted": [""]}
        if block.block_type == "points":
            sent[f"{start}-value-count"] = [str(len(block.value))]
            for number, child in enumerate(block.value.bound_blocks):
                within = f"{start}-value-{number}"
                sent |= {f"{within}-order": [str(number)], f"{within}-value": [child.value]}
                sent |= {f"{within}-id": [child.id], f"{within}-deleted": [""]}
        else:
            sent[f"{start}-value"] = [block.value]
    return sent


def read_form(html: str) -> dict[str, list[str]]:
    """Return everything that the edit form in a page would send."""
    soup = BeautifulSoup(html, "html.parser")
    form = next(form for name in FORMS if (form := soup.find("form", id=name)))
    assert isinstance(form, Tag)
    sent: dict[str, list[str]] = {}
    for field in form.find_all(["input", "textarea", "select"]):
        name = str(field.get("name") or "")
        if name and "__prefix__" not in name and not field.has_attr("disabled"):
            sent.setdefault(name, []).extend(_values(field))
    return sent


def _values(field: Tag) -> list[str]:
    if field.name == "textarea":
        return [field.text.removeprefix("\n")]
    if field.name == "select":
        return [str(option.get("value", "")) for option in field.find_all("option", selected=True)]
    kind = field.get("type", "text")
    if kind in {"checkbox", "radio"} and not field.has_attr("checked"):
        return []
    return [] if kind in {"submit", "button", "file"} else [str(field.get("value", ""))]


def send_form(client: Client, row: Any, action: str = "", /, **fields: Any) -> Any:
    """Open the form of a row, change some fields, and send it with a button."""
    return send(client, row, open_form(client, row), action, **fields)


def send(
    client: Client, row: Any, form: dict[str, list[str]], action: str = "", /, **fields: Any
) -> Any:
    """Send a form that was opened before, with some fields changed."""
    sent = form | {
        name: value if isinstance(value, list) else [value] for name, value in fields.items()
    }
    if action:
        sent |= {action: ["1"]}
    return client.post(edit_url(row), sent)


def said(response: Any) -> str:
    """Return what the admin says in its messages, on this page or on the one it leads to."""
    if response.status_code in {301, 302}:
        response = response.client.get(response["location"], follow=True)
    soup = BeautifulSoup(response.content.decode(), "html.parser")
    found = soup.select(".messages li, .help-warning, .errorlist, .error-message")
    return " ".join(" ".join(item.text.split()) for item in found)
