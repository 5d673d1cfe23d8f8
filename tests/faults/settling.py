"""The end of every scenario: send the rest, judge, reconcile what is unknown, judge again."""

from collections.abc import Callable

from tests.faults.invariants import Story, assert_invariants
from tests.faults.rig import Rig

MakeRig = Callable[[int], Rig]
Note = Callable[[str, str, str], None]


def settle(rig: Rig, story: Story, *, reconcile: bool = True) -> str:
    """Come to the end and return what was seen, in words."""
    rig.finish()
    states = assert_invariants(rig, story)
    said = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    if not reconcile:
        return f"0 doubles; {said}"
    rig.run("reconcile")
    story.reconciled = True
    after = assert_invariants(rig, story)
    return f"0 doubles; {said}; after reconciling {after['unknown']} unknown"
