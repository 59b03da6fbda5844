// Inputs shared by several tokens, such as repeated words: projection and gradient are computed once for each.

#pragma once

#include "backward.hpp"

namespace longshort {
namespace LONGSHORT_VARIANT {

struct TableScratch {
    const float **sums, **inputs;
    float** to;
    float *sum_values, *input_values;
    Rounded sum_rows, sum_pairs, input_pairs;
};

static inline int64_t lay_out(const TableBackward& job, float* base, TableScratch& scratch) {
    const int64_t gates = job.sizes.gates(), features = job.sizes.features, pairs = (kChunkRows + 1) / 2;
    Taker take = {base};
    scratch.sums = take.pointers<const float*>(kChunkRows);
    scratch.inputs = take.pointers<const float*>(kChunkRows);
    scratch.to = take.pointers<float*>(kChunkRows);
    scratch.sum_values = take.floats(kChunkRows * gates);
    scratch.input_values = take.floats(kChunkRows * features);
    scratch.sum_rows = {take.pointers<const Factor*>(kChunkRows), take.halves(kChunkRows * factors(gates))};
    scratch.sum_pairs = {take.pointers<const Factor*>(pairs), take.halves(pairs * gates)};
    scratch.input_pairs = {take.pointers<const Factor*>(pairs), take.halves(pairs * features)};
    return take.taken;
}

static int64_t table_scratch(const TableBackward& job) {
    TableScratch scratch;
    return lay_out(job, nullptr, scratch);
}

static inline void sum_tokens(const TableBackward& job, int64_t row, float* sum) {
    const int64_t gates = job.sizes.gates();
    for (int64_t i = 0; i < gates; ++i) sum[i] = 0.0f;
    for (int64_t at = job.offset[row]; at < job.offset[row + 1]; ++at) {
        const float* more = job.sum_gradient[job.token[at]];
        for (int64_t i = 0; i < gates; i += kLanes) store(sum + i, load(sum + i) + load(more + i));
    }
}

static void table_backward(const TableBackward& job, float* base) {
    const Sizes& sizes = job.sizes;
    TableScratch scratch;
    lay_out(job, base, scratch);
    for (int64_t first = job.first, count; first < job.last; first += count) {
        count = job.last - first < kChunkRows ? job.last - first : kChunkRows;
        for (int64_t i = 0; i < count; ++i) {
            float* input = scratch.input_values + i * sizes.features;
            float* sum = scratch.sum_values + i * sizes.gates();
            sum_tokens(job, first + i, sum);
            padded_copy(input, job.x[first + i], sizes.input, sizes.features);
            scratch.sums[i] = sum, scratch.inputs[i] = input;
            if (job.x_gradient.data) scratch.to[i] = job.x_gradient[first + i];
        }
        if (job.weight_gradient)
            outer(scratch.sums, scratch.inputs, count, sizes.gates(), sizes.features, job.weight_gradient, scratch.sum_pairs,
                  scratch.input_pairs);
        if (!job.x_gradient.data) continue;
        const Factor* const* rows = as_factors(scratch.sums, count, sizes.gates(), scratch.sum_rows.rows, scratch.sum_rows.values);
        multiply_back(job.input_back_panels, sizes.gates(), sizes.input, rows, scratch.to, count);
    }
}

}  // namespace LONGSHORT_VARIANT
}  // namespace longshort
