"""The storm: `python -m tests.faults.storm [PEOPLE]` sends to 100,000 while a worker is killed every 5 s.

Three senders, three workers. At the end the states sum to the audience, and the provider's ledger holds
nobody twice; what a kill left unknown is found again in the provider's list. Prints a table.
"""

import os
import random
import sys
import time
from contextlib import ExitStack

from tests.faults.invariants import Story, assert_invariants
from tests.faults.rig import Ground, Rig
from tests.harness import services
from tests.harness.templates import MIGRATED, PostgresTemplates, store

PEOPLE, RATE, WORKERS, EVERY = 100_000, 400, 3, 5.0
_LONGEST = 3600.0


def main(words: list[str]) -> int:
    """Run the storm and return 0 where every invariant holds."""
    people = int(words[0]) if words else PEOPLE
    binaries = services.find_postgres()
    if not binaries:
        print("To install what is missing: sudo apt-get install postgresql")
        return 1
    with ExitStack() as stack:
        address = stack.enter_context(services.postgres(binaries))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_")}
        template = PostgresTemplates(store(), address).find(MIGRATED)
        ground = stack.enter_context(Ground(address, template, environment))
        print(f"{people:,} people join ...", flush=True)
        rig = stack.enter_context(ground.rig(people))
        return rage(rig, people)


def rage(rig: Rig, people: int) -> int:
    """Send to everybody through the kills; judge, and print what was seen."""
    rig.provider.behave(before=0.02, after=0.05)
    began = time.monotonic()
    rig.run("plan", rate=RATE, senders=3, patience=600)
    planned = time.monotonic() - began
    print(
        f"planned in {planned:.1f} s; {WORKERS} workers, one killed every {EVERY:.0f} s", flush=True
    )
    kills = kill_on(rig, people)
    took = time.monotonic() - began - planned
    story = Story(kills=kills, calls_at_once=3 * 100)
    rig.finish(workers=WORKERS)
    states = assert_invariants(rig, story)
    rig.run("reconcile", patience=3600)
    story.reconciled = True
    after = assert_invariants(rig, story)
    entries = rig.provider.entries()
    taken = {entry.delivery for entry in entries if entry.taken}
    rows = {
        "people": people,
        "kills": kills,
        "seconds": f"{took:.0f}",
        "messages a second": f"{people / took:.0f}",
        "calls at the provider": len(entries),
        "taken by the provider": sum(entry.taken for entry in entries),
        "different people among them": len(taken),
        "taken twice": sum(entry.taken for entry in entries) - len(taken),
        **{f"state: {state}": count for state, count in sorted(states.items())},
        "sum of the states": states.total(),
        "unknown after reconciling": after["unknown"],
    }
    for name, value in rows.items():
        print(f"  {name:<30}{value:>12}")
    return 0


def kill_on(rig: Rig, people: int) -> int:
    """Kill a worker every five seconds, and start another, until hardly anything waits."""
    chance, kills = random.Random(11), 0
    workers = [rig.start(patient=True, seconds=_LONGEST) for _ in range(WORKERS)]
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until:
        time.sleep(EVERY)
        if rig.states().get("planned", 0) < people * 0.03:
            break
        # Leases end by themselves; here, where nobody waits half a minute, somebody mends at once.
        rig.run("repair")
        workers.pop(chance.randrange(len(workers))).kill()
        kills += 1
        workers.append(rig.start(patient=True, seconds=_LONGEST))
        print(f"  {kills:3} kills, {rig.provider.count():>7,} taken", flush=True)
    for worker in workers:
        worker.send(15)
        worker.wait(60)
    return kills


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
