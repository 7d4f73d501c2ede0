#include "memory.h"

#include <cstdlib>
#include <cstring>
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
  const uint64_t whole = (bytes + spare + alignment - 1) / alignment * alignment;
  void* data = nullptr;
  if (posix_memalign(&data, alignment, whole) != 0) return nullptr;
  std::memset(data, 0, whole);
  return std::shared_ptr<Memory>(new Memory(static_cast<char*>(data), bytes));
}

Memory::~Memory() {
  std::free(data_);
}

}  // namespace chainrule
