"""Do the contributions of integrated gradients account for the score? Asked of the first test texts of a run.

python docs/completeness.py RUN COUNT
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

import longshort


def main(run: str, count: str) -> None:
    """A line for each baseline."""
    model = longshort.load(run)
    texts = pq.read_table(Path(run) / "predictions.parquet")["text"].to_pylist()[: int(count)]
    for baseline in ("zero", "mean"):
        began = time.process_time()
        found = [longshort.explain(model, text, baseline=baseline) for text in texts]
        seconds = time.process_time() - began
        lengths, errors = ([call(each) for each in found] for call in (len, lambda each: each.completeness_error))
        starts = [each.baseline_score for each in found]
        print(
            f"{baseline}: {len(found)} texts of {min(lengths)} to {max(lengths)} tokens in {seconds:.1f} s of processor"
        )
        print(f"  error {sorted(errors)[len(errors) // 2]:.4f} in the middle, {max(errors):.4f} at most")
        print(
            f"  baselines score {min(starts):+.2f} to {max(starts):+.2f}; {sum(each.jumps > 0 for each in found)} jump"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
