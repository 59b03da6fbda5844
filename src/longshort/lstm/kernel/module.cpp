// The compiled part of longshort: what this machine's processor can do, asked when the program runs.
//
// One build serves every processor of its family, so nothing here is decided by the flags of the compiler: code that
// uses wider instructions asks `cpu_features` first.

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <string>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#endif
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace nb = nanobind;

namespace {

#if defined(__x86_64__)
// __builtin_cpu_supports also asks whether the operating system saves the wide registers. Compilers before GCC 13 and
// Clang 16 know no name for AMX, so leaf 7 is read directly; XCR0 bits 17 and 18 say that the system saves the tiles.
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

}  // namespace

NB_MODULE(_kernel, module) {
    module.doc() = "The compiled part of longshort.";
    module.def("cpu_features", &cpu_features, "Instruction sets by name, and whether this processor has them.");
    module.def("compiler", &compiler, "Name and version of the compiler that built this module.");
    module.def("threads", &threads, "Processor cores that this process may use.");
}
