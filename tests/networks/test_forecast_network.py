import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from longshort.config import ForecastModelSettings
from longshort.networks.forecast_network import ForecastNetwork
from longshort.ragged import Ragged

CONTEXT, HORIZON, KNOWN, FEATURES = 6, 3, 2, 4


def build(seed=0, **settings):
    torch.manual_seed(seed)
    wanted = ForecastModelSettings.parse({"hidden_size": 8, "quantiles": (0.1, 0.2, 0.5, 0.9)} | settings)
    return ForecastNetwork(FEATURES, CONTEXT, HORIZON, KNOWN, wanted).eval()


def inputs(lengths=(CONTEXT,), seed=0):
    draw = torch.Generator().manual_seed(seed)
    return Ragged.from_list([torch.randn(n + HORIZON, FEATURES, generator=draw) for n in lengths])


def start(network, seed=1):
    draw = torch.Generator().manual_seed(seed)
    parts = [torch.randn(shape, generator=draw) for shape in ((HORIZON, CONTEXT), (HORIZON, KNOWN), (HORIZON,))]
    network.start(*parts, torch.tensor([0.5, 1.0, 2.0]))
    return parts


def test_there_is_an_answer_for_each_step_and_quantile():
    assert build()(inputs((6, 6, 4))).shape == (3, HORIZON, 4)


def silence(network):
    torch.nn.init.zeros_(network.head.weight)


def test_it_starts_at_the_linear_path():
    network = build()
    weights, known, bias = start(network)
    silence(network)
    given_inputs = inputs()
    (window,) = given_inputs
    median = weights @ window[:CONTEXT, 0] + (known * window[CONTEXT:, -KNOWN:]).sum(dim=1) + bias
    answers = network(given_inputs)[0].detach()
    assert torch.allclose(answers[:, 2], median, atol=1e-5)
    # The quantiles are those of normal errors with the deviations that were given.
    z = torch.tensor([-1.2816, -0.8416, 0.0, 1.2816])
    assert torch.allclose(answers - median[:, None], torch.tensor([[0.5], [1.0], [2.0]]) * z, atol=1e-3)


def test_without_a_linear_path_the_start_gives_deviations_alone():
    network = build(linear=False)
    start(network)
    silence(network)
    assert torch.allclose(network(inputs())[0, :, 2], torch.zeros(HORIZON))
    assert not any("change" in name for name, _ in network.named_parameters())


def test_widening_moves_the_quantiles_and_not_the_median():
    network = build()
    start(network)
    before = network(inputs())
    network.widen(2.0)
    after = network(inputs())
    assert torch.allclose(before[..., 2], after[..., 2])
    assert torch.allclose(2 * (before - before[..., 2:3]), after - after[..., 2:3], atol=1e-5)
    assert network.state_dict()["widening"] == 2.0


@given(st.integers(0, 2**31), st.floats(0.1, 100))
def test_quantiles_rise_whatever_the_weights(seed, size):
    network = build(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(size)
    answers = network(inputs((6, 3), seed))
    assert bool((answers.diff(dim=-1) >= 0).all())


@given(st.lists(st.integers(2, CONTEXT), min_size=1, max_size=5))
def test_an_answer_is_the_same_alone_and_among_others(lengths):
    network = build()
    start(network)
    together = inputs(lengths)
    answers = network(together)
    for row, window in enumerate(together):
        alone = network(Ragged.from_list([window]))
        assert torch.allclose(answers[row], alone[0], atol=1e-5)


def test_a_missing_past_counts_as_zero_in_the_linear_path():
    network = build()
    weights, known, bias = start(network)
    silence(network)
    (window,) = given_inputs = inputs((4,))
    median = weights[:, 2:] @ window[:4, 0] + (known * window[4:, -KNOWN:]).sum(dim=1) + bias
    # Beside another window, whose values must not be taken for this one's past.
    answers = network(Ragged.cat([inputs((6,), 5), given_inputs]))[1]
    assert torch.allclose(answers[:, 2], median, atol=1e-5)


def test_gradients_reach_every_weight():
    network = build().train()
    start(network)
    network(inputs((6, 5))).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert np.isfinite(parameter.grad.norm().item()), name
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("layers", [1, 2])
def test_layers_are_taken_from_the_settings(layers):
    assert build(num_layers=layers).lstm.num_layers == layers
