// One layer in one or two directions, over a whole batch: packs the weights, shares the rows out among the threads, runs
// the variant of the kernel that this processor can run best, and joins the gradients.

#pragma once

#include <string>
#include <vector>

#include "layer.hpp"

namespace longshort {

struct Direction {  // weights as torch has them, gates i, f, g, o along the first axis
    const float *input, *hidden;
    const float *input_bias, *hidden_bias;  // null without biases
};

struct DirectionGradient {  // null where not wanted
    float *input, *hidden, *bias;
};

struct Layer {
    int64_t input, hidden, batch, tokens;
    int64_t distinct;          // rows of x that the tokens share; 0 where each token has its own
    const int64_t* lengths;    // (batch)
    const int64_t* table_row;  // (tokens), where `distinct`
    const float* x;            // (tokens or distinct, input)
    const float *h0, *c0;      // (directions, batch, hidden)
    std::vector<Direction> weights;
    int64_t threads;
    bool half;  // multiply in bfloat16, add in float32; only where can_round()

    int64_t directions() const { return int64_t(weights.size()); }
    int64_t units() const { return padded(hidden); }
};

struct Kept {             // for the gradients, of each direction
    float *gates, *cells;  // (directions, tokens, 4 * units), (directions, tokens, units); null where not kept
};

// out: (tokens, directions * hidden); h_n, c_n: (directions, batch, hidden).
void run_forward(const Layer& layer, const Kept& kept, float* out, float* h_n, float* c_n);

struct Gradients {
    const float *out, *h_n, *c_n;  // given; null for zeros
    float *x, *h0, *c0;            // wanted, or null
    std::vector<DirectionGradient> weights;
};

void run_backward(const Layer& layer, const Kept& kept, const float* out, const Gradients& gradients);

// The variants that are compiled in and that this processor can run, the best first.
std::vector<std::string> variants();
void use_variant(const std::string& name);  // throws std::invalid_argument
std::string variant_in_use();
bool can_round();  // whether this processor multiplies bfloat16

}  // namespace longshort
