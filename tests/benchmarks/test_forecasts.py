import json
import sys

import numpy as np

from benchmarks import forecasts


def test_a_set_is_measured_and_shown(tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(0)
    rows = [
        f"{1949 + i // 12}-{i % 12 + 1:02d},{100 + i + 10 * np.sin(i * np.pi / 6) + rng.normal():.3f}"
        for i in range(96)
    ]
    (tmp_path / "airline-passengers.csv").write_text("\n".join(["Month,Passengers", *rows]))
    monkeypatch.setattr(forecasts, "TRAINING", forecasts.TRAINING.replace(epochs=1))
    output = tmp_path / "out.json"
    wanted = ["forecasts", str(tmp_path), "--set", "airline-passengers", "--seeds", "1", "--json", str(output)]
    monkeypatch.setattr(sys, "argv", wanted)
    forecasts.main()
    (result,) = json.loads(output.read_text()).values()
    rivals = [result["baselines"][name]["mase"] for name in ("seasonal last value", "ridge autoregression")]
    assert result["reached"] == (result["model"]["mase"] < min(rivals))
    output = capsys.readouterr().out
    assert "airline-passengers: 96 steps of 1 month, tested from 1955-01" in output
    assert ("reached" if result["reached"] else "missed") + ", by mase" in output
    monkeypatch.setattr(sys, "argv", [*wanted, "--rehearse"])
    forecasts.main()
    assert "72 steps of 1 month, tested from 1953-01" in capsys.readouterr().out
