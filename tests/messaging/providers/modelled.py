"""What AWS would say to a request: read by botocore's own service models, patterns and maxima too.

botocore checks required members, types and minima before it sends; the service checks the rest.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "eu-west-1"
KEY, SECRET = "AKIDFORTESTS", "a secret for tests"
# The names in the credential scope, and the service models they stand for.
SERVICES = {
    "sms-voice": "pinpoint-sms-voice-v2",
    "social-messaging": "socialmessaging",
    "sns": "sns",
}
_SCOPE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request,"
    r" SignedHeaders=([^,]+), Signature=([0-9a-f]{64})"
)


class Unacceptable(Exception):
    """Say what is wrong with a request."""


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Asked:
    """An operation of a service and what it was given."""

    service: str
    operation: str
    given: dict[str, Any]


@cache
def model_of(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def read(request: Request) -> Asked:
    """Return what was asked; raise Unacceptable for what AWS would not take."""
    service = SERVICES[check_signature(request)]
    model = model_of(service)
    if service == "sns":
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        operation = fields.pop("Action")
        assert fields.pop("Version") == model.api_version
        given = _unflatten(fields)
    elif service == "socialmessaging":
        operation = _find_operation(model, request)
        given = dict(parse_qsl(urlsplit(request.path).query)) | json.loads(request.body or b"{}")
    else:
        prefix, _, operation = request.headers["x-amz-target"].partition(".")
        assert prefix == model.metadata["targetPrefix"]
        given = json.loads(request.body)
    shape = model.operation_model(operation).input_shape
    return Asked(service, operation, check(shape, given, operation))


def check_signature(request: Request) -> str:
    """Return the service a request was signed for; raise Unacceptable unless our secret signed it."""
    found = _SCOPE.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        raise Unacceptable("no Signature Version 4")
    key, _day, region, service, names, signature = found.groups()
    if (key, region) != (KEY, REGION) or service not in SERVICES:
        raise Unacceptable("another scope")
    # Over what came through the transport, so that it may have changed nothing.
    signed = {name: request.headers[name] for name in names.split(";")}
    again = AWSRequest(
        method=request.method,
        url=f"http://{request.headers['host']}{request.path}",
        data=request.body,
        headers={name: value for name, value in signed.items() if name != "host"},
    )
    again.context["timestamp"] = request.headers["x-amz-date"]
    signer = SigV4Auth(Credentials(KEY, SECRET), service, region)
    wanted = signer.string_to_sign(again, signer.canonical_request(again))
    if signer.signature(wanted, again) != signature:
        raise Unacceptable("another signature")
    return service


def check(shape: Any, value: Any, path: str) -> Any:
    """Return a value as the service would read it; raise Unacceptable where its model forbids it."""
    if shape.type_name == "structure":
        return _check_structure(shape, value, path)
    if shape.type_name == "list":
        _check_range(shape, len(value), path)
        return [check(shape.member, one, path) for one in value]
    if shape.type_name == "map":
        _check_range(shape, len(value), path)
        return {
            check(shape.key, name, path): check(shape.value, one, path)
            for name, one in value.items()
        }
    return _check_scalar(shape, value, path)


def _check_structure(shape: Any, value: Any, path: str) -> dict[str, Any]:
    names = {one.serialization.get("name", name): name for name, one in shape.members.items()}
    if not isinstance(value, dict) or set(value) - set(names):
        raise Unacceptable(f"{path} has members that are not in the model")
    given = {names[name]: one for name, one in value.items()}
    if missing := set(shape.required_members) - set(given):
        raise Unacceptable(f"{path} lacks {sorted(missing)}")
    return {name: check(shape.members[name], one, f"{path}.{name}") for name, one in given.items()}


def _check_scalar(shape: Any, value: Any, path: str) -> Any:
    if shape.type_name == "blob":
        try:
            value = base64.b64decode(value, validate=True)
        except (binascii.Error, TypeError):
            raise Unacceptable(f"{path} is not base64") from None
        _check_range(shape, len(value), path)
        return value
    if shape.type_name == "integer" and isinstance(value, str):
        value = int(value)
    if type(value).__name__ != {"string": "str", "integer": "int"}.get(shape.type_name, "bool"):
        raise Unacceptable(f"{path} is no {shape.type_name}")
    if shape.type_name == "string":
        _check_range(shape, len(value), path)
        if shape.enum and value not in shape.enum:
            raise Unacceptable(f"{path} is none of its words")
        pattern = shape.metadata.get("pattern")
        if pattern and not re.fullmatch(pattern, value):
            raise Unacceptable(f"{path} does not fit {pattern}")
    elif shape.type_name == "integer":
        _check_range(shape, value, path)
    return value


def _check_range(shape: Any, size: int, path: str) -> None:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", float("inf"))
    if not least <= size <= most:
        raise Unacceptable(f"{path} is not within {least} and {most}")


def _find_operation(model: Any, request: Request) -> str:
    path = urlsplit(request.path).path
    for name in model.operation_names:
        http = model.operation_model(name).http
        if (http["method"], http["requestUri"]) == (request.method, path):
            return str(name)
    raise Unacceptable("no such operation")


def _unflatten(fields: dict[str, str]) -> dict[str, Any]:
    """Return the attributes of a message, which the query protocol numbers, as a map."""
    given: dict[str, Any] = {}
    rows: dict[str, dict[str, str]] = {}
    for name, value in fields.items():
        if name.startswith("MessageAttributes.entry."):
            _, _, number, rest = name.split(".", 3)
            rows.setdefault(number, {})[rest] = value
        else:
            given[name] = value
    if rows:
        given["MessageAttributes"] = {
            row.pop("Name"): {name.removeprefix("Value."): one for name, one in row.items()}
            for row in rows.values()
        }
    return given
