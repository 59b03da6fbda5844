"""`LSTM` replaces `torch.nn.LSTM`."""

from __future__ import annotations

import copy
import io
import pickle
from itertools import product

import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence

from longshort.errors import BackendError, DataError, SettingError
from longshort.lstm import LSTM
from longshort.lstm.backends import BACKENDS
from longshort.lstm.parameters import Spec
from longshort.ragged import Ragged

KINDS = [
    {},
    {"num_layers": 2, "bidirectional": True},
    {"bias": False, "bidirectional": True},
    {"num_layers": 3, "proj_size": 2},
]
PRECISE = {torch.float64: 1e-12, torch.float32: 2e-6}
RUNS = [
    pytest.param(kind, backend.name, dtype, id=f"{backend.name}-{str(dtype)[6:]}-{number}")
    for number, kind in enumerate(KINDS)
    for backend, dtype in product(BACKENDS, PRECISE)
    if backend.supports(Spec(3, 4, **kind, dtype=dtype)) is None
]
"""Every kind of LSTM on every backend that can run it, in every precision."""
NAMES = [backend.name for backend in BACKENDS if backend.supports(Spec(3, 4)) is None]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    monkeypatch.delenv("LONGSHORT_BACKEND", raising=False)


def twins(kind: dict, backend: str = "auto", dtype: torch.dtype = torch.float64, **more) -> tuple[LSTM, torch.nn.LSTM]:
    ours = LSTM(3, 4, **kind, **more, dtype=dtype, backend=backend)
    theirs = torch.nn.LSTM(3, 4, **kind, **more, dtype=dtype)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def states(lstm: LSTM, *batch: int) -> tuple[torch.Tensor, torch.Tensor]:
    first = lstm.num_layers * (2 if lstm.bidirectional else 1)
    sizes = (lstm.proj_size or lstm.hidden_size, lstm.hidden_size)
    return tuple(torch.randn(first, *batch, size, dtype=lstm.spec.dtype, requires_grad=True) for size in sizes)


def tensors(result) -> list[torch.Tensor]:
    output, (h, c) = result
    return [*(each for each in (output if isinstance(output, PackedSequence) else [output]) if each is not None), h, c]


def assert_same(ours, theirs, atol: float = 1e-12):
    assert type(ours[0]) is type(theirs[0])
    for one, other in zip(tensors(ours), tensors(theirs), strict=True):
        torch.testing.assert_close(one, other, atol=atol, rtol=0)


def gradients(lstm: torch.nn.LSTM, result, *leaves: torch.Tensor) -> list[torch.Tensor]:
    """Compute gradients of a sum in which every value of the result has its own weight."""
    floats = [each for each in tensors(result) if each.is_floating_point()]
    loss = sum((each * torch.linspace(0.1, 2, each.numel()).view_as(each)).sum() for each in floats)
    return torch.autograd.grad(loss, [*lstm.parameters(), *leaves], retain_graph=True)


def assert_same_with_gradients(ours: LSTM, theirs: torch.nn.LSTM, given, hx, *leaves: torch.Tensor) -> None:
    atol = PRECISE[ours.spec.dtype]
    mine, other = ours(given, hx), theirs(given, hx)
    assert_same(mine, other, atol)
    leaves = (*leaves, *(hx or ()))
    for one, two in zip(gradients(ours, mine, *leaves), gradients(theirs, other, *leaves), strict=True):
        torch.testing.assert_close(one, two, atol=20 * atol, rtol=20 * atol)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_first_weights(kind):
    torch.manual_seed(5)
    theirs = torch.nn.LSTM(3, 4, **kind).state_dict()
    after = torch.rand(1)
    torch.manual_seed(5)
    ours = LSTM(3, 4, **kind).state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert torch.equal(torch.rand(1), after)


@pytest.mark.parametrize("kind", KINDS)
def test_state_dicts_go_both_ways(kind):
    ours, theirs = LSTM(3, 4, **kind), torch.nn.LSTM(3, 4, **kind)
    ours.load_state_dict(theirs.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))
    again = torch.nn.LSTM(3, 4, **kind)
    again.load_state_dict(ours.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(again.parameters(), theirs.parameters(), strict=True))


@pytest.mark.parametrize(("kind", "backend", "dtype"), RUNS)
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("given", [True, False])
def test_padded_batches(kind, backend, dtype, batch_first, given):
    ours, theirs = twins(kind, backend, dtype, batch_first=batch_first)
    x = torch.randn(5, 6, 3, dtype=dtype, requires_grad=True)
    hx = states(ours, 5 if batch_first else 6) if given else None
    assert_same_with_gradients(ours, theirs, x, hx, x)


@pytest.mark.parametrize(("kind", "backend", "dtype"), RUNS)
@pytest.mark.parametrize("given", [True, False])
def test_one_sequence_without_a_batch_axis(kind, backend, dtype, given):
    ours, theirs = twins(kind, backend, dtype)
    x = torch.randn(5, 3, dtype=dtype, requires_grad=True)
    assert_same_with_gradients(ours, theirs, x, states(ours) if given else None, x)


@pytest.mark.parametrize(("kind", "backend", "dtype"), RUNS)
@pytest.mark.parametrize("given", [True, False])
def test_packed_sequences_sorted_or_not(kind, backend, dtype, given):
    ours, theirs = twins(kind, backend, dtype)
    sequences = [torch.randn(length, 3, dtype=dtype, requires_grad=True) for length in (5, 2, 7, 2, 1)]
    by_length = sorted(sequences, key=len, reverse=True)
    padded = torch.nn.utils.rnn.pad_sequence(sequences)
    hx = states(ours, 5) if given else None
    for packed in (
        pack_sequence(sequences, enforce_sorted=False),
        pack_sequence(by_length),
        pack_padded_sequence(padded, torch.tensor([5, 2, 7, 2, 1]), enforce_sorted=False),
    ):
        assert_same_with_gradients(ours, theirs, packed, hx, *sequences)


@pytest.mark.parametrize("batch_first", [True, False])
def test_outputs_are_laid_out_like_torchs_or_contiguous(batch_first):
    """So that `output.view(...)` keeps working."""
    ours, theirs = twins({"bidirectional": True}, dtype=torch.float32, batch_first=batch_first)
    x = torch.randn(5, 6, 3)
    assert ours(x)[0].is_contiguous() >= theirs(x)[0].is_contiguous()


@pytest.mark.parametrize(("kind", "backend", "dtype"), RUNS)
def test_a_ragged_batch_equals_its_sequences_one_by_one(kind, backend, dtype):
    ours, theirs = twins(kind, backend, dtype)
    sequences = [torch.randn(length, 3, dtype=dtype) for length in (5, 2, 7)]
    h0, c0 = states(ours, 3)
    outputs, (h, c) = ours(Ragged.from_list(sequences), (h0, c0))
    assert isinstance(outputs, Ragged)
    for row, sequence in enumerate(sequences):
        expected = theirs(sequence, (h0[:, row], c0[:, row]))
        assert_same((outputs[row], (h[:, row], c[:, row])), expected, PRECISE[dtype])


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize("shape", [(0, 2, 3), (5, 0, 3), (0, 3)])
def test_no_steps_and_no_sequences(backend, shape):
    ours, _ = twins({"bidirectional": True}, backend, torch.float32)
    hx = states(ours, *shape[1:-1])
    output, (h, c) = ours(torch.randn(shape), hx)
    assert output.shape == (*shape[:-1], 8)
    assert torch.equal(h, hx[0])
    assert torch.equal(c, hx[1])


@pytest.mark.parametrize(("kind", "backend", "dtype"), RUNS)
def test_an_empty_sequence_among_others_keeps_its_states(kind, backend, dtype):
    ours, _ = twins(kind, backend, dtype)
    h0, c0 = states(ours, 3)
    inputs = Ragged(torch.randn(5, 3, dtype=dtype), torch.tensor([2, 0, 3]))
    outputs, (h, c) = ours(inputs, (h0, c0))
    assert outputs.lengths.tolist() == [2, 0, 3]
    assert torch.equal(h[:, 1], h0[:, 1])
    assert torch.equal(c[:, 1], c0[:, 1])


def test_dropout_is_that_of_torch_on_padded_batches():
    ours, theirs = twins({"num_layers": 2, "dropout": 0.5})
    x = torch.randn(5, 6, 3, dtype=torch.float64)
    first, second = ours(x)[0], ours(x)[0]
    assert not torch.equal(first, second)
    ours.eval(), theirs.eval()
    assert_same(ours(x), theirs(x))


def test_dropout_on_one_layer_is_harmless():
    lstm = LSTM(3, 4, dropout=0.3)  # warnings are errors here
    assert lstm.dropout == 0.3
    x = torch.randn(5, 6, 3)
    assert torch.equal(lstm(x)[0], lstm.eval()(x)[0])


def test_it_is_a_torch_lstm_that_copies_and_saves():
    lstm = LSTM(3, 4, bidirectional=True)
    assert isinstance(lstm, torch.nn.LSTM)
    x = torch.randn(5, 6, 3)
    expected = lstm(x)[0]
    assert torch.equal(copy.deepcopy(lstm)(x)[0], expected)
    file = io.BytesIO()
    torch.save(lstm.state_dict(), file)
    file.seek(0)
    other = LSTM(3, 4, bidirectional=True)
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(other(x)[0], expected)


def test_it_follows_its_parameters_to_another_precision():
    lstm = LSTM(3, 4).double()
    assert lstm.spec.dtype is torch.float64
    assert lstm(torch.randn(5, 3, dtype=torch.float64))[0].dtype is torch.float64


def test_a_replaced_weight_is_the_one_that_runs():
    """Torch's own LSTM keeps using the old tensor if a parametrization replaces it."""
    lstm = LSTM(3, 4)
    torch.nn.utils.parametrizations.weight_norm(lstm, "weight_hh_l0")
    x = torch.randn(5, 3)
    before = lstm(x)[0]
    with torch.no_grad():
        lstm.parametrizations.weight_hh_l0.original0.mul_(2)
    assert not torch.equal(lstm(x)[0], before)


def test_spectral_norm_is_evaluated_once_per_run():
    """Each access to such a weight updates it, which torch's LSTM ignores."""
    lstm = LSTM(3, 4)
    torch.nn.utils.parametrizations.spectral_norm(lstm, "weight_hh_l0")
    norm = lstm.parametrizations.weight_hh_l0[0]
    looks = []
    norm.register_forward_hook(lambda *seen: looks.append(1))
    lstm(torch.randn(5, 3))
    assert looks == [1]


@pytest.mark.parametrize("how", [copy.deepcopy, lambda lstm: pickle.loads(pickle.dumps(lstm))])
def test_it_copies_and_pickles_whole(how):
    lstm = LSTM(3, 4, num_layers=2, backend="equations")
    again, x = how(lstm), torch.randn(5, 2, 3)
    assert repr(again) == repr(lstm)
    assert torch.equal(again(x)[0], lstm(x)[0])
    with torch.no_grad():
        again.weight_hh_l1.zero_()
    assert not torch.equal(again(x)[0], lstm(x)[0])


@pytest.mark.parametrize("backend", NAMES)
def test_functional_call_runs_the_given_weights(backend):
    ours, theirs = twins({}, backend, torch.float32)
    x, weights = torch.randn(5, 2, 3), {name: torch.randn_like(value) for name, value in ours.named_parameters()}
    mine, other = (torch.func.functional_call(lstm, weights, (x,)) for lstm in (ours, theirs))
    assert_same(mine, other, 2e-6)
    assert not torch.equal(ours(x)[0], mine[0])


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize("name", ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"])
def test_frozen_weights_get_no_gradient_and_the_others_theirs(backend, name):
    ours, theirs = twins({}, backend, torch.float32)
    x = torch.randn(5, 2, 3)
    for lstm in (ours, theirs):
        lstm.get_parameter(name).requires_grad_(False)
        lstm(x)[0].square().sum().backward()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert (one.grad is None) == (other.grad is None) == (not one.requires_grad)
        if one.grad is not None:
            torch.testing.assert_close(one.grad, other.grad, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("backend", NAMES)
def test_a_shared_weight_gets_both_gradients(backend):
    ours, theirs = twins({"num_layers": 2}, backend, torch.float32)
    x = torch.randn(5, 2, 3)
    for lstm in (ours, theirs):
        lstm.weight_hh_l1 = lstm.weight_hh_l0
        lstm(x)[0].square().sum().backward()
    torch.testing.assert_close(ours.weight_hh_l0.grad, theirs.weight_hh_l0.grad, atol=1e-5, rtol=1e-5)


def test_hooks_receive_what_torchs_do():
    for lstm in twins({}):
        seen = []
        lstm.register_forward_pre_hook(lambda module, inputs: (inputs[0] * 2,))
        lstm.register_forward_hook(lambda module, inputs, output, seen=seen: seen.append(inputs[0]))
        x = torch.randn(5, 2, 3, dtype=torch.float64)
        lstm(x)
        assert torch.equal(seen[0], 2 * x)


# --- layouts of states ---


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize("kind", [{"bidirectional": True}, {"num_layers": 2, "bidirectional": True}, {}], ids=str)
@pytest.mark.parametrize("form", ["padded", "packed", "one sequence", "one step"])
def test_states_may_have_any_strides(kind, backend, form):
    """A decoder's initial state is often a transposed view of (batch, layers, hidden)."""
    ours, theirs = twins(kind, backend, torch.float32)
    first = ours.num_layers * (2 if ours.bidirectional else 1)
    batch = () if form == "one sequence" else (3,)
    made = [torch.randn(*batch, 4, first).permute(-1, *range(len(batch) + 1)) for _ in range(2)]
    hx = tuple(each.detach().requires_grad_() for each in made)
    assert not all(each.is_contiguous() for each in hx) or first == 1
    x = torch.randn(1 if form == "one step" else 5, *batch, 3)
    given = pack_sequence([x[:, row] for row in range(3)]) if form == "packed" else x
    assert_same_with_gradients(ours, theirs, given, hx)
    with torch.no_grad():
        assert_same(ours(given, hx), theirs(given, hx), 2e-6)


# --- other kinds of gradients ---


def decoded(lstm, x):
    """Feed the states of each step to the next."""
    hx, loss = None, 0
    for step in range(len(x)):
        out, hx = lstm(x[step : step + 1], hx)
        loss = loss + out.pow(2).sum()
    return loss


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize("tied", [None, ("bias_ih_l0", "bias_hh_l0"), ("weight_hh_l0", "weight_hh_l1")], ids=str)
def test_a_graph_of_the_gradients_does_not_change_them(backend, tied):
    """If the inputs depend on the same weights, each path to them counts once."""
    lstm, _ = twins({"num_layers": 2}, backend, torch.float32)
    if backend == "torch":
        pytest.skip("torch's own kernel has no gradients of gradients on the CPU in single precision")
    if tied:
        setattr(lstm, tied[1], getattr(lstm, tied[0]))
    x = torch.randn(5, 2, 3, requires_grad=True)
    sources = [x, *lstm.parameters()]
    expected = torch.autograd.grad(decoded(lstm, x), sources)
    found = torch.autograd.grad(decoded(lstm, x), sources, create_graph=True)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("backend", NAMES)
def test_batched_gradients(backend):
    ours, theirs = twins({"num_layers": 2, "bidirectional": True}, backend, torch.float32)
    x = torch.randn(4, 2, 3)
    found, expected = (
        torch.autograd.functional.jacobian(lambda x, lstm=lstm: lstm(x)[0].sum(0), x, vectorize=True)
        for lstm in (ours, theirs)
    )
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # torch calls it in forward mode
@pytest.mark.parametrize("backend", [name for name in NAMES if name != "torch"])
@pytest.mark.parametrize("steps", [1, 4])
def test_forward_mode_with_frozen_weights(backend, steps):
    lstm = LSTM(3, 4, 2, backend=backend).requires_grad_(False)
    x, along = torch.randn(steps, 2, 3), torch.randn(steps, 2, 3)
    hx = (torch.zeros(2, 2, 4), torch.zeros(2, 2, 4))
    with torch.no_grad(), torch.autograd.forward_ad.dual_level():
        out = lstm(torch.autograd.forward_ad.make_dual(x, along), hx)[0]
        found = torch.autograd.forward_ad.unpack_dual(out).tangent
    with torch.no_grad():
        expected = (lstm(x + 1e-3 * along, hx)[0] - lstm(x - 1e-3 * along, hx)[0]) / 2e-3
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-2)


@pytest.mark.parametrize("backend", NAMES)
def test_dropout_is_redrawn_at_each_single_step(backend):
    """Without gradients too, as in Monte Carlo dropout (Gal & Ghahramani 2016)."""
    lstm = LSTM(3, 4, 2, dropout=0.5, backend=backend).train()
    x, hx = torch.randn(1, 2, 3), (torch.zeros(2, 2, 4), torch.zeros(2, 2, 4))
    with torch.no_grad():
        assert len({tuple(lstm(x, hx)[0].flatten().tolist()) for _ in range(20)}) > 1
        lstm.eval()
        assert len({tuple(lstm(x, hx)[0].flatten().tolist()) for _ in range(3)}) == 1


def test_under_another_default_device():
    ours, theirs = twins({"bidirectional": True}, "auto", torch.float32)
    packed = pack_sequence([torch.randn(4, 3), torch.randn(2, 3)])
    with torch.device("meta"):
        assert_same(ours(packed), theirs(packed), 2e-6)
        assert ours(Ragged.from_list([torch.randn(4, 3, device="cpu")]))[0].lengths.tolist() == [4]


def test_torch_fx_gets_a_hint():
    with pytest.raises(DataError, match=r"got Proxy\.\s+hint: .*longshort\.restore"):
        torch.fx.symbolic_trace(torch.nn.Sequential(LSTM(3, 4)))


@pytest.mark.parametrize(("kind", "backend", "dtype"), [run for run in RUNS if run.values[2] is torch.float64])
def test_gradients_of_gradients(kind, backend, dtype):
    ours, _ = twins(kind, backend, dtype)
    x = torch.randn(3, 2, 3, dtype=dtype, requires_grad=True)
    run = lambda x, *hx: tensors(ours(x, hx))  # noqa: E731
    torch.autograd.gradgradcheck(run, (x, *states(ours, 2)), atol=1e-4)


def test_gradients_of_gradients_on_every_backend():
    """In single precision, which torch's own LSTM does not support on the CPU."""
    ours, truth = twins({"bidirectional": True}, "auto", torch.float32)[0], LSTM(3, 4, bidirectional=True)
    truth.load_state_dict(ours.state_dict())
    truth.backend = "equations"
    if ours.choice.backend.name == "torch":
        pytest.skip("the kernel is not there, and torch's has none")
    x = torch.randn(5, 2, 3, requires_grad=True)
    found = []
    for lstm in (ours, truth):
        (slope,) = torch.autograd.grad(lstm(x)[0].square().sum(), x, create_graph=True)
        found.append(torch.autograd.grad(slope.square().sum(), [x, *lstm.parameters()]))
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


LOW = torch.bfloat16


@pytest.mark.parametrize("kind", KINDS[:3])
@pytest.mark.parametrize("backend", ["auto", "torch", "equations"])
@pytest.mark.parametrize("weights", [torch.float32, LOW])
@pytest.mark.parametrize("given", [torch.float32, LOW])
def test_autocast_is_that_of_torch(kind, backend, weights, given):
    ours, theirs = twins(kind, backend, weights)
    x = torch.randn(5, 6, 3).to(given)
    packed = pack_padded_sequence(x, torch.tensor([5, 4, 4, 2, 2, 1]))
    hx = tuple(state.detach().to(given) for state in states(ours, 6))
    for inputs, h in ((x, None), (x, hx), (packed, None), (packed, hx)):
        with torch.autocast("cpu", dtype=LOW):
            mine, other = ours(inputs, h), theirs(inputs, h)
        assert [each.dtype for each in tensors(mine)] == [each.dtype for each in tensors(other)]
        assert_same(mine, other, 0.02)


def test_autocast_gives_gradients_in_the_precision_of_the_weights():
    ours, _ = twins({}, "auto", torch.float32)
    exact = torch.autograd.grad(ours(torch.ones(5, 2, 3))[0].sum(), list(ours.parameters()))
    with torch.autocast("cpu", dtype=LOW):
        ours(torch.ones(5, 2, 3))[0].sum().backward()
    for weight, gradient in zip(ours.parameters(), exact, strict=True):
        assert weight.grad.dtype is torch.float32
        torch.testing.assert_close(weight.grad, gradient, atol=0.05, rtol=0.05)


def test_autocast_leaves_double_precision_alone():
    ours, theirs = twins({})
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    with torch.autocast("cpu", dtype=LOW):
        assert_same(ours(x), theirs(x))
        with pytest.raises(DataError):
            LSTM(3, 4)(x)
        assert ours(Ragged.from_rows(x))[0].values.dtype is torch.float64


def test_autocast_on_ragged_batches():
    ours = LSTM(3, 4)
    batch = Ragged(torch.randn(6, 3), torch.tensor([1, 0, 5]))
    with torch.autocast("cpu", dtype=LOW):
        low, (h, c) = ours(batch)
    assert low.values.dtype is h.dtype is c.dtype is LOW
    torch.testing.assert_close(low.values.float(), ours(batch)[0].values, atol=0.02, rtol=0)


# --- graphs ---

GRAPHS = [pytest.param(kind, name, id=f"{name}-{number}") for number, kind in enumerate(KINDS) for name in NAMES]
GRAPHS = [each for each in GRAPHS if each.values[1] != "equations"]
GRAPHS = [
    each
    for each in GRAPHS
    if next(b for b in BACKENDS if b.name == each.values[1]).supports(Spec(3, 4, **each.values[0])) is None
]


class Around(torch.nn.Module):
    """An LSTM between other operations."""

    def __init__(self, lstm: torch.nn.LSTM) -> None:
        super().__init__()
        self.lstm = lstm

    def forward(self, x, h0, c0):
        output, (h, c) = self.lstm(x * 2, (h0, c0))
        return output + 1, h, c


@pytest.fixture
def _fresh_dynamo():
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


@pytest.mark.usefixtures("_fresh_dynamo")
@pytest.mark.parametrize(("kind", "backend"), GRAPHS)
def test_compiled_as_one_graph(kind, backend):
    """Torch's compiler stops at any `torch.nn.LSTM` unless `allow_rnn` is set."""
    ours, _ = twins(kind, backend, torch.float32)
    model, x, hx = Around(ours), torch.randn(5, 2, 3, requires_grad=True), states(ours, 2)
    with torch._dynamo.config.patch(allow_rnn=True):
        compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
        found, expected = compiled(x, *hx), model(x, *hx)
    slopes = [
        torch.autograd.grad(sum(each.square().sum() for each in results), [x, *hx, *ours.parameters()])
        for results in (found, expected)
    ]
    for one, other in zip((*found, *slopes[0]), (*expected, *slopes[1]), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.usefixtures("_fresh_dynamo")
def test_compiled_at_once_after_a_move():
    """While the graph is traced, nothing is logged."""
    lstm, x = LSTM(3, 11).double(), torch.randn(5, 2, 3, dtype=torch.float64)
    with torch._dynamo.config.patch(allow_rnn=True):
        compiled = torch.compile(lstm, fullgraph=True, backend="aot_eager")(x)
    torch.testing.assert_close(compiled[0], lstm(x)[0])


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor")  # torch's compiler reads it
@pytest.mark.usefixtures("_fresh_dynamo")
def test_compiled_around_packed_sequences():
    ours, theirs = twins({}, "auto", torch.float32)

    def padded_again(lstm, x):
        packed = pack_padded_sequence(x, torch.tensor([3, 5, 2]), enforce_sorted=False)
        return pad_packed_sequence(lstm(packed)[0])[0]

    x = torch.randn(5, 3, 3)
    with torch._dynamo.config.patch(allow_rnn=True):
        found = torch.compile(padded_again, backend="eager")(ours, x)
    torch.testing.assert_close(found, padded_again(theirs, x), atol=2e-6, rtol=0)


@pytest.mark.usefixtures("_fresh_dynamo")
def test_compiled_as_torch_does_it_around_its_lstm():
    ours, _ = twins({}, "auto", torch.float32)
    model, x, hx = Around(ours), torch.randn(5, 2, 3), states(ours, 2)
    for one, other in zip(torch.compile(model, backend="aot_eager")(x, *hx), model(x, *hx), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.usefixtures("_fresh_dynamo")
@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(("kind", "backend"), GRAPHS)
def test_exported(kind, backend, strict):
    ours, _ = twins(kind, backend, torch.float32)
    model, given = Around(ours), (torch.randn(5, 2, 3), *states(ours, 2))
    program = torch.export.export(model, given, strict=strict)
    for one, other in zip(program.module()(*given), model(*given), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.usefixtures("_fresh_dynamo")
@pytest.mark.skipif("native" not in NAMES, reason="torch's kernel is exported step by step, for one length alone")
@pytest.mark.parametrize("strict", [True, False])
def test_exported_for_any_length_and_batch(strict):
    ours, _ = twins({"bidirectional": True}, "native", torch.float32)
    model = Around(ours)
    free, time = torch.export.Dim("batch"), torch.export.Dim("time")
    shapes = {"x": {0: time, 1: free}, "h0": {1: free}, "c0": {1: free}}
    program = torch.export.export(model, (torch.randn(5, 2, 3), *states(ours, 2)), dynamic_shapes=shapes, strict=strict)
    given = (torch.randn(9, 4, 3), *states(ours, 4))
    for one, other in zip(program.module()(*given), model(*given), strict=True):
        torch.testing.assert_close(one, other)


def test_one_backend_is_not_mistaken_for_another(monkeypatch):
    """Results of `choose` are cached by everything that they depend on."""
    lstm, x = LSTM(3, 4), torch.randn(5, 3)
    lstm(x)
    for name in ("equations", "torch"):
        monkeypatch.setenv("LONGSHORT_BACKEND", name)
        assert lstm._runner(lstm.weight_ih_l0)[1].name == name
    lstm.backend = "equations"
    assert lstm._runner(lstm.weight_ih_l0)[1].name == "equations"
    assert lstm.double()._runner(lstm.weight_ih_l0)[0].dtype is torch.float64


def test_it_shows_its_arguments():
    assert repr(LSTM(3, 4)) == "LSTM(3, 4)"
    shown = repr(LSTM(3, 4, num_layers=2, dropout=0.1, batch_first=True, backend="equations"))
    assert shown == "LSTM(3, 4, num_layers=2, batch_first=True, dropout=0.1, backend='equations')"


def test_choice_names_the_backend_and_the_reason():
    assert LSTM(3, 4, backend="equations").choice.reason == "equations: requested by name."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_size": 0}, "input_size must be an integer of at least 1. Got 0."),
        ({"hidden_size": 2.5}, "hidden_size must be an integer of at least 1. Got 2.5."),
        ({"num_layers": True}, "num_layers must be an integer of at least 1. Got True."),
        ({"dropout": 1.0}, "dropout must be at least 0 and less than 1. Got 1.0.\n\nhint: 0 turns it off."),
        (
            {"proj_size": 4},
            "proj_size must be at least 0 and less than hidden_size, 4. Got 4.\n\nhint: 0 means no projection.",
        ),
    ],
)
def test_arguments_out_of_bounds(arguments, message):
    with pytest.raises(SettingError) as caught:
        LSTM(**{"input_size": 3, "hidden_size": 4, **arguments})
    assert str(caught.value) == message


def test_an_unknown_backend_is_rejected_at_once():
    with pytest.raises(BackendError) as caught:
        LSTM(3, 4, backend="torhc")
    assert str(caught.value) == (
        "backend must be one of auto, native, torch, equations. Got 'torhc' (requested by name).\n\nhint: Did you mean 'torch'?"
    )


INPUT_HINT = "\n\nhint: Check input_size, and batch_first for padded tensors."
STATE_HINT = "\n\nhint: The axes are (num_layers * directions, batch, hidden); without batch for one sequence."
MOVE_HINT = "\n\nhint: Move one to the other with .to(device, dtype)."


@pytest.mark.parametrize(
    ("given", "hx", "message"),
    [
        (
            [[1.0]],
            None,
            "An LSTM takes a Ragged, a tensor or a PackedSequence; got list."
            "\n\nhint: Ragged.from_list([...]) takes a list of tensors (length, features).",
        ),
        (
            torch.zeros(7),
            None,
            "A padded batch has the axes (time, batch, features), (batch, time, features) with batch_first, or "
            "(time, features) for one sequence; got shape (7,)."
            "\n\nhint: Pass token ids through an embedding first.",
        ),
        (torch.zeros(5, 2), None, f"input of this LSTM must have the features (3,); got (2,).{INPUT_HINT}"),
        (torch.zeros(5, 6, 2), None, f"input of this LSTM must have the features (3,); got (2,).{INPUT_HINT}"),
        (
            Ragged(torch.zeros(5), torch.tensor([5])),
            None,
            f"input of this LSTM must have the features (3,); got ().{INPUT_HINT}",
        ),
        (
            torch.zeros(5, 6, 3),
            (torch.zeros(1, 5, 4), torch.zeros(1, 6, 4)),
            f"h_0 of this LSTM must have the shape (1, 6, 4); got (1, 5, 4).{STATE_HINT}",
        ),
        (
            torch.zeros(5, 6, 3),
            (torch.zeros(1, 6, 4), torch.zeros(1, 6, 3)),
            f"c_0 of this LSTM must have the shape (1, 6, 4); got (1, 6, 3).{STATE_HINT}",
        ),
        (
            torch.zeros(5, 3),
            (torch.zeros(1, 1, 4), torch.zeros(1, 4)),
            f"h_0 of this LSTM must have the shape (1, 4); got (1, 1, 4).{STATE_HINT}",
        ),
        (
            pack_sequence([torch.zeros(2, 3), torch.zeros(5, 3)], enforce_sorted=False),
            (torch.zeros(1, 1, 4), torch.zeros(1, 1, 4)),
            f"h_0 of this LSTM must have the shape (1, 2, 4); got (1, 1, 4).{STATE_HINT}",
        ),
        (
            torch.zeros(5, 6, 3),
            torch.zeros(1, 6, 4),
            "The initial states of an LSTM are a pair (h_0, c_0); got Tensor."
            "\n\nhint: Leave them out to start from zeros.",
        ),
        (
            torch.zeros(5, 3, dtype=torch.float64),
            None,
            "input must have the dtype and device of the weights, torch.float32 on cpu; got torch.float64 on cpu."
            + MOVE_HINT,
        ),
    ],
)
def test_inputs_that_do_not_fit(given, hx, message):
    with pytest.raises(DataError) as caught:
        LSTM(3, 4)(given, hx)
    assert str(caught.value) == message


def test_errors_are_also_torchs_types():
    ours, theirs = twins({}, dtype=torch.float32)
    for given in (
        (torch.zeros(5, 6, 2),),
        (torch.zeros(5, 6, 3, dtype=torch.float64),),
        (torch.zeros(7),),
        (torch.zeros(5, 6, 3), (torch.zeros(1, 5, 4), torch.zeros(1, 6, 4))),
        (torch.zeros(5, 6, 3), (torch.zeros(1, 6, 4), torch.zeros(1, 6, 4, dtype=torch.float64))),
    ):
        with pytest.raises(Exception) as expected:
            theirs(*given)
        with pytest.raises(type(expected.value)):
            ours(*given)
