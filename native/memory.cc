#include "memory.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <atomic>
#include <cstdlib>
#include <new>

namespace chainrule {

namespace {
constexpr uint64_t alignment = 64;
// Kernels may read a whole vector at the last element of a row; a spare line keeps that inside the allocation.
constexpr uint64_t spare = 64;
constexpr uint64_t largest = 1ull << 46;

std::atomic<uint64_t> bytes_alive{0};

// Large blocks lie in huge pages where the system has them: a matrix that is walked by columns touches another page
// with every row, and finding pages then costs more than reading them (3 to 5 % of a training step of large layers).
// From half a huge page on, so that at most half of one is wasted.
constexpr uint64_t huge_page = 2ull << 20, huge_from = huge_page / 2;

// Whole huge pages, zeroed, and where they begin; null when there are none.
char* map_huge(uint64_t bytes, uint64_t& mapped) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  const uint64_t wanted = (bytes + huge_page - 1) / huge_page * huge_page, reserved = wanted + huge_page;
  void* all = mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) return nullptr;
  char* const begin = static_cast<char*>(all);
  const uint64_t before = (huge_page - reinterpret_cast<uintptr_t>(begin) % huge_page) % huge_page;
  if (before > 0) munmap(begin, before);
  if (before < huge_page) munmap(begin + before + wanted, huge_page - before);
  madvise(begin + before, wanted, MADV_HUGEPAGE);  // where it is refused, these are pages like any others
  mapped = wanted;
  return begin + before;
#else
  (void)bytes, (void)mapped;
  return nullptr;
#endif
}
}  // namespace

Memory::Memory(void* block, char* data, uint64_t bytes, uint64_t mapped)
    : block_(block), data_(data), bytes_(bytes), mapped_(mapped) {
  bytes_alive.fetch_add(bytes, std::memory_order_relaxed);
}

uint64_t Memory::alive() { return bytes_alive.load(std::memory_order_relaxed); }

std::shared_ptr<Memory> Memory::make(uint64_t bytes) {
  if (bytes > largest) return nullptr;
  uint64_t mapped = 0;
  if (bytes >= huge_from)
    if (char* pages = map_huge(bytes + spare, mapped))
      return std::shared_ptr<Memory>(new Memory(pages, pages, bytes, mapped));
  // calloc, because the system hands out large zeroed blocks without touching them; it aligns to less than a line.
  void* block = std::calloc(1, bytes + spare + alignment);
  if (!block) return nullptr;
  const auto at = reinterpret_cast<uintptr_t>(block);
  char* data = static_cast<char*>(block) + (alignment - at % alignment) % alignment;
  return std::shared_ptr<Memory>(new Memory(block, data, bytes, 0));
}

Memory::~Memory() {
  bytes_alive.fetch_sub(bytes_, std::memory_order_relaxed);
#if defined(__linux__)
  if (mapped_ > 0) {
    munmap(block_, mapped_);
    return;
  }
#endif
  std::free(block_);
}

}  // namespace chainrule
