// The kernels for every processor: four lanes on 64-bit ARM, else one.
#include "headers.inc"

#if defined(__ARM_NEON) && defined(__aarch64__)
#define ISA_NEON
#endif

namespace isa_base {
namespace {
#include "all.inc"
const KernelTable kernel_table = {V::lanes == 4 ? "neon" : "base", V::lanes, kernels.all, kernel_count};
}  // namespace
const chainrule::KernelTable* table() { return &kernel_table; }
}  // namespace isa_base
