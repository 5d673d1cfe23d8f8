"""The phones over HTTP: pages for people, and the same as JSON for tests and the demo."""

import re

from aiohttp import web

from messaging.sandbox import pages
from messaging.sandbox.answers import read_number, read_texts
from messaging.sandbox.layout import answer_page, answer_part
from messaging.sandbox.phonebook import Phonebook
from messaging.sandbox.store import SMS, WHATSAPP, Message
from messaging.sandbox.writing import Writer

SHOWN = 200
LISTED = 1000

_NUMBER = re.compile(r"\+[1-9]\d{6,14}|[A-Z]{2}\.[\w.]{1,128}")


class Phones:
    """Show phones and let them write."""

    def __init__(self, phonebook: Phonebook, writer: Writer) -> None:
        self._phonebook = phonebook
        self._writer = writer

    def routes(self) -> list[web.RouteDef]:
        """Return the routes for people and for machines."""
        return [
            web.get("/", self.show_all),
            web.post("/phones", self.write_first),
            web.get("/phones/{number}", self.show_one),
            web.post("/phones/{number}/reply", self.reply),
            web.get("/ledger.json", self.show_ledger),
        ]

    async def show_all(self, http: web.Request) -> web.Response:
        """Show the list of phones."""
        search = http.query.get("q", "").strip()
        page = read_number(http.query.get("page"), 0)
        offset = page * pages.PAGE_SIZE
        rows = self._phonebook.phones(search, limit=pages.PAGE_SIZE, offset=offset)
        listed = pages.PhoneList(
            rows=rows,
            search=search,
            page=page,
            total=self._phonebook.count_phones(search),
            statuses=self._phonebook.statuses(),
        )
        if "part" in http.query:
            return answer_part(pages.show_phone_rows(listed))
        content = pages.show_phones(listed, self._phonebook.senders())
        return answer_page("Phones – sandbox", "<h1>Phones</h1>", content)

    async def show_one(self, http: web.Request) -> web.Response:
        """Show one phone."""
        number = _read_phone(http.match_info["number"])
        messages = self._phonebook.conversation(number, limit=SHOWN)
        if "part" in http.query:
            return answer_part(pages.show_bubbles(messages))
        header = pages.show_phone_header(number)
        lines = self._phonebook.lines_of(number)
        return answer_page(number, header, pages.show_phone(number, messages, lines))

    async def write_first(self, http: web.Request) -> web.Response:
        """Let a phone write that may never have been written to."""
        form = read_texts(await http.post())
        number = _read_phone(form.get("number", "").strip())
        return await self._write(http, number, form)

    async def reply(self, http: web.Request) -> web.Response:
        """Let a phone write; the line is the one it met last unless the form names another."""
        form = read_texts(await http.post())
        return await self._write(http, _read_phone(http.match_info["number"]), form)

    async def _write(self, http: web.Request, number: str, form: dict[str, str]) -> web.Response:
        channel, sender = self._find_line(number, form)
        body = form.get("quick") or form.get("body", "")
        if not body.strip():
            return _show_phone_next(number)
        written = await self._writer.write(number, channel=channel, sender=sender, body=body)
        if "application/json" in http.headers.get("Accept", ""):
            answer = {"sid": written.message.sid, "status": written.status}
            return web.json_response(answer | {"replies": written.replies})
        return _show_phone_next(number)

    def _find_line(self, number: str, form: dict[str, str]) -> tuple[str, str]:
        channel, _, sender = form.get("line", "").partition(" ")
        channel, sender = form.get("channel", channel), form.get("to", sender).strip()
        for line in self._phonebook.lines_of(number):
            if channel in ("", line[0]) and sender in ("", line[1]):
                return line
        if channel not in (SMS, WHATSAPP) or not sender:
            text = "This phone has met nobody: name a channel (sms, whatsapp) and a number (to)."
            raise web.HTTPBadRequest(text=text)
        return channel, sender

    async def show_ledger(self, http: web.Request) -> web.Response:
        """Return the sums, and the messages after the row `since`."""
        rows = self._phonebook.after(read_number(http.query.get("since"), 0), limit=LISTED)
        return web.json_response(
            {
                "statuses": self._phonebook.statuses(),
                "tallies": self._phonebook.tallies(),
                "phones": self._phonebook.count_phones(""),
                "messages": [_as_line(row) for row in rows],
                "next": rows[-1].id if len(rows) == LISTED else None,
            }
        )


def _read_phone(number: str) -> str:
    if not _NUMBER.fullmatch(number):
        raise web.HTTPNotFound(text="A phone's number is a plus sign and 7 to 15 digits.")
    return number


def _show_phone_next(number: str) -> web.Response:
    return web.Response(status=303, headers={"Location": pages.phone_path(number)})


def _as_line(message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "sid": message.sid,
        "direction": message.direction,
        "channel": message.channel,
        "number": message.number,
        "sender": message.sender,
        "body": message.body,
        "template": message.template,
        "status": message.status,
        "code": message.code,
        "created_at": message.created_at,
    }
