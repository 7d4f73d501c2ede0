// A program: instructions, validated when loaded.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "kernel.h"

namespace chainrule {

// Throws std::runtime_error.
[[noreturn]] void unsound(const std::string& what);

class Program {
 public:
  // The code is a flat list of numbers:
  //   segments, updateBegin, debug, changes, bytes of each segment,
  //   then per instruction: length, kernel, operands, attributes, strict, (segment, dtype, offset, size) per operand,
  //   attributes.
  // Instructions from `updateBegin` on are the update. Throws std::runtime_error for anything unsound.
  Program(const double* code, size_t length, const std::vector<Kernel>& kernels);

  std::vector<uint64_t> segment_bytes;
  std::vector<uint64_t> segment_alignment;  // the largest element in each
  std::vector<Instruction> instructions;
  size_t update_begin = 0;
  bool debug = false;    // after each instruction, look for NaN and infinities in what it wrote
  bool changes = false;  // it writes what outlasts a run: nobody may see a part of that, so it goes in between steps

  std::atomic<bool> profiling{false};
  std::vector<std::atomic<uint64_t>> nanoseconds;  // per instruction, then of whole steps, while profiling

 private:
  std::vector<Operand> operands_;
  std::vector<double> attributes_;
};

}  // namespace chainrule
