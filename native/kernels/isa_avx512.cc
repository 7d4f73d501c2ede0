// The kernels for AVX-512: there is no table on other processors than x86-64.
#include "headers.inc"

#if defined(__x86_64__)

#define ISA_AVX512
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")
#endif

namespace isa_avx512 {
namespace {
#include "all.inc"
const KernelTable kernel_table = {"avx512", V::lanes, kernels.all, kernel_count};
}  // namespace
const chainrule::KernelTable* table() { return &kernel_table; }
}  // namespace isa_avx512

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#else

namespace isa_avx512 {
const chainrule::KernelTable* table() { return nullptr; }
}  // namespace isa_avx512

#endif
