"""What holds for every test."""

from __future__ import annotations

import os

from hypothesis import settings

# Read by torch at its import. Tests run side by side, and more threads than cores make them wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine is no failure.
settings.register_profile("longshort", deadline=None)
settings.load_profile("longshort")
