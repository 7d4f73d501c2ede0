// Pictures: points that come from elsewhere.
#include "begin.inc"
#include "pictures/sample.inc"

#define PART pictures
#define TABLES sample_kernels
#include "end.inc"
