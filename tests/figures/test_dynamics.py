import matplotlib.image
import pytest
from tests.evaluation.recorded import course, dynamics, gate, moment, place

from longshort.errors import DataError
from longshort.figures import save
from longshort.figures.dynamics import dynamics as draw


def history(layers=("lstm.l0", "lstm.l0_reverse"), steps=(1, 100, 200), rate=0.002):
    norms = {"embedding": (1.0, 0.001, 1.0), **dict.fromkeys(layers, (1.0, rate, 1.0)), "linear": (1.0, 0.01, 2.0)}
    gates = {
        name: place(input=gate(mean=0.4), forget=gate(mean=0.7), output=gate(mean=0.1 * number))
        for number, name in enumerate(layers, start=1)
    }
    return course(*[dynamics(moment(step, norms, gates)) for step in steps])


def lines(axes):
    return {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in axes.get_lines()}


def test_updates_per_weight_and_three_gates():
    figure = draw(history())
    ratio, *gates = figure.axes
    assert ratio.get_yscale() == "log"
    shown = lines(ratio)
    assert shown["embedding"] == ([1, 100, 200], pytest.approx([0.001] * 3))
    assert shown["layer 0 forward"] == ([1, 100, 200], pytest.approx([0.002] * 3))  # of its four gates together
    assert shown["linear"][1] == pytest.approx([0.005] * 3)
    assert [axes.get_title(loc="left") for axes in gates] == [
        "Input gate: how much comes in",
        "Forget gate: how much stays",
        "Output gate: how much is shown",
    ]
    assert [[list(line.get_ydata()) for line in axes.get_lines()] for axes in gates] == [
        [[0.4] * 3] * 2,
        [[0.7] * 3] * 2,
        [[0.1] * 3, [0.2] * 3],
    ]
    assert all(axes.get_ylim() == (0, 1) for axes in gates)


def test_a_layer_has_one_style_in_all_panels_and_a_name_in_one_legend():
    figure = draw(history())
    ratio, *gates = figure.axes
    style = {line.get_label(): (line.get_color(), line.get_linestyle()) for line in ratio.get_lines()}
    for axes in gates:
        drawn = [(line.get_color(), line.get_linestyle()) for line in axes.get_lines()]
        assert drawn == [style["layer 0 forward"], style["layer 0 reverse"]]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "embedding",
        "layer 0 forward",
        "layer 0 reverse",
        "linear",
        "a thousandth, a rule of thumb",
    ]


def test_many_layers_go_from_dark_to_light(tmp_path):
    layers = [f"lstm.l{layer}{end}" for layer in range(3) for end in ("", "_reverse")]
    figure = draw(history(layers))
    save(figure, tmp_path / "deep.png")
    colors = [line.get_color() for line in figure.axes[0].get_lines() if not line.get_label().startswith("a ")]
    assert len(set(colors)) == 8
    light = [0.3 * int(c[1:3], 16) + 0.59 * int(c[3:5], 16) + 0.11 * int(c[5:], 16) for c in colors]
    assert light == sorted(light)


def test_an_update_of_zero_is_left_out(tmp_path):
    """A scale of powers has none, and the last update of a one-cycle training is one."""
    rows = [*history(steps=(1, 100)), *history(steps=(152,), rate=0.0)]
    figure = draw(rows)
    save(figure, tmp_path / "zero.png")
    assert lines(figure.axes[0])["layer 0 forward"][0] == [1, 100]
    assert lines(figure.axes[0])["linear"][0] == [1, 100, 152]
    assert len(figure.axes[1].get_lines()[0].get_xdata()) == 3


def test_gates_of_which_nothing_is_known_and_epochs_without_a_moment(tmp_path):
    rows = history(steps=(1,))
    rows += [{"epoch": 2, "train_loss": 0.1}, *course(dynamics(moments=[]))]
    rows[0]["dynamics"]["moments"][0]["gates"].popitem()
    figure = draw(rows)
    save(figure, tmp_path / "little.png")
    assert [len(line.get_xdata()) for line in figure.axes[1].get_lines()] == [1, 0]
    assert matplotlib.image.imread(tmp_path / "little.png").shape[1] == 1_500


def test_a_network_without_an_lstm_has_one_panel():
    figure = draw(history(layers=()))
    assert len(figure.axes) == 1
    assert set(lines(figure.axes[0])) == {"embedding", "linear", "a thousandth, a rule of thumb"}


@pytest.mark.parametrize("rows", [[], [{"epoch": 1}], course(dynamics(moments=[]))])
def test_what_was_not_recorded_cannot_be_drawn(rows):
    with pytest.raises(DataError) as caught:
        draw(rows)
    assert str(caught.value) == (
        "A figure of the dynamics needs an update that was measured. Got none.\n\nhint: Train with statistics=True."
    )
