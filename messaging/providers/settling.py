"""Settling: a person's word on a provider's code goes before our own tables.

The tables in `*_words.py` are what we know; whoever has a database plugs in what people added to it
(`messaging.receiving.codes`, when the app is ready). Nothing here knows where that comes from.
"""

from collections.abc import Callable

# Given a provider, a code of theirs and what our own tables make of it, returns what it means.
Settle = Callable[[str, str, str], str]


def _keep(_provider: str, _code: str, reason: str) -> str:
    return reason


class _Plug:
    settle: Settle = staticmethod(_keep)


def heed(settle: Settle | None) -> None:
    """Ask `settle` about every code from now on; None asks nobody."""
    _Plug.settle = staticmethod(settle or _keep)


def settle(provider: str, code: str, reason: str) -> str:
    """Return what a code means: what a person says, or else what our own tables say."""
    return _Plug.settle(provider, code, reason)
