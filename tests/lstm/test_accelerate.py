"""`accelerate` and `restore` replace the LSTMs of any model in place, transparently."""

from __future__ import annotations

import copy
import gc
import io
import warnings

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm
from torch.nn.utils.parametrize import is_parametrized, remove_parametrizations

import longshort
from longshort.errors import BackendError, DataError
from longshort.lstm import LSTM
from longshort.lstm.accelerate import Entry, accelerate, restore
from longshort.ragged import Ragged


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 6)
        self.encoder = nn.LSTM(6, 5, num_layers=2, bidirectional=True, batch_first=True)
        self.heads = nn.ModuleDict({"a": nn.LSTM(10, 4, batch_first=True), "b": nn.Linear(4, 2)})

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        states, _ = self.encoder(self.embedding(tokens))
        return self.heads["b"](self.heads["a"](states)[0])


class Own(nn.LSTM):
    """A subclass with its own forward."""


TOKENS = torch.arange(14).reshape(2, 7)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    monkeypatch.delenv("LONGSHORT_BACKEND", raising=False)


def types(model: nn.Module) -> set[type]:
    return {type(part) for part in model.modules() if isinstance(part, nn.LSTM)}


def test_every_lstm_is_replaced_and_computes_the_same():
    model = Tagger()
    before, weights = model(TOKENS), copy.deepcopy(model.state_dict())
    report = accelerate(model)
    assert types(model) == {LSTM}
    assert [entry.name for entry in report.replaced] == ["encoder", "heads.a"]
    assert report.kept == ()
    torch.testing.assert_close(model(TOKENS), before)
    assert list(model.state_dict()) == list(weights)
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())


def test_restore_undoes_accelerate():
    model = Tagger()
    before, attributes = model(TOKENS), {name: list(vars(part)) for name, part in model.named_modules()}
    accelerate(model)
    report = restore(model)
    assert types(model) == {nn.LSTM}
    assert [entry.name for entry in report.replaced] == ["encoder", "heads.a"]
    assert {entry.note for entry in report.replaced} == {"a torch.nn.LSTM again"}
    assert {name: list(vars(part)) for name, part in model.named_modules()} == attributes
    assert torch.equal(model(TOKENS), before)


def test_the_public_names():
    assert longshort.accelerate is accelerate
    assert longshort.restore is restore


def test_objects_parameters_and_optimizers_stay():
    model = Tagger()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    held, parameters = model.encoder, list(model.parameters())
    accelerate(model)
    assert model.encoder is held
    assert all(one is other for one, other in zip(model.parameters(), parameters, strict=True))
    twin = copy.deepcopy(model)
    restore(twin)
    for each, steps in ((model, optimizer), (twin, torch.optim.SGD(twin.parameters(), lr=0.1))):
        each(TOKENS).square().sum().backward()
        steps.step()
    for one, other in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(one, other)
    assert not torch.equal(model.encoder.weight_hh_l0, torch.zeros_like(model.encoder.weight_hh_l0))


def test_hooks_keep_working():
    model, seen = Tagger(), []
    model.encoder.register_forward_pre_hook(lambda module, inputs: seen.append("before"))
    model.encoder.register_forward_hook(lambda module, inputs, output: seen.append(type(module)))
    model.encoder.register_full_backward_hook(lambda module, inputs, outputs: seen.append("backward"))
    model.encoder.weight_hh_l0.register_hook(lambda gradient: seen.append("weight"))
    accelerate(model)
    model(TOKENS).sum().backward()
    assert seen[:2] == ["before", LSTM]
    assert sorted(seen[2:]) == ["backward", "weight"]


def test_the_model_itself_may_be_an_lstm():
    model = nn.LSTM(3, 4)
    x = torch.randn(5, 2, 3)
    before = model(x)[0]
    assert [entry.name for entry in accelerate(model).replaced] == ["(the model itself)"]
    assert type(model) is LSTM
    torch.testing.assert_close(model(x)[0], before)
    assert isinstance(model(Ragged.from_list([torch.randn(2, 3), torch.randn(5, 3)]))[0], Ragged)
    restore(model)
    assert type(model) is nn.LSTM


def test_a_shared_lstm_is_replaced_once_and_named_twice():
    shared = nn.LSTM(3, 3)
    model = nn.Sequential(shared, nn.ModuleList([shared]))
    assert [entry.name for entry in accelerate(model).replaced] == ["0, 1.0"]
    assert model[0] is model[1][0] is shared


def test_shared_parameters_stay_shared():
    model = nn.ModuleList([nn.LSTM(3, 4), nn.LSTM(3, 4)])
    model[1].weight_hh_l0 = model[0].weight_hh_l0
    accelerate(model)
    x = torch.randn(5, 2, 3)
    (model[0](x)[0].sum() + model[1](x)[0].sum()).backward()
    assert model[0].weight_hh_l0.grad is model[1].weight_hh_l0.grad


def test_parametrizations_stay():
    model, plain = nn.LSTM(3, 4), nn.LSTM(3, 4)
    plain.load_state_dict(model.state_dict())
    weight_norm(model, "weight_hh_l0")
    other = copy.deepcopy(model)  # shares the class that torch made for the first
    accelerate(model)
    assert isinstance(model, LSTM)
    assert not isinstance(other, LSTM)
    x = torch.randn(5, 2, 3)
    torch.testing.assert_close(model(x)[0], plain(x)[0])
    with torch.no_grad():
        for lstm in (model, other):
            lstm.parametrizations.weight_hh_l0.original0.mul_(2)
        plain.weight_hh_l0.mul_(2)
    torch.testing.assert_close(model(x)[0], plain(x)[0])
    torch.testing.assert_close(copy.deepcopy(model)(x)[0], plain(x)[0])
    model(x)[0].sum().backward()
    assert model.parametrizations.weight_hh_l0.original0.grad is not None
    restore(model)
    assert is_parametrized(model)
    assert not isinstance(model, LSTM)
    accelerate(model)
    remove_parametrizations(model, "weight_hh_l0")
    assert type(model) is LSTM
    torch.testing.assert_close(model(x)[0], plain(x)[0])


def test_other_modules_are_kept_and_reported():
    patched = nn.LSTM(3, 4)
    patched.forward = patched.forward
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecation warnings of torch
        scripted = torch.jit.script(nn.LSTM(3, 4))
        traced = torch.jit.trace(nn.Sequential(nn.LSTM(3, 4)), torch.zeros(2, 1, 3))
        quantised = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.LSTM(3, 4)), {nn.LSTM})
    model = nn.ModuleDict(
        {
            "own": Own(3, 4),
            "cell": nn.LSTMCell(3, 4),
            "ours": LSTM(3, 4, num_layers=3),
            "patched": patched,
            "scripted": scripted,
            "traced": traced,
            "quantised": quantised,
            "gru": nn.GRU(3, 4),
        }
    )
    before = {name: type(part) for name, part in model.named_modules()}
    report = accelerate(model)
    assert report.replaced == ()
    compiled = "it is compiled by torch.jit"
    assert report.kept == (
        Entry("own", "3 -> 4", "its class Own is not torch.nn.LSTM and may compute something else"),
        Entry("cell", "3 -> 4", "it runs single steps; longshort.LSTM runs whole sequences"),
        Entry("ours", "3 -> 4, 3 layers", "it is already a longshort.LSTM"),
        Entry("patched", "3 -> 4", "its forward was replaced on the object itself"),
        Entry("scripted", "3 -> 4", compiled),
        Entry("traced.0", "", compiled),
        Entry("quantised.0", "3 -> 4", "it is quantised"),
    )
    assert {name: type(part) for name, part in model.named_modules()} == before


def test_restore_keeps_native_longshort_lstms():
    model = nn.ModuleList([LSTM(3, 4), nn.LSTM(3, 4), Own(3, 4)])
    accelerate(model)
    report = restore(model)
    assert [type(part) for part in model] == [LSTM, nn.LSTM, Own]
    assert report.kept[0] == Entry("0", "3 -> 4", "it was built as a longshort.LSTM")
    assert [entry.name for entry in report.kept] == ["0", "2"]
    assert report.kept[1].note.startswith("it is a ")


def test_accelerate_is_idempotent():
    model = Tagger()
    accelerate(model)
    assert {entry.note for entry in accelerate(model).kept} == {"it is already a longshort.LSTM"}
    restore(model)
    assert restore(model).replaced == ()
    assert types(model) == {nn.LSTM}


def test_the_report_is_a_table():
    model = nn.ModuleDict({"encoder": nn.LSTM(12, 5, 2, bidirectional=True, proj_size=3), "cell": nn.LSTMCell(3, 4)})
    assert str(accelerate(model, backend="equations")) == (
        "1 replaced, 1 kept\n"
        "  replaced  encoder  12 -> 5, 2 layers, both directions, projected to 3  equations: requested by name.\n"
        "  kept      cell     3 -> 4                                              "
        "it runs single steps; longshort.LSTM runs whole sequences"
    )
    assert str(accelerate(nn.Linear(2, 2))) == "0 replaced, 0 kept: this model has no LSTM."


def test_a_backend_can_be_requested():
    model = Tagger()
    accelerate(model, backend="equations")
    assert model.encoder.choice.backend.name == "equations"
    assert "backend='equations'" in repr(model.encoder)
    restore(model)
    accelerate(model)
    assert model.encoder.backend == "auto"


def test_an_impossible_request_changes_nothing():
    model = nn.ModuleList([nn.LSTM(3, 4), nn.LSTM(3, 4)])
    with pytest.raises(BackendError):
        accelerate(model, backend="torhc")
    assert types(model) == {nn.LSTM}


@pytest.mark.parametrize("function", [accelerate, restore])
def test_other_objects_are_rejected(function):
    verb = function.__name__
    with pytest.raises(DataError) as caught:
        function([nn.LSTM(3, 4)])
    assert str(caught.value) == (
        f"{verb} takes a torch.nn.Module; got list.\n\nhint: Call {verb}(model) on the object that holds the layers."
    )


def test_copies_and_stored_models_can_still_be_restored():
    model = Tagger()
    before = model(TOKENS)
    accelerate(model)
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    for other in (copy.deepcopy(model), torch.load(file, weights_only=False)):
        assert types(other) == {LSTM}
        torch.testing.assert_close(other(TOKENS), before)
        restore(other)
        assert types(other) == {nn.LSTM}
        torch.testing.assert_close(other(TOKENS), before)


def test_a_model_in_double_precision_or_on_the_way_to_it():
    model = Tagger()
    accelerate(model)
    before = model.double()(TOKENS)
    restore(model)
    torch.testing.assert_close(model(TOKENS), before, atol=1e-12, rtol=0)


def test_a_model_without_values():
    with torch.device("meta"):
        model = nn.LSTM(3, 4)
    accelerate(model)
    assert model(torch.empty(5, 2, 3, device="meta"))[0].shape == (5, 2, 4)


def test_inside_distributed_data_parallel():
    store = torch.distributed.HashStore()
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        _train_in_parallel()
    finally:
        # torch.distributed must hold the last reference to the group and end its threads; otherwise they may wait forever.
        gc.collect()
        torch.distributed.destroy_process_group()


def _train_in_parallel():
    model = nn.parallel.DistributedDataParallel(Tagger())
    plain = copy.deepcopy(model.module)
    report = accelerate(model)
    assert [entry.name for entry in report.replaced] == ["module.encoder", "module.heads.a"]
    for each in (model, plain):
        each(TOKENS).square().sum().backward()
    for one, other in zip(model.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)
