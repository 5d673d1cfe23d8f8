"""The keyring: where keys may come from, what is refused, and that no error tells one."""

import uuid
from pathlib import Path

import pytest
from pytest_django import Settings

from config.env import Env, SettingError
from config.rings import read_rings
from messaging.sealing.crypto import KeysAway, hash_number, open_sealed, seal
from messaging.sealing.keyring import ring_of, warm
from messaging.sealing.keys.file import KeyFileError, read_key_file
from messaging.sealing.keys.ring import INDEX, NUMBER, PRACTICE_KEY, make_ring
from tests.messaging.key_rings import NEW, OLD, PRACTICE, write, write_file

NAMES = ("NUMBERS", "INDEX")


def read(values: dict[str, str], *, live: bool = True) -> list[dict[int, bytes]]:
    return read_rings(Env(values), NAMES, file="FILE", practice=not live, needed=True)


def test_the_first_key_is_active_and_the_others_still_read(settings: Settings) -> None:
    settings.NUMBER_KEYS = {2: NEW, 1: OLD}
    assert ring_of(NUMBER).active == 2
    assert list(ring_of(NUMBER).keys) == [2, 1]


def test_the_active_key_stands_first_wherever_it_came_from() -> None:
    assert list(make_ring({1: OLD, 2: NEW}, active=2).keys) == [2, 1]


def test_a_ring_and_its_repr_hold_no_key_in_sight(settings: Settings) -> None:
    settings.NUMBER_KEYS = {2: NEW}
    seal("something", place="a.b", row=uuid.uuid4())
    assert "nnn" not in repr(ring_of(NUMBER))


def test_without_keys_nothing_is_sealed_opened_or_found(settings: Settings) -> None:
    settings.NUMBER_KEYS, settings.INDEX_KEYS = {}, {}
    for act in (lambda: ring_of(NUMBER), lambda: hash_number("+9992210000042"), warm):
        with pytest.raises(KeysAway):
            act()


def test_a_file_holds_both_rings_in_their_order(tmp_path: Path) -> None:
    path = write_file(
        tmp_path,
        "# ours",
        "",
        f"number 2:{write(NEW)}",
        f"number 1:{write(OLD)}",
        f"index 1:{write(OLD)}",
    )
    assert read_key_file(path) == {NUMBER: {2: NEW, 1: OLD}, INDEX: {1: OLD}}
    assert read({"FILE": str(path)}) == [{2: NEW, 1: OLD}, {1: OLD}]
    assert list(read({"FILE": str(path)})[0]) == [2, 1]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o777])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = write_file(tmp_path, f"number 1:{write(OLD)}", f"index 1:{write(OLD)}", mode=mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        read_key_file(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"number {write(NEW)}", "an id from 1 to 65535"),
        (f"number 0:{write(NEW)}", "an id from 1 to 65535"),
        (f"number 2:{write(NEW)[:-8]}", "32 bytes"),
        (f"number 2:{write(NEW)}!", "32 bytes"),
        (f"numbers 2:{write(NEW)}", "neither a number key nor an index key"),
        (f"number 1:{write(NEW)}", "further up"),
        (write(NEW), "neither"),
    ],
)
def test_an_error_in_a_file_names_the_line_and_never_the_key(
    tmp_path: Path, line: str, said: str
) -> None:
    path = write_file(tmp_path, f"number 1:{write(OLD)}", "# more", line)
    with pytest.raises(KeyFileError, match="in line 3") as caught:
        read_key_file(path)
    assert said in str(caught.value)
    assert write(NEW)[:12] not in str(caught.value)


def test_a_file_that_is_missing_a_folder_or_no_text_is_refused(tmp_path: Path) -> None:
    odd = tmp_path / "odd"
    odd.write_bytes(b"\xff\xfe")
    odd.chmod(0o600)
    for path in (tmp_path / "none", tmp_path, odd):
        with pytest.raises(KeyFileError):
            read_key_file(path)


def test_a_live_deployment_refuses_the_public_key_from_a_file_and_from_variables(
    tmp_path: Path,
) -> None:
    good = {"NUMBERS": f"1:{write(OLD)}", "INDEX": f"1:{write(OLD)}"}
    for name in NAMES:
        with pytest.raises(SettingError, match="public key") as caught:
            read(good | {name: f"2:{write(NEW)},1:{PRACTICE}"})
        assert caught.value.name == name
    path = write_file(tmp_path, f"number 1:{write(OLD)}", f"index 1:{PRACTICE}")
    with pytest.raises(SettingError, match="public key") as caught:
        read({"FILE": str(path)})
    assert caught.value.name == "FILE"
    assert read(good) == [{1: OLD}, {1: OLD}]


def test_keys_stand_in_one_place(tmp_path: Path) -> None:
    path = write_file(tmp_path, f"number 1:{write(OLD)}", f"index 1:{write(OLD)}")
    with pytest.raises(SettingError, match="beside FILE"):
        read({"FILE": str(path), "INDEX": f"1:{write(NEW)}"})


def test_a_file_without_one_of_the_rings_is_refused(tmp_path: Path) -> None:
    path = write_file(tmp_path, f"number 1:{write(OLD)}")
    with pytest.raises(SettingError, match="FILE holds nothing"):
        read({"FILE": str(path)})


def test_a_rehearsal_without_keys_has_the_public_one(settings: Settings) -> None:
    assert read({}, live=False) == [{1: PRACTICE_KEY}, {1: PRACTICE_KEY}]
    assert settings.NUMBER_KEYS == {1: PRACTICE_KEY}


def test_an_id_may_not_stand_for_two_keys() -> None:
    with pytest.raises(SettingError, match="two keys with the id 1"):
        read({"NUMBERS": f"1:{write(OLD)},1:{write(NEW)}", "INDEX": f"1:{write(OLD)}"})


def test_settings_that_a_test_changes_are_seen_at_once(settings: Settings) -> None:
    row = uuid.uuid4()
    sealed = seal("one", place="a.b", row=row)
    settings.NUMBER_KEYS = {7: NEW} | settings.NUMBER_KEYS
    assert seal("two", place="a.b", row=row)[1:3] == b"\x00\x07"
    assert open_sealed(sealed, place="a.b", row=row) == "one"
