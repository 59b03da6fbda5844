"""The estimated and the actual memory of a training, and its limit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.training.numbers import Numbers, network
from torch import nn

from longshort.config import TextModelSettings, TrainingSettings
from longshort.data import Examples
from longshort.data.texts.encoding import EncodingStatistics
from longshort.errors import MemoryLimitError, SettingError
from longshort.networks import ClassificationObjective, LanguageModel, LanguageObjective, TextClassifierNetwork
from longshort.training import Listener, Training
from longshort.training.memory_limit import PROCESS, MemoryPlan, _most_at_once, can_read_in_parts, plan_memory, size

OBJECTIVE = ClassificationObjective(2)
ROOM = int(PROCESS)


def texts(*lengths: int) -> Examples:
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tokens = np.random.default_rng(0).integers(0, 50, offsets[-1]).astype(np.int32)
    rows = np.arange(len(lengths))
    return Examples(tokens, offsets, rows % 2, rows, EncodingStatistics())


def reader() -> TextClassifierNetwork:
    torch.manual_seed(0)
    return TextClassifierNetwork(50, 2, TextModelSettings(embedding_size=16, hidden_size=32))


def planned(
    examples: Examples, limit: int | None, net: nn.Module | None = None, batch_tokens: int = 1_000
) -> MemoryPlan:
    return plan_memory(OBJECTIVE, net or reader(), examples, batch_tokens, limit, averaged=True)


def test_peak_memory_of_tensors_is_measured() -> None:
    def work() -> None:
        first = torch.zeros(1_000)  # 4,000 bytes
        second = first + 1
        del first
        third = torch.ones(500)
        del second, third
        torch.zeros(100)

    assert _most_at_once(work) == 8_000


def test_without_a_limit_batches_stay_whole() -> None:
    plan = planned(texts(300, 20, 5), None)
    assert plan.most_tokens is None
    assert plan.sentence is None
    assert plan.needed > PROCESS


def test_the_need_is_reported_if_large_or_if_a_limit_is_given() -> None:
    asked, much = planned(texts(300), 2 * 10**9), planned(texts(10**6), None)
    assert asked.sentence == f"Training needs about {size(asked.needed)} of memory; the limit is 2.0 GB."
    assert (much.sentence is None) == (much.needed < much.limit / 4)


def test_the_need_grows_with_the_longest_text_and_the_batch() -> None:
    short, long, large = (
        planned(texts(300), None),
        planned(texts(300_000), None),
        planned(texts(300), None, None, 10**5),
    )
    assert long.needed - PROCESS > 100 * (short.needed - PROCESS)
    assert large.needed - PROCESS > 30 * (short.needed - PROCESS)


def test_a_limit_sets_the_tokens_at_a_time() -> None:
    whole = planned(texts(40_000, 30), None)
    limit = ROOM + (whole.needed - ROOM) // 4
    plan = planned(texts(40_000, 30), limit)
    assert plan.most_tokens is not None
    assert 40_000 // 10 < plan.most_tokens < 40_000 // 3
    assert plan.sentence is not None
    assert "The longest text has 40,000: it is read in parts of" in plan.sentence
    batches = planned(texts(*[300] * 100), limit, batch_tokens=30_000)
    assert batches.sentence is not None
    assert "parts" not in batches.sentence


def test_the_plan_is_deterministic_and_does_not_change_the_network() -> None:
    net = reader()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    torch.manual_seed(4)
    expected = torch.rand(1)
    torch.manual_seed(4)
    assert len({planned(texts(9_000, 30), ROOM + 10**7, net) for _ in range(3)}) == 1
    assert torch.equal(torch.rand(1), expected)
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())
    assert all(each.grad is None for each in net.parameters())


def test_the_error_for_a_small_limit_names_the_least_need() -> None:
    with pytest.raises(
        MemoryLimitError, match=r"needs at least about \d+ MB of memory\. The limit is 600 MB"
    ) as caught:
        planned(texts(9_000), 600 * 10**6)
    assert "--memory-limit" in caught.value.hint


def test_without_parts_the_longest_sequence_must_fit() -> None:
    net, examples = network(), Numbers(300)
    assert not can_read_in_parts(net)
    with pytest.raises(MemoryLimitError, match="at least"):
        plan_memory(OBJECTIVE, net, examples, 100, ROOM + 10, averaged=False)


def test_a_language_model_reads_a_random_piece_of_a_long_text() -> None:
    model = LanguageModel(reader())
    examples = texts(5_000)
    assert can_read_in_parts(model)
    model.part_tokens = 100
    seen = [model._piece(examples.batch([0]).inputs).values for _ in range(20)]
    assert {len(each) for each in seen} == {100}
    assert len({tuple(each.tolist()) for each in seen}) > 10
    plan = plan_memory(LanguageObjective(), model, examples, 1_000, None, averaged=False)
    assert plan.most_tokens is None


class Notes(Listener):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_a_limited_training_keeps_its_plan_after_resuming() -> None:
    examples, kept = texts(9_000, *[50] * 30), Notes()
    whole = planned(examples, None)
    limit = ROOM + (whole.needed - ROOM) // 3
    settings = TrainingSettings(epochs=2, batch_tokens=1_000, memory_limit=limit, statistics=False)
    training = Training(OBJECTIVE, reader(), examples, examples, settings, kept)
    assert training.run().ended == "finished"
    assert kept.notes == [planned(examples, limit).sentence]
    snapshot = training.state()
    assert snapshot.facts["most_tokens"] == planned(examples, limit).most_tokens
    again = Training(OBJECTIVE, reader(), examples, examples, settings)
    again.load_state(snapshot)
    assert again.gradients.most_tokens == snapshot.facts["most_tokens"]


@pytest.mark.parametrize(
    ("given", "bytes_"), [("2GB", 2 * 10**9), ("512 MiB", 2**29), (10**9, 10**9), (None, None)], ids=str
)
def test_a_limit_is_given_as_people_write_sizes(given: object, bytes_: int | None) -> None:
    assert TrainingSettings.parse({"memory_limit": given}).memory_limit == bytes_


@pytest.mark.parametrize("given", ["2 XB", "much", 1, -5, 10**30])
def test_invalid_sizes_are_rejected(given: object) -> None:
    with pytest.raises(SettingError, match="memory_limit must be"):
        TrainingSettings.parse({"memory_limit": given})


def test_sizes_are_formatted_for_people() -> None:
    assert [size(each) for each in (5 * 10**8, 3_440_000_000)] == ["500 MB", "3.4 GB"]


REAL = """
import json, sys
from tests.training.test_memory_limit import OBJECTIVE, texts, Notes
from longshort.config import ModelSettings, TrainingSettings
from longshort.networks import TextClassifierNetwork
from longshort.training import Training
import longshort, pandas, pyarrow, matplotlib.pyplot

lengths = [60_000, 60_000, *[200] * 50]
network = TextClassifierNetwork(50, 2, ModelSettings())
settings = TrainingSettings(epochs=1, batch_tokens=2_000, memory_limit=json.loads(sys.argv[1]))
kept = Notes()
Training(OBJECTIVE, network, texts(*lengths), None, settings, kept).run()
taken = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([int(taken.split()[1]) * 1024, kept.notes]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("limit", [900 * 10**6, None], ids=str)
@pytest.mark.slow
def test_a_process_takes_about_the_estimate(limit: int | None) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", REAL, json.dumps(limit)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=200,
    )
    taken, notes = json.loads(ended.stdout.splitlines()[-1])
    if limit:
        assert taken < 1.1 * limit
        assert "in parts of" in notes[0]
    else:
        net = TextClassifierNetwork(50, 2, TextModelSettings())
        needed = planned(texts(60_000, 60_000, *[200] * 50), None, net, 2_000).needed
        assert not notes
        assert 0.6 < taken / needed < 1.1
        assert taken > 1_000 * 10**6
