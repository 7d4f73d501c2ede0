// The only file that knows BLAS.
#include "gemm.h"

#include <dlfcn.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace chainrule {

namespace {

enum { row_major = 101, no_trans = 111, trans = 112 };
using Sgemm = void (*)(int order, int ta, int tb, int m, int n, int k, float alpha, const float* a, int lda,
                       const float* b, int ldb, float beta, float* c, int ldc);
using Sdot = float (*)(int n, const float* x, int dx, const float* y, int dy);

Sgemm cblas_sgemm;
Sdot cblas_sdot;
void (*set_threads)(int);
BlasInfo info;
Blas table;
std::string tried;  // in vain, and why

void sgemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b, int64_t ldb,
           float* c, int64_t ldc, bool accumulate) {
  cblas_sgemm(row_major, ta ? trans : no_trans, tb ? trans : no_trans, static_cast<int>(m), static_cast<int>(n),
              static_cast<int>(k), 1.0f, a, static_cast<int>(lda), b, static_cast<int>(ldb), accumulate ? 1.0f : 0.0f,
              c, static_cast<int>(ldc));
}

// BLAS counts in 32 bits: longer vectors go in pieces.
float sdot(int64_t n, const float* a, const float* b) {
  constexpr int64_t piece = 1 << 30;
  double total = 0;
  for (int64_t i = 0; i < n; i += piece)
    total += cblas_sdot(static_cast<int>(n - i < piece ? n - i : piece), a + i, 1, b + i, 1);
  return static_cast<float>(total);
}

template <class F>
F symbol(void* library, const char* name) {
  return reinterpret_cast<F>(dlsym(library, name));
}

// An environment variable, or "".
std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool no_blas_wanted() { return variable("CHAINRULE_BLAS") == "none"; }

std::vector<std::string> candidates() {
  std::vector<std::string> names;
  if (no_blas_wanted()) return names;
  if (const std::string given = variable("CHAINRULE_BLAS"); !given.empty()) return {given};
#ifdef CHAINRULE_BLAS_DEFAULT
  if (*CHAINRULE_BLAS_DEFAULT) names.push_back(CHAINRULE_BLAS_DEFAULT);
#endif
#if defined(__APPLE__)
  names.push_back("/System/Library/Frameworks/Accelerate.framework/Accelerate");
  names.push_back("/opt/homebrew/opt/openblas/lib/libopenblas.dylib");
  names.push_back("/usr/local/opt/openblas/lib/libopenblas.dylib");
#endif
  for (const char* name : {"libopenblas.so.0", "libopenblas.so", "libopenblasp.so.0", "libcblas.so.3", "libblas.so.3"})
    names.push_back(name);
  return names;
}

void describe(void* library, const std::string& path) {
  info.library = path;
  Dl_info where;
  if (dladdr(reinterpret_cast<void*>(cblas_sgemm), &where) && where.dli_fname) {
    char* real = realpath(where.dli_fname, nullptr);
    info.library = real ? real : where.dli_fname;
    std::free(real);
  }
  const auto config = symbol<char* (*)()>(library, "openblas_get_config");
  if (!config) {
    info.name = path.find("Accelerate") != std::string::npos ? "Accelerate" : "CBLAS";
    return;
  }
  info.name = "OpenBLAS";
  const std::string text = config();  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ... SkylakeX MAX_THREADS=64"
  const size_t space = text.find(' ');
  info.version = space == std::string::npos ? text : text.substr(space + 1, text.find(' ', space + 1) - space - 1);
  if (const auto core = symbol<char* (*)()>(library, "openblas_get_corename")) info.core = core();
  const auto parallel = symbol<int (*)()>(library, "openblas_get_parallel");
  const int kind = parallel ? parallel() : -1;
  info.flavour = kind == 0 ? "sequential" : kind == 1 ? "pthread" : kind == 2 ? "openmp" : "unknown";
}

// How many floats OpenBLAS's kernels for a processor take at once.
int lanes_of(const BlasInfo& blas) {
  if (blas.name == "Accelerate") return 16;  // matrix units that outrun vectors
  for (const char* core : {"SkylakeX", "Cooperlake", "Sapphirerapids", "SapphireRapids", "Zen4", "Zen5"})
    if (blas.core == core) return 16;
  for (const char* core : {"Haswell", "Zen", "Excavator"})
    if (blas.core == core) return 8;
#if defined(__aarch64__)
  return blas.name == "OpenBLAS" ? 4 : 1;
#else
  return 1;
#endif
}

// AMD's family 19h: Zen 4, of those with AVX-512.
bool computes_in_halves() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(0, &a, &b, &c, &d) || c != signature_AMD_ecx) return false;
  __get_cpuid(1, &a, &b, &c, &d);
  return (a >> 8 & 15) + (a >> 20 & 255) == 0x19;
#else
  return false;
#endif
}

// A product small enough to check by hand and large enough to leave the smallest code paths.
bool sgemm_is_right() {
  const int m = 37, n = 29, k = 41;
  std::vector<float> a(m * k), b(k * n), c(m * n, 1.0f);
  for (int i = 0; i < m * k; i++) a[i] = static_cast<float>((i * 37 % 101) - 50) / 32.0f;
  for (int i = 0; i < k * n; i++) b[i] = static_cast<float>((i * 53 % 97) - 48) / 32.0f;
  for (int turn = 0; turn < 2; turn++) {
    const bool tb = turn == 1;
    sgemm(false, tb, m, n, k, a.data(), k, b.data(), tb ? k : n, c.data(), n, false);
    for (int i = 0; i < m; i++)
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int p = 0; p < k; p++) sum += static_cast<double>(a[i * k + p]) * b[tb ? j * k + p : p * n + j];
        if (!(std::fabs(sum - c[i * n + j]) <= 1e-3)) return false;
      }
  }
  return true;
}

constexpr const char* advice =
    "Install OpenBLAS (Debian and Ubuntu: apt-get install libopenblas0; Fedora: dnf install openblas; Alpine: apk add "
    "openblas; macOS: brew install openblas), or name one with CHAINRULE_BLAS=/path/to/libopenblas.so.0";

std::string none_found(const std::string& tried) {
  if (no_blas_wanted()) return "CHAINRULE_BLAS is 'none', so no BLAS library is loaded";
  return "No BLAS library could be loaded. Tried:" + tried + "\n" + advice;
}

// False where there is none.
bool load() {
  tried.clear();
  for (const std::string& path : candidates()) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    const char* why = library ? "it has no cblas_sgemm" : dlerror();
    if (library) {
      cblas_sgemm = symbol<Sgemm>(library, "cblas_sgemm");
      cblas_sdot = symbol<Sdot>(library, "cblas_sdot");
    }
    if (!library || !cblas_sgemm || !cblas_sdot) {
      tried += "\n  " + path + ": " + (why ? why : "unknown error");
      continue;
    }
    describe(library, path);
    // Our pool cuts the products, so BLAS runs each on one thread. The setting is global to the process.
    set_threads = symbol<void (*)(int)>(library, "openblas_set_num_threads");
    if (set_threads) set_threads(1);
    if (!sgemm_is_right())
      throw std::runtime_error("The BLAS library " + info.library + " (" + info.name + " " + info.version + " " +
                               info.core + ") multiplies matrices wrongly: its sgemm differs from a plain product. " +
                               "Install another OpenBLAS, or name one with CHAINRULE_BLAS=/path/to/libopenblas.so.0");
    table = {sgemm, sdot, lanes_of(info), computes_in_halves()};
    return true;
  }
  if (!no_blas_wanted() && !variable("CHAINRULE_BLAS").empty()) throw std::runtime_error(none_found(tried));
  return false;
}

Products chosen_products() {
  const std::string word = variable("CHAINRULE_GEMM");
  if (word.empty() || word == "auto") return Products::automatic;
  if (word == "own") return Products::own;
  if (word == "blas") return Products::blas;
  throw std::runtime_error("CHAINRULE_GEMM is '" + word + "', expected 'auto', 'own' or 'blas'");
}

}  // namespace

Products products() {
  static const Products chosen = chosen_products();  // when it throws, the next call tries again
  return chosen;
}

const Blas* find_blas() {
  enum : int { unknown, absent, loaded };
  static std::atomic<int> state{unknown};
  static std::mutex mutex;
  if (state.load(std::memory_order_acquire) == unknown) {
    std::lock_guard<std::mutex> lock(mutex);
    if (state.load(std::memory_order_relaxed) == unknown)
      state.store(load() ? loaded : absent, std::memory_order_release);
  }
  if (state.load(std::memory_order_acquire) == loaded) return &table;
  if (products() == Products::blas) throw std::runtime_error("CHAINRULE_GEMM is 'blas', but " + none_found(tried));
  return nullptr;
}

const BlasInfo* blas_info() { return find_blas() ? &info : nullptr; }

double bare_sgemm(const double* shapes, size_t products, int threads, int rounds) {
  if (!find_blas()) throw std::runtime_error("BLAS is to be measured, but " + none_found(tried));
  struct Product {
    bool ta, tb;
    int m, n, k;
    std::vector<float> a, b, c;
  };
  std::vector<Product> list;
  for (size_t i = 0; i < products; i++) {
    const double* s = shapes + i * 5;
    Product p{s[0] != 0, s[1] != 0, static_cast<int>(s[2]), static_cast<int>(s[3]), static_cast<int>(s[4]), {}, {}, {}};
    p.a.assign(static_cast<size_t>(p.m) * p.k, 0.01f);
    p.b.assign(static_cast<size_t>(p.k) * p.n, 0.01f);
    p.c.assign(static_cast<size_t>(p.m) * p.n, 0.0f);
    list.push_back(std::move(p));
  }
  if (set_threads) set_threads(threads);
  const auto begin = std::chrono::steady_clock::now();
  for (int r = 0; r < rounds; r++)
    for (Product& p : list)
      sgemm(p.ta, p.tb, p.m, p.n, p.k, p.a.data(), p.ta ? p.m : p.k, p.b.data(), p.tb ? p.k : p.n, p.c.data(), p.n,
            false);
  const auto end = std::chrono::steady_clock::now();
  if (set_threads) set_threads(1);
  return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(end - begin).count());
}

}  // namespace chainrule
