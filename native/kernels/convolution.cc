// Convolutions over pictures, series and volumes, channels last.
#include "begin.inc"
#include "common/activations.inc"
#include "products/gemm_epilogue.inc"
#include "products/gemm_tiles.inc"
#include "products/gemm_pack.inc"
#include "convolution/geometry.inc"
#include "convolution/ending.inc"
#include "convolution/panels.inc"
#include "convolution/blocks.inc"
#include "convolution/rows.inc"
#include "convolution/forward.inc"
#include "convolution/small.inc"
#include "convolution/slim.inc"
#include "convolution/plain.inc"
#include "convolution/convolution.inc"
#include "convolution/winograd.inc"
#include "convolution/sums.inc"
#include "convolution/plain_gradient.inc"
#include "convolution/kernel_gradient.inc"
#include "convolution/depthwise.inc"
#include "convolution/depthwise_gradient.inc"

#define PART convolution
#define TABLES                                                                                      \
  panel_kernels, convolution_kernels, winograd_kernels, kernel_gradient_kernels, depthwise_kernels, \
      depthwise_gradient_kernels
#include "end.inc"
