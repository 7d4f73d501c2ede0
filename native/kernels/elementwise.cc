// What is computed element by element, and what only moves.
#include "begin.inc"
#include "common/activations.inc"
#include "common/erf.inc"
#include "common/views.inc"
#include "elementwise/unary.inc"
#include "elementwise/binary.inc"
#include "elementwise/activation.inc"
#include "elementwise/convert.inc"
#include "elementwise/copy.inc"
#include "elementwise/binary_cross_entropy.inc"

#define PART elementwise
#define TABLES                                                                                        \
  unary_kernels, binary_kernels, by_value_kernels, with_slope_kernels, convert_kernels, copy_kernels, \
      binary_entropy_kernels
#include "end.inc"
