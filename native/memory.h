// Native memory that programs work in. JavaScript reads and writes it by copy and never holds a pointer.
#pragma once

#include <cstdint>
#include <memory>

namespace chainrule {

class Memory {
 public:
  // Zeroed and aligned to 64 bytes; nullptr when the system has no more.
  static std::shared_ptr<Memory> make(uint64_t bytes);
  // Bytes of all that exist in this process.
  static uint64_t alive();
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  char* data() const { return data_; }
  uint64_t bytes() const { return bytes_; }

 private:
  Memory(void* block, char* data, uint64_t bytes, uint64_t mapped);
  void* block_;  // as the system gave it
  char* data_;
  uint64_t bytes_;
  uint64_t mapped_;  // bytes to unmap; 0: the block goes back to the heap
};

}  // namespace chainrule
