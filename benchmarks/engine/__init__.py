"""The LSTM engine and its peers, side by side in one run: equality first, then time.

python -m benchmarks.engine --help

    __main__.py     the command line
    workload.py     what is run: sizes, mode, kind of input; and the useful operations in it
    grid.py         which workloads a run goes through
    targets.py      what is to be reached
    problem.py      the arrays of a workload, the same in every process
    epoch.py        the arrays of an epoch over documents
    peer.py         what a peer is
    peers/          one file a family of peers, one line a peer in PEERS
    worker.py       a peer in a process of its own
    process.py      the other end of its pipe
    equality.py     whether two answers are the same
    rounds.py       one workload, all peers in turn
    outcome.py      what came out, and its statistics
    machine.py      where it was measured
    report.py       the tables
"""
