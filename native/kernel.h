// What a kernel is: the contract between the run loop (work.cc) and kernels/*.inc.
//
// A program is a list of instructions. Each names a kernel, its operands (outputs first) and its attributes (numbers).
// `check` runs once, when the program is loaded: it validates everything that `run` relies on and decides how the work
// is cut. `run` is called for ranges of units, in any order and on any thread, so a result must not depend on the cut.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace chainrule {

enum class DType : uint8_t { f32 = 0, i32 = 1, u8 = 2, f64 = 3 };

inline size_t bytes_of(DType t) { return t == DType::u8 ? 1 : t == DType::f64 ? 8 : 4; }

// Contiguous values in a segment: `size` elements from the byte `offset` on.
struct Operand {
  uint32_t segment;
  DType dtype;
  uint64_t offset;
  uint64_t size;
};

// Bad data that a kernel met (an index out of range). The lowest row wins, so the report is the same for every cut.
struct Fault {
  std::atomic<uint64_t> row{UINT64_MAX};
  std::atomic<double> value{0};
  std::atomic_flag writing = ATOMIC_FLAG_INIT;  // row and value belong together
  void report(uint64_t at, double v) {
    if (at >= row.load()) return;
    while (writing.test_and_set(std::memory_order_acquire)) {
    }
    if (at < row.load()) {
      row.store(at);
      value.store(v);
    }
    writing.clear(std::memory_order_release);
  }
};

// The one table of what is taken from BLAS (row-major); filled by gemm.cc.
struct Blas {
  // c[m,n] = op(a)·op(b) + (accumulate ? c : 0)
  void (*sgemm)(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b,
                int64_t ldb, float* c, int64_t ldc, bool accumulate);
  float (*sdot)(int64_t n, const float* a, const float* b);
  int lanes;    // how many floats its kernels take at once, by the name of its processor; 1 where that says nothing
  bool halves;  // the processor computes sixteen in two steps of eight
};

// Who multiplies matrices, by CHAINRULE_GEMM: by default a function of the product's shape and form (gemm_grid.inc).
// Throws std::runtime_error for another word.
enum class Products { automatic, own, blas };
Products products();

// BLAS, loaded by the first check of an instruction that wants it; null where there is none, or CHAINRULE_BLAS is
// 'none'. Throws std::runtime_error when CHAINRULE_BLAS names another that cannot be loaded, when it multiplies
// wrongly, and when there is none but CHAINRULE_GEMM wants it.
const Blas* find_blas();

struct Context {
  char* const* bases;     // per segment: where it lies in this step
  const uint64_t* bytes;  // per segment: how many bytes may be read there (for operands whose extent the data decide)
  uint64_t seed, step;    // of the random streams
  Fault* fault;
};

struct Kernel;

struct Instruction {
  const Kernel* kernel = nullptr;
  uint32_t operand_count = 0, attribute_count = 0;
  const Operand* operands = nullptr;
  const double* attributes = nullptr;
  bool strict = false;  // in debug mode -infinity is bad too
  uint64_t units = 1;   // set by check: how many units of work
  uint64_t grain = 1;   // set by check: units per tile, a function of the shapes only

  template <class T>
  T* at(const Context& c, uint32_t i) const {
    return reinterpret_cast<T*>(c.bases[operands[i].segment] + operands[i].offset);
  }
  int64_t integer(uint32_t i) const { return static_cast<int64_t>(attributes[i]); }
  float number(uint32_t i) const { return static_cast<float>(attributes[i]); }
};

// An empty string when the instruction is sound; otherwise what is wrong. Operands are already known to lie inside
// their segments, to be aligned to their element size, and attributes to be finite or infinite numbers, never NaN.
using KernelCheck = std::string (*)(Instruction&);
using KernelRun = void (*)(const Instruction&, const Context&, uint64_t begin, uint64_t end);

struct Kernel {
  const char* name;
  uint32_t outputs;  // how many of the first operands are written
  KernelCheck check;
  KernelRun run;
};

// The kernels of one file, and those for one instruction set: plain constants, which need no start-up.
struct KernelPart {
  const Kernel* kernels;
  uint32_t count;
};
struct InstructionSet {
  const char* isa;
  int lanes;
  const KernelPart* const* parts;
  uint32_t part_count;
};

}  // namespace chainrule

#if defined(__x86_64__)
namespace isa_avx512 {
extern const chainrule::InstructionSet instruction_set;
}
namespace isa_avx2 {
extern const chainrule::InstructionSet instruction_set;
}
#endif
namespace isa_base {
extern const chainrule::InstructionSet instruction_set;
}
