"""What is known of the compiled kernel."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from longshort.lstm.native import KernelStatus, kernel_status

NAME = "longshort.lstm._kernel"


@pytest.fixture
def kernel():
    return pytest.importorskip(NAME, reason="built without a compiler")


def test_the_built_kernel_is_available(kernel):
    status = kernel_status()
    assert status.available
    assert status.reason == ""
    assert status.compiler == kernel.compiler()
    assert status.compiler.startswith(("gcc ", "clang "))


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="asks Linux")
def test_threads_are_those_that_this_process_may_use(kernel):
    assert kernel_status().threads == len(os.sched_getaffinity(0))


@pytest.mark.skipif(platform.machine() != "x86_64" or not Path("/proc/cpuinfo").exists(), reason="asks Linux on x86")
def test_features_are_those_that_the_system_names(kernel):
    line = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags"))
    flags = set(line.split(":")[1].split())
    assert kernel_status().features == {
        name: name in flags for name in ("avx2", "fma", "avx512f", "avx512bw", "avx512vl", "avx512_bf16", "amx_bf16")
    }


def test_a_kernel_that_was_not_built_is_said(monkeypatch):
    monkeypatch.setattr(importlib, "import_module", _raise(ModuleNotFoundError(f"No module named {NAME!r}", name=NAME)))
    assert kernel_status() == KernelStatus(False, "it was not built: the installation found no working C++ compiler")


def test_a_kernel_that_does_not_load_is_said(monkeypatch):
    monkeypatch.setattr(importlib, "import_module", _raise(ImportError("undefined symbol: _ZN3foo")))
    assert kernel_status() == KernelStatus(False, "it does not load: undefined symbol: _ZN3foo")


def test_a_broken_file_is_said(monkeypatch, tmp_path):
    """A real file of no use, where the module is looked for."""
    import longshort.lstm

    (tmp_path / "_kernel.so").write_bytes(b"not a library")
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    monkeypatch.setattr(sys, "meta_path", [PathFinder])
    monkeypatch.setattr(longshort.lstm, "__path__", [str(tmp_path)])
    status = kernel_status()
    assert not status.available
    assert status.reason.startswith("it does not load: ")


def _raise(error):
    def import_module(name):
        raise error

    return import_module
