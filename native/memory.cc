#include "memory.h"

#include <cstdlib>
#include <new>

namespace chainrule {

namespace {
constexpr uint64_t alignment = 64;
// Kernels may read a whole vector at the last element of a row; a spare line keeps that inside the allocation.
constexpr uint64_t spare = 64;
constexpr uint64_t largest = 1ull << 46;
}  // namespace

std::shared_ptr<Memory> Memory::make(uint64_t bytes) {
  if (bytes > largest) return nullptr;
  // calloc, because the system hands out large zeroed blocks without touching them; it aligns to less than a line.
  void* block = std::calloc(1, bytes + spare + alignment);
  if (!block) return nullptr;
  const auto at = reinterpret_cast<uintptr_t>(block);
  char* data = static_cast<char*>(block) + (alignment - at % alignment) % alignment;
  return std::shared_ptr<Memory>(new Memory(block, data, bytes));
}

Memory::~Memory() { std::free(block_); }

}  // namespace chainrule
