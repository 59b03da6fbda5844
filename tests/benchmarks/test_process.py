import os
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.engine.contest import Contest
from benchmarks.engine.process import Process, WorkerError
from benchmarks.engine.team import Contestant, Team
from benchmarks.engine.turns import Pace
from benchmarks.engine.workload import Workload

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="workers are stopped and bound to cores as Linux does it"
)

SMALL = Workload("train", longest=20, batch=4, hidden=8, threads=1)


def state(process):
    return Path(f"/proc/{process.id}/stat").read_text().rsplit(")", 1)[1].split()[0]


@pytest.mark.slow
def test_a_contest_of_real_processes(tmp_path):
    peers = ["longshort-torch", "torch-padded"]
    pace = Pace(rounds=3, turn=0.0)
    with Team(tmp_path / "log", limit=120) as team:
        cell = Contest(team, pace, SMALL, peers, ["numpy"]).run()
        assert cell.reference == "longshort-torch"
        assert [len(cell.seconds(name)) for name in peers] == [3, 3]
        assert len(cell.rates["numpy"]) == 3
        assert max(cell.outcomes["torch-padded"].differences.values()) < 1e-5
        for process in team._processes.values():
            assert state(process) == "T"  # stopped: it takes nothing from the others
            assert len(os.sched_getaffinity(process.id)) == 1
        ids = [process.id for process in team._processes.values()]
    assert not [each for each in ids if Path(f"/proc/{each}").exists()]


def test_a_refusal_gives_a_reason_and_keeps_the_process(tmp_path):
    with Process("torch-packed", 1, tmp_path / "log", 120) as process:
        with pytest.raises(WorkerError, match="one sequence is the same as padded") as refusal:
            process.ask("prepare", workload={"mode": "generate", "longest": 5, "batch": 1})
        assert refusal.value.kind == "refused"
        with pytest.raises(WorkerError, match="TypeError: ") as failure:
            process.ask("prepare", workload={"colour": 5})
        assert failure.value.kind == "failed"
        assert process.ask("drop") == {}


@pytest.mark.slow
def test_cpu_time_of_others_is_measured(tmp_path):
    with Process("torch-padded", 1, tmp_path / "log", 120) as process:
        process.ask("prepare", workload={"mode": "forward", "longest": 20, "batch": 4, "hidden": 8, "threads": 1})
        busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
        turn = process.ask("turn", index=0, least=0.5)
        for each in busy:
            each.kill()
            each.wait()
        assert turn["foreign"] > 0.1 * turn["wall"]


def test_a_crash_is_reported_and_the_next_request_restarts(tmp_path):
    contestant = Contestant("nobody", "nobody", 1)
    with Team(tmp_path / "log", limit=120) as team:
        for _ in range(2):
            with pytest.raises(WorkerError, match=r"its process ended with code 1"):
                team.ask(contestant, "drop")


def test_a_slow_worker_is_killed(tmp_path):
    with Process("numpy", 1, tmp_path / "log", 0.0) as process:
        with pytest.raises(WorkerError, match="took more than 0 s"):
            process.ask("drop")
        process.close()
        assert not process.alive
