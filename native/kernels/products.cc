// Products of matrices and of vectors.
#include "begin.inc"
#include "common/activations.inc"
#include "products/gemm_epilogue.inc"
#include "products/gemm_tiles.inc"
#include "products/gemm_micro.inc"
#include "products/gemm_pack.inc"
#include "products/gemm_dot.inc"
#include "products/gemm.inc"
#include "products/gemm_grid.inc"
#include "products/matmul.inc"
#include "products/dot.inc"

#define PART products
#define TABLES matmul_kernels, dot_kernels
#include "end.inc"
