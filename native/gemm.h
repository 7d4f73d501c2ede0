// BLAS, loaded at run time and checked before it is believed.
#pragma once

#include <cstdint>
#include <string>

#include "kernel.h"

namespace chainrule {

struct BlasInfo {
  std::string library;  // where it was loaded from
  std::string name;     // "OpenBLAS", "Accelerate", "CBLAS"
  std::string version, core, flavour;
};

// What find_blas() found; null where there is none.
const BlasInfo* blas_info();

// Nanoseconds of the plain BLAS calls, one after the other, with BLAS's own threading: the yardstick of the benchmark.
// Throws std::runtime_error where there is no BLAS. Five numbers per product: ta, tb, m, n, k. Not while anything else
// computes.
double bare_sgemm(const double* shapes, size_t products, int threads, int rounds);

}  // namespace chainrule
