// Windows over pictures: the largest of each, the average, and the ways back; pictures in another size.
#include "begin.inc"
#include "pooling/windows.inc"
#include "pooling/max_pool.inc"
#include "pooling/average_pool.inc"
#include "pooling/resize.inc"

#define PART pooling
#define TABLES max_pool_kernels, average_pool_kernels, resize_kernels
#include "end.inc"
