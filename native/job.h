// Jobs, and the queue of those that go in between others.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>

#include "work.h"

namespace chainrule {

// A JavaScript environment (main thread or worker), as far as the engine must know it. `closed` is guarded by the lock.
struct Client {
  virtual ~Client() = default;
  // Hands the finished job over to the environment's own thread. Called with the engine's lock held.
  virtual void deliver(struct Job* job) = 0;
  bool closed = false;
};

struct Job {
  Work work;
  std::shared_ptr<Client> client;
  bool brief = false;        // one step, which goes before and in between long jobs
  bool synchronous = false;  // its caller waits on the engine's condition; otherwise it is delivered
  std::atomic<bool> cancel{false};
  std::atomic<uint64_t> steps_done{0};
  Progress progress;
  std::exception_ptr error;
  bool done = false;  // guarded by the lock
  virtual ~Job() = default;

  // Only such work may go in between: it gives way to nobody.
  bool is_one_step() const { return work.runs.size() == 1 && work.runs[0].steps <= 1 && work.cycles <= 1; }
  bool changes() const { return work.runs[0].program->changes; }
};

// Where a running job may let others in. Those that change what outlasts a run, such as weights, would be seen half
// done between two instructions.
enum class Gap { instructions, steps };

// Brief jobs in the order they came. Guarded by the engine's lock, but for `waiting`, which the run loop asks all the
// time.
class BriefQueue {
 public:
  int waiting(Gap gap) const {
    const int readers = readers_.load(std::memory_order_relaxed);
    return gap == Gap::instructions ? readers : readers + writers_.load(std::memory_order_relaxed);
  }
  bool empty() const { return jobs_.empty(); }

  void push(Job* job) {
    jobs_.push_back(job);
    counter(job).fetch_add(1);
  }
  // The first that may go in; null when there is none.
  Job* take(Gap gap) {
    for (size_t i = 0; i < jobs_.size(); i++)
      if (gap == Gap::steps || !jobs_[i]->changes()) return remove(i);
    return nullptr;
  }
  bool has(const Job* job) const { return std::find(jobs_.begin(), jobs_.end(), job) != jobs_.end(); }
  // Takes out what `wanted` says, and hands it to `use`.
  template <class Wanted, class Use>
  void drain(Wanted wanted, Use use) {
    for (size_t i = 0; i < jobs_.size();)
      if (wanted(jobs_[i]))
        use(remove(i));
      else
        i++;
  }

 private:
  std::atomic<int>& counter(const Job* job) { return job->changes() ? writers_ : readers_; }
  Job* remove(size_t i) {
    Job* job = jobs_[i];
    jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(i));
    counter(job).fetch_sub(1);
    return job;
  }

  std::deque<Job*> jobs_;
  std::atomic<int> readers_{0}, writers_{0};
};

}  // namespace chainrule
