// Memory for scratch and for values kept for gradients: aligned, in huge pages if available, and reused, since touching
// fresh memory costs more than computing the values written to it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace longshort {

struct GiveBack {
    void operator()(float* memory) const;
};
using Memory = std::unique_ptr<float, GiveBack>;

// Uninitialised floats aligned to 64 bytes. Freed memory is kept for the next call, up to a limit.
Memory take_memory(int64_t floats);

// Keeps at most this many free bytes for the next call; returns the previous limit.
size_t keep_free(size_t bytes);

void poison_memory(bool on);  // fill new memory with NaN, for tests

}  // namespace longshort
