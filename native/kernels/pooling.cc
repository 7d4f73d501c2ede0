// Windows over pictures: the largest of each, the average, and the ways back.
#include "begin.inc"
#include "pooling/windows.inc"
#include "pooling/max_pool.inc"
#include "pooling/average_pool.inc"

#define PART pooling
#define TABLES max_pool_kernels, average_pool_kernels
#include "end.inc"
