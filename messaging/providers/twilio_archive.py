"""What Twilio keeps of messages: lists of what was sent and received, one message's state and price.

Asked about later and never in a hurry: these calls wait in the thread of whoever makes them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from messaging.providers.http import Answer, Call, Client
from messaging.providers.twilio_answers import (
    code_of,
    join_address,
    raise_refusal,
    read_amount,
    read_count,
    read_date,
    read_object,
    read_rows,
    settle_reason,
    sid_of,
    split_address,
)
from messaging.providers.twilio_words import read_state
from messaging.wire import (
    BAD_ANSWER,
    SMS,
    WHATSAPP,
    Found,
    Inbound,
    PartlyRead,
    SendError,
    Statement,
    Unclear,
    digest_text,
)

# Fifty long Arabic texts, each letter escaped, stay under the second figure.
LIST_PAGE = 50
LIST_LIMIT = 1024 * 1024
MOST_PAGES = 20

_SENT, _RECEIVED = "outbound-api", "inbound"


class TwilioArchive:
    """Ask about messages that Twilio has."""

    _messages: str
    _headers: dict[str, str]
    _client: Client

    def list_sent(self, to: str, *, channel: str, since: datetime | None = None) -> list[Found]:
        """Return the messages Twilio says it took for this number: all since then, or the newest."""
        query = {"To": join_address(to, channel)}
        rows = self._list(query, since=since) if since else self._read_page(query)[0]
        return [_read_found(row) for row in rows if _goes(row, _SENT)]

    def list_received(self, ours: str, *, channel: str, since: datetime) -> list[Inbound]:
        """Return what came to an address of ours since then, the oldest first."""
        query = {"To": join_address(ours, channel), "DateSent>": f"{since:%Y-%m-%d}"}
        read: list[Inbound] = []
        try:
            rows = self._list(query, since=since)
            # Whatever was read before a failure stays in it.
            read.extend(_read_received(row) for row in rows if _goes(row, _RECEIVED))
        except SendError as error:
            if not read:
                raise
            # A stop may be among them.
            newest = tuple(reversed(read))
            raise PartlyRead(error.reason, word=error.word, read=newest) from error
        return read[::-1]

    def look_up(self, ref: str) -> Statement:
        """Return what Twilio says of one message today."""
        row = read_object(self._call(Call("GET", self._url_of(ref), self._headers)))
        return Statement(
            ref=sid_of(row),
            state=read_state(str(row.get("status", ""))),
            reason=settle_reason(code_of(row)),
            parts=read_count(row.get("num_segments")),
            amount=read_amount(row.get("price")),
            currency=str(row.get("price_unit") or "").upper()[:3],
        )

    def redact(self, ref: str) -> None:
        """Empty the text that Twilio keeps of one message."""
        headers = self._headers | {"Content-Type": "application/x-www-form-urlencoded"}
        self._call(Call("POST", self._url_of(ref), headers, b"Body="))

    def _url_of(self, ref: str) -> str:
        return f"{self._messages.removesuffix('.json')}/{quote(ref, safe='')}.json"

    def _list(self, query: dict[str, str], *, since: datetime) -> Iterator[dict[str, Any]]:
        """Yield messages, the newest first, until one is older than `since`."""
        for _page in range(MOST_PAGES):
            rows, after = self._read_page(query)
            for row in rows:
                if read_date(row.get("date_created")) < since:
                    return
                yield row
            if not after:
                return
            query = after
        # What was not read must not pass for what is not there.
        raise Unclear(BAD_ANSWER, word="list too long")

    def _read_page(
        self, query: dict[str, str]
    ) -> tuple[list[dict[str, Any]], dict[str, str] | None]:
        url = f"{self._messages}?{urlencode({'PageSize': str(LIST_PAGE), **query})}"
        content = read_object(self._call(Call("GET", url, self._headers, limit=LIST_LIMIT)))
        return read_rows(content), _read_next(content.get("next_page_uri"))

    def _call(self, call: Call) -> Answer:
        answer = self._client.call(call)
        raise_refusal(answer)
        return answer


def _goes(row: dict[str, Any], direction: str) -> bool:
    return str(row.get("direction", "")).startswith(direction)


def _read_found(row: dict[str, Any]) -> Found:
    service = str(row.get("messaging_service_sid") or "")
    return Found(
        ref=sid_of(row),
        sender=split_address(str(row.get("from") or service))[0],
        body_digest=digest_text(str(row.get("body") or "")),
        created_at=read_date(row.get("date_created")),
        state=read_state(str(row.get("status", ""))),
        reason=settle_reason(code_of(row)),
        service=service,
    )


def _read_received(row: dict[str, Any]) -> Inbound:
    number, is_whatsapp = split_address(str(row.get("from") or ""))
    return Inbound(
        ref=sid_of(row),
        channel=WHATSAPP if is_whatsapp else SMS,
        sender=split_address(str(row.get("to") or ""))[0],
        number=number,
        body=str(row.get("body") or ""),
        user_id="" if number.startswith("+") or not is_whatsapp else number,
        # Heard of late: a message of yesterday opens no window on WhatsApp.
        written_at=read_date(row.get("date_created")),
    )


def _read_next(address: object) -> dict[str, str] | None:
    """Return what asks for the next page; only the query is believed, never an address of theirs."""
    if not isinstance(address, str) or "?" not in address:
        return None
    return dict(parse_qsl(address.partition("?")[2], keep_blank_values=True))
