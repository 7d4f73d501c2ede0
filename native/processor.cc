#include "processor.h"

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace chainrule {

namespace {

bool cpu_has_avx2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

bool cpu_has_avx512() {
#if defined(__x86_64__)
  return cpu_has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

const KernelTable& choose() {
  const auto tables = available_tables();
  const char* forced = std::getenv("CHAINRULE_ISA");
  if (!forced || !*forced) return *tables.front();
  std::string names;
  for (const KernelTable* t : tables) {
    if (std::strcmp(t->isa, forced) == 0) return *t;
    names += std::string(names.empty() ? "" : ", ") + t->isa;
  }
  throw std::runtime_error(std::string("CHAINRULE_ISA is '") + forced + "', but this processor has: " + names);
}

}  // namespace

std::vector<const KernelTable*> available_tables() {
  std::vector<const KernelTable*> tables;
  if (cpu_has_avx512() && isa_avx512::table()) tables.push_back(isa_avx512::table());
  if (cpu_has_avx2() && isa_avx2::table()) tables.push_back(isa_avx2::table());
  tables.push_back(isa_base::table());
  return tables;
}

const KernelTable& kernels_in_use() {
  static const KernelTable& table = choose();  // when it throws, the next call tries again
  return table;
}

}  // namespace chainrule
