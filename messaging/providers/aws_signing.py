"""AWS: a request as its service model describes it, signed, sent once, and its answer read.

botocore serialises, signs (Signature Version 4) and parses; it never opens a connection for a call: that
is `http`'s, with one attempt and our time-outs. botocore's own chain finds the credentials, in a thread
beside the loop and well before they end. Nothing here knows what a service is used for, and no error
of this module holds a number or a text.
"""

import asyncio
import os
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, NamedTuple

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import ParamValidationError
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from messaging.providers.aws_words import DOUBTFUL, Refusal, make_error
from messaging.providers.http import Answer, Call, Client
from messaging.wire import (
    BAD_ANSWER,
    BUSY,
    CONTENT,
    NO_CONNECTION,
    SENDER,
    AccountProblem,
    NotAccepted,
    Refused,
    SendError,
    Unclear,
)

# botocore renews what ends within fifteen minutes; what it gave is used this long before it is asked
# again beside the calls, and this long at most.
FRESH_SECONDS, STALE_SECONDS = 60.0, 300.0
# As for a connection: what was let through goes soon, or not at all.
PATIENCE_SECONDS = 3.0
_CODE = re.compile(r"[A-Z][A-Za-z0-9.]{2,79}")
_REF = re.compile(r"[A-Za-z0-9._:=/+-]{8,64}")


class AccessKeys:
    """Keep the access keys that sign, for any number of calls at once; `find` may block."""

    def __init__(
        self,
        find: Callable[[], ReadOnlyCredentials | None],
        *,
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._find, self._clock, self._patience = find, clock, patience
        self._held: ReadOnlyCredentials | None = None
        self._held_at = float("-inf")
        self._lock = Lock()

    async def get(self) -> ReadOnlyCredentials:
        """Return the keys without blocking the loop; raise NotAccepted where there are none in time."""
        age = self._clock() - self._held_at
        if self._held is not None and age < STALE_SECONDS:
            if age >= FRESH_SECONDS and not self._lock.locked():
                _beside().submit(self._renew)
            return self._held
        finding = asyncio.get_running_loop().run_in_executor(_beside(), self.read)
        try:
            return await asyncio.wait_for(finding, self._patience)
        except TimeoutError:
            pass
        raise NotAccepted(NO_CONNECTION, word="no keys in time")

    def read(self) -> ReadOnlyCredentials:
        """Return the keys, waiting for them in this thread; raise NotAccepted where there are none."""
        failure: SendError
        with self._lock:
            if self._held is not None and self._clock() - self._held_at < FRESH_SECONDS:
                return self._held
            try:
                found = self._find()
            except Exception as error:  # noqa: BLE001  # whatever it was, nothing was sent
                failure = NotAccepted(NO_CONNECTION, word=type(error).__name__)
            else:
                if found is not None:
                    self._held, self._held_at = found, self._clock()
                    return found
                failure = AccountProblem(SENDER, word="no credentials")
        # Raised out here so that it has no context: it may hold an address and half a key.
        raise failure

    def _renew(self) -> None:
        try:
            self.read()
        except NotAccepted:
            # What is held is good for some minutes; whoever comes after them is told.
            return


def find_keys(*, alone: bool) -> AccessKeys:
    """Return the keys of botocore's chain; `alone` asks no other host for them."""
    session = _session()
    if alone:
        session = botocore.session.get_session()
        chain = session.get_component("credential_provider")
        asked_here = {"env", "shared-credentials-file"}
        chain.providers = [one for one in chain.providers if one.METHOD in asked_here]

    def find() -> ReadOnlyCredentials | None:
        credentials = session.get_credentials()
        return credentials.get_frozen_credentials() if credentials else None

    return AccessKeys(find)


@dataclass(frozen=True, slots=True)
class Place:
    """Say where a service is: its region, and its address where that is not Amazon's own."""

    region: str
    url: str = ""


class _Signed(NamedTuple):
    call: Call
    operation: Any


class Service:
    """Call the operations of one service."""

    def __init__(
        self, name: str, place: Place, keys: AccessKeys, *, client: Client | None = None
    ) -> None:
        self._model = _session().get_service_model(name)
        protocol = self._model.metadata["protocol"]
        self._serializer = create_serializer(protocol, include_validation=True)
        self._parser = create_parser(protocol)
        self._region = place.region
        self._url = place.url or _find_address(self._model.endpoint_prefix, place.region)
        self._keys = keys
        self._client = client or Client()

    async def ask(self, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Call an operation once, on the loop, and return what it answers; raise a SendError."""
        signed = self._sign(operation, given, await self._keys.get())
        return self._read(await self._client.exchange(signed.call), signed.operation)

    def ask_here(self, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Do the same from any other thread, and wait for it."""
        signed = self._sign(operation, given, self._keys.read())
        return self._read(self._client.call(signed.call), signed.operation)

    def _sign(self, operation: str, given: Mapping[str, Any], keys: ReadOnlyCredentials) -> _Signed:
        model = self._model.operation_model(operation)
        described = self._describe(given, model)
        prepare_request_dict(described, self._url, user_agent="Waymark")
        request = create_request_object(described)
        own = Credentials(keys.access_key, keys.secret_key, keys.token)
        SigV4Auth(own, self._model.signing_name, self._region).add_auth(request)
        ready = request.prepare()
        body = ready.body.encode() if isinstance(ready.body, str) else bytes(ready.body or b"")
        headers = {name: _as_text(value) for name, value in ready.headers.items()}
        # The transport counts the bytes itself.
        headers.pop("Content-Length", None)
        return _Signed(Call(ready.method, ready.url, headers, body or None), model)

    def _describe(self, given: Mapping[str, Any], model: Any) -> dict[str, Any]:
        try:
            described: dict[str, Any] = self._serializer.serialize_to_request(dict(given), model)
        except (ParamValidationError, UnicodeError):
            pass
        else:
            return described
        # Raised out here so that it has no context: botocore's error repeats what it was given.
        raise Refused(CONTENT, word="parameters")

    def _read(self, answer: Answer, operation: Any) -> dict[str, Any]:
        parsed = self._parse(answer, operation.output_shape)
        if 200 <= answer.status < 300 and parsed and "Error" not in parsed:
            return parsed
        word = f"http {answer.status}"
        if answer.status == 429:
            raise NotAccepted(BUSY, word=word, retry_after=answer.wait)
        code = str(parsed.get("Error", {}).get("Code", ""))
        # A refusal counts only in the service's own words: a proxy may say 403 as well.
        is_refusal = 400 <= answer.status < 500 and answer.status != 408
        if not is_refusal or not _CODE.fullmatch(code) or code in DOUBTFUL:
            raise Unclear(BAD_ANSWER, word=word)
        raise make_error(self._read_refusal(answer, parsed, code), retry_after=answer.wait)

    def _read_refusal(self, answer: Answer, parsed: Mapping[str, Any], code: str) -> Refusal:
        shape = self._model.shape_for_error_code(code)
        more = self._parse(answer, shape) if shape is not None else {}
        fields = more.get("Fields") or []
        return Refusal(
            status=answer.status,
            code=code,
            reason=str(more.get("Reason") or ""),
            fields=tuple(str(one.get("Name", "")) for one in fields if isinstance(one, dict)),
            said=str(parsed["Error"].get("Message") or ""),
        )

    def _parse(self, answer: Answer, shape: Any) -> dict[str, Any]:
        told = {"status_code": answer.status, "headers": answer.headers, "body": answer.body}
        try:
            parsed: dict[str, Any] = self._parser.parse(told, shape)
        except Exception:  # noqa: BLE001  # whatever it is, it is no answer of the service's
            return {}
        return parsed


def read_ref(answer: Mapping[str, Any], name: str) -> str:
    """Return the id in an answer; raise Unclear for an answer without a readable one."""
    ref = answer.get(name)
    if not isinstance(ref, str) or not _REF.fullmatch(ref):
        raise Unclear(BAD_ANSWER, word="no id")
    return ref


def _as_text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _find_address(prefix: str, region: str) -> str:
    resolver = _session().get_component("endpoint_resolver")
    found = resolver.construct_endpoint(prefix, region)
    if not found:
        raise LookupError(f"AWS has no address for {prefix} in the region {region!r}.")
    return f"https://{found['hostname']}"


@cache
def _session() -> Any:
    return botocore.session.get_session()


@cache
def _beside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="keys")


# A forked child has none of its parent's threads.
os.register_at_fork(after_in_child=_beside.cache_clear)
