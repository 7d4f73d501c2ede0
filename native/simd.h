// Vectors of 16, 8, 4 or 1 lanes: the only file with intrinsics. It is included once per instruction set, after that
// set's target pragma and inside its namespace, so it has no include guard and includes nothing.
//
// V holds floats, I holds 32-bit integers, M is a mask of lanes. loadn and storen touch only the first n lanes, the
// others read as 0: an array's tail runs through the same arithmetic as its body, and so rounds alike.
// min(a, b) is a < b ? a : b and max(a, b) is a > b ? a : b: with a NaN in either, the result is b.

#if defined(ISA_AVX512)

struct M {
  __mmask16 m;
};
struct V {
  using Scalar = float;
  static constexpr int lanes = 16;
  __m512 v;
  static V set(float x) { return {_mm512_set1_ps(x)}; }
  static V load(const float* p) { return {_mm512_loadu_ps(p)}; }
  static V loadn(const float* p, int n) { return {_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), p)}; }
  void store(float* p) const { _mm512_storeu_ps(p, v); }
  void storen(float* p, int n) const { _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), v); }
};
struct I {
  using Scalar = int32_t;
  static constexpr int lanes = 16;
  __m512i v;
  static I set(int32_t x) { return {_mm512_set1_epi32(x)}; }
  static I load(const int32_t* p) { return {_mm512_loadu_si512(p)}; }
  static I loadn(const int32_t* p, int n) {
    return {_mm512_maskz_loadu_epi32(static_cast<__mmask16>((1u << n) - 1), p)};
  }
  void store(int32_t* p) const { _mm512_storeu_si512(p, v); }
  void storen(int32_t* p, int n) const { _mm512_mask_storeu_epi32(p, static_cast<__mmask16>((1u << n) - 1), v); }
};
inline M first(int n) { return {static_cast<__mmask16>((1u << n) - 1)}; }
inline M operator!(M a) { return {static_cast<__mmask16>(~a.m)}; }
inline bool any(M a) { return a.m != 0; }
inline V operator+(V a, V b) { return {_mm512_add_ps(a.v, b.v)}; }
inline V operator-(V a, V b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline V operator*(V a, V b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline V operator/(V a, V b) { return {_mm512_div_ps(a.v, b.v)}; }
inline V fma(V a, V b, V c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
inline V min(V a, V b) { return {_mm512_min_ps(a.v, b.v)}; }
inline V max(V a, V b) { return {_mm512_max_ps(a.v, b.v)}; }
inline V sqrt(V a) { return {_mm512_sqrt_ps(a.v)}; }
// Of positive lanes: 1/a and 1/√a to 11 bits or more; math.inc refines them.
inline V inverse_estimate(V a) { return {_mm512_rcp14_ps(a.v)}; }
inline V inverse_root_estimate(V a) { return {_mm512_rsqrt14_ps(a.v)}; }
inline V round(V a) { return {_mm512_roundscale_ps(a.v, 8)}; }
inline V floor(V a) { return {_mm512_roundscale_ps(a.v, 9)}; }
inline V ceil(V a) { return {_mm512_roundscale_ps(a.v, 10)}; }
inline M operator==(V a, V b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
inline M operator>(V a, V b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ)}; }
inline M operator>=(V a, V b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GE_OQ)}; }
inline V select(M m, V a, V b) { return {_mm512_mask_blend_ps(m.m, b.v, a.v)}; }
inline float sum(V a) { return _mm512_reduce_add_ps(a.v); }
inline float largest(V a) { return _mm512_reduce_max_ps(a.v); }
inline I operator+(I a, I b) { return {_mm512_add_epi32(a.v, b.v)}; }
inline I operator-(I a, I b) { return {_mm512_sub_epi32(a.v, b.v)}; }
inline I operator*(I a, I b) { return {_mm512_mullo_epi32(a.v, b.v)}; }
inline I operator&(I a, I b) { return {_mm512_and_si512(a.v, b.v)}; }
inline I operator|(I a, I b) { return {_mm512_or_si512(a.v, b.v)}; }
inline I operator^(I a, I b) { return {_mm512_xor_si512(a.v, b.v)}; }
template <int n>
inline I shift_left(I a) {
  return {_mm512_slli_epi32(a.v, n)};
}
template <int n>
inline I shift_right(I a) {
  return {_mm512_srli_epi32(a.v, n)};
}
inline I min(I a, I b) { return {_mm512_min_epi32(a.v, b.v)}; }
inline I max(I a, I b) { return {_mm512_max_epi32(a.v, b.v)}; }
inline M operator==(I a, I b) { return {_mm512_cmpeq_epi32_mask(a.v, b.v)}; }
inline M operator>(I a, I b) { return {_mm512_cmpgt_epi32_mask(a.v, b.v)}; }
inline I select(M m, I a, I b) { return {_mm512_mask_blend_epi32(m.m, b.v, a.v)}; }
inline V to_float(I a) { return {_mm512_cvtepi32_ps(a.v)}; }
inline I to_int(V a) { return {_mm512_cvtps_epi32(a.v)}; }
inline V as_float(I a) { return {_mm512_castsi512_ps(a.v)}; }
inline I as_int(V a) { return {_mm512_castps_si512(a.v)}; }
// The 64-bit products of unsigned lanes, as their high and low halves.
inline void multiply_wide(I a, uint32_t b, I& high, I& low) {
  __m512i f = _mm512_set1_epi32(static_cast<int32_t>(b));
  __m512i even = _mm512_mul_epu32(a.v, f), odd = _mm512_mul_epu32(_mm512_srli_epi64(a.v, 32), f);
  high = {_mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 32), odd)};
  low = {_mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64(odd, 32))};
}
// Keeps a value that is used again in its register, where a compiler would rather load it each time.
inline void keep(V& a) { asm("" : "+v"(a.v)); }
// The groups of four lanes, from p, p + step, p + 2·step, ...
inline V load_groups(const float* p, int64_t step) {
  __m512 v = _mm512_castps128_ps512(_mm_loadu_ps(p));
  v = _mm512_mask_broadcast_f32x4(v, 0x00f0, _mm_loadu_ps(p + step));
  v = _mm512_mask_broadcast_f32x4(v, 0x0f00, _mm_loadu_ps(p + 2 * step));
  return {_mm512_mask_broadcast_f32x4(v, 0xf000, _mm_loadu_ps(p + 3 * step))};
}
// The first n floats from p, in every group.
inline V repeat_group(const float* p, int n) {
  return {_mm512_broadcast_f32x4(_mm_maskz_loadu_ps(static_cast<__mmask8>((1u << n) - 1), p))};
}
// Lane i of each group is the sum of that group in the i-th vector.
inline V add_lanes(V a, V b, V c, V d) {
  __m512 p = _mm512_add_ps(_mm512_unpacklo_ps(a.v, b.v), _mm512_unpackhi_ps(a.v, b.v));
  __m512 q = _mm512_add_ps(_mm512_unpacklo_ps(c.v, d.v), _mm512_unpackhi_ps(c.v, d.v));
  __m512d r = _mm512_castps_pd(p), s = _mm512_castps_pd(q);
  return {_mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(r, s)), _mm512_castpd_ps(_mm512_unpackhi_pd(r, s)))};
}
// Group i is the sum of the groups of v[i].
inline V add_groups(const V* v) {
  __m512 p = _mm512_add_ps(_mm512_shuffle_f32x4(v[0].v, v[1].v, 0x44), _mm512_shuffle_f32x4(v[0].v, v[1].v, 0xee));
  __m512 q = _mm512_add_ps(_mm512_shuffle_f32x4(v[2].v, v[3].v, 0x44), _mm512_shuffle_f32x4(v[2].v, v[3].v, 0xee));
  return {_mm512_add_ps(_mm512_shuffle_f32x4(p, q, 0x88), _mm512_shuffle_f32x4(p, q, 0xdd))};
}
// Lane 4j + i to p[i * step + j], for i < 4 and j < n.
inline void store_columns(V a, float* p, int64_t step, int n) {
  const __m512 v = _mm512_permutexvar_ps(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), a.v);
  const __mmask8 m = static_cast<__mmask8>((1u << n) - 1);
  _mm_mask_storeu_ps(p, m, _mm512_castps512_ps128(v));
  _mm_mask_storeu_ps(p + step, m, _mm512_extractf32x4_ps(v, 1));
  _mm_mask_storeu_ps(p + 2 * step, m, _mm512_extractf32x4_ps(v, 2));
  _mm_mask_storeu_ps(p + 3 * step, m, _mm512_extractf32x4_ps(v, 3));
}
// The groups of four lanes, to p, p + step, p + 2·step, ...
inline void store_groups(V a, float* p, int64_t step) {
  _mm_storeu_ps(p, _mm512_castps512_ps128(a.v));
  _mm_storeu_ps(p + step, _mm512_extractf32x4_ps(a.v, 1));
  _mm_storeu_ps(p + 2 * step, _mm512_extractf32x4_ps(a.v, 2));
  _mm_storeu_ps(p + 3 * step, _mm512_extractf32x4_ps(a.v, 3));
}
// Lane i becomes lane at[i] of a, or lane at[i] − lanes of b.
inline V permute(V a, V b, I at) { return {_mm512_permutex2var_ps(a.v, at.v, b.v)}; }
// Transposes the 4×4 square in every group of four lanes.
inline void transpose4(I& a, I& b, I& c, I& d) {
  __m512i p = _mm512_unpacklo_epi32(a.v, b.v), q = _mm512_unpackhi_epi32(a.v, b.v);
  __m512i r = _mm512_unpacklo_epi32(c.v, d.v), s = _mm512_unpackhi_epi32(c.v, d.v);
  a = {_mm512_unpacklo_epi64(p, r)}, b = {_mm512_unpackhi_epi64(p, r)};
  c = {_mm512_unpacklo_epi64(q, s)}, d = {_mm512_unpackhi_epi64(q, s)};
}

#elif defined(ISA_AVX2)

struct M {
  __m256i m;
};
inline M first(int n) {
  alignas(32) static const int32_t ones[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(ones + 8 - n))};
}
struct V {
  using Scalar = float;
  static constexpr int lanes = 8;
  __m256 v;
  static V set(float x) { return {_mm256_set1_ps(x)}; }
  static V load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static V loadn(const float* p, int n) { return {_mm256_maskload_ps(p, first(n).m)}; }
  void store(float* p) const { _mm256_storeu_ps(p, v); }
  void storen(float* p, int n) const { _mm256_maskstore_ps(p, first(n).m, v); }
};
struct I {
  using Scalar = int32_t;
  static constexpr int lanes = 8;
  __m256i v;
  static I set(int32_t x) { return {_mm256_set1_epi32(x)}; }
  static I load(const int32_t* p) { return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))}; }
  static I loadn(const int32_t* p, int n) { return {_mm256_maskload_epi32(p, first(n).m)}; }
  void store(int32_t* p) const { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  void storen(int32_t* p, int n) const { _mm256_maskstore_epi32(p, first(n).m, v); }
};
inline M operator!(M a) { return {_mm256_xor_si256(a.m, _mm256_set1_epi32(-1))}; }
inline bool any(M a) { return _mm256_movemask_epi8(a.m) != 0; }
inline V operator+(V a, V b) { return {_mm256_add_ps(a.v, b.v)}; }
inline V operator-(V a, V b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline V operator*(V a, V b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline V operator/(V a, V b) { return {_mm256_div_ps(a.v, b.v)}; }
inline V fma(V a, V b, V c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline V min(V a, V b) { return {_mm256_min_ps(a.v, b.v)}; }
inline V max(V a, V b) { return {_mm256_max_ps(a.v, b.v)}; }
inline V sqrt(V a) { return {_mm256_sqrt_ps(a.v)}; }
inline V inverse_estimate(V a) { return {_mm256_rcp_ps(a.v)}; }
inline V inverse_root_estimate(V a) { return {_mm256_rsqrt_ps(a.v)}; }
inline V round(V a) { return {_mm256_round_ps(a.v, 8)}; }
inline V floor(V a) { return {_mm256_round_ps(a.v, 9)}; }
inline V ceil(V a) { return {_mm256_round_ps(a.v, 10)}; }
inline M operator==(V a, V b) { return {_mm256_castps_si256(_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ))}; }
inline M operator>(V a, V b) { return {_mm256_castps_si256(_mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ))}; }
inline M operator>=(V a, V b) { return {_mm256_castps_si256(_mm256_cmp_ps(a.v, b.v, _CMP_GE_OQ))}; }
inline V select(M m, V a, V b) { return {_mm256_blendv_ps(b.v, a.v, _mm256_castsi256_ps(m.m))}; }
inline float sum(V a) {
  __m128 h = _mm_add_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  h = _mm_add_ps(h, _mm_movehl_ps(h, h));
  return _mm_cvtss_f32(_mm_add_ss(h, _mm_movehdup_ps(h)));
}
inline float largest(V a) {
  __m128 h = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  h = _mm_max_ps(h, _mm_movehl_ps(h, h));
  return _mm_cvtss_f32(_mm_max_ss(h, _mm_movehdup_ps(h)));
}
inline I operator+(I a, I b) { return {_mm256_add_epi32(a.v, b.v)}; }
inline I operator-(I a, I b) { return {_mm256_sub_epi32(a.v, b.v)}; }
inline I operator*(I a, I b) { return {_mm256_mullo_epi32(a.v, b.v)}; }
inline I operator&(I a, I b) { return {_mm256_and_si256(a.v, b.v)}; }
inline I operator|(I a, I b) { return {_mm256_or_si256(a.v, b.v)}; }
inline I operator^(I a, I b) { return {_mm256_xor_si256(a.v, b.v)}; }
template <int n>
inline I shift_left(I a) {
  return {_mm256_slli_epi32(a.v, n)};
}
template <int n>
inline I shift_right(I a) {
  return {_mm256_srli_epi32(a.v, n)};
}
inline I min(I a, I b) { return {_mm256_min_epi32(a.v, b.v)}; }
inline I max(I a, I b) { return {_mm256_max_epi32(a.v, b.v)}; }
inline M operator==(I a, I b) { return {_mm256_cmpeq_epi32(a.v, b.v)}; }
inline M operator>(I a, I b) { return {_mm256_cmpgt_epi32(a.v, b.v)}; }
inline I select(M m, I a, I b) { return {_mm256_blendv_epi8(b.v, a.v, m.m)}; }
inline V to_float(I a) { return {_mm256_cvtepi32_ps(a.v)}; }
inline I to_int(V a) { return {_mm256_cvtps_epi32(a.v)}; }
inline V as_float(I a) { return {_mm256_castsi256_ps(a.v)}; }
inline I as_int(V a) { return {_mm256_castps_si256(a.v)}; }
inline void multiply_wide(I a, uint32_t b, I& high, I& low) {
  __m256i f = _mm256_set1_epi32(static_cast<int32_t>(b));
  __m256i even = _mm256_mul_epu32(a.v, f), odd = _mm256_mul_epu32(_mm256_srli_epi64(a.v, 32), f);
  high = {_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA)};
  low = {_mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA)};
}
inline void keep(V& a) { asm("" : "+x"(a.v)); }
inline V load_groups(const float* p, int64_t step) {
  return {_mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps(p + step), 1)};
}
inline V repeat_group(const float* p, int n) {
  __m128 v = _mm_maskload_ps(p, _mm256_castsi256_si128(first(n).m));
  return {_mm256_set_m128(v, v)};
}
inline V add_lanes(V a, V b, V c, V d) {
  __m256 p = _mm256_add_ps(_mm256_unpacklo_ps(a.v, b.v), _mm256_unpackhi_ps(a.v, b.v));
  __m256 q = _mm256_add_ps(_mm256_unpacklo_ps(c.v, d.v), _mm256_unpackhi_ps(c.v, d.v));
  __m256d r = _mm256_castps_pd(p), s = _mm256_castps_pd(q);
  return {_mm256_add_ps(_mm256_castpd_ps(_mm256_unpacklo_pd(r, s)), _mm256_castpd_ps(_mm256_unpackhi_pd(r, s)))};
}
inline V add_groups(const V* v) {
  return {_mm256_add_ps(_mm256_permute2f128_ps(v[0].v, v[1].v, 0x20), _mm256_permute2f128_ps(v[0].v, v[1].v, 0x31))};
}
inline void store_columns(V a, float* p, int64_t step, int n) {
  const __m128 x = _mm256_castps256_ps128(a.v), y = _mm256_extractf128_ps(a.v, 1);
  const __m128 low = _mm_unpacklo_ps(x, y), high = _mm_unpackhi_ps(x, y),
               v[4] = {low, _mm_movehl_ps(low, low), high, _mm_movehl_ps(high, high)};
  for (int i = 0; i < 4; i++)
    if (n == 2)
      _mm_storel_pi(reinterpret_cast<__m64*>(p + i * step), v[i]);
    else
      _mm_store_ss(p + i * step, v[i]);
}
inline void store_groups(V a, float* p, int64_t step) {
  _mm_storeu_ps(p, _mm256_castps256_ps128(a.v));
  _mm_storeu_ps(p + step, _mm256_extractf128_ps(a.v, 1));
}
inline V permute(V a, V b, I at) {
  const __m256 from_b = _mm256_castsi256_ps(_mm256_slli_epi32(at.v, 28));  // bit 3 as the sign
  return {_mm256_blendv_ps(_mm256_permutevar8x32_ps(a.v, at.v), _mm256_permutevar8x32_ps(b.v, at.v), from_b)};
}
inline void transpose4(I& a, I& b, I& c, I& d) {
  __m256i p = _mm256_unpacklo_epi32(a.v, b.v), q = _mm256_unpackhi_epi32(a.v, b.v);
  __m256i r = _mm256_unpacklo_epi32(c.v, d.v), s = _mm256_unpackhi_epi32(c.v, d.v);
  a = {_mm256_unpacklo_epi64(p, r)}, b = {_mm256_unpackhi_epi64(p, r)};
  c = {_mm256_unpacklo_epi64(q, s)}, d = {_mm256_unpackhi_epi64(q, s)};
}

#elif defined(ISA_NEON)

struct M {
  uint32x4_t m;
};
struct V {
  using Scalar = float;
  static constexpr int lanes = 4;
  float32x4_t v;
  static V set(float x) { return {vdupq_n_f32(x)}; }
  static V load(const float* p) { return {vld1q_f32(p)}; }
  static V loadn(const float* p, int n) {
    float t[4] = {0, 0, 0, 0};
    for (int i = 0; i < n; i++) t[i] = p[i];
    return {vld1q_f32(t)};
  }
  void store(float* p) const { vst1q_f32(p, v); }
  void storen(float* p, int n) const {
    float t[4];
    vst1q_f32(t, v);
    for (int i = 0; i < n; i++) p[i] = t[i];
  }
};
struct I {
  using Scalar = int32_t;
  static constexpr int lanes = 4;
  int32x4_t v;
  static I set(int32_t x) { return {vdupq_n_s32(x)}; }
  static I load(const int32_t* p) { return {vld1q_s32(p)}; }
  static I loadn(const int32_t* p, int n) {
    int32_t t[4] = {0, 0, 0, 0};
    for (int i = 0; i < n; i++) t[i] = p[i];
    return {vld1q_s32(t)};
  }
  void store(int32_t* p) const { vst1q_s32(p, v); }
  void storen(int32_t* p, int n) const {
    int32_t t[4];
    vst1q_s32(t, v);
    for (int i = 0; i < n; i++) p[i] = t[i];
  }
};
inline M first(int n) {
  static const uint32_t index[4] = {0, 1, 2, 3};
  return {vcltq_u32(vld1q_u32(index), vdupq_n_u32(static_cast<uint32_t>(n)))};
}
inline M operator!(M a) { return {vmvnq_u32(a.m)}; }
inline bool any(M a) { return vmaxvq_u32(a.m) != 0; }
inline V operator+(V a, V b) { return {vaddq_f32(a.v, b.v)}; }
inline V operator-(V a, V b) { return {vsubq_f32(a.v, b.v)}; }
inline V operator*(V a, V b) { return {vmulq_f32(a.v, b.v)}; }
inline V operator/(V a, V b) { return {vdivq_f32(a.v, b.v)}; }
inline V fma(V a, V b, V c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
inline V min(V a, V b) { return {vbslq_f32(vcltq_f32(a.v, b.v), a.v, b.v)}; }
inline V max(V a, V b) { return {vbslq_f32(vcgtq_f32(a.v, b.v), a.v, b.v)}; }
inline V sqrt(V a) { return {vsqrtq_f32(a.v)}; }
inline V inverse_estimate(V a) { return {vdivq_f32(vdupq_n_f32(1.0f), a.v)}; }
inline V inverse_root_estimate(V a) { return {vdivq_f32(vdupq_n_f32(1.0f), vsqrtq_f32(a.v))}; }
inline V round(V a) { return {vrndnq_f32(a.v)}; }
inline V floor(V a) { return {vrndmq_f32(a.v)}; }
inline V ceil(V a) { return {vrndpq_f32(a.v)}; }
inline M operator==(V a, V b) { return {vceqq_f32(a.v, b.v)}; }
inline M operator>(V a, V b) { return {vcgtq_f32(a.v, b.v)}; }
inline M operator>=(V a, V b) { return {vcgeq_f32(a.v, b.v)}; }
inline V select(M m, V a, V b) { return {vbslq_f32(m.m, a.v, b.v)}; }
inline float sum(V a) { return vaddvq_f32(a.v); }
inline float largest(V a) { return vmaxvq_f32(a.v); }
inline I operator+(I a, I b) { return {vaddq_s32(a.v, b.v)}; }
inline I operator-(I a, I b) { return {vsubq_s32(a.v, b.v)}; }
inline I operator*(I a, I b) { return {vmulq_s32(a.v, b.v)}; }
inline I operator&(I a, I b) { return {vandq_s32(a.v, b.v)}; }
inline I operator|(I a, I b) { return {vorrq_s32(a.v, b.v)}; }
inline I operator^(I a, I b) { return {veorq_s32(a.v, b.v)}; }
template <int n>
inline I shift_left(I a) {
  return {vshlq_n_s32(a.v, n)};
}
template <int n>
inline I shift_right(I a) {
  return {vreinterpretq_s32_u32(vshrq_n_u32(vreinterpretq_u32_s32(a.v), n))};
}
inline I min(I a, I b) { return {vminq_s32(a.v, b.v)}; }
inline I max(I a, I b) { return {vmaxq_s32(a.v, b.v)}; }
inline M operator==(I a, I b) { return {vceqq_s32(a.v, b.v)}; }
inline M operator>(I a, I b) { return {vcgtq_s32(a.v, b.v)}; }
inline I select(M m, I a, I b) { return {vbslq_s32(m.m, a.v, b.v)}; }
inline V to_float(I a) { return {vcvtq_f32_s32(a.v)}; }
inline I to_int(V a) { return {vcvtnq_s32_f32(a.v)}; }
inline V as_float(I a) { return {vreinterpretq_f32_s32(a.v)}; }
inline I as_int(V a) { return {vreinterpretq_s32_f32(a.v)}; }
inline void multiply_wide(I a, uint32_t b, I& high, I& low) {
  uint32x4_t u = vreinterpretq_u32_s32(a.v);
  uint32x4_t p = vreinterpretq_u32_u64(vmull_n_u32(vget_low_u32(u), b));
  uint32x4_t q = vreinterpretq_u32_u64(vmull_n_u32(vget_high_u32(u), b));
  high = {vreinterpretq_s32_u32(vuzp2q_u32(p, q))};
  low = {vreinterpretq_s32_u32(vuzp1q_u32(p, q))};
}
inline void keep(V& a) { asm("" : "+w"(a.v)); }
inline V load_groups(const float* p, int64_t) { return V::load(p); }
inline void store_groups(V a, float* p, int64_t) { a.store(p); }
inline V permute(V a, V b, I at) {
  const uint32x4_t first = vmulq_n_u32(vreinterpretq_u32_s32(at.v), 0x04040404u);  // of four bytes each
  const uint8x16_t bytes = vreinterpretq_u8_u32(vaddq_u32(first, vdupq_n_u32(0x03020100u)));
  return {vreinterpretq_f32_u8(vqtbl2q_u8({{vreinterpretq_u8_f32(a.v), vreinterpretq_u8_f32(b.v)}}, bytes))};
}
inline V repeat_group(const float* p, int n) { return V::loadn(p, n); }
inline V add_lanes(V a, V b, V c, V d) { return {vpaddq_f32(vpaddq_f32(a.v, b.v), vpaddq_f32(c.v, d.v))}; }
inline V add_groups(const V* v) { return v[0]; }
inline void store_columns(V a, float* p, int64_t step, int) {
  float v[4];
  a.store(v);
  for (int i = 0; i < 4; i++) p[i * step] = v[i];
}
inline void transpose4(I& a, I& b, I& c, I& d) {
  int32x4_t p = vzip1q_s32(a.v, c.v), q = vzip2q_s32(a.v, c.v), r = vzip1q_s32(b.v, d.v), s = vzip2q_s32(b.v, d.v);
  a = {vzip1q_s32(p, r)}, b = {vzip2q_s32(p, r)}, c = {vzip1q_s32(q, s)}, d = {vzip2q_s32(q, s)};
}

#else
#include "kernels/lane.inc"
#endif
