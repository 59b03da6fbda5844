// Compiled once for each instruction set, named by LONGSHORT_VARIANT.

#include "step.hpp"
#include "table.hpp"

namespace longshort {
namespace LONGSHORT_VARIANT {

static int64_t project_scratch(const Sizes& sizes) {
    Taker take = {nullptr};
    take_pointers(take, kChunkRows, sizes.input);
    return take.taken;
}

static void project(const Sizes& sizes, Panels panels, const float* bias, Rows in, Rows out, int64_t rows, float* scratch) {
    Taker take = {scratch};
    const Pointers at = take_pointers(take, kChunkRows, sizes.input);
    for (int64_t first = 0; first < rows; first += kChunkRows) {
        const int64_t count = rows - first < kChunkRows ? rows - first : kChunkRows;
        for (int64_t i = 0; i < count; ++i) at.from[i] = in[first + i], at.to[i] = out[first + i];
        project_rows(panels, bias, sizes.input, sizes.units, at, count, false);
    }
}

#define LONGSHORT_TEXT_OF(name) #name
#define LONGSHORT_TEXT(name) LONGSHORT_TEXT_OF(name)
extern const Variant variant;
const Variant variant = {LONGSHORT_TEXT(LONGSHORT_VARIANT), kHalf, forward_scratch, forward,
                         backward_scratch, backward, step, table_scratch, table_backward, project_scratch, project};

}  // namespace LONGSHORT_VARIANT
}  // namespace longshort
