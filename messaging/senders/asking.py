"""Asking a provider about many messages: a few calls at once, each alone in what it fails of.

The calls touch no database; who asks writes down what came of them, in their own thread.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from typing import TypeVar

from messaging.models import Sender
from messaging.providers.base import Archive, Provider
from messaging.wire import SendError

_AT_ONCE = 8

ProviderOf = Callable[[str], Provider]
_Ref = TypeVar("_Ref")
_Said = TypeVar("_Said")


def find_providers(provider_of: ProviderOf) -> dict[str, Provider]:
    """Return the providers of our senders by name, without those that are not set up."""
    names = Sender.objects.order_by("provider").values_list("provider", flat=True).distinct()
    found: dict[str, Provider] = {}
    for name in names:
        with suppress(LookupError):
            found[name] = provider_of(name)
    return found


def find_archives(provider_of: ProviderOf) -> dict[str, Archive]:
    """Return those of our senders' providers that keep messages and can be asked, by name."""
    known = find_providers(provider_of)
    return {name: one for name, one in known.items() if isinstance(one, Archive)}


def ask_all(
    call: Callable[[_Ref], _Said], refs: Sequence[_Ref], *, seconds: float
) -> Iterator[tuple[_Ref, _Said | SendError]]:
    """Yield what each call returned, or why it failed; begin no further ones after `seconds`."""
    until = time.monotonic() + seconds
    waiting = iter(refs)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        while time.monotonic() < until and (some := list(islice(waiting, _AT_ONCE))):
            yield from zip(some, threads.map(lambda ref: _ask(call, ref), some), strict=True)


def _ask(call: Callable[[_Ref], _Said], ref: _Ref) -> _Said | SendError:
    try:
        return call(ref)
    except SendError as error:
        return error
