// The instruction sets of this processor, and the kernels that are used.
#pragma once

#include <vector>

#include "kernel.h"

namespace chainrule {

// Best first.
std::vector<const KernelTable*> available_tables();

// The best, or the one that CHAINRULE_ISA names; throws std::runtime_error when the processor does not have that.
const KernelTable& kernels_in_use();

}  // namespace chainrule
