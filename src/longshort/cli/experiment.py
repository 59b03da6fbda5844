"""`longshort experiment`: known experiments, as they were or put right."""

from __future__ import annotations
