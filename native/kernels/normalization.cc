// Normalisation: over the rows of each channel (batches), along rows (layers), in groups of channels.
#include "begin.inc"
#include "common/activations.inc"
#include "normalization/strips.inc"
#include "normalization/moments.inc"
#include "normalization/columns.inc"
#include "normalization/rows.inc"
#include "normalization/groups.inc"

#define PART normalization
#define TABLES moment_kernels, column_kernels, row_kernels, group_kernels
#include "end.inc"
