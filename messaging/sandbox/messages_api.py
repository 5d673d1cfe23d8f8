"""Twilio's Messages resource: create, list, fetch."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from urllib.parse import urlencode

from aiohttp import web

from messaging.sandbox.answers import as_json, make_sid, read_number, read_texts, refuse
from messaging.sandbox.behaviours import Behaviour, behaviour_of
from messaging.sandbox.callbacks import Courier
from messaging.sandbox.ledger import Ledger
from messaging.sandbox.pace import READ, Pace, Step, plan_steps
from messaging.sandbox.phonebook import Phonebook
from messaging.sandbox.requests import SendRequest, fill_template, find_refusal, read_request
from messaging.sandbox.signing import API_VERSION
from messaging.sandbox.store import OUT, WHATSAPP, Message

WINDOW_SECONDS = 24 * 3600
DEFAULT_PAGE, LARGEST_PAGE = 50, 1000


@dataclass(frozen=True, slots=True)
class Rules:
    """Hold what is the same for every message of a run."""

    account: str
    pace: Pace
    seed: str
    hosts: frozenset[str]
    clock: Callable[[], float] = field(repr=False)


class MessagesApi:
    """Answer calls to the Messages resource."""

    def __init__(
        self, rules: Rules, ledger: Ledger, phonebook: Phonebook, courier: Courier
    ) -> None:
        self._rules = rules
        self._ledger = ledger
        self._phonebook = phonebook
        self._courier = courier

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of this resource."""
        base = f"/{API_VERSION}/Accounts/{self._rules.account}/Messages"
        return [
            web.post(f"{base}.json", self.create),
            web.get(f"{base}.json", self.list),
            web.get(base + "/{sid}.json", self.fetch),
            web.post(base + "/{sid}.json", self.redact),
        ]

    async def create(self, http: web.Request) -> web.Response:
        """Take a message, or answer as its number says."""
        request = read_request(read_texts(await http.post()))
        behaviour = behaviour_of(request.to)
        code = find_refusal(request, hosts=self._rules.hosts)
        if not code and request.template and self._ledger.find_content(request.template) is None:
            code = 21655
        if not code and behaviour.refuses_first and self._ledger.try_first(request.digest()):
            code = behaviour.refusal
        if code:
            self._ledger.count(f"refused {code}")
            return refuse(code, to=request.to, sender=request.sender)
        message = self._take(request, behaviour)
        if behaviour.loses_answer and http.transport is not None:
            http.transport.close()
        return web.json_response(as_json(message, account=self._rules.account), status=201)

    def _take(self, request: SendRequest, behaviour: Behaviour) -> Message:
        body, code = self._compose(request)
        message = Message(
            sid=make_sid("SM"),
            direction=OUT,
            channel=request.channel,
            number=request.to,
            sender=request.sender,
            body=body,
            created_at=self._rules.clock(),
            template=request.template,
            callback=request.callback,
        )
        if not code and request.channel == WHATSAPP and not request.template:
            window_start = message.created_at - WINDOW_SECONDS
            code = "" if self._ledger.heard_since(message, window_start) else "63016"
        self._courier.add(self._ledger.add(message, self._plan(message, behaviour, code)))
        return message

    def _compose(self, request: SendRequest) -> tuple[str, str]:
        content = self._ledger.find_content(request.template) if request.template else None
        if content is None:
            return request.body, ""
        return fill_template(content, request.variables or {})

    def _plan(self, message: Message, behaviour: Behaviour, code: str) -> list[Step]:
        # The same messages in the same order draw the same lots, whatever their random ids.
        nth = self._phonebook.count_messages(message.number)
        lot = f"{self._rules.seed}/{message.channel}/{message.number}/{nth}"
        chance = Random(lot)  # noqa: S311  # a rehearsal's lots, no secret
        words, failure = behaviour.words, behaviour.code
        if message.channel == WHATSAPP:
            failure = behaviour.whatsapp_code or failure
            if words[-1] == "delivered" and chance.random() < READ:
                words = (*words, "read")
        if code:
            words, failure = ("failed",), code
        return plan_steps(words, failure, pace=self._rules.pace, chance=chance)

    async def list(self, http: web.Request) -> web.Response:
        """List messages, newest first; filters by To and From, pages by PageSize and Page."""
        size = read_number(http.query.get("PageSize"), DEFAULT_PAGE) or DEFAULT_PAGE
        size, page = min(size, LARGEST_PAGE), read_number(http.query.get("Page"), 0)
        to, sender = http.query.get("To", ""), http.query.get("From", "")
        rows = self._phonebook.messages(to, sender, limit=size + 1, offset=size * page)
        following = None
        if len(rows) > size:
            query = urlencode({**http.query, "PageSize": size, "Page": page + 1})
            following = f"{http.path}?{query}"
        account = self._rules.account
        listed = [as_json(row, account=account) for row in rows[:size]]
        content = {"messages": listed, "page": page, "page_size": size, "next_page_uri": following}
        return web.json_response(content)

    async def fetch(self, http: web.Request) -> web.Response:
        """Fetch one message."""
        message = self._phonebook.find(http.match_info["sid"])
        if message is None:
            return refuse(20404)
        return web.json_response(as_json(message, account=self._rules.account))

    async def redact(self, http: web.Request) -> web.Response:
        """Empty a message's text, which is all that can be changed of one that was sent."""
        form = read_texts(await http.post())
        message = self._phonebook.find(http.match_info["sid"])
        if message is None:
            return refuse(20404)
        if form.get("Body") != "":
            return refuse(21602)
        self._ledger.empty_text(message.sid)
        changed = replace(message, body="")
        return web.json_response(as_json(changed, account=self._rules.account))
