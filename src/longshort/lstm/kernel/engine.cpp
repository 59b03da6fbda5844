#include "engine.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <numeric>
#include <stdexcept>

#include "memory.hpp"
#include "pool.hpp"

namespace longshort {

#if defined(LONGSHORT_HAS_AVX512_BF16)
namespace avx512_bf16 { extern const Variant variant; }
#endif
#if defined(LONGSHORT_HAS_AVX512)
namespace avx512 { extern const Variant variant; }
#endif
#if defined(LONGSHORT_HAS_AVX2)
namespace avx2 { extern const Variant variant; }
#endif
namespace baseline { extern const Variant variant; }

namespace {

// --- variants ---

std::vector<const Variant*> supported() {
    std::vector<const Variant*> found;
#if defined(__x86_64__) || defined(__i386__)
    __builtin_cpu_init();
#endif
#if defined(LONGSHORT_HAS_AVX512)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma"))
        found.push_back(&avx512::variant);
#endif
#if defined(LONGSHORT_HAS_AVX2)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.push_back(&avx2::variant);
#endif
    found.push_back(&baseline::variant);
    return found;
}

const Variant* rounding() {  // null if this processor has none
#if defined(LONGSHORT_HAS_AVX512_BF16)
    if (__builtin_cpu_supports("avx512bf16")) return &avx512_bf16::variant;
#endif
    return nullptr;
}

std::atomic<const Variant*> in_use{nullptr};

const Variant& full_variant() {
    const Variant* chosen = in_use.load(std::memory_order_acquire);
    if (!chosen) in_use.store(chosen = supported().front(), std::memory_order_release);
    return *chosen;
}
const Variant& variant_of(const Layer& layer) { return layer.half ? *rounding() : full_variant(); }

// --- memory ---

// Divides one block of scratch memory into parts, each starting on its own cache line.
class Parts {
public:
    float* operator()(int64_t floats) {
        const int64_t at = size_;
        size_ += (floats + 15) / 16 * 16;
        return base_ ? base_ + at : nullptr;
    }
    int64_t size() const { return size_; }
    void start(float* base) { base_ = base, size_ = 0; }

private:
    float* base_ = nullptr;
    int64_t size_ = 0;
};

// --- packed weights ---

// The row of torch's weights for a column of a gate row; -1 for a padded unit.
int64_t natural_row(int64_t column, int64_t hidden) {
    const int64_t unit = column / kPanel * kBlock + column % kBlock, gate = column % kPanel / kBlock;
    return unit < hidden ? gate * hidden + unit : -1;
}

uint16_t bfloat16(float value) {  // round to nearest, ties to even; NaN stays NaN
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    if (value != value) return uint16_t(bits >> 16 | 0x40);
    return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// One panel of packed weights, filled value by value.
struct Panel {
    float* floats;
    uint16_t* halves;  // one of the two is null

    Panel(float* panels, int64_t number, int64_t depth, bool half)
        : floats(half ? nullptr : panels + number * depth * kPanel),
          halves(half ? reinterpret_cast<uint16_t*>(panels) + number * padded(depth) * kPanel : nullptr) {
        if (half) std::fill_n(halves, padded(depth) * kPanel, uint16_t(0));
        else std::fill_n(floats, depth * kPanel, 0.0f);
    }
    void set(int64_t k, int64_t column, float value) {
        if (floats) floats[k * kPanel + column] = value;
        else halves[(k / 2 * kPanel + column) * 2 + k % 2] = bfloat16(value);
    }
};

// Packs block `block` of weights (4 * hidden, depth): one column per gate and unit.
void pack_block(const float* weights, int64_t hidden, int64_t depth, int64_t block, float* panels, bool half) {
    Panel panel(panels, block, depth, half);
    for (int64_t column = 0; column < kPanel; ++column) {
        const int64_t row = natural_row(block * kPanel + column, hidden);
        for (int64_t k = 0; row >= 0 && k < depth; ++k) panel.set(k, column, weights[row * depth + k]);
    }
}

// Packs panel `number` of the same weights for the backward pass: one column per input.
void pack_back(const float* weights, int64_t hidden, int64_t depth, int64_t number, float* panels, bool half) {
    const int64_t gates = kGates * padded(hidden), first = number * kPanel, width = std::min<int64_t>(kPanel, depth - first);
    Panel panel(panels, number, gates, half);
    for (int64_t k = 0; k < gates; ++k) {
        const int64_t row = natural_row(k, hidden);
        for (int64_t column = 0; row >= 0 && column < width; ++column)
            panel.set(k, column, weights[row * depth + first + column]);
    }
}

void pack_bias(const Direction& weights, int64_t hidden, float* bias) {
    for (int64_t column = 0; column < kGates * padded(hidden); ++column) {
        const int64_t row = natural_row(column, hidden);
        bias[column] = row < 0 || !weights.input_bias ? 0.0f : weights.input_bias[row] + weights.hidden_bias[row];
    }
}

struct Packed {
    float *input, *hidden, *bias, *input_back, *hidden_back;
};

Packed place_packed(const Layer& layer, bool back, Parts& parts) {
    const int64_t gates = kGates * layer.units();
    Packed packed;
    packed.input = parts(padded(layer.input) * gates);
    packed.hidden = parts(layer.units() * gates);
    packed.bias = parts(gates);
    packed.input_back = back ? parts(panels(layer.input) * kPanel * gates) : nullptr;
    packed.hidden_back = back ? parts(panels(layer.hidden) * kPanel * gates) : nullptr;
    return packed;
}

void pack(const Layer& layer, const std::vector<Packed>& packed, bool forward, bool back) {
    const int64_t blocks = layer.units() / kBlock, input_panels = panels(layer.input), hidden_panels = panels(layer.hidden);
    const int64_t each = (forward ? 2 * blocks : 0) + (back ? input_panels + hidden_panels : 0);
    run_parallel(layer.directions() * each, layer.threads, [&](int64_t job) {
        const Direction& weights = layer.weights[job / each];
        const Packed& to = packed[job / each];
        int64_t part = job % each;
        if (forward) {
            if (part < blocks) return pack_block(weights.input, layer.hidden, layer.input, part, to.input, layer.half);
            if ((part -= blocks) < blocks) return pack_block(weights.hidden, layer.hidden, layer.hidden, part, to.hidden, layer.half);
            part -= blocks;
        }
        if (part < input_panels) return pack_back(weights.input, layer.hidden, layer.input, part, to.input_back, layer.half);
        pack_back(weights.hidden, layer.hidden, layer.hidden, part - input_panels, to.hidden_back, layer.half);
    });
    if (forward)
        for (int64_t d = 0; d < layer.directions(); ++d) pack_bias(layer.weights[d], layer.hidden, packed[d].bias);
}

// --- distribution of rows ---

// Checks lengths and rows once; later code uses them unchecked.
void check(const Layer& layer) {
    int64_t tokens = 0;
    bool fits = layer.distinct > 0 || !layer.table_row;
    for (int64_t row = 0; fits && row < layer.batch; ++row) {
        fits = layer.lengths[row] >= 0 && layer.lengths[row] <= layer.tokens - tokens;  // avoids overflow
        tokens += layer.lengths[row];
    }
    for (int64_t token = 0; layer.table_row && token < layer.tokens; ++token)
        fits = fits && layer.table_row[token] >= 0 && layer.table_row[token] < layer.distinct;
    if (!fits || tokens != layer.tokens)
        throw std::invalid_argument("lengths must be at least 0 and sum to the tokens, and rows must be those of x");
}

// Deals the rows of a batch, longest first, to parts of about equal length.
struct Deal {
    std::vector<std::vector<int64_t>> first, length, place;

    Deal(const int64_t* lengths, int64_t batch, int64_t parts) : first(parts), length(parts), place(parts) {
        std::vector<int64_t> order(batch), start(batch);
        std::iota(order.begin(), order.end(), 0);
        std::exclusive_scan(lengths, lengths + batch, start.begin(), int64_t(0));
        std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return lengths[a] > lengths[b]; });
        for (int64_t i = 0; i < batch; ++i) {
            const int64_t lap = i / parts, part = lap % 2 ? parts - 1 - i % parts : i % parts, row = order[i];
            first[part].push_back(start[row]);
            length[part].push_back(lengths[row]);
            place[part].push_back(row);
        }
    }

    int64_t parts() const { return int64_t(first.size()); }
    Batch batch(int64_t part, bool reverse) const {
        return {int64_t(first[part].size()), first[part].data(), length[part].data(), place[part].data(), reverse};
    }
};

constexpr double kWorthAThread = 1e6;  // multiplications: smaller work is done before another thread wakes up

int64_t parts_per_direction(const Layer& layer) {
    const double work = double(layer.tokens) * layer.hidden * kGates * (layer.input + layer.hidden) * layer.directions();
    const int64_t threads = std::max<int64_t>(1, std::min<int64_t>(layer.threads, int64_t(work / kWorthAThread)));
    const int64_t parts = threads % layer.directions() ? threads : threads / layer.directions();
    return std::max<int64_t>(1, std::min(parts, layer.batch));
}

Sizes sizes_of(const Layer& layer) {
    if (layer.distinct) return {0, layer.hidden, layer.units(), 0};  // the table holds the input projections
    return {layer.input, layer.hidden, layer.units(), padded(layer.input)};
}

Rows rows(const float* data, int64_t stride) { return {const_cast<float*>(data), stride}; }

// The matrix of one direction in (directions, count, stride).
Rows nth(const float* data, int64_t direction, int64_t count, int64_t stride) {
    return {data ? const_cast<float*>(data) + direction * count * stride : nullptr, stride};
}

// The columns of one direction in (count, directions * hidden).
Rows side(const float* data, int64_t direction, const Layer& layer) {
    return {data ? const_cast<float*>(data) + direction * layer.hidden : nullptr, layer.directions() * layer.hidden};
}

Sizes table_sizes(const Layer& layer) { return {layer.input, layer.hidden, layer.units(), padded(layer.input)}; }

int64_t pieces(int64_t count, int64_t each) { return (count + each - 1) / each; }

void fill_tables(const Layer& layer, const std::vector<Packed>& packed, const std::vector<float*>& tables) {
    const int64_t gates = kGates * layer.units(), each = pieces(layer.distinct, kChunkRows);
    run_parallel(layer.directions() * each, layer.threads, [&](int64_t job) {
        const int64_t direction = job / each, from = job % each * kChunkRows;
        const int64_t count = std::min<int64_t>(kChunkRows, layer.distinct - from);
        const Memory scratch = take_memory(variant_of(layer).project_scratch(table_sizes(layer)));
        variant_of(layer).project(table_sizes(layer), {packed[direction].input}, packed[direction].bias,
                                  rows(layer.x + from * layer.input, layer.input),
                                  rows(tables[direction] + from * gates, gates), count, scratch.get());
    });
}

// The scratch memory that forward and backward passes share.
struct Prepared {
    std::vector<Packed> packed;
    std::vector<float*> tables;

    void place(const Layer& layer, bool back, Parts& parts) {
        packed.clear(), tables.clear();
        for (int64_t d = 0; d < layer.directions(); ++d) {
            packed.push_back(place_packed(layer, back, parts));
            tables.push_back(parts(layer.distinct * kGates * layer.units()));
        }
    }
};

}  // namespace

// --- forward ---

namespace {

constexpr int64_t kCaches = int64_t(4) << 20;  // bytes that may still be cached when they are read again

int64_t kept_bytes(const Layer& layer, const Kept& kept) {
    const int64_t columns = (kept.gates ? kGates * layer.units() : 0) + (kept.cells ? layer.units() : 0);
    return layer.directions() * layer.tokens * columns * int64_t(sizeof(float));
}

}  // namespace

// --- a few tokens ---

namespace {

constexpr int64_t kFew = 6;  // with at most this many tokens, packing the weights does not pay

// Runs each step of each direction in turn, distributing its units among the threads.
void run_few(const Layer& layer, float* out, float* h_n, float* c_n) {
    const int64_t hidden = layer.hidden, longest = *std::max_element(layer.lengths, layer.lengths + layer.batch);
    const double work = double(layer.batch) * hidden * kGates * (layer.input + hidden);
    const int64_t blocks = layer.units() / kBlock;
    const int64_t parts = std::clamp<int64_t>(int64_t(work / kWorthAThread), 1, std::min(layer.threads, blocks));
    const Deal deal(layer.lengths, layer.batch, 1);
    std::copy_n(layer.c0, layer.directions() * layer.batch * hidden, c_n);
    for (int64_t d = 0; d < layer.directions(); ++d) {
        const Direction& weights = layer.weights[d];
        const Batch batch = deal.batch(0, d == 1);
        const Rows h0 = nth(layer.h0, d, layer.batch, hidden), c = nth(c_n, d, layer.batch, hidden), to = side(out, d, layer);
        const auto state = [&](int64_t row, int64_t step) {
            return step ? to[batch.token(row, step - 1)] : h0[batch.place[row]];
        };
        for (int64_t step = 0; step < longest; ++step) {
            const int64_t rows = batch.alive(step, batch.rows);
            const float *x[kFew], *h[kFew];
            float *cells[kFew], *next[kFew];
            for (int64_t row = 0; row < rows; ++row) {
                const int64_t token = batch.token(row, step);
                x[row] = layer.x + (layer.distinct ? layer.table_row[token] : token) * layer.input;
                h[row] = state(row, step), cells[row] = c[batch.place[row]], next[row] = to[token];
            }
            run_parallel(parts, layer.threads, [&](int64_t part) {
                const int64_t first = blocks * part / parts * kBlock, last = blocks * (part + 1) / parts * kBlock;
                full_variant().step({table_sizes(layer), weights.input, weights.hidden, weights.input_bias, weights.hidden_bias,
                                rows, x, h, cells, next, first, std::min(last, hidden)});
            });
        }
        for (int64_t row = 0; row < batch.rows; ++row)
            std::copy_n(state(row, batch.length[row]), hidden, nth(h_n, d, layer.batch, hidden)[batch.place[row]]);
    }
}

}  // namespace

void run_forward(const Layer& layer, const Kept& kept, float* out, float* h_n, float* c_n) {
    check(layer);
    if (layer.batch && layer.batch <= kFew && layer.tokens <= kFew && !kept.gates && !kept.cells)
        return run_few(layer, out, h_n, c_n);
    const int64_t gates = kGates * layer.units();
    Prepared prepared;
    Parts parts;
    prepared.place(layer, false, parts);
    const Memory scratch = take_memory(parts.size());
    parts.start(scratch.get());
    prepared.place(layer, false, parts);
    pack(layer, prepared.packed, true, false);
    if (layer.distinct) fill_tables(layer, prepared.packed, prepared.tables);
    const Deal deal(layer.lengths, layer.batch, parts_per_direction(layer));
    run_parallel(layer.directions() * deal.parts(), layer.threads, [&](int64_t number) {
        const int64_t d = number / deal.parts();
        const Packed& packed = prepared.packed[d];
        const Forward job = {
            sizes_of(layer),
            deal.batch(number % deal.parts(), d == 1),
            {packed.input},
            {packed.hidden},
            packed.bias,
            rows(layer.x, layer.input),
            layer.distinct ? layer.table_row : nullptr,
            rows(prepared.tables[d], gates),
            nth(layer.h0, d, layer.batch, layer.hidden),
            nth(layer.c0, d, layer.batch, layer.hidden),
            side(out, d, layer),
            nth(h_n, d, layer.batch, layer.hidden),
            nth(c_n, d, layer.batch, layer.hidden),
            nth(kept.gates, d, layer.tokens, gates),
            nth(kept.cells, d, layer.tokens, layer.units()),
            kept_bytes(layer, kept) > kCaches,
        };
        variant_of(layer).forward(job, take_memory(variant_of(layer).forward_scratch(job)).get());
    });
}

// --- backward ---

namespace {

// The tokens of each distinct row, row by row.
struct Shared {
    std::vector<int64_t> offset, token;

    explicit Shared(const Layer& layer) : offset(layer.distinct + 1), token(layer.distinct ? layer.tokens : 0) {
        if (!layer.distinct) return;
        for (int64_t t = 0; t < layer.tokens; ++t) ++offset[layer.table_row[t] + 1];
        std::partial_sum(offset.begin(), offset.end(), offset.begin());
        std::vector<int64_t> next(offset.begin(), offset.end() - 1);
        for (int64_t t = 0; t < layer.tokens; ++t) token[next[layer.table_row[t]]++] = t;
    }
};

struct JobGradient {
    float *weights, *bias;
};

// Sums a weight's gradient over the jobs, always in the same order.
void join_weights(const Layer& layer, const std::vector<JobGradient>& jobs, int64_t per_direction, const Sizes& sizes,
                  const Gradients& gradients, int64_t direction, int64_t column) {
    const int64_t row = natural_row(column, layer.hidden), width = sizes.joined();
    if (row < 0) return;
    const DirectionGradient& to = gradients.weights[direction];
    for (int64_t part = 0; part < per_direction; ++part) {
        const JobGradient& from = jobs[direction * per_direction + part];
        const float* weights = from.weights + column * width;
        const auto add = [&](float* sum, const float* more, int64_t count) {
            for (int64_t k = 0; k < count; ++k) sum[k] = part ? sum[k] + more[k] : more[k];
        };
        if (to.input && !layer.distinct) add(to.input + row * layer.input, weights, layer.input);
        if (to.hidden) add(to.hidden + row * layer.hidden, weights + sizes.features, layer.hidden);
        if (to.bias) add(to.bias + row, from.bias + column, 1);
    }
}

bool wants_weights(const DirectionGradient& wanted) { return wanted.input || wanted.hidden || wanted.bias; }

}  // namespace

void run_backward(const Layer& layer, const Kept& kept, const float* out, const Gradients& gradients) {
    check(layer);
    const int64_t gates = kGates * layer.units(), directions = layer.directions();
    const bool anew = !kept.gates;
    const Sizes sizes = sizes_of(layer);
    const Deal deal(layer.lengths, layer.batch, parts_per_direction(layer));
    const int64_t jobs = directions * deal.parts();
    const int64_t table_jobs = layer.distinct ? layer.threads : 0;
    const Shared shared(layer);

    Prepared prepared;
    std::vector<JobGradient> job_gradients, table_gradients;
    std::vector<float*> sum_gradients, x_gradients;
    const auto place = [&](Parts& parts) {
        prepared.place(layer, true, parts);
        job_gradients.clear(), table_gradients.clear(), sum_gradients.clear(), x_gradients.clear();
        for (int64_t job = 0; job < jobs; ++job) job_gradients.push_back({parts(gates * sizes.joined()), parts(gates)});
        for (int64_t d = 0; d < directions; ++d) {
            sum_gradients.push_back(layer.distinct ? parts(layer.tokens * gates) : nullptr);
            x_gradients.push_back(gradients.x && d > 0 ? parts((layer.distinct ? layer.distinct : layer.tokens) * layer.input) : gradients.x);
            for (int64_t job = 0; job < table_jobs; ++job) table_gradients.push_back({parts(gates * padded(layer.input)), nullptr});
        }
    };
    Parts parts;
    place(parts);
    const Memory scratch = take_memory(parts.size());
    parts.start(scratch.get());
    place(parts);
    pack(layer, prepared.packed, anew, true);
    if (layer.distinct && anew) fill_tables(layer, prepared.packed, prepared.tables);

    run_parallel(jobs, layer.threads, [&](int64_t number) {
        const int64_t d = number / deal.parts();
        const Packed& packed = prepared.packed[d];
        const JobGradient& mine = job_gradients[number];
        const bool weights = wants_weights(gradients.weights[d]);
        if (weights) {
            std::fill_n(mine.weights, gates * sizes.joined(), 0.0f);
            std::fill_n(mine.bias, gates, 0.0f);
        }
        const Backward job = {
            sizes,
            deal.batch(number % deal.parts(), d == 1),
            {packed.input},
            {packed.hidden},
            packed.bias,
            {packed.input_back},
            {packed.hidden_back},
            rows(layer.distinct ? nullptr : layer.x, layer.input),
            layer.distinct ? layer.table_row : nullptr,
            rows(prepared.tables[d], gates),
            nth(layer.h0, d, layer.batch, layer.hidden),
            nth(layer.c0, d, layer.batch, layer.hidden),
            side(out, d, layer),
            nth(kept.gates, d, layer.tokens, gates),
            nth(kept.cells, d, layer.tokens, layer.units()),
            side(gradients.out, d, layer),
            nth(gradients.h_n, d, layer.batch, layer.hidden),
            nth(gradients.c_n, d, layer.batch, layer.hidden),
            rows(layer.distinct ? nullptr : x_gradients[d], layer.input),
            rows(sum_gradients[d], gates),
            nth(gradients.h0, d, layer.batch, layer.hidden),
            nth(gradients.c0, d, layer.batch, layer.hidden),
            weights ? mine.weights : nullptr,
            weights ? mine.bias : nullptr,
        };
        variant_of(layer).backward(job, take_memory(variant_of(layer).backward_scratch(job)).get());
    });

    if (layer.distinct)
        run_parallel(directions * table_jobs, layer.threads, [&](int64_t number) {
            const int64_t d = number / table_jobs, part = number % table_jobs;
            float* mine = gradients.weights[d].input ? table_gradients[number].weights : nullptr;
            if (mine) std::fill_n(mine, gates * padded(layer.input), 0.0f);
            const TableBackward job = {
                table_sizes(layer),
                layer.distinct * part / table_jobs,
                layer.distinct * (part + 1) / table_jobs,
                shared.offset.data(),
                shared.token.data(),
                rows(sum_gradients[d], gates),
                {prepared.packed[d].input_back},
                rows(layer.x, layer.input),
                rows(x_gradients[d], layer.input),
                mine,
            };
            variant_of(layer).table_backward(job, take_memory(variant_of(layer).table_scratch(job)).get());
        });

    run_parallel(directions * gates, layer.threads, [&](int64_t number) {
        const int64_t d = number / gates, column = number % gates;
        join_weights(layer, job_gradients, deal.parts(), sizes, gradients, d, column);
        const int64_t row = natural_row(column, layer.hidden);
        if (!layer.distinct || row < 0 || !gradients.weights[d].input) return;
        float* to = gradients.weights[d].input + row * layer.input;
        for (int64_t k = 0; k < layer.input; ++k) {
            float sum = 0.0f;
            for (int64_t part = 0; part < table_jobs; ++part)
                sum += table_gradients[d * table_jobs + part].weights[column * padded(layer.input) + k];
            to[k] = sum;
        }
    });
    if (gradients.x)
        for (int64_t d = 1; d < directions; ++d) {
            const int64_t count = (layer.distinct ? layer.distinct : layer.tokens) * layer.input;
            const int64_t each = pieces(count, 1 << 16);
            run_parallel(each, layer.threads, [&](int64_t piece) {
                for (int64_t i = piece << 16; i < std::min(count, (piece + 1) << 16); ++i) gradients.x[i] += x_gradients[d][i];
            });
        }
}

// --- variants: public functions ---

std::vector<std::string> variants() {
    std::vector<std::string> names;
    for (const Variant* each : supported()) names.push_back(each->name);
    return names;
}

bool can_round() { return rounding() != nullptr; }

void use_variant(const std::string& name) {
    for (const Variant* each : supported())
        if (name == each->name) return in_use.store(each, std::memory_order_release);
    throw std::invalid_argument("this processor or this build has no variant " + name);
}

std::string variant_in_use() { return full_variant().name; }

}  // namespace longshort
