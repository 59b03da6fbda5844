// Matrix products. A tile is six rows by a few vectors of columns; its sums stay in registers during the inner loop.

#pragma once

#include "layer.hpp"
#include "simd.hpp"

namespace longshort {
namespace LONGSHORT_VARIANT {

// Divides one block of scratch into parts, each on its own cache line; without a block, only counts.
struct Taker {
    float* base;
    int64_t taken = 0;

    float* floats(int64_t count) {
        const int64_t at = taken;
        taken += padded(count);
        return base ? base + at : nullptr;
    }
    template <class T>
    T* pointers(int64_t count) {
        return reinterpret_cast<T*>(floats(count * int64_t(sizeof(T)) / int64_t(sizeof(float))));
    }
    Factor* halves(int64_t count) { return reinterpret_cast<Factor*>(floats(kHalf ? count : 0)); }
};

constexpr int kTile = kVectors * kLanes;  // columns of a tile

// sums[r][v] += rows[r][k] * panel[k][v] over all k; a panel's row is kPanel factors.
template <int R, int V>
static inline void multiply(const Factor* const* rows, int64_t depth, const Factor* panel, Vector (&sums)[R][V]) {
    const Factor* row[R];
    for (int r = 0; r < R; ++r) row[r] = rows[r];
    for (int64_t k = 0; k < depth; ++k, panel += kPanel) {
        Factors weights[V];
        for (int v = 0; v < V; ++v) weights[v] = load(panel + v * kLanes);
        for (int r = 0; r < R; ++r)
            for (int v = 0; v < V; ++v) sums[r][v] = add_products(sums[r][v], row[r][k], weights[v]);
    }
}

template <int R, int V>
static inline void product_tile(const Factor* const* rows, int64_t depth, const Factor* panel, float* out) {
    Vector sums[R][V] = {};
    multiply<R, V>(rows, depth, panel, sums);
    for (int r = 0; r < R; ++r)
        for (int v = 0; v < V; ++v) store(out + r * kPanel + v * kLanes, sums[r][v]);
}

// out[r][column] = rows[r] @ panel, for up to kPanel columns in whole blocks; rows of `out` are kPanel floats.
template <int R>
static inline void product_rows(const Factor* const* rows, int64_t depth, const Factor* panel, int64_t columns, float* out) {
    int64_t at = 0;
    for (; at + kTile <= columns; at += kTile) product_tile<R, kVectors>(rows, depth, panel + at, out + at);
    if constexpr (kTile > kBlock) {  // the remaining whole blocks
        constexpr int each = kBlock / kLanes;
        for (; at < columns; at += kBlock) product_tile<R, each>(rows, depth, panel + at, out + at);
    }
}

static inline void product(int count, const Factor* const* rows, int64_t depth, const Factor* panel, int64_t columns,
                           float* out) {
    switch (count) {
        case 1: return product_rows<1>(rows, depth, panel, columns, out);
        case 2: return product_rows<2>(rows, depth, panel, columns, out);
        case 3: return product_rows<3>(rows, depth, panel, columns, out);
        case 4: return product_rows<4>(rows, depth, panel, columns, out);
        case 5: return product_rows<5>(rows, depth, panel, columns, out);
        default: return product_rows<6>(rows, depth, panel, columns, out);
    }
}

static inline int64_t factors(int64_t depth) { return kHalf ? padded(depth) / 2 : depth; }
static inline const Factor* panel(Panels packed, int64_t number, int64_t depth) {
    return static_cast<const Factor*>(packed.data) + number * factors(depth) * kPanel;
}

// Rows of floats as rows of factors: the same rows, or rounded into `memory`, factors(depth) for each.
static inline const Factor* const* as_factors(const float* const* rows, int64_t count, int64_t depth, const Factor** at,
                                              Factor* memory) {
    if constexpr (kHalf) {
        for (int64_t i = 0; i < count; ++i) {
            at[i] = memory + i * factors(depth);
            for (int64_t k = 0; k < depth; k += kBlock) store_halves(memory + i * factors(depth) + k / 2, load(rows[i] + k, depth - k));
        }
        return at;
    } else {
        (void)count, (void)depth, (void)at, (void)memory;
        return reinterpret_cast<const Factor* const*>(rows);
    }
}

// Splits `total` rows into groups of at most kRows, about equally large: the end of the group that begins at `from`.
static inline int64_t group_end(int64_t from, int64_t total) {
    const int64_t groups = (total - from + kRows - 1) / kRows;
    return from + (total - from + groups - 1) / groups;
}

// out[j][column] += sum over k of left[k][j] * right[k][column]: the product of gradients and inputs.
template <int R, int V>
static inline void outer_tile(const Factor* const* left, const Factor* const* right, int64_t depth, int64_t j, int64_t column,
                              float* out, int64_t stride) {
    Vector sums[R][V];
    for (int r = 0; r < R; ++r)
        for (int v = 0; v < V; ++v) sums[r][v] = load(out + r * stride + v * kLanes);
    for (int64_t k = 0; k < depth; ++k) {
        const Factor *ones = left[k] + j, *many = right[k] + column;
        Factors operand[V];
        for (int v = 0; v < V; ++v) operand[v] = load(many + v * kLanes);
        for (int r = 0; r < R; ++r)
            for (int v = 0; v < V; ++v) sums[r][v] = add_products(sums[r][v], ones[r], operand[v]);
    }
    for (int r = 0; r < R; ++r)
        for (int v = 0; v < V; ++v) store(out + r * stride + v * kLanes, sums[r][v]);
}

template <int V>
static inline void outer_columns(const Factor* const* left, const Factor* const* right, int64_t depth, int64_t height,
                                 int64_t column, float* out, int64_t stride) {
    int64_t j = 0;
    for (; j + kRows <= height; j += kRows)
        outer_tile<kRows, V>(left, right, depth, j, column, out + j * stride + column, stride);
    for (; j + 2 <= height; j += 2) outer_tile<2, V>(left, right, depth, j, column, out + j * stride + column, stride);
}

static inline void outer_factors(const Factor* const* left, const Factor* const* right, int64_t depth, int64_t height,
                                 int64_t width, float* out) {
    int64_t column = 0;
    for (; column + kTile <= width; column += kTile)
        outer_columns<kVectors>(left, right, depth, height, column, out, width);
    if constexpr (kTile > kBlock)
        for (; column < width; column += kBlock)
            outer_columns<kBlock / kLanes>(left, right, depth, height, column, out, width);
}

// Joins two rows of `from` to one of `to`; the last may have only one.
static inline int64_t as_pairs(const float* const* from, int64_t count, int64_t width, const Factor** to, Factor* memory) {
    if constexpr (kHalf)
        for (int64_t i = 0; i < count; i += 2) {
            Factor* pairs = memory + i / 2 * width;
            to[i / 2] = pairs;
            for (int64_t k = 0; k < width; k += kLanes)
                store_pairs(pairs + k, load(from[i] + k), i + 1 < count ? load(from[i + 1] + k) : Vector{});
        }
    else
        (void)from, (void)width, (void)to, (void)memory;
    return (count + 1) / 2;
}

// Storage of rounded rows: pointers and values; empty if nothing is rounded.
struct Rounded {
    const Factor** rows;
    Factor* values;
};

// out[j][column] += sum over tokens of left[token][j] * right[token][column]. `height` is even, `width` a multiple of a
// block.
static inline void outer(const float* const* left, const float* const* right, int64_t tokens, int64_t height, int64_t width,
                         float* out, Rounded left_pairs, Rounded right_pairs) {
    if constexpr (kHalf) {
        const int64_t pairs = as_pairs(left, tokens, height, left_pairs.rows, left_pairs.values);
        as_pairs(right, tokens, width, right_pairs.rows, right_pairs.values);
        outer_factors(left_pairs.rows, right_pairs.rows, pairs, height, width, out);
    } else {
        (void)left_pairs, (void)right_pairs;
        outer_factors(reinterpret_cast<const Factor* const*>(left), reinterpret_cast<const Factor* const*>(right), tokens,
                      height, width, out);
    }
}

}  // namespace LONGSHORT_VARIANT
}  // namespace longshort
