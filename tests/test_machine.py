"""The memory of this computer."""

from __future__ import annotations

from pathlib import Path

import pytest

from longshort import machine


def test_memory_respects_a_container_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "_CGROUP_LIMIT", tmp_path / "memory.max")
    whole = machine.memory()

    (tmp_path / "memory.max").write_text("1073741824\n")
    assert machine.memory() == 2**30
    (tmp_path / "memory.max").write_text("max\n")
    assert machine.memory() == whole > 2**30
