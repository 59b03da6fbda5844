// One step of a few rows with unpacked weights: packing them would take longer than using them once. Used in
// token-by-token generation.

#pragma once

#include "tile.hpp"

namespace longshort {
namespace LONGSHORT_VARIANT {

// lanes[g] += weights[g * stride ...] * x, for the four gates of a unit; the sum of a gate's lanes is the dot product.
static inline void add_products(const float* weights, int64_t stride, const float* x, int64_t depth, Vector (&lanes)[kGates]) {
    int64_t k = 0;
    for (; k + kLanes <= depth; k += kLanes) {
        const Vector values = load(x + k);
        for (int g = 0; g < kGates; ++g) lanes[g] += load(weights + g * stride + k) * values;
    }
    if (k < depth) {
        const Vector values = load(x + k, depth - k);
        for (int g = 0; g < kGates; ++g) lanes[g] += load(weights + g * stride + k, depth - k) * values;
    }
}

static void step(const Step& job) {
    const int64_t input = job.sizes.input, hidden = job.sizes.hidden;
    for (int64_t unit = job.first_unit; unit < job.last_unit; unit += kBlock) {
        const int64_t count = job.last_unit - unit < kBlock ? job.last_unit - unit : kBlock;
        for (int64_t row = 0; row < job.rows; ++row) {
            float sums[kGates][kBlock] = {};
            for (int64_t i = 0; i < count; ++i) {
                const int64_t at = unit + i;
                Vector lanes[kGates] = {};
                add_products(job.input + at * input, hidden * input, job.x[row], input, lanes);
                add_products(job.hidden + at * hidden, hidden * hidden, job.h[row], hidden, lanes);
                for (int g = 0; g < kGates; ++g)
                    sums[g][i] = total(lanes[g]) + (job.input_bias ? job.input_bias[g * hidden + at] + job.hidden_bias[g * hidden + at] : 0.0f);
            }
            for (int lane = 0; lane < kBlock; lane += kLanes) {
                const Gates a = activate(load(sums[0] + lane), load(sums[1] + lane), load(sums[2] + lane), load(sums[3] + lane));
                const Vector c = a.f * load(job.c[row] + unit + lane, count - lane) + a.i * a.g;
                store(job.c[row] + unit + lane, c, count - lane);
                store(job.h_next[row] + unit + lane, a.o * tanh(c), count - lane);
            }
        }
    }
}

}  // namespace LONGSHORT_VARIANT
}  // namespace longshort
