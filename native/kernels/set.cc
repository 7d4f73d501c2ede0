// All kernels for one instruction set.
#include "begin.inc"

#include "parts.h"

constexpr const char* isa =
#if defined(ISA_AVX512)
    "avx512";
#elif defined(ISA_AVX2)
    "avx2";
#elif defined(ISA_NEON)
    "neon";
#else
    "base";
#endif
constexpr int lanes = V::lanes;

}  // namespace

#define DECLARE(part) extern const chainrule::KernelPart part;
#define ADDRESS(part) &part,
EACH_PART(DECLARE)
namespace {
constexpr const chainrule::KernelPart* parts[] = {EACH_PART(ADDRESS)};
}
extern const chainrule::InstructionSet instruction_set;
const chainrule::InstructionSet instruction_set = {isa, lanes, parts, sizeof parts / sizeof *parts};

}  // namespace ISA

#include "pop.inc"
