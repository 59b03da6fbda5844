"""The command line of the engine's benchmark."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.engine import grid
from benchmarks.engine.contest import Contest, measure_products
from benchmarks.engine.epoch import store_corpus
from benchmarks.engine.machine import describe, slug
from benchmarks.engine.outcome import Cell
from benchmarks.engine.peers import PEERS, PRODUCTS
from benchmarks.engine.report import Result, as_json, as_markdown, line
from benchmarks.engine.team import Team
from benchmarks.engine.turns import Pace
from benchmarks.engine.workload import Workload

RESULTS = Path(__file__).parent.parent / "results"
NORMAL, QUICK = Pace(), Pace(rounds=3, turn=0.03, share=0.2)
EPOCH, QUICK_EPOCH = Pace(rounds=24, least=3, turn=0.0, share=40.0), Pace(rounds=2, turn=0.0, share=1.0)


def main() -> None:
    """Run the workloads, then print and store the tables."""
    options = _options()
    result = Result(describe(), shlex.join(["python", "-m", "benchmarks.engine", *sys.argv[1:]]))
    with tempfile.TemporaryDirectory() as folder:
        workloads = _workloads(options, Path(folder, "corpus.npz"))
        log = Path(folder, "libraries.log")
        with Team(log, options.limit) as team:
            _measure(options, team, workloads, result)
        if any(o.status == "failed" for cell in result.cells for o in cell.outcomes.values()):
            _say(log.read_text(errors="replace")[-4000:])
    print(as_markdown(result))


def _measure(options: argparse.Namespace, team: Team, workloads: list[Workload], result: Result) -> None:
    """Measure all workloads, storing the results after each."""
    began = time.monotonic()
    for place, workload in enumerate(workloads, start=1):
        if workload.threads not in result.products:
            _find_floors(options, team, workload.threads, result)
        cell = _cell(options, team, workload, result.floors[workload.threads])
        result.cells.append(cell)
        _say(f"[{place}/{len(workloads)}, {time.monotonic() - began:.0f} s] {line(cell)}")
        _store(result, options.results)


def _cell(options: argparse.Namespace, team: Team, workload: Workload, floors: list[str]) -> Cell:
    paces = {(False, False): NORMAL, (False, True): QUICK, (True, False): EPOCH, (True, True): QUICK_EPOCH}
    epoch = workload.mode == "epoch"
    products = floors if workload.mode in ("forward", "train") else []
    pace = paces[epoch, options.quick]
    return Contest(team, pace, workload, options.peers, products, whole=not options.quick).run()


def _find_floors(options: argparse.Namespace, team: Team, threads: int, result: Result) -> None:
    """Measure every matrix product; the first and the fastest of the others take part in the rounds."""
    rates = measure_products(team, QUICK if options.quick else NORMAL, threads)
    first = next(iter(PRODUCTS))
    others = sorted((name for name in rates if name != first), key=rates.__getitem__)
    result.products[threads] = rates
    result.floors[threads] = [first, *others[-1:]]
    _say(f"{threads} thread(s): " + ", ".join(f"{name} {rate / 1e9:.1f} GFLOP/s" for name, rate in rates.items()))


def _workloads(options: argparse.Namespace, corpus: Path) -> list[Workload]:
    if options.quick:
        workloads = grid.quick(options.threads)
    else:
        workloads = grid.full() if options.full else grid.chosen(options.threads)
    if options.epoch is not None:
        workloads.append(grid.epochs(str(corpus), options.threads, small=options.quick))
    kept = [each for each in workloads if options.only.search(each.name)]
    if not kept:
        sys.exit("--only matches none of:\n" + "\n".join(f"  {each.name}" for each in workloads))
    if any(each.mode == "epoch" for each in kept):
        store_corpus(options.epoch, corpus)
    return kept


def _store(result: Result, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = slug(result.machine)
    folder.joinpath(f"{name}.md").write_text(as_markdown(result))
    folder.joinpath(f"{name}.json").write_text(json.dumps(as_json(result), indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--full", action="store_true", help="every combination of the grid; takes many hours")
    size.add_argument("--quick", action="store_true", help="small workloads, to check that everything works")
    parser.add_argument("--only", type=re.compile, default=re.compile(""), help="pattern of workload names")
    parser.add_argument("--epoch", type=Path, metavar="FOLDER", help="add an epoch over FOLDER/train.parquet")
    parser.add_argument("--peers", type=_peers, default=list(PEERS), help="comma-separated; " + ", ".join(PEERS))
    parser.add_argument(
        "--threads", type=int, default=min(2, len(os.sched_getaffinity(0))), help="threads of each peer"
    )
    parser.add_argument("--limit", type=float, default=900.0, help="seconds for one request to a peer")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the result files")
    return parser.parse_args()


def _peers(text: str) -> list[str]:
    unknown = set(text.split(",")) - set(PEERS)
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown peer {', '.join(sorted(unknown))}; the peers are {', '.join(PEERS)}")
    return [name for name in PEERS if name in text.split(",")]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
