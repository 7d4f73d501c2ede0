// Rows: reduced, chosen by data, turned into probabilities, checked.
#include "begin.inc"
#include "common/columns.inc"
#include "common/row_views.inc"
#include "rows/rows.inc"
#include "rows/touched.inc"
#include "rows/reduce.inc"
#include "rows/arg.inc"
#include "rows/softmax.inc"
#include "rows/cross_entropy.inc"
#include "rows/guard.inc"

#define PART rows
#define TABLES \
  row_kernels, touched_kernels, reduce_kernels, arg_kernels, softmax_kernels, cross_entropy_kernels, guard_kernels
#include "end.inc"
