// Along a line: sums so far, order, and what stands at some places.
#include "begin.inc"
#include "ordering/scan.inc"
#include "ordering/sort.inc"
#include "ordering/places.inc"

#define PART ordering
#define TABLES scan_kernels, sort_kernels, place_kernels
#include "end.inc"
