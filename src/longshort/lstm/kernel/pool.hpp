// Worker threads: those of an OpenMP runtime that is already loaded, or the kernel's own pool. There is one pool per
// process; it grows on demand and has no settings.

#pragma once

#include <cstdint>
#include <functional>

namespace longshort {

// Calls work(0) ... work(jobs - 1), each once, on at most `threads` threads including the caller; returns when all are
// done. Any thread may run any job, so results must not depend on the thread. Concurrent and nested calls are safe: if
// the pool is taken, a call runs on its own thread. After a fork the child has a new pool. Rethrows the first exception
// of a job.
void run_parallel(int64_t jobs, int64_t threads, const std::function<void(int64_t)>& work);

// Runs jobs on the threads of the OpenMP runtime that this loaded library uses; false if it has none, or for "", which
// selects the pool again. A runtime's threads spin for a while after each piece of work: they would compete with
// another pool for the cores, but run the next piece of their own at once.
bool share_threads(const char* library);

}  // namespace longshort
