// Vectors of 16, 8, 4 or 1 lanes: simd/ is the only place with intrinsics. Included once per instruction set, after
// that set's target pragma and inside its namespace, so without an include guard.
//
// V holds floats, I holds 32-bit integers, M is a mask of lanes. loadn and storen touch only the first n lanes, the
// others read as 0: an array's tail runs through the same arithmetic as its body, and so rounds alike.
// min(a, b) is a < b ? a : b and max(a, b) is a > b ? a : b: with a NaN in either, the result is b.

#if defined(ISA_AVX512)
#include "simd/avx512.inc"
#elif defined(ISA_AVX2)
#include "simd/avx2.inc"
#elif defined(ISA_NEON)
#include "simd/neon.inc"
#else
#include "simd/lane.inc"
#endif
