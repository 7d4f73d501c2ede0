#include "processor.h"

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace chainrule {

namespace {

#if defined(__x86_64__)
bool cpu_has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool cpu_has_avx512() {
  return cpu_has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

const InstructionSet& choose() {
  const auto sets = available_sets();
  const char* forced = std::getenv("CHAINRULE_ISA");
  if (!forced || !*forced) return *sets.front();
  std::string names;
  for (const InstructionSet* set : sets) {
    if (std::strcmp(set->isa, forced) == 0) return *set;
    names += std::string(names.empty() ? "" : ", ") + set->isa;
  }
  throw std::runtime_error(std::string("CHAINRULE_ISA is '") + forced + "', but this processor has: " + names);
}

Kernels kernels_of(const InstructionSet& set) {
  std::vector<Kernel> all;
  for (uint32_t i = 0; i < set.part_count; i++)
    all.insert(all.end(), set.parts[i]->kernels, set.parts[i]->kernels + set.parts[i]->count);
  return {set, std::move(all)};
}

}  // namespace

std::vector<const InstructionSet*> available_sets() {
  std::vector<const InstructionSet*> sets;
#if defined(__x86_64__)
  if (cpu_has_avx512()) sets.push_back(&isa_avx512::instruction_set);
  if (cpu_has_avx2()) sets.push_back(&isa_avx2::instruction_set);
#endif
  sets.push_back(&isa_base::instruction_set);
  return sets;
}

const Kernels& kernels_in_use() {
  static const Kernels kernels = kernels_of(choose());  // when it throws, the next call tries again
  return kernels;
}

}  // namespace chainrule
