#include "pool.hpp"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

namespace longshort {
namespace {

// One call's work. Threads take the numbers of its jobs from one counter.
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
    // False where another call has the pool.
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
        wanted_ = 0;  // who has not come yet need not
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

std::atomic<Pool*> the_pool{nullptr};

// The threads of a pool do not live on in the child of a fork, and its locks may be held for ever there: it is left
// behind as it is. At the end of the process the pool is left to the operating system, for its threads may be in use.
Pool& pool() {
    static const bool registered = [] {
#if defined(__unix__) || defined(__APPLE__)
        pthread_atfork(nullptr, nullptr, [] { the_pool.store(nullptr); });
#endif
        return true;
    }();
    (void)registered;
    Pool* existing = the_pool.load();
    if (existing) return *existing;
    Pool* made = new Pool;
    if (the_pool.compare_exchange_strong(existing, made)) return *made;
    delete made;
    return *existing;
}

}  // namespace

void run_parallel(int64_t jobs, int64_t threads, const std::function<void(int64_t)>& work) {
    Task task{work, jobs, {0}, {}, {}};
    const int64_t helpers = (threads < jobs ? threads : jobs) - 1;
    if (helpers < 1 || !pool().run(task, helpers)) task.take_all();
    if (task.failure) std::rethrow_exception(task.failure);
}

}  // namespace longshort
