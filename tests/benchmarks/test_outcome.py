import pytest
from benchmarks.engine.outcome import Cell, Outcome, Spread
from benchmarks.engine.report import Result, as_json, as_markdown, line
from benchmarks.engine.targets import TARGETS, compare_targets
from benchmarks.engine.turns import Pace
from benchmarks.engine.workload import Workload, useful_operations


@pytest.fixture
def cell():
    outcomes = {
        "longshort": Outcome("longshort", seconds=[1.0, 2.0, 4.0]),
        "torch-padded": Outcome("torch-padded", seconds=[3.0, 8.0]),
        "torch-packed": Outcome("torch-packed", "differs", "outputs differs by 1.0e+00 (tolerance 1e-03)"),
    }
    return Cell(Workload("train"), 100, 100, "longshort", outcomes, {"torch.mm": [1e9, 2e9, 1e9]})


def test_a_ratio_is_taken_within_a_round(cell):
    assert cell.ratio("torch-padded") == Spread(3.5, 3.0, 4.0, 2)
    assert cell.ratio("torch-packed") is None
    assert cell.ratio("nobody") is None


def test_the_share_of_the_floor_is_taken_within_a_round(cell):
    operations = useful_operations(cell.workload, 100, 100)
    expected = sorted([operations / 1e9 / 1.0, operations / 2e9 / 2.0, operations / 1e9 / 4.0])
    share = cell.share("torch.mm")
    assert [share.low, share.median, share.high] == pytest.approx(expected)


def test_speed_is_of_the_median(cell):
    assert cell.tokens_per_second("longshort") == 50.0
    assert cell.tokens_per_second("torch-packed") is None


def test_an_epoch_compares_sums_over_the_same_batches(cell):
    epoch = Cell(Workload("epoch"), 1000, 100, "longshort", cell.outcomes, whole=50.0, batches=40)
    assert epoch.ratio("torch-padded").median == pytest.approx(11 / 3)
    assert epoch.epoch_seconds("longshort") == 50.0
    assert epoch.epoch_seconds("torch-padded") == pytest.approx(50 * 11 / 3)
    assert epoch.tokens_per_second("longshort") == 20.0


def test_slow_contestants_have_fewer_turns_but_enough():
    pace = Pace(rounds=7, least=2, turn=0.3, share=6.0)
    assert [pace.turns(seconds) for seconds in (0.001, 0.3, 2.0, 100.0)] == [7, 7, 3, 2]
    assert Pace(rounds=7, turn=0.0).turns(0.0) == 7


def test_targets_use_the_cell_of_their_workload(cell):
    compared = {(each.target.label, each.target.workload.name): each for each in compare_targets([cell])}
    padded = compared["times as fast as torch-padded", Workload("train").name]
    assert padded.figure == 3.5
    assert padded.verdict == "missed: 58% of it"
    assert compared["times as fast as torch-packed", Workload("train").name].verdict == "not measured"
    assert len(compared) == len(TARGETS)


def test_disturbed_cells_are_marked(cell):
    assert not cell.disturbed
    cell.outcomes["longshort"].wall, cell.outcomes["longshort"].foreign = 3.0, 0.6
    cell.outcomes["torch-padded"].wall = 1.0
    assert cell.foreign_cores == pytest.approx(0.15)
    assert compare_targets([cell])[1].verdict == "missed: 58% of it, but disturbed"
    assert "| 0.15 (disturbed) |" in as_markdown(Result({}, "", [cell]))


def test_the_report_lists_untimed_peers_with_reasons(cell):
    result = Result(
        {"processor": "one"}, "python -m benchmarks.engine", [cell], {2: {"torch.mm": 1e9}}, {2: ["torch.mm"]}
    )
    page = as_markdown(result)
    name = "train, T<=400, batch 64, hidden 128, float, 2 threads"
    assert f"| torch-packed | differs | outputs differs by 1.0e+00 (tolerance 1e-03) | {name} |" in page
    assert f"| {name} | 50 | " in page
    assert "3.5x [3, 4]" in page
    assert as_json(result)["cells"][0]["outcomes"]["torch-padded"]["seconds"] == [3.0, 8.0]
    assert line(cell).startswith(f"{name}: 50 tokens/s; ")
