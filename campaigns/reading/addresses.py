"""Where the pages for joining and stopping stand, in each language."""


def join_path(language: str) -> str:
    """Return the address of the form to join."""
    return f"/{language}/join/"


def code_path(language: str) -> str:
    """Return the address where a code is typed."""
    return f"/{language}/join/code/"


def told_path(language: str) -> str:
    """Return the address that takes what somebody tells for statistics."""
    return f"/{language}/join/told/"


def stop_path(language: str) -> str:
    """Return the address of the page to stop."""
    return f"/{language}/stop/"
