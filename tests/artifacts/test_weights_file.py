"""Weights are read once, into aligned memory, and nothing is allocated that the file does not hold."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.small_models import make

from longshort.artifacts.weights_file import WeightsFile
from longshort.config import TextRunSettings
from longshort.errors import BundleError
from longshort.kinds.text.task import TextClassification
from longshort.runs import save_bundle

DTYPES = [torch.float32, torch.float64, torch.int64, torch.float16, torch.uint8]


def read(path: Path) -> dict[str, torch.Tensor]:
    with WeightsFile(path) as file:
        return file.read()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6).filter("__metadata__".__ne__),
        st.tuples(st.sampled_from(DTYPES), st.lists(st.integers(0, 4), max_size=3)),
        max_size=6,
    ),
    st.none()
    | st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=4), st.just("x"), min_size=1, max_size=2
    ),
)
def test_what_safetensors_writes_is_read_bit_for_bit(
    tmp_path: Path, described: dict[str, tuple[torch.dtype, list[int]]], notes: dict[str, str] | None
) -> None:
    tensors = {name: (torch.rand(shape) * 200).to(dtype) for name, (dtype, shape) in described.items()}
    path = tmp_path / "weights.safetensors"
    path.write_bytes(safetensors.torch.save(tensors, metadata=notes))
    found = read(path)
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert found[name].dtype is tensor.dtype
        assert torch.equal(found[name], tensor)


def test_tensors_are_aligned_as_those_of_torch_are(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(safetensors.torch.save({"a": torch.ones(3), "b": torch.ones(5), "c": torch.ones(7, 3)}))
    assert [tensor.data_ptr() % 64 for tensor in read(path).values()] == [0, 0, 0]


def test_a_file_that_becomes_shorter_while_it_is_read(tmp_path: Path) -> None:
    """What is mapped into memory would end the process (SIGBUS)."""
    path = tmp_path / "weights.safetensors"
    path.write_bytes(safetensors.torch.save({"a": torch.ones(100_000)}))
    with WeightsFile(path) as file:
        with path.open("r+b") as other:
            other.truncate(1_000)
        with pytest.raises(BundleError, match="a was cut off while it was read"):
            file.read()


def test_more_than_the_memory_of_the_computer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(safetensors.torch.save({"a": torch.ones(1000)}))
    monkeypatch.setattr("os.sysconf", lambda name: {"SC_PAGE_SIZE": 1000, "SC_PHYS_PAGES": 3}[name])
    with WeightsFile(path) as file, pytest.raises(BundleError, match=r"This computer has 0\.0 GiB of memory"):
        file.check({"a": torch.empty(1000, device="meta")})


LOAD = """
import sys
from pathlib import Path
from longshort.runs import load_bundle

def memory(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(name))) * 1024

load_bundle(sys.argv[1])  # the small one: everything is imported, by now
Path("/proc/self/clear_refs").write_text("5")
before = memory("VmRSS")
bundle = load_bundle(sys.argv[2])
size = sum(tensor.numel() * tensor.element_size() for tensor in bundle.network.state_dict().values())
print(size, memory("VmHWM") - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is asked for as Linux gives it")
@pytest.mark.slow
def test_loading_holds_no_more_than_one_copy(tmp_path: Path) -> None:
    """200 MB of weights, two thirds of them one tensor: a second copy of that alone would be seen."""
    chosen = TextRunSettings.from_flat(
        {"embedding_size": 4096, "hidden_size": 2048, "bidirectional": False, "minimum_count": 1}
    )
    small = make("text-classification")
    save_bundle(tmp_path / "small", small)
    save_bundle(tmp_path / "large", small)
    config = tmp_path / "large" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"settings": chosen.model_dump()}))
    with torch.device("meta"):
        expected = TextClassification(small.task.encoding, chosen.model).build().state_dict()
    write_zeros(tmp_path / "large" / "weights.safetensors", expected)
    command = [sys.executable, "-c", LOAD, tmp_path / "small", tmp_path / "large"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stderr
    size, peak = map(int, ended.stdout.split())
    assert size > 195e6
    assert size * 0.99 < peak < size * 1.25, peak / size


def write_zeros(path: Path, expected: dict[str, torch.Tensor]) -> None:
    """A file with holes: it takes no room."""
    header, end = {}, 0
    for name, tensor in expected.items():
        begin, end = end, end + tensor.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end)
