// Threads that wait for work: those of an OpenMP runtime that is already there, or a pool of our own. There is one pool in
// a process; it grows to what is asked of it and follows no setting of its own.

#pragma once

#include <cstdint>
#include <functional>

namespace longshort {

// Calls work(0) ... work(jobs - 1), each once, on at most `threads` threads, the caller among them; returns when all are
// done. Which thread takes which job is open, so a job's result must not depend on it. Calls from several threads at
// once, and from within a job, are safe: those that find the pool taken run on their own thread alone. After a fork the
// child has a fresh pool. The first exception of a job is thrown again here.
void run_parallel(int64_t jobs, int64_t threads, const std::function<void(int64_t)>& work);

// Run jobs on the threads of the OpenMP runtime that this loaded library uses; false where it has none, and for "", which
// brings the pool back. A runtime's threads spin for a while after each piece of work: work of another pool would find
// the cores taken by them, and its own work finds them awake.
bool share_threads(const char* library);

}  // namespace longshort
