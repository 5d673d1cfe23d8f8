"""Print the states of the last broadcast's deliveries: the desk hides those of so few people."""

import django

django.setup()

from messaging.models import Batch  # noqa: E402
from messaging.sending import batches  # noqa: E402

if __name__ == "__main__":
    counts = batches.count_states(Batch.objects.latest("pk").reference)
    print(", ".join(f"{people} {state}" for state, people in sorted(counts.items())))
