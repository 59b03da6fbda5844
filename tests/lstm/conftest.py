"""Fixtures for the compiled kernel."""

from __future__ import annotations

import importlib
import os

import pytest
import torch

from longshort.lstm import compiled
from longshort.lstm.compiled import kernel_status

MISSING = kernel_status().reason
VARIANTS = kernel_status().variants


@pytest.fixture
def kernel():
    """The compiled module, restored afterwards."""
    if MISSING:
        pytest.skip(f"needs the kernel: {MISSING}")
    module = importlib.import_module("longshort.lstm._kernel")
    before = module.variant_in_use()
    yield module
    module.use_variant(before)
    module.poison_memory(False)
    compiled.kernel.cache_clear()  # the next call sets its threads again


@pytest.fixture(params=VARIANTS or ["no kernel"])
def variant(request, kernel):
    """Each variant that this processor can run, in turn."""
    kernel.use_variant(request.param)
    return request.param


@pytest.fixture
def poisoned(kernel):
    """Fill uninitialised memory of the kernel and of torch with NaN."""
    kernel.poison_memory(True)
    torch.use_deterministic_algorithms(True)
    assert torch.utils.deterministic.fill_uninitialized_memory
    assert torch.empty(3).isnan().all()
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def torchs_threads(kernel):
    """Skip tests of torch's threads if LONGSHORT_THREADS selects the kernel's own."""
    if os.environ.get("LONGSHORT_THREADS") == "own":
        pytest.skip("LONGSHORT_THREADS=own")


@pytest.fixture(params=["torch", "own"])
def whose_threads(request, kernel, monkeypatch):
    """Torch's threads and the kernel's own, in turn; only one kind if LONGSHORT_THREADS selects it."""
    asked = os.environ.get("LONGSHORT_THREADS") or request.param
    if asked != request.param:
        pytest.skip(f"LONGSHORT_THREADS={asked}")
    monkeypatch.setenv("LONGSHORT_THREADS", request.param)
    compiled.kernel.cache_clear()
    compiled.kernel()
    return request.param
