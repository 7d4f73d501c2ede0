// Random numbers.
#include "begin.inc"
#include "random/philox.inc"
#include "random/random.inc"

#define PART random
#define TABLES random_kernels
#include "end.inc"
