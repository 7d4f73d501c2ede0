// Random numbers.
#include "begin.inc"
#include "random/philox.inc"
#include "random/random.inc"
#include "random/noise.inc"

#define PART random
#define TABLES random_kernels, noise_kernels
#include "end.inc"
