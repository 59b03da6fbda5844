// All steps of the sequences of one job.
//
// Steps are processed in chunks. One product over all tokens of a chunk gives the input projection of the gate sums;
// then each step adds the hidden projection, for the rows that are still active, and applies the gates.

#pragma once

#include "tile.hpp"

namespace longshort {
namespace LONGSHORT_VARIANT {

// Consecutive steps [start, end) and the rows active at `start`; `rows * steps` tokens fit in a job's scratch.
struct Chunk {
    int64_t start, end, rows;
    int64_t slot(int64_t row, int64_t step) const { return row * (end - start) + step - start; }
};

static inline int64_t chunk_capacity(const Batch& batch) { return batch.rows > kChunkRows ? batch.rows : kChunkRows; }

static inline Chunk chunk_from(const Batch& batch, int64_t start, int64_t rows_before) {
    const int64_t rows = batch.alive(start, rows_before);
    const int64_t steps = rows ? chunk_capacity(batch) / rows : 1;
    return {start, start + steps < batch.steps() ? start + steps : batch.steps(), rows};
}

// Pointers to the operand and result rows of a chunk's products.
struct Pointers {
    const float** from;
    float** to;
    Rounded rounded;  // the rows of `from`
};

static inline Pointers take_pointers(Taker& take, int64_t rows, int64_t depth) {
    const auto from = take.pointers<const float*>(rows);
    const auto to = take.pointers<float*>(rows);
    return {from, to, {take.pointers<const Factor*>(kHalf ? rows : 0), take.halves(rows * factors(depth))}};
}

static inline void copy(float* to, const float* from, int64_t count) { __builtin_memcpy(to, from, count * sizeof(float)); }

static inline void padded_copy(float* to, const float* from, int64_t count, int64_t whole) {
    copy(to, from, count);
    for (int64_t i = count; i < whole; ++i) to[i] = 0.0f;
}

// to[i] = from[i] @ panels (+ bias) for all gates.
static inline void project_rows(Panels panels, const float* bias, int64_t depth, int64_t units, Pointers at,
                                int64_t count, bool add) {
    float sums[kRows * kPanel];
    const Factor* const* from = as_factors(at.from, count, depth, at.rounded.rows, at.rounded.values);
    for (int64_t block = 0; block < units / kBlock; ++block) {
        for (int64_t i = 0, end; i < count; i = end) {
            end = group_end(i, count);
            product(int(end - i), from + i, factors(depth), panel(panels, block, depth), kPanel, sums);
            for (int64_t r = i; r < end; ++r)
                for (int lane = 0; lane < kPanel; lane += kLanes) {
                    float* to = at.to[r] + block * kPanel + lane;
                    const Vector more = add ? load(to) : load(bias + block * kPanel + lane);
                    store(to, load(sums + (r - i) * kPanel + lane) + more);
                }
        }
    }
}

// The input projection of the gate sums, for all tokens of a chunk, in the order of its slots.
static inline void project_chunk(const Sizes& sizes, const Batch& batch, Panels panels, const float* bias, Rows x, Chunk chunk,
                                 Pointers at, float* sums) {
    int64_t count = 0;
    for (int64_t row = 0; row < chunk.rows; ++row)
        for (int64_t step = chunk.start; step < chunk.end && step < batch.length[row]; ++step, ++count) {
            at.from[count] = x[batch.token(row, step)];
            at.to[count] = sums + chunk.slot(row, step) * sizes.gates();
        }
    project_rows(panels, bias, sizes.input, sizes.units, at, count, false);
}

// The hidden state before a step.
static inline const float* before(const Batch& batch, Rows out, Rows h0, int64_t row, int64_t step) {
    return step ? out[batch.token(row, step - 1)] : h0[batch.place[row]];
}

// The addresses of one block of one row at one step; null if not kept.
struct ForwardBlock {
    const float* sums;  // the input projection
    float *cell, *out, *kept_gates, *kept_cell;
    Factor* state;  // the new hidden state, rounded; only if products are
    int64_t units;  // unpadded units from here on
};

template <bool past_caches>
static inline void keep(float* to, Vector value) {
    if constexpr (past_caches) stream(to, value);
    else store(to, value);
}

// The gates and new states of one block, given the hidden projection of the gate sums.
template <bool past_caches>
static inline void apply_gates(const float* sums, const ForwardBlock& at) {
    for (int lane = 0; lane < kBlock; lane += kLanes) {
        Vector sum[kGates];
        for (int g = 0; g < kGates; ++g) sum[g] = load(sums + g * kBlock + lane) + load(at.sums + g * kBlock + lane);
        const Gates a = activate(sum[0], sum[1], sum[2], sum[3]);
        const Vector c = a.f * load(at.cell + lane) + a.i * a.g;
        store(at.cell + lane, c);
        const Vector h = a.o * tanh(c);
        store(at.out + lane, h, at.units - lane);
        if constexpr (kHalf) store_halves(at.state + lane / 2, h);
        if (at.kept_cell) keep<past_caches>(at.kept_cell + lane, c);
        if (!at.kept_gates) continue;
        keep<past_caches>(at.kept_gates + lane, a.i);
        keep<past_caches>(at.kept_gates + kBlock + lane, a.f);
        keep<past_caches>(at.kept_gates + 2 * kBlock + lane, a.g);
        keep<past_caches>(at.kept_gates + 3 * kBlock + lane, a.o);
    }
}

struct ForwardScratch {
    Pointers at;       // of a chunk
    const Factor** h;  // per row: hidden state before the step
    float* cells;      // per row
    float* sums;       // of a chunk: input projection of the gate sums
    Factor* states;    // per row: hidden states before and after the step, rounded

    Factor* state(const Sizes& sizes, int64_t row, int64_t step) const {
        return kHalf ? states + (2 * row + step % 2) * factors(sizes.units) : nullptr;
    }
};

static inline int64_t lay_out(const Forward& job, float* base, ForwardScratch& scratch) {
    const int64_t capacity = chunk_capacity(job.batch), rows = job.batch.rows;
    Taker take = {base};
    scratch.at = take_pointers(take, capacity, job.sizes.input);
    scratch.h = take.pointers<const Factor*>(rows);
    scratch.cells = take.floats(rows * job.sizes.units);
    scratch.sums = take.floats(job.table_row ? 0 : capacity * job.sizes.gates());
    scratch.states = take.halves(2 * rows * factors(job.sizes.units));
    return take.taken;
}

int64_t forward_scratch(const Forward& job) {
    ForwardScratch scratch;
    return lay_out(job, nullptr, scratch);
}

// The input projection of a row at a step: a gate row.
static inline const float* input_share(const Forward& job, Chunk chunk, const ForwardScratch& scratch, int64_t row, int64_t step) {
    return job.table_row ? job.table[job.table_row[job.batch.token(row, step)]]
                         : scratch.sums + chunk.slot(row, step) * job.sizes.gates();
}

template <bool past_caches>
static inline void forward_step(const Forward& job, Chunk chunk, ForwardScratch& scratch, int64_t step, int64_t rows) {
    const Sizes& sizes = job.sizes;
    float sums[kRows * kPanel];
    for (int64_t row = 0; row < rows; ++row) {
        if constexpr (kHalf) scratch.h[row] = scratch.state(sizes, row, step);
        else scratch.h[row] = reinterpret_cast<const Factor*>(before(job.batch, job.out, job.h0, row, step));
    }
    for (int64_t unit = 0; unit < sizes.units; unit += kBlock) {
        const Factor* weights = panel(job.hidden_panels, unit / kBlock, sizes.hidden);
        for (int64_t first = 0, end; first < rows; first = end) {
            end = group_end(first, rows);
            const float* shares[kRows];
            for (int64_t row = first; row < end; ++row) {
                const float* share = shares[row - first] = input_share(job, chunk, scratch, row, step) + unit * kGates;
                // Rows of the table are scattered: prefetch them during the product. Other rows are near.
                for (int lane = 0; job.table_row && lane < kPanel; lane += kLanes) prefetch(share + lane);
            }
            product(int(end - first), scratch.h + first, factors(sizes.hidden), weights, kPanel, sums);
            for (int64_t row = first; row < end; ++row) {
                const int64_t token = job.batch.token(row, step);
                apply_gates<past_caches>(sums + (row - first) * kPanel,
                                         {shares[row - first],
                                          scratch.cells + row * sizes.units + unit, job.out[token] + unit,
                                          job.gates.data ? job.gates[token] + unit * kGates : nullptr,
                                          job.cells.data ? job.cells[token] + unit : nullptr,
                                          kHalf ? scratch.state(sizes, row, step + 1) + unit / 2 : nullptr, sizes.hidden - unit});
            }
        }
    }
}

void forward(const Forward& job, float* base) {
    const Batch& batch = job.batch;
    const Sizes& sizes = job.sizes;
    ForwardScratch scratch;
    lay_out(job, base, scratch);
    for (int64_t row = 0; row < batch.rows; ++row)
        padded_copy(scratch.cells + row * sizes.units, job.c0[batch.place[row]], sizes.hidden, sizes.units);
    if constexpr (kHalf)
        for (int64_t row = 0; row < batch.rows; ++row) {
            const float* h0 = job.h0[batch.place[row]];
            const Factor* at;
            as_factors(&h0, 1, sizes.hidden, &at, scratch.state(sizes, row, 0));
        }
    int64_t rows = batch.rows;
    for (int64_t start = 0; start < batch.steps();) {
        const Chunk chunk = chunk_from(batch, start, rows);
        if (!job.table_row)
            project_chunk(sizes, batch, job.input_panels, job.bias, job.x, chunk, scratch.at, scratch.sums);
        for (int64_t step = chunk.start; step < chunk.end; ++step) {
            rows = batch.alive(step, rows);
            if (job.past_caches) forward_step<true>(job, chunk, scratch, step, rows);
            else forward_step<false>(job, chunk, scratch, step, rows);
        }
        start = chunk.end;
    }
    if (job.past_caches) streamed();
    for (int64_t row = 0; row < batch.rows; ++row) {
        const int64_t place = batch.place[row];
        copy(job.h_n[place], before(batch, job.out, job.h0, row, batch.length[row]), sizes.hidden);
        copy(job.c_n[place], scratch.cells + row * sizes.units, sizes.hidden);
    }
}

}  // namespace LONGSHORT_VARIANT
}  // namespace longshort
