#include "memory.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <limits>
#include <map>
#include <mutex>
#include <new>
#include <unordered_map>

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

namespace longshort {
namespace {

constexpr size_t kHugePage = size_t(1) << 21;
std::atomic<size_t> free_limit{size_t(1) << 30};  // most free bytes to keep

float* allocate(size_t bytes) {
    const size_t alignment = bytes >= kHugePage ? kHugePage : 64;
    void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (!memory) return nullptr;
#if defined(__linux__)
    if (bytes >= kHugePage) madvise(memory, bytes, MADV_HUGEPAGE);  // small pages will do if this fails
#endif
    return static_cast<float*>(memory);
}

class Store {
public:
    float* take(size_t bytes) {
        const std::lock_guard<std::mutex> guard(lock_);
        const auto found = free_.lower_bound(bytes);
        if (found != free_.end() && found->first <= bytes + bytes / 2) {
            float* memory = found->second;
            free_bytes_ -= found->first;
            free_.erase(found);
            return memory;
        }
        float* memory = allocate(bytes);
        if (!memory) {
            shrink(0);  // release the free memory and try again
            memory = allocate(bytes);
        }
        if (!memory) throw std::bad_alloc();
        sizes_[memory] = bytes;
        return memory;
    }

    void give(float* memory) {
        const std::lock_guard<std::mutex> guard(lock_);
        const auto known = sizes_.find(memory);
        if (known == sizes_.end()) return std::free(memory);  // allocated before a fork
        free_.emplace(known->second, memory);
        free_bytes_ += known->second;
        shrink(free_limit);
    }

    void keep(size_t bytes) {
        const std::lock_guard<std::mutex> guard(lock_);
        shrink(free_limit = bytes);
    }

private:
    void shrink(size_t most) {
        while (free_bytes_ > most) drop(std::prev(free_.end()));
    }

    void drop(std::multimap<size_t, float*>::iterator which) {
        free_bytes_ -= which->first;
        sizes_.erase(which->second);
        std::free(which->second);
        free_.erase(which);
    }

    std::mutex lock_;
    std::multimap<size_t, float*> free_;
    std::unordered_map<float*, size_t> sizes_;
    size_t free_bytes_ = 0;
};

std::atomic<Store*> the_store{nullptr};
std::atomic<bool> poisoned{false};

// After a fork the lock may stay held for ever in the child, so the child makes a new store. A store is never deleted,
// because tensors may outlive everything else.
Store& store() {
    static const bool registered = [] {
#if defined(__unix__) || defined(__APPLE__)
        pthread_atfork(nullptr, nullptr, [] { the_store.store(nullptr); });
#endif
        return true;
    }();
    (void)registered;
    Store* existing = the_store.load();
    if (existing) return *existing;
    Store* made = new Store;
    if (the_store.compare_exchange_strong(existing, made)) return *made;
    delete made;
    return *existing;
}

}  // namespace

void GiveBack::operator()(float* memory) const { store().give(memory); }

Memory take_memory(int64_t floats) {
    const size_t wanted = size_t(std::max<int64_t>(floats, 16)) * sizeof(float);
    const size_t step = std::max<size_t>(64, wanted / 8);  // few distinct sizes, so that memory fits the next call
    const size_t bytes = (wanted + step - 1) / step * step;
    float* memory = store().take((bytes + 63) / 64 * 64);
    if (poisoned) std::fill_n(memory, floats, std::numeric_limits<float>::quiet_NaN());
    return Memory(memory);
}

size_t keep_free(size_t bytes) {
    const size_t before = free_limit;
    store().keep(bytes);
    return before;
}

void poison_memory(bool on) { poisoned = on; }

}  // namespace longshort
