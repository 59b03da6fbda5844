// What the kernel works on: one layer in one direction, for the rows that one job owns.
//
// Units are padded to blocks of 16, and inside the kernel a "gate row" holds, block after block, 16 lanes of each of the
// gates i, f, g, o: the four gates of a unit stand together. `stride` is the distance of two rows in floats.
//
// These structs are shared by code that is compiled for several instruction sets. They hold nothing that could be
// instantiated twice: no templates of the standard library, no inline functions that are not static.

#pragma once

#include <cstddef>
#include <cstdint>

namespace longshort {

constexpr int kBlock = 16;            // units of a block
constexpr int kGates = 4;             // i, f, g, o
constexpr int kPanel = kBlock * kGates;  // columns of a panel of packed weights
constexpr int kChunkRows = 128;       // tokens that a job takes through its products at a time, if it can choose

static inline int64_t padded(int64_t size) { return (size + kBlock - 1) / kBlock * kBlock; }
static inline int64_t panels(int64_t columns) { return (columns + kPanel - 1) / kPanel; }

// Rows of a matrix; `data` is null where it is not wanted or not there.
struct Rows {
    float* data;
    int64_t stride;
    float* operator[](int64_t row) const { return data + row * stride; }
};

struct Sizes {
    int64_t input;     // features of a token
    int64_t hidden;    // units
    int64_t units;     // units, padded to whole blocks
    int64_t features;  // features, padded likewise
    int64_t gates() const { return kGates * units; }
    int64_t joined() const { return features + units; }  // a row of inputs and hidden states, side by side
};

// The sequences of one job, the longest first.
struct Batch {
    int64_t rows;
    const int64_t* first;   // of each row, its first token
    const int64_t* length;  // of each row, its steps
    const int64_t* place;   // of each row, its place in the batch of the caller
    bool reverse;           // each sequence is read from its end

    int64_t token(int64_t row, int64_t step) const { return first[row] + (reverse ? length[row] - 1 - step : step); }
    int64_t steps() const { return rows ? length[0] : 0; }
    int64_t alive(int64_t step, int64_t from) const {  // rows that have this step; at most `from` do
        while (from > 0 && length[from - 1] <= step) --from;
        return from;
    }
};

// Weights packed as a variant's products take them: panels of 64 columns, [factors][64]. A factor is one float; or, in a
// variant that multiplies in bfloat16, two neighbours along the depth, which is padded to whole blocks.
struct Panels {
    const void* data;
};

struct Forward {
    Sizes sizes;
    Batch batch;
    Panels input_panels;   // [units / 16] panels of depth `input`
    Panels hidden_panels;  // [units / 16] panels of depth `hidden`
    const float* bias;           // a gate row
    Rows x;                      // of tokens, natural features
    const int64_t* table_row;    // of each token, its row of `table`; null where x is given
    Rows table;                  // gate rows: the input's share of the gates' sums, bias included
    Rows h0, c0;                 // of the batch
    Rows out;                    // of tokens
    Rows h_n, c_n;               // of the batch
    Rows gates;                  // of tokens, gate rows: kept for the gradients, or null
    Rows cells;                  // of tokens, padded units: likewise
    bool past_caches;            // what is kept is more than the caches hold
};

struct Backward {
    Sizes sizes;
    Batch batch;
    Panels input_panels;        // as in Forward: used where gates are computed anew
    Panels hidden_panels;
    const float* bias;
    Panels input_back_panels;   // [input / 64] panels of depth 4 * units
    Panels hidden_back_panels;  // [hidden / 64] likewise
    Rows x;
    const int64_t* table_row;
    Rows table;
    Rows h0, c0;
    Rows out;
    Rows gates;                // null: compute them anew from x and out
    Rows cells;
    Rows out_gradient;         // null where nothing used the outputs
    Rows h_n_gradient, c_n_gradient;
    Rows x_gradient;           // null where not wanted
    Rows sum_gradient;         // of tokens, gate rows: the gradient of the gates' sums; null where not wanted
    Rows h0_gradient, c0_gradient;  // null where not wanted
    float* weight_gradient;    // [4 * units][features + units], of this job alone; null where not wanted
    float* bias_gradient;      // a gate row, of this job alone; null likewise
};

// The gradient of the rows that tokens share, for the rows [first, last): the sums of the tokens' gradients, taken back.
struct TableBackward {
    Sizes sizes;
    int64_t first, last;
    const int64_t *offset, *token;  // the tokens of row i are token[offset[i]] ... token[offset[i + 1] - 1]
    Rows sum_gradient;              // of tokens
    Panels input_back_panels;
    Rows x, x_gradient;             // of rows; the gradient is null where not wanted
    float* weight_gradient;         // [4 * units][features], of this job alone; null where not wanted
};

// One step of some rows with weights as torch has them, for the units [first_unit, last_unit).
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
    // out[i] = in[i] @ panels + bias, gate rows out of natural features
    int64_t (*project_scratch)(const Sizes&);
    void (*project)(const Sizes&, Panels panels, const float* bias, Rows in, Rows out, int64_t rows, float* scratch);
};

}  // namespace longshort
