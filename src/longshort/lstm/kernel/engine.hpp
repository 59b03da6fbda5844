// One layer in one or two directions over a whole batch: packs the weights, distributes the rows among the threads,
// runs the best variant of the kernel for this processor, and sums the gradients.

#pragma once

#include <string>
#include <vector>

#include "layer.hpp"

namespace longshort {

struct Direction {  // weights in torch's layout, gates i, f, g, o along the first axis
    const float *input, *hidden;
    const float *input_bias, *hidden_bias;  // null without biases
};

struct DirectionGradient {  // null if not wanted
    float *input, *hidden, *bias;
};

struct Layer {
    int64_t input, hidden, batch, tokens;
    int64_t distinct;          // distinct rows of x; 0 if each token has its own row
    const int64_t* lengths;    // (batch)
    const int64_t* table_row;  // (tokens), if `distinct`
    const float* x;            // (tokens or distinct, input)
    const float *h0, *c0;      // (directions, batch, hidden)
    std::vector<Direction> weights;
    int64_t threads;
    bool half;  // multiply in bfloat16, add in float32; requires can_round()

    int64_t directions() const { return int64_t(weights.size()); }
    int64_t units() const { return padded(hidden); }
};

struct Kept {             // for the gradients, per direction
    float *gates, *cells;  // (directions, tokens, 4 * units), (directions, tokens, units); null if not kept
};

// out: (tokens, directions * hidden); h_n, c_n: (directions, batch, hidden).
void run_forward(const Layer& layer, const Kept& kept, float* out, float* h_n, float* c_n);

struct Gradients {
    const float *out, *h_n, *c_n;  // given; null for zeros
    float *x, *h0, *c0;            // wanted, or null
    std::vector<DirectionGradient> weights;
};

void run_backward(const Layer& layer, const Kept& kept, const float* out, const Gradients& gradients);

// The compiled variants that this processor can run, best first.
std::vector<std::string> variants();
void use_variant(const std::string& name);  // throws std::invalid_argument
std::string variant_in_use();
bool can_round();  // whether this processor can multiply bfloat16

}  // namespace longshort
