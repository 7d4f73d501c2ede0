// Attention: scores, softmax and the weighted mean in one pass over tiles of keys.
#include "begin.inc"
#include "attention/tiles.inc"
#include "attention/geometry.inc"
#include "attention/forward.inc"
#include "attention/backward.inc"

#define PART attention
#define TABLES attention_kernels
#include "end.inc"
