#include "pool.hpp"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <dlfcn.h>
#include <pthread.h>
#endif

namespace longshort {
namespace {

// The work of one call. Threads draw job numbers from a shared counter.
struct Task {
    const std::function<void(int64_t)>& work;
    const int64_t jobs;
    std::atomic<int64_t> next{0};
    std::mutex failing;
    std::exception_ptr failure;

    void take_all() {
        for (int64_t job; (job = next.fetch_add(1)) < jobs;) try {
                work(job);
            } catch (...) {
                const std::lock_guard<std::mutex> guard(failing);
                if (!failure) failure = std::current_exception();
            }
    }
};

class Pool {
public:
    // Returns false if another call holds the pool.
    bool run(Task& task, int64_t helpers) {
        const std::unique_lock<std::mutex> owner(taken_, std::try_to_lock);
        if (!owner.owns_lock()) return false;
        grow(helpers);
        {
            const std::lock_guard<std::mutex> guard(state_);
            task_ = &task;
            wanted_ = helpers;
        }
        wake_.notify_all();
        task.take_all();
        std::unique_lock<std::mutex> lock(state_);
        wanted_ = 0;  // threads that have not started need not
        done_.wait(lock, [this] { return working_ == 0; });
        task_ = nullptr;
        return true;
    }

    ~Pool() {
        {
            const std::lock_guard<std::mutex> guard(state_);
            closing_ = true;
        }
        wake_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

private:
    void grow(int64_t helpers) {
        while (int64_t(threads_.size()) < helpers) threads_.emplace_back([this] { serve(); });
    }

    void serve() {
        std::unique_lock<std::mutex> lock(state_);
        while (true) {
            wake_.wait(lock, [this] { return closing_ || wanted_ > 0; });
            if (closing_) return;
            --wanted_;
            ++working_;
            Task* task = task_;
            lock.unlock();
            task->take_all();
            lock.lock();
            if (--working_ == 0) done_.notify_one();
        }
    }

    std::mutex taken_, state_;
    std::condition_variable wake_, done_;
    std::vector<std::thread> threads_;
    Task* task_ = nullptr;
    int64_t wanted_ = 0, working_ = 0;
    bool closing_ = false;
};

// The OpenMP runtime's function to run a function on each thread of a team: GNU's, also provided by LLVM and Intel.
using RunTeam = void (*)(void (*)(void*), void*, unsigned, unsigned);

std::atomic<Pool*> the_pool{nullptr};
std::atomic<RunTeam> the_team{nullptr};

// Threads do not survive in the child of a fork, and a pool's locks may stay held there, so the child abandons the
// pool. At exit the operating system cleans up the pool, since its threads may be in use.
void forget_threads_after_fork() {
#if defined(__unix__) || defined(__APPLE__)
    static const int registered = pthread_atfork(nullptr, nullptr, [] {
        the_pool.store(nullptr);
        the_team.store(nullptr);
    });
    (void)registered;
#endif
}

Pool& pool() {
    forget_threads_after_fork();
    Pool* existing = the_pool.load();
    if (existing) return *existing;
    Pool* made = new Pool;
    if (the_pool.compare_exchange_strong(existing, made)) return *made;
    delete made;
    return *existing;
}

}  // namespace

bool share_threads(const char* library) {
    RunTeam found = nullptr;
#if defined(__unix__) || defined(__APPLE__)
    if (*library) {
        void* loaded = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
        if (loaded) found = reinterpret_cast<RunTeam>(dlsym(loaded, "GOMP_parallel")), dlclose(loaded);
    }
#endif
    forget_threads_after_fork();
    the_team.store(found);
    return found != nullptr;
}

void run_parallel(int64_t jobs, int64_t threads, const std::function<void(int64_t)>& work) {
    Task task{work, jobs, {0}, {}, {}};
    const RunTeam team = the_team.load();
    if (threads < 2 || jobs < 2) task.take_all();
    // A team of another size would restart the runtime's threads, so teams always have the owner's size.
    else if (team) team([](void* shared) { static_cast<Task*>(shared)->take_all(); }, &task, unsigned(threads), 0);
    else if (!pool().run(task, (threads < jobs ? threads : jobs) - 1)) task.take_all();
    if (task.failure) std::rethrow_exception(task.failure);
}

}  // namespace longshort
