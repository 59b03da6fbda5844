// The gradients of all steps of one job, from the last step to the first.
//
// The gradients of a chunk's gate sums stay in scratch: the previous step needs their product with the hidden weights.
// At the end of the chunk, two products over all of its tokens give the gradients of inputs and weights. The stored
// results of the forward pass are only read, so a backward pass can be repeated.

#pragma once

#include "forward.hpp"

namespace longshort {
namespace LONGSHORT_VARIANT {

struct Scratch {
    Pointers at;           // of a chunk
    const Factor** next;   // per row: gradient of the gate sums one step later
    const float** joined_rows;
    float* sums;           // of a chunk: gradients of the gate sums
    Factor* sum_factors;   // the same as operands of products
    Factor* carry;         // per row: those of the first step of the following chunk
    float* cells;          // per row: gradient of its cell
    float* gates;          // of a chunk, if recomputed
    float* joined;         // of a chunk: inputs and hidden states side by side
    Rounded sum_pairs, joined_pairs;
};

static inline int64_t lay_out(const Backward& job, float* base, Scratch& scratch) {
    const int64_t capacity = chunk_capacity(job.batch), rows = job.batch.rows, gates = job.sizes.gates();
    const int64_t depth = job.sizes.input > job.sizes.hidden ? job.sizes.input : job.sizes.hidden;
    const bool anew = !job.gates.data, weights = job.weight_gradient;
    const int64_t pairs = weights ? (capacity + 1) / 2 : 0;
    Taker take = {base};
    scratch.at = take_pointers(take, capacity, anew ? depth : 0);
    scratch.next = take.pointers<const Factor*>(rows > capacity ? rows : capacity);
    scratch.joined_rows = take.pointers<const float*>(capacity);
    scratch.sums = take.floats(capacity * gates);
    scratch.sum_factors = kHalf ? take.halves(capacity * factors(gates)) : reinterpret_cast<Factor*>(scratch.sums);
    scratch.carry = reinterpret_cast<Factor*>(take.floats(rows * factors(gates)));
    scratch.cells = take.floats(rows * job.sizes.units);
    scratch.gates = take.floats(anew ? capacity * gates : 0);
    scratch.joined = take.floats(weights ? capacity * job.sizes.joined() : 0);
    scratch.sum_pairs = {take.pointers<const Factor*>(pairs), take.halves(pairs * gates)};
    scratch.joined_pairs = {take.pointers<const Factor*>(pairs), take.halves(pairs * job.sizes.joined())};
    return take.taken;
}

int64_t backward_scratch(const Backward& job) {
    Scratch scratch;
    return lay_out(job, nullptr, scratch);
}

// Recomputes the gates of a chunk from inputs and hidden states, all steps at once.
static inline void recompute_gates(const Backward& job, Chunk chunk, Scratch& scratch) {
    const Sizes& sizes = job.sizes;
    if (!job.table_row) project_chunk(sizes, job.batch, job.input_panels, job.bias, job.x, chunk, scratch.at, scratch.gates);
    int64_t count = 0;
    for (int64_t row = 0; row < chunk.rows; ++row)
        for (int64_t step = chunk.start; step < chunk.end && step < job.batch.length[row]; ++step, ++count) {
            scratch.at.from[count] = before(job.batch, job.out, job.h0, row, step);
            scratch.at.to[count] = scratch.gates + chunk.slot(row, step) * sizes.gates();
            if (job.table_row) copy(scratch.at.to[count], job.table[job.table_row[job.batch.token(row, step)]], sizes.gates());
        }
    project_rows(job.hidden_panels, nullptr, sizes.hidden, sizes.units, scratch.at, count, true);
    for (int64_t i = 0; i < count; ++i)
        for (int64_t block = 0; block < sizes.gates(); block += kPanel)
            for (int lane = 0; lane < kBlock; lane += kLanes) {
                float* gate = scratch.at.to[i] + block + lane;
                const Gates a = activate(load(gate), load(gate + kBlock), load(gate + 2 * kBlock), load(gate + 3 * kBlock));
                store(gate, a.i);
                store(gate + kBlock, a.f);
                store(gate + 2 * kBlock, a.g);
                store(gate + 3 * kBlock, a.o);
            }
}

// One block of one row at one step.
struct BackwardBlock {
    const float *gates, *cell, *cell_before;
    const float *out_gradient, *h_n_gradient;  // unpadded units, or null
    float *cell_gradient, *sum_gradient;
    Factor* sum_factors;
    int64_t units;         // unpadded units from here on
    int64_t units_before;  // the same for cell_before
};

static inline void gradient_of_gates(const float* from_next, const BackwardBlock& at) {
    for (int lane = 0; lane < kBlock; lane += kLanes) {
        Vector dh = from_next ? load(from_next + lane) : Vector{};
        if (at.out_gradient) dh += load(at.out_gradient + lane, at.units - lane);
        if (at.h_n_gradient) dh += load(at.h_n_gradient + lane, at.units - lane);
        const Vector i = load(at.gates + lane), f = load(at.gates + kBlock + lane);
        const Vector g = load(at.gates + 2 * kBlock + lane), o = load(at.gates + 3 * kBlock + lane);
        const Vector shown = tanh(load(at.cell + lane));
        const Vector dc = load(at.cell_gradient + lane) + dh * o * (1.0f - shown * shown);
        const Vector of_sums[kGates] = {
            dc * g * i * (1.0f - i),
            dc * load(at.cell_before + lane, at.units_before - lane) * f * (1.0f - f),
            dc * i * (1.0f - g * g),
            dh * shown * o * (1.0f - o),
        };
        for (int gate = 0; gate < kGates; ++gate) {
            store(at.sum_gradient + gate * kBlock + lane, of_sums[gate]);
            if constexpr (kHalf) store_halves(at.sum_factors + (gate * kBlock + lane) / 2, of_sums[gate]);
        }
        store(at.cell_gradient + lane, dc * f);
    }
}

static inline BackwardBlock block_of(const Backward& job, Chunk chunk, const Scratch& scratch, int64_t row, int64_t step,
                                     int64_t unit) {
    const Sizes& sizes = job.sizes;
    const int64_t token = job.batch.token(row, step), place = job.batch.place[row], slot = chunk.slot(row, step);
    const bool last = step + 1 == job.batch.length[row];
    BackwardBlock at;
    at.gates = (job.gates.data ? job.gates[token] : scratch.gates + slot * sizes.gates()) + unit * kGates;
    at.cell = job.cells[token] + unit;
    at.cell_before = (step ? job.cells[job.batch.token(row, step - 1)] : job.c0[place]) + unit;
    at.out_gradient = job.out_gradient.data ? job.out_gradient[token] + unit : nullptr;
    at.h_n_gradient = last && job.h_n_gradient.data ? job.h_n_gradient[place] + unit : nullptr;
    at.cell_gradient = scratch.cells + row * sizes.units + unit;
    at.sum_gradient = scratch.sums + slot * sizes.gates() + unit * kGates;
    at.sum_factors = scratch.sum_factors + slot * factors(sizes.gates()) + factors(unit * kGates);
    at.units = sizes.hidden - unit;
    at.units_before = step ? kBlock : at.units;
    return at;
}

// The gradients of one step; the first `going_on` rows have a step after it.
static inline void backward_step(const Backward& job, Chunk chunk, Scratch& scratch, int64_t step, int64_t rows, int64_t going_on) {
    const Sizes& sizes = job.sizes;
    const int64_t gates = sizes.gates();
    float sums[kRows * kPanel];
    for (int64_t row = 0; row < going_on; ++row)
        scratch.next[row] = step + 1 < chunk.end ? scratch.sum_factors + chunk.slot(row, step + 1) * factors(gates)
                                               : scratch.carry + row * factors(gates);
    for (int64_t first_unit = 0; first_unit < sizes.units; first_unit += kPanel) {
        const int64_t columns = sizes.units - first_unit < kPanel ? sizes.units - first_unit : kPanel;
        const Factor* weights = panel(job.hidden_back_panels, first_unit / kPanel, gates);
        for (int64_t first = 0, end; first < going_on; first = end) {
            end = group_end(first, going_on);
            product(int(end - first), scratch.next + first, factors(gates), weights, columns, sums);
            for (int64_t row = first; row < end; ++row)
                for (int64_t unit = 0; unit < columns; unit += kBlock)
                    gradient_of_gates(sums + (row - first) * kPanel + unit,
                                      block_of(job, chunk, scratch, row, step, first_unit + unit));
        }
        for (int64_t row = going_on; row < rows; ++row)
            for (int64_t unit = 0; unit < columns; unit += kBlock)
                gradient_of_gates(nullptr, block_of(job, chunk, scratch, row, step, first_unit + unit));
    }
}

static inline void add_weight_gradients(const Backward& job, Chunk chunk, Scratch& scratch) {
    const Sizes& sizes = job.sizes;
    const Batch& batch = job.batch;
    int64_t count = 0;
    for (int64_t row = 0; row < chunk.rows; ++row)
        for (int64_t step = chunk.start; step < chunk.end && step < batch.length[row]; ++step, ++count) {
            float* joined = scratch.joined + count * sizes.joined();
            if (job.x.data) padded_copy(joined, job.x[batch.token(row, step)], sizes.input, sizes.features);
            padded_copy(joined + sizes.features, before(batch, job.out, job.h0, row, step), sizes.hidden, sizes.units);
            scratch.joined_rows[count] = joined;
            scratch.at.from[count] = scratch.sums + chunk.slot(row, step) * sizes.gates();
        }
    outer(scratch.at.from, scratch.joined_rows, count, sizes.gates(), sizes.joined(), job.weight_gradient,
          scratch.sum_pairs, scratch.joined_pairs);
    for (int64_t gate = 0; gate < sizes.gates(); gate += kLanes) {
        Vector sum = load(job.bias_gradient + gate);
        for (int64_t i = 0; i < count; ++i) sum += load(scratch.at.from[i] + gate);
        store(job.bias_gradient + gate, sum);
    }
}

// to[i] = from[i] @ panels, unpadded columns.
static inline void multiply_back(Panels panels, int64_t depth, int64_t columns, const Factor* const* from, float* const* to,
                                 int64_t count) {
    float sums[kRows * kPanel];
    for (int64_t column = 0; column < columns; column += kPanel) {
        const int64_t width = columns - column < kPanel ? columns - column : kPanel;
        for (int64_t i = 0, end; i < count; i = end) {
            end = group_end(i, count);
            product(int(end - i), from + i, factors(depth), panel(panels, column / kPanel, depth), padded(width), sums);
            for (int64_t r = i; r < end; ++r) copy(to[r] + column, sums + (r - i) * kPanel, width);
        }
    }
}

static inline void input_gradients(const Backward& job, Chunk chunk, Scratch& scratch) {
    const Sizes& sizes = job.sizes;
    int64_t count = 0;
    for (int64_t row = 0; row < chunk.rows; ++row)
        for (int64_t step = chunk.start; step < chunk.end && step < job.batch.length[row]; ++step, ++count) {
            const int64_t token = job.batch.token(row, step), slot = chunk.slot(row, step);
            scratch.next[count] = scratch.sum_factors + slot * factors(sizes.gates());
            if (job.x_gradient.data) scratch.at.to[count] = job.x_gradient[token];
            if (job.sum_gradient.data) copy(job.sum_gradient[token], scratch.sums + slot * sizes.gates(), sizes.gates());
        }
    if (job.x_gradient.data)
        multiply_back(job.input_back_panels, sizes.gates(), sizes.input, scratch.next, scratch.at.to, count);
}

// The gradients of the initial states; for an empty sequence, those of its final states.
static inline void state_gradients(const Backward& job, Scratch& scratch) {
    const Sizes& sizes = job.sizes;
    const int64_t rows = job.batch.alive(0, job.batch.rows);
    const auto empty = [&](Rows to, Rows from, int64_t place) {
        if (from.data) return copy(to[place], from[place], sizes.hidden);
        for (int64_t unit = 0; unit < sizes.hidden; ++unit) to[place][unit] = 0.0f;
    };
    if (job.h0_gradient.data) {
        for (int64_t row = 0; row < rows; ++row) {  // a chunk has room for all rows
            scratch.next[row] = scratch.carry + row * factors(sizes.gates());
            scratch.at.to[row] = job.h0_gradient[job.batch.place[row]];
        }
        multiply_back(job.hidden_back_panels, sizes.gates(), sizes.hidden, scratch.next, scratch.at.to, rows);
        for (int64_t row = rows; row < job.batch.rows; ++row) empty(job.h0_gradient, job.h_n_gradient, job.batch.place[row]);
    }
    if (job.c0_gradient.data) {
        for (int64_t row = 0; row < rows; ++row)
            copy(job.c0_gradient[job.batch.place[row]], scratch.cells + row * sizes.units, sizes.hidden);
        for (int64_t row = rows; row < job.batch.rows; ++row) empty(job.c0_gradient, job.c_n_gradient, job.batch.place[row]);
    }
}

// The chunk that ends before step `end`, as long as scratch allows.
static inline Chunk chunk_before(const Batch& batch, int64_t end) {
    Chunk chunk = {end - 1, end, batch.alive(end - 1, batch.rows)};
    for (; chunk.start > 0; --chunk.start) {
        const int64_t rows = batch.alive(chunk.start - 1, batch.rows);
        if (rows * (end - chunk.start + 1) > chunk_capacity(batch)) break;
        chunk.rows = rows;
    }
    return chunk;
}

void backward(const Backward& job, float* base) {
    const Batch& batch = job.batch;
    const Sizes& sizes = job.sizes;
    Scratch scratch;
    lay_out(job, base, scratch);
    for (int64_t row = 0; row < batch.rows; ++row)
        for (int64_t unit = 0; unit < sizes.units; ++unit)
            scratch.cells[row * sizes.units + unit] =
                job.c_n_gradient.data && unit < sizes.hidden ? job.c_n_gradient[batch.place[row]][unit] : 0.0f;
    int64_t going_on = 0;
    for (int64_t end = batch.steps(); end > 0;) {
        const Chunk chunk = chunk_before(batch, end);
        if (!job.gates.data) recompute_gates(job, chunk, scratch);
        for (int64_t step = chunk.end; step-- > chunk.start;) {
            const int64_t rows = batch.alive(step, batch.rows);
            backward_step(job, chunk, scratch, step, rows, going_on);
            going_on = rows;
        }
        if (job.weight_gradient) add_weight_gradients(job, chunk, scratch);
        if (job.x_gradient.data || job.sum_gradient.data) input_gradients(job, chunk, scratch);
        const int64_t width = factors(sizes.gates());
        for (int64_t row = 0; row < chunk.rows; ++row)
            __builtin_memcpy(scratch.carry + row * width, scratch.sum_factors + chunk.slot(row, chunk.start) * width,
                             width * sizeof(Factor));
        end = chunk.start;
    }
    state_gradients(job, scratch);
}

}  // namespace LONGSHORT_VARIANT
}  // namespace longshort
