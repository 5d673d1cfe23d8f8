#!/usr/bin/env python
"""Run Waymark's management commands."""

import os
import sys

from django.core.management import execute_from_command_line

from config.env import SettingError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except SettingError as error:
        # A wrong setting is a sentence for whoever set it, not a traceback.
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
