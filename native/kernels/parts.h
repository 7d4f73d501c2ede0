// The parts that the kernels are compiled in: each is a file beside this one.
#pragma once

#define EACH_PART(X) \
  X(elementwise)     \
  X(rows)            \
  X(products)        \
  X(convolution)     \
  X(pooling)         \
  X(ordering)        \
  X(normalization)   \
  X(random)          \
  X(pictures)        \
  X(attention)       \
  X(recurrence)      \
  X(updates)
