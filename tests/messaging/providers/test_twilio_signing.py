"""Signatures: the same as the library's own, with every secret of ours and no other."""

import base64
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import HMAC_SHA256, RequestValidator

from messaging.providers.twilio_signing import Signatures
from messaging.wire import BadSignature

URL = "https://waymark.example/hooks/twilio/status/1.1.abc/"
FORM = {"MessageSid": "SM1", "MessageStatus": "delivered", "Zß": "ö ü", "A": ""}
OURS = Signatures(
    ("new", "old"), {"webhooks_sharedkey_1": "shared", "webhooks_sharedkey_2": "next"}
)
SETTINGS = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"


def is_taken(url: str, form: dict[str, str], signature: str, scheme: str = "") -> bool:
    try:
        OURS.check(url, form, signature, scheme=scheme)
    except BadSignature:
        return False
    return True


def sign(secret: str, url: str = URL, algorithm: str | None = None) -> str:
    return str(RequestValidator(secret).compute_signature(url, FORM, algorithm))


@pytest.mark.parametrize(("secret", "taken"), [("new", True), ("old", True), ("theirs", False)])
def test_each_token_of_a_rotation_is_taken(secret: str, taken: bool) -> None:
    assert is_taken(URL, FORM, sign(secret)) == taken


@pytest.mark.parametrize(
    ("here", "signed"),
    [
        ("https://waymark.example/x", "https://waymark.example:443/x"),
        ("https://waymark.example:443/x", "https://waymark.example/x"),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1/x"),
        ("http://127.0.0.1/x?a=%20|&b", "http://127.0.0.1:80/x?a=%20|&b"),
    ],
)
def test_a_port_may_be_there_or_not(here: str, signed: str) -> None:
    assert is_taken(here, FORM, sign("new", signed))


@pytest.mark.parametrize(
    ("here", "signed"),
    [
        ("https://waymark.example/x", "https://waymark.example:8443/x"),
        ("https://waymark.example/x?a=1", "https://waymark.example/x?a=2"),
        ("https://waymark.example/x?a=%2B", "https://waymark.example/x?a=+"),
        ("https://waymark.example/x", "http://waymark.example/x"),
        ("https://waymark.example/x", "https://waymark.example/x/"),
    ],
)
def test_another_address_is_another_signature(here: str, signed: str) -> None:
    assert not is_taken(here, FORM, sign("new", signed))


@pytest.mark.parametrize("secret", ["shared", "next"])
def test_a_shared_key_signs_under_its_own_id(secret: str) -> None:
    key = "webhooks_sharedkey_1" if secret == "shared" else "webhooks_sharedkey_2"
    scheme = f"key={key}, algorithm=HMAC_SHA256"
    assert is_taken(URL, FORM, sign(secret, algorithm=HMAC_SHA256), scheme)
    assert not is_taken(URL, FORM, sign("theirs", algorithm=HMAC_SHA256), scheme)


@pytest.mark.parametrize(
    "scheme",
    [
        "key=webhooks_sharedkey_9,algorithm=HMAC_SHA256",
        "key=webhooks_sharedkey_2,algorithm=HMAC_SHA256",
        "key=webhooks_sharedkey_1,algorithm=HMAC_SHA1",
        "key=webhooks_sharedkey_1,algorithm=none",
        "key=webhooks_sharedkey_1",
        "algorithm=HMAC_SHA256",
        "key=,algorithm=HMAC_SHA256",
        "nonsense",
        ",=,,",
    ],
)
def test_an_unknown_key_or_algorithm_is_refused(scheme: str) -> None:
    assert not is_taken(URL, FORM, sign("shared", algorithm=HMAC_SHA256), scheme)
    # Nor does such a header lead back to the tokens.
    assert not is_taken(URL, FORM, sign("new"), scheme)


def test_a_shared_key_does_not_sign_as_a_token_and_a_token_not_as_a_key() -> None:
    assert not is_taken(URL, FORM, sign("shared"))
    assert not is_taken(URL, FORM, sign("new", algorithm=HMAC_SHA256), SETTINGS)


def test_without_shared_keys_none_is_known() -> None:
    alone = Signatures(("new",), {})
    empty = base64.b64encode(hmac.digest(b"", URL.encode(), "sha256")).decode()
    with pytest.raises(BadSignature):
        alone.check(URL, {}, empty, scheme=SETTINGS)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(form=st.dictionaries(texts, texts, max_size=6), path=st.sampled_from(["", "/", "/a?b=c"]))
def test_what_the_library_signs_is_taken(form: dict[str, str], path: str) -> None:
    url = f"https://waymark.example{path or '/'}"
    signature = str(RequestValidator("new").compute_signature(url, form))
    assert is_taken(url, form, signature)
    assert RequestValidator("new").validate(url, form, signature)
