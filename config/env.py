"""Typed readers of environment variables.

Every reader either returns a value of its type or raises `SettingError`, which names the variable,
what it holds and what it should hold. A secret's value is never repeated in an error.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.loopback import is_loopback
from messaging.sealing.keys.ring import KeyTextError, read_key


class SettingError(ImproperlyConfigured):
    """Say which environment variable is wrong, what it holds and what it should hold."""

    def __init__(self, name: str, held: str, wanted: str) -> None:
        super().__init__(f"{name} holds {held}. It should hold {wanted}.")
        self.name = name


class Env:
    """Read variables from a mapping; an empty variable counts as absent."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = os.environ if values is None else values

    def text(self, name: str, default: str = "", *, needed: str = "") -> str:
        """Return the variable as text; raise when it is absent and `needed` names it."""
        value = self.values.get(name, "").strip() or default
        if needed and not value:
            raise SettingError(name, "nothing", needed)
        return value

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """Return one of `choices`."""
        value = self.text(name, default)
        if value not in choices:
            raise SettingError(name, repr(value), " or ".join(choices))
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a yes-or-no value."""
        value = self.text(name, "yes" if default else "no").lower()
        if value not in {"yes", "no", "true", "false", "1", "0"}:
            raise SettingError(name, repr(value), "yes or no")
        return value in {"yes", "true", "1"}

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        """Return a whole number between `low` and `high`."""
        value = self.text(name, str(default))
        if not _is_number(value) or not low <= int(value) <= high:
            raise SettingError(name, repr(value), f"a whole number from {low} to {high}")
        return int(value)

    def days(self, name: str, default: int, *, reason: str) -> int:
        """Return a time limit in days: at most the default, or longer where a reason says why."""
        value = self.text(name, str(default))
        longest = 3650 if reason else default
        if not _is_number(value) or not 1 <= int(value) <= longest:
            wanted = f"a whole number from 1 to {longest}"
            longer = "" if reason else "; longer only with WAYMARK_RETENTION_REASON saying why"
            raise SettingError(name, repr(value), wanted + longer)
        return int(value)

    def words(self, name: str, default: str = "") -> list[str]:
        """Return a list of words separated by commas."""
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def address(self, name: str, default: str) -> str:
        """Return an http or https address without a trailing slash, user, query or fragment."""
        value = self.text(name, default)
        wanted = "an address such as https://waymark.example.org"
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError as error:
            raise SettingError(name, "something that is not such an address", wanted) from error
        extra = parts.username or parts.query or parts.fragment
        if parts.scheme not in {"http", "https"} or not parts.hostname or extra:
            held = "something that is not such an address" if value else "nothing"
            raise SettingError(name, held, wanted)
        return value.rstrip("/")

    def keys(self, name: str) -> dict[int, bytes]:
        """Return a keyring from `id:base64,…`: ids 1 to 65535, 32-byte keys; the first is active."""
        ring: dict[int, bytes] = {}
        wanted = "id:key pairs, each key 32 bytes in base64, such as 1:Zm9…="
        for entry in self.words(name):
            try:
                key_id, key = read_key(entry)
            except KeyTextError as error:
                raise SettingError(name, str(error), wanted) from None
            if key_id in ring:
                raise SettingError(name, f"two keys with the id {key_id}", wanted)
            ring[key_id] = key
        return ring

    def endpoint(self, name: str, *, local: bool) -> str:
        """Return a service's address, "" for its own; on this machine if `local`, else with TLS."""
        value = self.address(name, "") if self.text(name) else ""
        if not value or is_loopback(value):
            return value
        if local:
            wanted = "an address on 127.0.0.1: a rehearsal reaches no other host"
            raise SettingError(name, "a host that is not this machine", wanted)
        if not value.startswith("https://"):
            raise SettingError(name, "an http address", "an https address")
        return value

    def folder(self, name: str, default: Path) -> Path:
        """Return a folder where this user may write, made when it is missing."""
        path = Path(self.text(name, str(default)))
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            held = f"a folder that cannot be made ({error.strerror})"
            raise SettingError(name, held, "a folder where this user may write") from None
        return path

    def database(self, name: str, *, default_file: Path) -> dict[str, Any]:
        """Return Django's settings of one database from a sqlite: or postgres: address."""
        value = self.text(name)
        if not value:
            return _sqlite(str(default_file))
        wanted = "sqlite:/path/to/file or postgres://user:password@host:5432/name"
        try:
            parts = urlsplit(value)
            path = unquote(parts.path)
            if parts.scheme == "sqlite" and path:
                return _sqlite(path)
            if parts.scheme in {"postgres", "postgresql"} and path.strip("/"):
                return _postgres(value)
        except ValueError:
            pass  # a port or a host that is none
        except OSError as error:
            held = f"a file in a folder that cannot be made ({error.strerror})"
            raise SettingError(name, held, "a path where this user may write") from None
        raise SettingError(name, "an address that cannot be read", wanted)

    def mail(self, name: str, *, default_folder: Path, needed: str = "") -> dict[str, Any]:
        """Return Django's EMAIL_ settings of an smtp: or smtps: address; without one, a folder."""
        value = self.text(name, needed=needed)
        if not value:
            return {
                "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
                "EMAIL_FILE_PATH": str(default_folder),
            }
        wanted = "smtp://user:password@host:587 or smtps://user:password@host:465"
        try:
            parts = urlsplit(value)
            port = parts.port
        except ValueError:
            raise SettingError(name, "an address that cannot be read", wanted) from None
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise SettingError(name, "an address that cannot be read", wanted)
        secure = parts.scheme == "smtps"
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": port or (465 if secure else 587),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": secure,
            # A password never goes over an open line; only a server on this machine may do without.
            "EMAIL_USE_TLS": not secure and bool(parts.username),
            "EMAIL_TIMEOUT": 10,
        }


def _is_number(text: str) -> bool:
    # "²" is a digit to Python, and no number to int().
    return text.isascii() and text.isdigit()


def _sqlite(path: str) -> dict[str, Any]:
    # BEGIN IMMEDIATE takes the write lock first, so that read-then-write transactions queue
    # instead of failing with "database is locked"; FULL keeps a commit through a power cut.
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        # Opening a file is cheap, preparing a connection is not: a webhook comes by the hundred.
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }


def _postgres(value: str) -> dict[str, Any]:
    parts = urlsplit(value)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path).strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": "-c synchronous_commit=on"},
    }


def read_pairs(env: Env, name: str) -> dict[str, str]:
    """Return words by their ids from `id:word,id:word`."""
    found = dict(pair.partition(":")[::2] for pair in env.words(name))
    if not all(one and word for one, word in found.items()):
        raise SettingError(name, "something that is not of that form", "id:secret,id:secret")
    return found


def read_several(env: Env, name: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of some words are named: all where nothing is, none of them for "none"."""
    named = env.words(name, ",".join(choices))
    if named == ["none"]:
        return ()
    if not set(named) <= set(choices):
        wanted = f"one or more of {', '.join(choices)}, with commas between, or none"
        raise SettingError(name, "something else", wanted)
    return tuple(named)
