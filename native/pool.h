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
  // The tiles of one thread: where the next begins and where they end. Each thread takes its own first, the same part
  // of every instruction, so that what it wrote is in its own cache when it comes back to it; then it helps the others.
  // A claim is one addition, valid whenever it finds a tile left: a task cannot end while one of its tiles is not done.
  struct alignas(64) Lane {
    std::atomic<uint64_t> tiles{0};  // high half: the end; low half: the next
    bool take(uint64_t& index);
  };

  static constexpr uint64_t most_lanes = 256;  // more threads than that only help

  void start_workers();
  void work(int id);
  void help(uint64_t first);
  void tile(uint64_t index);

  std::atomic<int> threads_{1};
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<int> sleepers_{0};
  std::atomic<bool> quit_{false};

  // The task, written while no tile is left, read by those who claimed one.
  std::atomic<const Instruction*> instruction_{nullptr};
  std::atomic<const Context*> context_{nullptr};
  std::atomic<const std::atomic<bool>*> cancel_{nullptr};
  std::atomic<uint64_t> lane_count_{1};
  Lane lanes_[most_lanes];
  alignas(64) std::atomic<uint64_t> tasks_{0};  // begun so far: how a worker sees that there is another
  alignas(64) std::atomic<uint64_t> finished_{0};
};

}  // namespace chainrule
