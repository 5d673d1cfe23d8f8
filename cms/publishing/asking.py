"""How the house asks itself for an answer: through the whole handler, with an order in the request."""

from dataclasses import dataclass

# A name that no header of a request can have.
ORDER = "waymark.order"


@dataclass(frozen=True, slots=True)
class Order:
    """What to do with an answer: make it even where a fresh one is stored, keep it when made."""

    anew: bool = False
    keep: bool = True
