"""What looks for numbers and texts finds them where they would be."""

import base64
import json

import pytest

from tests.faults.invariants import CANARY, holds_secret
from tests.faults.people import number_of


@pytest.mark.parametrize("secret", [number_of(7), number_of(7)[1:], f"Bonjour {CANARY}."])
def test_secret_is_found_in_a_line_and_in_a_task_that_is_packed(secret: str) -> None:
    packed = base64.b64encode(json.dumps([[secret], {}, {}]).encode()).decode()
    told = f"LPUSH celery {json.dumps({'body': packed, 'headers': {}})}"
    assert holds_secret(f"cannot reach {secret}".encode())
    assert holds_secret(told.encode())
    assert holds_secret(json.dumps(told).encode())


def test_what_is_no_secret_is_left_alone() -> None:
    packed = base64.b64encode(b"[[], {}, {}]").decode()
    assert not holds_secret(json.dumps({"body": packed}).encode())
    assert not holds_secret(b"delivery 7 ended after 999 ms")
