// Float vectors as wide as the instruction set that this file is compiled for. `LONGSHORT_VARIANT` names the
// instruction set and is the namespace of all code that is compiled more than once.

#pragma once

#include <cstdint>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace longshort {
namespace LONGSHORT_VARIANT {

#if defined(__AVX512F__)
constexpr int kLanes = 16, kVectors = 4;  // lanes of a vector; vectors of a tile's row
#elif defined(__AVX2__)
constexpr int kLanes = 8, kVectors = 2;
#elif defined(__aarch64__)
constexpr int kLanes = 4, kVectors = 4;
#else
constexpr int kLanes = 4, kVectors = 2;
#endif
constexpr int kRows = 6;  // rows of a tile: sums and operands then fill the registers

typedef float Vector __attribute__((vector_size(4 * kLanes)));
typedef int32_t Whole __attribute__((vector_size(4 * kLanes)));
typedef float Unaligned __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));

static inline Vector load(const float* from) { return *reinterpret_cast<const Unaligned*>(from); }
static inline void store(float* to, Vector value) { *reinterpret_cast<Unaligned*>(to) = value; }

// Stores past the caches, for values that are not read soon; `to` must be aligned to whole vectors. Call `streamed`
// before another thread reads them.
static inline void stream(float* to, Vector value) {
#if defined(__AVX512F__)
    _mm512_stream_ps(to, (__m512)value);
#elif defined(__AVX2__)
    _mm256_stream_ps(to, (__m256)value);
#elif defined(__x86_64__)
    _mm_stream_ps(to, (__m128)value);
#else
    store(to, value);
#endif
}
static inline void streamed() {
#if defined(__x86_64__)
    _mm_sfence();
#endif
}

// Prefetches data for an upcoming load.
static inline void prefetch(const float* from) { __builtin_prefetch(from); }

// Loads the first `count` lanes, 0 for the others; all lanes if `count` is larger, none if it is 0 or negative.
static inline Vector load(const float* from, int64_t count) {
    if (count >= kLanes) return load(from);
    float lanes[kLanes] = {};
    for (int64_t i = 0; i < count; ++i) lanes[i] = from[i];
    return load(lanes);
}
static inline void store(float* to, Vector value, int64_t count) {
    if (count >= kLanes) return store(to, value);
    for (int64_t i = 0; i < count; ++i) to[i] = value[i];
}

// An operand of a product: one float; or two bfloat16, whose two products are added to one float32 sum.
#if defined(LONGSHORT_HALF)
constexpr bool kHalf = true;
typedef uint32_t Factor;
typedef uint32_t Factors __attribute__((vector_size(4 * kLanes)));
static_assert(kLanes == 16);

static inline Factors load(const Factor* from) { return (Factors)_mm512_loadu_si512(from); }
static inline Vector add_products(Vector sum, Factor one, Factors many) {
    return (Vector)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_epi32(int(one)), (__m512bh)many);
}
static inline Factors low_halves(Vector values) { return (Factors)_mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)values)); }
// Pairs neighbours of one row.
static inline void store_halves(Factor* to, Vector values) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), (__m256i)_mm512_cvtneps_pbh((__m512)values));
}
// Pairs the same column of two rows.
static inline void store_pairs(Factor* to, Vector first, Vector second) {
    _mm512_storeu_si512(to, (__m512i)(low_halves(first) | low_halves(second) << 16));
}
#else
constexpr bool kHalf = false;
typedef float Factor;
typedef Vector Factors;

static inline Vector add_products(Vector sum, Factor one, Factors many) { return sum + one * many; }
static inline void store_halves(Factor*, Vector) {}  // never called: nothing is rounded
static inline void store_pairs(Factor*, Vector, Vector) {}
#endif

// The sum of all lanes, by halves.
static inline float total(Vector lanes) {
#if defined(__AVX512F__)
    return _mm512_reduce_add_ps((__m512)lanes);
#elif defined(__AVX2__)
    const __m128 quarter = _mm_add_ps(_mm256_castps256_ps128((__m256)lanes), _mm256_extractf128_ps((__m256)lanes, 1));
    const __m128 pair = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
    return _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)));
#else
    static_assert(kLanes == 4);
    return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
#endif
}

static inline Vector all(float value) { return value - Vector{}; }

// exp(x) = power * (1 + rest), with |x| at most 87. Cody & Waite's reduction by ln 2 in two parts; e^r - 1 is
// r + r^2 q(r), q of degree 4 fitted on |r| <= ln(2) / 2 to a relative error of 3e-9.
struct Exponential {
    Vector power, rest;
};
static inline Exponential exponential(Vector x) {
    const float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer, in the low bits
    const Vector shifted = x * 1.44269504f + magic;
    const Vector n = shifted - magic;
    const Vector r = (x - n * 0.693145752f) - n * 1.42860677e-6f;
    Vector q = r * 1.381454e-3f + 8.368745e-3f;
    q = q * r + 4.166839e-2f;
    q = q * r + 1.6666521e-1f;
    q = q * r + 4.9999994e-1f;
    const Whole bits = ((Whole)shifted << 23) + 0x3f800000;
    return {(Vector)bits, q * (r * r) + r};
}
static inline Vector within(Vector x, float bound) {  // NaN stays: these instructions return the second operand
#if defined(__AVX512F__)
    return (Vector)_mm512_min_ps((__m512)all(bound), _mm512_max_ps((__m512)all(-bound), (__m512)x));
#elif defined(__AVX2__)
    return (Vector)_mm256_min_ps((__m256)all(bound), _mm256_max_ps((__m256)all(-bound), (__m256)x));
#else
    x = x < -bound ? all(-bound) : x;
    return x > bound ? all(bound) : x;
#endif
}

// 1 / x, for x from 1 to 2^126: a 14-bit estimate and one Newton step cost less than a division.
static inline Vector reciprocal(Vector x) {
#if defined(__AVX512F__)
    const Vector estimate = (Vector)_mm512_rcp14_ps((__m512)x);
    return estimate + estimate * (1.0f - x * estimate);
#else
    return 1.0f / x;
#endif
}

// tanh(x) = (e^2x - 1) / (e^2x + 1); exact near 0, because e^2x - 1 is computed without cancellation.
struct Fraction {
    Vector over, under;
};
static inline Fraction tanh_fraction(Vector x) {
    const Exponential e = exponential(within(x + x, 40.0f));
    const Vector less_one = (e.power - 1.0f) + e.power * e.rest;
    return {less_one, less_one + 2.0f};
}
static inline Vector tanh(Vector x) {
    const Fraction t = tanh_fraction(x);
    return t.over * reciprocal(t.under);
}
static inline Vector sigmoid_under(Vector x) {  // sigmoid(x) = 1 / (1 + e^-x)
    const Exponential e = exponential(within(-x, 43.0f));  // the product of two such values is finite
    return (e.power * e.rest + e.power) + 1.0f;
}

// All four gates with two reciprocals instead of four: 1/a and 1/b are b/(ab) and a/(ab).
struct Gates {
    Vector i, f, g, o;
};
static inline Gates activate(Vector i, Vector f, Vector g, Vector o) {
    const Vector under_i = sigmoid_under(i), under_f = sigmoid_under(f), under_o = sigmoid_under(o);
    const Fraction candidate = tanh_fraction(g);
    const Vector input_forget = reciprocal(under_i * under_f);
    const Vector output_candidate = reciprocal(under_o * candidate.under);
    return {under_f * input_forget, under_i * input_forget, candidate.over * (under_o * output_candidate),
            candidate.under * output_candidate};
}

}  // namespace LONGSHORT_VARIANT
}  // namespace longshort
