"""Twilio's Content resource: templates, approved as soon as they are submitted."""

import json
from dataclasses import replace
from typing import Any

from aiohttp import web

from messaging.sandbox.answers import make_sid, refuse
from messaging.sandbox.ledger import Ledger
from messaging.sandbox.store import Content


class ContentApi:
    """Answer calls to the Content resource."""

    def __init__(self, account: str, ledger: Ledger) -> None:
        self._account = account
        self._ledger = ledger

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this resource."""
        return [
            web.post("/v1/Content", self.create),
            web.post("/v1/Content/{sid}/ApprovalRequests/whatsapp", self.submit),
            web.get("/v1/Content/{sid}/ApprovalRequests", self.fetch_approval),
        ]

    async def create(self, http: web.Request) -> web.Response:
        """Take a template with a text."""
        given = await _read_json(http)
        kinds = given.get("types")
        shapes = list(kinds.values()) if isinstance(kinds, dict) else []
        body = shapes[0].get("body") if shapes and isinstance(shapes[0], dict) else None
        if not isinstance(body, str) or not body:
            return refuse(21655)
        content = Content(
            sid=make_sid("HX"),
            name=str(given.get("friendly_name", "")),
            language=str(given.get("language", "en")),
            body=body,
        )
        self._ledger.put_content(content)
        answer = {"sid": content.sid, "account_sid": self._account, "types": kinds}
        return web.json_response(
            answer | {"friendly_name": content.name, "language": content.language}, status=201
        )

    async def submit(self, http: web.Request) -> web.Response:
        """Submit a template, which is thereby approved."""
        content = self._ledger.find_content(http.match_info["sid"])
        if content is None:
            return refuse(20404)
        given = await _read_json(http)
        content = replace(
            content,
            name=str(given.get("name", content.name)),
            category=str(given.get("category", "UTILITY")),
            status="approved",
        )
        self._ledger.put_content(content)
        return web.json_response(_approval_of(content), status=201)

    async def fetch_approval(self, http: web.Request) -> web.Response:
        """Say where a template stands."""
        content = self._ledger.find_content(http.match_info["sid"])
        if content is None:
            return refuse(20404)
        answer = {"sid": content.sid, "account_sid": self._account}
        return web.json_response(answer | {"whatsapp": _approval_of(content)})


def _approval_of(content: Content) -> dict[str, Any]:
    return {
        "type": "whatsapp",
        "name": content.name,
        "category": content.category,
        "content_type": "twilio/text",
        "status": content.status,
        "rejection_reason": "",
        "allow_category_change": True,
    }


async def _read_json(http: web.Request) -> dict[str, Any]:
    try:
        given = json.loads(await http.read())
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}
