// Memory for scratch and for what is kept for gradients: aligned, in huge pages where the system has them, and used
// again, since the first touch of fresh memory costs more than what is computed into it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace longshort {

struct GiveBack {
    void operator()(float* memory) const;
};
using Memory = std::unique_ptr<float, GiveBack>;

// Uninitialised floats on a boundary of 64 bytes. What is given back is kept for the next call, up to a limit.
Memory take_memory(int64_t floats);

// Keep at most so many bytes for the next call; the bytes that were kept at most before.
size_t keep_free(size_t bytes);

void poison_memory(bool on);  // fill all with NaN first: for tests

}  // namespace longshort
