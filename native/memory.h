// Native memory that programs work in. JavaScript reads and writes it by copy and never holds a pointer.
#pragma once

#include <cstdint>
#include <memory>

namespace chainrule {

class Memory {
 public:
  // Zeroed and aligned to 64 bytes; nullptr when the system has no more.
  static std::shared_ptr<Memory> make(uint64_t bytes);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  char* data() const { return data_; }
  uint64_t bytes() const { return bytes_; }

 private:
  Memory(void* block, char* data, uint64_t bytes, uint64_t mapped)
      : block_(block), data_(data), bytes_(bytes), mapped_(mapped) {}
  void* block_;  // as the system gave it
  char* data_;
  uint64_t bytes_;
  uint64_t mapped_;  // bytes to unmap; 0: the block goes back to the heap
};

}  // namespace chainrule
