import numpy as np
import pytest
import torch
from tests.insight.attribution.straight import Additive, target
from tests.insight.units.wired import random_model

from longshort.insight.attribution import explain, occlusion
from longshort.insight.attribution import target as target_module
from longshort.insight.attribution.explaining import spans_to_masks
from longshort.insight.attribution.occlusion import occlude, windows
from longshort.insight.attribution.target import target_of
from longshort.ragged import Ragged

IDS = torch.tensor([1, 2, 3, 1])


def test_of_an_additive_score_it_is_what_the_token_adds():
    network = Additive()
    lost = occlude(target(network), IDS, torch.eye(4, dtype=torch.bool))

    torch.testing.assert_close(lost, network.worth(IDS).double(), atol=1e-6, rtol=0)


@pytest.mark.parametrize("batch", [32_768, 30, 1])
def test_it_is_the_score_less_that_of_the_text_without_the_tokens(monkeypatch, batch):
    monkeypatch.setattr(occlusion, "BATCH_TOKENS", batch)
    monkeypatch.setattr(target_module, "BATCH_TOKENS", batch)
    model = random_model(2, num_layers=2)
    score = target_of(model.network, model.task, "bad")
    ids = torch.tensor([1, 4, 2, 2, 7, 3])
    spans = [(0, 1), (2, 5), (0, 6), (5, 6)]
    lost = occlude(score, ids, spans_to_masks(spans, 6))

    for value, (start, end) in zip(lost.tolist(), spans, strict=True):
        without = torch.cat([ids[:start], ids[end:]])
        both = [score.of_logits(model.network(Ragged.from_list([each]))).item() for each in (ids, without)]
        assert value == pytest.approx(both[0] - both[1], abs=1e-5)


def test_windows():
    assert list(windows(4, 1)) == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert list(windows(4, 3)) == [(0, 3), (1, 4)]
    assert list(windows(2, 5)) == [(0, 2)]


def test_a_token_has_the_mean_of_its_windows_by_hand():
    model = random_model(4)
    text = "awful film not scene"
    single = explain(model, text, method="occlusion", label="good")
    double = explain(model, text, method="occlusion", label="good", window=2)
    ids = torch.from_numpy(model.task.encoding.encode([text])[0]).long()
    lost = occlude(target_of(model.network, model.task, "good"), ids, spans_to_masks(list(windows(4, 2)), 4)).numpy()

    assert single.values.tolist() == pytest.approx(
        occlude(target_of(model.network, model.task, "good"), ids, torch.eye(4, dtype=torch.bool)).tolist()
    )
    np.testing.assert_allclose(
        double.values, [lost[0] / 2, (lost[0] + lost[1]) / 4, (lost[1] + lost[2]) / 4, lost[2] / 2], atol=1e-6
    )
