#!/usr/bin/env python
"""Vitrine's commands: `python manage.py help` lists them. Beside a `make run` it works on the same data."""

import os
import sys

if __name__ == "__main__":
    from config.supervisor.home import join_running

    join_running()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
