// The Python bindings of the kernel. They take bare tensor addresses and check nothing: the callers, `native.py` and
// `operators.py`, check the tensors and keep them alive.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "engine.hpp"
#include "memory.hpp"
#include "pool.hpp"

#if defined(__linux__)
#include <sched.h>
#endif
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace nb = nanobind;

namespace {

#if defined(__x86_64__)
// __builtin_cpu_supports also checks that the operating system saves the wide registers. Compilers before GCC 13 and
// Clang 16 have no name for AMX, so leaf 7 is read directly; XCR0 bits 17 and 18 mean that the system saves the tiles.
bool amx_supported() {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) return false;
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    const unsigned tiles = (1u << 17) | (1u << 18);
    if ((low & tiles) != tiles || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
    const unsigned amx_tile_and_bf16 = (1u << 24) | (1u << 22);
    return (d & amx_tile_and_bf16) == amx_tile_and_bf16;
}
#endif

nb::dict cpu_features() {
    nb::dict features;
#if defined(__x86_64__)
    __builtin_cpu_init();
    features["avx2"] = bool(__builtin_cpu_supports("avx2"));
    features["fma"] = bool(__builtin_cpu_supports("fma"));
    features["avx512f"] = bool(__builtin_cpu_supports("avx512f"));
    features["avx512bw"] = bool(__builtin_cpu_supports("avx512bw"));
    features["avx512vl"] = bool(__builtin_cpu_supports("avx512vl"));
    features["avx512_bf16"] = bool(__builtin_cpu_supports("avx512bf16"));
    features["amx_bf16"] = amx_supported();
#elif defined(__aarch64__)
    features["neon"] = true;  // part of every 64-bit ARM processor
#endif
    return features;
}

std::string compiler() {
#if defined(__clang__)
    return "clang " __clang_version__;
#elif defined(__GNUC__)
    return "gcc " __VERSION__;
#else
    return "unknown";
#endif
}

unsigned threads() {
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return unsigned(CPU_COUNT(&allowed));
#endif
    const unsigned cores = std::thread::hardware_concurrency();
    return cores ? cores : 1;
}

// Releases the GIL. Before Python 3.14, reacquiring it while the process exits unwinds the thread, through code that
// cannot be unwound: the thread sleeps instead until the process is gone.
class WithoutGil {
public:
    WithoutGil() : state_(PyEval_SaveThread()) {}
    ~WithoutGil() {
        try {
            PyEval_RestoreThread(state_);
        } catch (...) {
            while (true) std::this_thread::sleep_for(std::chrono::hours(1));
        }
    }
    WithoutGil(const WithoutGil&) = delete;
    WithoutGil& operator=(const WithoutGil&) = delete;

private:
    PyThreadState* state_;
};

using Address = uintptr_t;

template <class T>
T* at(Address address) {
    return reinterpret_cast<T*>(address);
}

// input, hidden, batch, tokens, distinct, threads, half
using Shape = std::tuple<int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, bool>;
// lengths, table_row, x, h0, c0
using Inputs = std::tuple<Address, Address, Address, Address, Address>;
// per direction: input, hidden, input_bias, hidden_bias
using Weights = std::vector<std::tuple<Address, Address, Address, Address>>;

longshort::Layer layer_of(const Shape& shape, const Inputs& inputs, const Weights& weights) {
    longshort::Layer layer;
    std::tie(layer.input, layer.hidden, layer.batch, layer.tokens, layer.distinct, layer.threads, layer.half) = shape;
    layer.lengths = at<const int64_t>(std::get<0>(inputs));
    layer.table_row = at<const int64_t>(std::get<1>(inputs));
    layer.x = at<const float>(std::get<2>(inputs));
    layer.h0 = at<const float>(std::get<3>(inputs));
    layer.c0 = at<const float>(std::get<4>(inputs));
    for (const auto& [input, hidden, input_bias, hidden_bias] : weights)
        layer.weights.push_back({at<float>(input), at<float>(hidden), at<float>(input_bias), at<float>(hidden_bias)});
    return layer;
}

void forward(const Shape& shape, const Inputs& inputs, const Weights& weights, Address gates, Address cells, Address out,
             Address h_n, Address c_n) {
    const longshort::Layer layer = layer_of(shape, inputs, weights);
    const WithoutGil released;
    longshort::run_forward(layer, {at<float>(gates), at<float>(cells)}, at<float>(out), at<float>(h_n), at<float>(c_n));
}

// One step of each of a few rows, without gradients: input, hidden, batch, threads; x, h0, c0; out, h_n, c_n.
void step(const std::tuple<int64_t, int64_t, int64_t, int64_t>& shape, const Weights& weights,
          const std::tuple<Address, Address, Address>& inputs, const std::tuple<Address, Address, Address>& results) {
    const auto [input, hidden, batch, threads] = shape;
    const std::vector<int64_t> lengths(batch, 1);
    const longshort::Layer layer =
        layer_of({input, hidden, batch, batch, 0, threads, false},
                 {reinterpret_cast<Address>(lengths.data()), 0, std::get<0>(inputs), std::get<1>(inputs), std::get<2>(inputs)}, weights);
    const WithoutGil released;
    longshort::run_forward(layer, {nullptr, nullptr}, at<float>(std::get<0>(results)), at<float>(std::get<1>(results)),
                           at<float>(std::get<2>(results)));
}

// given: out, h_n, c_n; wanted: x, h0, c0; per direction: input, hidden, bias
void backward(const Shape& shape, const Inputs& inputs, const Weights& weights, Address gates, Address cells, Address out,
              const std::tuple<Address, Address, Address>& given, const std::tuple<Address, Address, Address>& wanted,
              const std::vector<std::tuple<Address, Address, Address>>& wanted_weights) {
    const longshort::Layer layer = layer_of(shape, inputs, weights);
    longshort::Gradients gradients = {at<float>(std::get<0>(given)),  at<float>(std::get<1>(given)),
                                      at<float>(std::get<2>(given)),  at<float>(std::get<0>(wanted)),
                                      at<float>(std::get<1>(wanted)), at<float>(std::get<2>(wanted)), {}};
    for (const auto& [input, hidden, bias] : wanted_weights)
        gradients.weights.push_back({at<float>(input), at<float>(hidden), at<float>(bias)});
    const WithoutGil released;
    longshort::run_backward(layer, {at<float>(gates), at<float>(cells)}, at<float>(out), gradients);
}

nb::ndarray<nb::pytorch, float, nb::ndim<1>> memory(int64_t floats) {
    longshort::Memory taken = longshort::take_memory(floats);
    float* data = taken.get();
    const nb::capsule owner(data, [](void* memory) noexcept { longshort::GiveBack()(static_cast<float*>(memory)); });
    taken.release();
    return nb::ndarray<nb::pytorch, float, nb::ndim<1>>(data, {size_t(floats)}, owner);
}

}  // namespace

NB_MODULE(_kernel, module) {
    module.doc() = "The compiled part of longshort.";
    module.def("cpu_features", &cpu_features, "Instruction sets by name, and whether this processor has them.");
    module.def("compiler", &compiler, "Name and version of the compiler that built this module.");
    module.def("forward", &forward, "All steps of one layer.");
    module.def("step", &step, "One step of each of a few rows.");
    module.def("backward", &backward, "The gradients of one layer.");
    module.def("variants", &longshort::variants, "Compiled variants that this processor can run, the best first.");
    module.def("can_round", &longshort::can_round, "Whether this processor multiplies bfloat16.");
    module.def("use_variant", &longshort::use_variant, "Run this variant from now on; ValueError where it cannot run.");
    module.def("variant_in_use", &longshort::variant_in_use, "The variant that runs.");
    module.def("memory", &memory, "An uninitialised torch tensor of this many floats.");
    module.def("keep_free", &longshort::keep_free, "Keep at most so many bytes for the next call; those before.");
    module.def("poison_memory", &longshort::poison_memory, "Fill memory with NaN before use, for tests.");
    module.def("share_threads", &longshort::share_threads,
               "Run on the OpenMP threads of this loaded library; False where it has none. \"\" for threads of our own.");
    module.def("threads", &threads, "Processor cores that this process may use.");
}
