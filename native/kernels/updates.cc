// The end of a step: the norm of the gradients and the updates.
#include "begin.inc"
#include "updates/norm.inc"
#include "updates/update.inc"

#define PART updates
#define TABLES update_kernels, norm_kernels
#include "end.inc"
