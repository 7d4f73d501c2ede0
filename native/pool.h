// Worker threads that share the tiles of one instruction. One task at a time; the caller works along.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "kernel.h"

namespace chainrule {

// Cores that this process may use: affinity, and the cgroup's quota (v1 and v2, which Node 20 does not read).
int available_cores();

// Denormals flushed to zero while in scope, on this thread; the caller's mode comes back afterwards.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();

 private:
  uint64_t saved_;
};

class Pool {
 public:
  // Threads in all, the caller among them. Not while a task runs.
  void set_threads(int threads);
  int threads() const { return threads_.load(std::memory_order_relaxed); }

  // Runs all tiles of the instruction and returns when the last is done. A set `cancel` or `quit` skips what is left.
  void run(const Instruction& instruction, const Context& context, const std::atomic<bool>* cancel);

  // Ends and joins the workers; tiles that nobody has begun are skipped from here on.
  void stop();

 private:
  void start_workers();
  void work(int id);
  bool take(uint32_t generation);
  void tile(uint64_t index);

  std::atomic<int> threads_{1};
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<int> sleepers_{0};
  std::atomic<bool> quit_{false};

  // The task. Workers read it before they claim a tile; a claim succeeds only while it is still this task, because the
  // ticket holds the task's generation (high half) beside the next tile (low half).
  std::atomic<const Instruction*> instruction_{nullptr};
  std::atomic<const Context*> context_{nullptr};
  std::atomic<const std::atomic<bool>*> cancel_{nullptr};
  std::atomic<uint32_t> tiles_{0};
  alignas(64) std::atomic<uint64_t> ticket_{0};
  alignas(64) std::atomic<uint32_t> finished_{0};
};

}  // namespace chainrule
