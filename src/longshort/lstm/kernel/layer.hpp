// The data of the kernel: one layer in one direction, for the rows of one job.
//
// Units are padded to blocks of 16. A "gate row" holds, block by block, 16 lanes of each of the gates i, f, g, o, so
// that the four gates of a unit are close together. `stride` is the distance between rows in floats.
//
// Code compiled for several instruction sets shares these structs. They must not contain anything that could be
// instantiated twice: no standard library templates, no inline functions that are not static.

#pragma once

#include <cstddef>
#include <cstdint>

namespace longshort {

constexpr int kBlock = 16;            // units of a block
constexpr int kGates = 4;             // i, f, g, o
constexpr int kPanel = kBlock * kGates;  // columns of a panel of packed weights
constexpr int kChunkRows = 128;       // tokens per product of a job, unless it has more rows

static inline int64_t padded(int64_t size) { return (size + kBlock - 1) / kBlock * kBlock; }
static inline int64_t panels(int64_t columns) { return (columns + kPanel - 1) / kPanel; }

// Rows of a matrix; `data` is null if not wanted or absent.
struct Rows {
    float* data;
    int64_t stride;
    float* operator[](int64_t row) const { return data + row * stride; }
};

struct Sizes {
    int64_t input;     // features of a token
    int64_t hidden;    // units
    int64_t units;     // units, padded to whole blocks
    int64_t features;  // features of a token, padded to whole blocks
    int64_t gates() const { return kGates * units; }
    int64_t joined() const { return features + units; }  // a row of inputs and hidden states, side by side
};

// The sequences of one job, longest first.
struct Batch {
    int64_t rows;
    const int64_t* first;   // per row: first token
    const int64_t* length;  // per row: steps
    const int64_t* place;   // per row: position in the caller's batch
    bool reverse;           // read each sequence from its end

    int64_t token(int64_t row, int64_t step) const { return first[row] + (reverse ? length[row] - 1 - step : step); }
    int64_t steps() const { return rows ? length[0] : 0; }
    int64_t alive(int64_t step, int64_t from) const {  // rows that have this step, out of the first `from`
        while (from > 0 && length[from - 1] <= step) --from;
        return from;
    }
};

// Weights packed for a variant's products: panels of 64 columns, [factors][64]. A factor is one float; in a variant
// that multiplies in bfloat16, it is two neighbours along the depth, which is padded to whole blocks.
struct Panels {
    const void* data;
};

struct Forward {
    Sizes sizes;
    Batch batch;
    Panels input_panels;   // [units / 16] panels of depth `input`
    Panels hidden_panels;  // [units / 16] panels of depth `hidden`
    const float* bias;           // a gate row
    Rows x;                      // per token, unpadded features
    const int64_t* table_row;    // per token: row of `table`; null if x is given
    Rows table;                  // gate rows: input projection of the gate sums, bias included
    Rows h0, c0;                 // per sequence
    Rows out;                    // per token
    Rows h_n, c_n;               // per sequence
    Rows gates;                  // per token, gate rows: kept for the gradients, or null
    Rows cells;                  // per token, padded units: kept for the gradients, or null
    bool past_caches;            // what is kept exceeds the caches
};

struct Backward {
    Sizes sizes;
    Batch batch;
    Panels input_panels;        // as in Forward: used if gates are recomputed
    Panels hidden_panels;
    const float* bias;
    Panels input_back_panels;   // [input / 64] panels of depth 4 * units
    Panels hidden_back_panels;  // [hidden / 64] panels of depth 4 * units
    Rows x;
    const int64_t* table_row;
    Rows table;
    Rows h0, c0;
    Rows out;
    Rows gates;                // null: recompute them from x and out
    Rows cells;
    Rows out_gradient;         // null if nothing used the outputs
    Rows h_n_gradient, c_n_gradient;
    Rows x_gradient;           // null if not wanted
    Rows sum_gradient;         // per token, gate rows: gradient of the gate sums; null if not wanted
    Rows h0_gradient, c0_gradient;  // null if not wanted
    float* weight_gradient;    // [4 * units][features + units], of this job only; null if not wanted
    float* bias_gradient;      // a gate row, of this job only; null if not wanted
};

// The gradients of the distinct inputs [first, last): sums over their tokens, multiplied back by the input weights.
struct TableBackward {
    Sizes sizes;
    int64_t first, last;
    const int64_t *offset, *token;  // the tokens of row i are token[offset[i]] ... token[offset[i + 1] - 1]
    Rows sum_gradient;              // per token
    Panels input_back_panels;
    Rows x, x_gradient;             // per distinct input; the gradient is null if not wanted
    float* weight_gradient;         // [4 * units][features], of this job only; null if not wanted
};

// One step of some rows with weights in torch's layout, for the units [first_unit, last_unit).
struct Step {
    Sizes sizes;
    const float *input, *hidden, *input_bias, *hidden_bias;
    int64_t rows;
    const float* const* x;
    const float* const* h;
    float* const* c;  // read and written
    float* const* h_next;
    int64_t first_unit, last_unit;
};

// One compiled variant of the kernel.
struct Variant {
    const char* name;
    bool half;  // multiplies in bfloat16 and adds in float32
    int64_t (*forward_scratch)(const Forward&);   // floats
    void (*forward)(const Forward&, float* scratch);
    int64_t (*backward_scratch)(const Backward&);
    void (*backward)(const Backward&, float* scratch);
    void (*step)(const Step&);
    int64_t (*table_scratch)(const TableBackward&);
    void (*table_backward)(const TableBackward&, float* scratch);
    // out[i] = in[i] @ panels + bias: gate rows from unpadded features
    int64_t (*project_scratch)(const Sizes&);
    void (*project)(const Sizes&, Panels panels, const float* bias, Rows in, Rows out, int64_t rows, float* scratch);
};

}  // namespace longshort
