"""The folder of `benchmarks.growing`: it folds what receipts wait until none does."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from benchmarks.dispatch_parts import report, wait_for_start  # noqa: E402
from messaging.models import StoredReceipt  # noqa: E402
from messaging.work import fold_receipts  # noqa: E402

LONGEST = 1_800


def main() -> None:
    """Fold what waits and say what it took."""
    # The connection is made before the start.
    assert StoredReceipt.objects.exists()
    began = wait_for_start()
    fold_receipts(clock=timezone.now, seconds=LONGEST)
    report(began)


if __name__ == "__main__":
    main()
