"""Wrong and missing settings: the error names the variable, what it holds and what it should hold."""

import subprocess
import sys
from pathlib import Path

import pytest

from config.env import Env, SettingError, read_several
from tests.conftest import BASE_DIR

KEY = "dGhpcnR5LXR3byBieXRlcyBmb3IgYSB0ZXN0IGtleSE="
LIVE = {
    "WAYMARK_MODE": "live",
    "WAYMARK_PUBLIC_URL": "https://waymark.example.org",
    "WAYMARK_SECRET_KEY": "s" * 60,
    "WAYMARK_NUMBER_KEYS": f"1:{KEY}",
    "WAYMARK_INDEX_KEY": f"1:{KEY}",
    "WAYMARK_DATABASE_URL": "postgres://waymark:unused@127.0.0.1:1/waymark",
    "WAYMARK_EMAIL_URL": "smtps://waymark:unused@mail.example.org",
    "WAYMARK_TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "WAYMARK_TWILIO_AUTH_TOKENS": "secret-token",
}


def load_settings(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "diffsettings"]
    return subprocess.run(
        command, env=environment, cwd=BASE_DIR, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("WAYMARK_MODE", "production", "rehearsal or live"),
        ("WAYMARK_PORT", "eighty", "a whole number from 1 to 65535"),
        ("WAYMARK_PORT", "70000", "a whole number from 1 to 65535"),
        ("WAYMARK_PORT", "²", "a whole number from 1 to 65535"),
        ("WAYMARK_SANDBOX_PORT", "8000", "another port"),
        ("WAYMARK_DEBUG", "maybe", "yes or no"),
        ("WAYMARK_PUBLIC_URL", "waymark.example.org", "https://waymark.example.org"),
        ("WAYMARK_PUBLIC_URL", "http://host:port", "https://waymark.example.org"),
        ("WAYMARK_NUMBER_KEYS", "1:short", "32 bytes in base64"),
        ("WAYMARK_INDEX_KEY", KEY, "32 bytes in base64"),
        ("WAYMARK_INDEX_KEY", f"2:{KEY},2:{KEY}", "32 bytes in base64"),
        ("WAYMARK_KEYS_FILE", "/proc/none", "that this user can read and nobody else"),
        ("WAYMARK_KMS_ENDPOINT_URL", "https://kms.example.org", "a rehearsal reaches no other"),
        ("WAYMARK_KMS_KEY", "alias/waymark", "without WAYMARK_KMS_ENDPOINT_URL"),
        ("WAYMARK_DATABASE_URL", "mysql://host/name", "sqlite:/path/to/file or postgres://"),
        ("WAYMARK_DATABASE_URL", "postgres://host:door/name", "sqlite:/path/to/file or postgres"),
        ("WAYMARK_DATABASE_URL", "sqlite:/proc/none/file", "a path where this user may write"),
        ("WAYMARK_SILENCE_DAYS", "181", "1 to 180; longer only with WAYMARK_RETENTION_REASON"),
        ("WAYMARK_DELIVERY_DAYS", "0", "a whole number from 1 to 90"),
        ("WAYMARK_BROKER_URL", "memory://", "filesystem:// or redis://"),
        ("WAYMARK_TWILIO_URL", "https://api.twilio.com", "a rehearsal reaches no other"),
        ("WAYMARK_PUBLIC_URL", "https://phones.example.org", "a rehearsal reaches no other"),
        ("WAYMARK_SECRET_KEY", "short", "a secret of its own"),
        ("WAYMARK_DATA_DIR", "/proc/none", "a folder where this user may write"),
        ("WAYMARK_TWILIO_CONTENT_URL", "http://127.0.0.1.example.org", "a rehearsal reaches no"),
        ("WAYMARK_S3_ENDPOINT_URL", "https://s3.example.org", "a rehearsal reaches no other"),
        ("WAYMARK_AWS_SMS_URL", "https://sms.example.org", "a rehearsal reaches no other"),
        ("WAYMARK_AWS_SOCIAL_URL", "https://wa.example.org", "a rehearsal reaches no other"),
        ("WAYMARK_AWS_SNS_URL", "https://sns.example.org", "a rehearsal reaches no other"),
        ("WAYMARK_AWS_MESSAGE_TYPE", "URGENT", "TRANSACTIONAL or PROMOTIONAL"),
    ],
)
def test_wrong_setting_stops_the_start_with_one_sentence(
    child_environment: dict[str, str], name: str, value: str, wanted: str
) -> None:
    done = load_settings(child_environment | {name: value})

    assert done.returncode == 2
    assert done.stderr.startswith(f"{name} holds ")
    assert wanted in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize("name", sorted(LIVE.keys() - {"WAYMARK_MODE", "WAYMARK_DATABASE_URL"}))
def test_live_deployment_does_not_start_without_a_value_of_its_own(
    child_environment: dict[str, str], name: str
) -> None:
    done = load_settings(child_environment | LIVE | {name: ""})

    assert done.returncode == 2
    assert done.stderr.startswith(f"{name} holds nothing. It should hold ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WAYMARK_DEBUG", "yes"),
        ("WAYMARK_PUBLIC_URL", "http://waymark.example.org"),
        ("WAYMARK_TWILIO_URL", "http://api.twilio.com"),
        ("WAYMARK_S3_ENDPOINT_URL", "http://s3.example.org"),
        ("WAYMARK_KMS_ENDPOINT_URL", "http://kms.example.org"),
        ("WAYMARK_AWS_SMS_URL", "http://sms.example.org"),
        ("WAYMARK_INDEX_KEY", f"2:{KEY},1:UmVoZWFyc2FsIGtleSwgcHVibGljLCAzMiBieXRlcy4="),
        ("WAYMARK_NUMBER_KEYS", "1:UmVoZWFyc2FsIGtleSwgcHVibGljLCAzMiBieXRlcy4="),
    ],
)
def test_live_deployment_refuses_what_only_a_rehearsal_may_have(
    child_environment: dict[str, str], name: str, value: str
) -> None:
    done = load_settings(child_environment | LIVE | {name: value})

    assert done.returncode == 2
    assert done.stderr.startswith(f"{name} holds ")


def test_live_deployment_starts_with_everything_set(child_environment: dict[str, str]) -> None:
    done = load_settings(child_environment | LIVE)

    assert done.returncode == 0, done.stderr


def test_live_deployment_starts_with_keys_of_a_file(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"number 1:{KEY}\nindex 1:{KEY}\n", "utf-8")
    keys.chmod(0o600)
    given = child_environment | LIVE | {"WAYMARK_KEYS_FILE": str(keys)}
    given |= {"WAYMARK_NUMBER_KEYS": "", "WAYMARK_INDEX_KEY": ""}

    assert load_settings(given).returncode == 0

    keys.chmod(0o644)
    done = load_settings(given)
    assert done.returncode == 2
    assert done.stderr.startswith("WAYMARK_KEYS_FILE holds a file that others may use (mode 644).")


def test_live_deployment_starts_with_a_key_service_and_no_keys_of_its_own(
    child_environment: dict[str, str],
) -> None:
    given = child_environment | LIVE | {"WAYMARK_KMS_KEY": "alias/waymark"}

    done = load_settings(given | {"WAYMARK_NUMBER_KEYS": "", "WAYMARK_INDEX_KEY": ""})

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("value", ["1:secret-in-the-clear", "x:" + KEY, f"70000:{KEY}"])
def test_key_that_cannot_be_read_is_not_repeated(value: str) -> None:
    with pytest.raises(SettingError) as caught:
        Env({"KEYS": value}).keys("KEYS")

    assert value.partition(":")[2] not in str(caught.value)


def test_address_is_read_without_its_last_slash_and_refused_with_a_password() -> None:
    assert Env({"A": "https://a.example/x/"}).address("A", "") == "https://a.example/x"

    with pytest.raises(SettingError) as caught:
        Env({"A": "https://me:hush@a.example"}).address("A", "")
    assert "hush" not in str(caught.value)


def test_mail_without_an_address_goes_into_a_folder(tmp_path: Path) -> None:
    held = Env({}).mail("MAIL", default_folder=tmp_path)
    assert held["EMAIL_FILE_PATH"] == str(tmp_path)


def test_mail_with_a_password_never_goes_over_an_open_line(tmp_path: Path) -> None:
    for address in ("smtp://me:hush@mail.example", "smtps://me:hush@mail.example"):
        held = Env({"MAIL": address}).mail("MAIL", default_folder=tmp_path)
        assert held["EMAIL_USE_TLS"] or held["EMAIL_USE_SSL"]


@pytest.mark.parametrize("value", ["mail.example", "ftp://mail.example", "smtp://a:b@c:x"])
def test_mail_address_that_is_none_is_refused_without_being_repeated(
    value: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingError) as caught:
        Env({"MAIL": value}).mail("MAIL", default_folder=tmp_path)
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "held"), [("yes", True), ("TRUE", True), ("0", False), ("", True)]
)
def test_flag_reads_the_usual_words_and_an_empty_one_as_absent(text: str, held: bool) -> None:
    assert Env({"F": text}).flag("F", default=True) is held


def test_database_address_may_hold_escaped_letters(tmp_path: Path) -> None:
    held = Env({"D": "postgres://us%40er:p%2Fw@db:5433/way"}).database(
        "D", default_file=Path("unused")
    )

    assert (held["USER"], held["PASSWORD"], held["HOST"], held["PORT"]) == (
        "us@er",
        "p/w",
        "db",
        "5433",
    )
    assert held["NAME"] == "way"
    assert (
        Env({"D": f"sqlite:{tmp_path}/a%20b"}).database("D", default_file=Path("unused"))["NAME"]
        == f"{tmp_path}/a b"
    )


def test_database_of_an_odd_folder_stays_in_it(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    odd = tmp_path / "a#b %20?"
    done = load_settings(child_environment | {"WAYMARK_DATA_DIR": str(odd)})

    assert done.returncode == 0, done.stderr
    assert str(odd / "waymark.sqlite3") in done.stdout


def test_pages_of_a_live_deployment_let_their_own_forms_through(
    child_environment: dict[str, str],
) -> None:
    """With `no-referrer` a browser posts `Origin: null`, and every form would be refused."""
    done = load_settings(child_environment | LIVE)

    assert "SECURE_REFERRER_POLICY = 'same-origin'" in done.stdout or (
        "SECURE_REFERRER_POLICY" not in done.stdout  # Django's own default is the same
    )


def test_several_of_some_words_are_read() -> None:
    choices = ("large", "first")
    assert read_several(Env({}), "T", choices) == choices
    assert read_several(Env({"T": "first"}), "T", choices) == ("first",)
    assert read_several(Env({"T": "none"}), "T", choices) == ()
    with pytest.raises(SettingError, match="large, first"):
        read_several(Env({"T": "first,last"}), "T", choices)
