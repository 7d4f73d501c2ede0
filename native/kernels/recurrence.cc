// Recurrent cells through all time.
#include "begin.inc"
#include "common/activations.inc"
#include "products/gemm_epilogue.inc"
#include "products/gemm_tiles.inc"
#include "products/gemm_micro.inc"
#include "products/gemm_pack.inc"
#include "recurrence/panels.inc"
#include "recurrence/recurrence.inc"
#include "recurrence/cells.inc"
#include "recurrence/forward.inc"
#include "recurrence/backward.inc"

#define PART recurrence
#define TABLES panel_kernels, recurrence_kernels, recurrence_back_kernels
#include "end.inc"
