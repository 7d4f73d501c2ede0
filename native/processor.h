// The instruction sets of this processor, and the kernels that are used.
#pragma once

#include <vector>

#include "kernel.h"

namespace chainrule {

// Best first.
std::vector<const InstructionSet*> available_sets();

struct Kernels {
  const InstructionSet& set;
  std::vector<Kernel> all;
};

// Those for the best set, or for the one that CHAINRULE_ISA names; throws std::runtime_error when the processor does
// not have that.
const Kernels& kernels_in_use();

}  // namespace chainrule
