"""Compare the LSTM engine with its peers in one run: equality first, then time.

python -m benchmarks.engine --help

    __main__.py     the command line
    workload.py     sizes, mode and kind of input of a workload, and its useful operations
    grid.py         the workloads of a run
    targets.py      the targets
    problem.py      the arrays of a workload, the same in every process
    epoch.py        the arrays of an epoch over documents
    peer.py         the interface of a peer
    peers/          one file per family of peers, one line per peer in PEERS
    worker.py       a peer in its own process
    process.py      the parent's side of that process
    team.py         the processes of all peers
    equality.py     the comparison of two answers
    contest.py      one workload with all peers
    turns.py        the timed rounds of a workload
    outcome.py      results and their statistics
    machine.py      the description of the machine
    report.py       the tables
"""
