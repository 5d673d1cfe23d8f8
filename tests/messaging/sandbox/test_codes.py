"""The codes of a rehearsal's people, as the sandbox shows them."""

import base64
import json
import re

import pytest

from messaging.sandbox.codes import make_code
from tests.messaging.sandbox.stage import Stage

# RFC 6238, appendix B: the secret is "12345678901234567890", and of its eight digits the last six count.
SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(moment: int, code: str) -> None:
    assert make_code(SECRET, moment) == code


def show(stage: Stage, path: str = "/codes") -> str:
    answer = stage.ask("GET", path, headers={})
    assert answer.status == 200
    return answer.data.decode()


def test_page_shows_everybody_with_a_code_and_no_secret(stage: Stage) -> None:
    entry = {"password": "never shown", "secret": SECRET}
    old = "the password of an earlier version"
    held = {"<b>@waymark.example": entry, "old@waymark.example": old}
    stage.store.with_name("sign-ins.json").write_text(json.dumps(held))
    for page in (show(stage), show(stage, "/codes?part=live")):
        assert "&lt;b&gt;@waymark.example" in page
        assert re.search(r"<b>\d{6}</b>", page)
        assert SECRET not in page
        assert "never shown" not in page
        assert old not in page


def test_page_without_people_says_what_to_do(stage: Stage) -> None:
    assert "run the site first" in show(stage)
