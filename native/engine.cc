#include "engine.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>

namespace chainrule {

namespace {

using Clock = std::chrono::steady_clock;
// A long job gives way to another long one after this time.
constexpr auto slice = std::chrono::milliseconds(10);

}  // namespace

Engine& Engine::instance() {
  static Engine* engine = [] {
    auto* made = new Engine;
    made->pool_.set_threads(available_cores());
    // Joins the threads before the destructors of BLAS and the C++ library run; the only hook on process.exit().
    std::atexit([] { Engine::instance().stop(); });
    return made;
  }();
  return *engine;
}

// What the run loop asks while a job computes.
class Turn : public Host {
 public:
  Turn(Engine& engine, double milliseconds, bool nested, bool background)
      : engine_(engine), nested_(nested), background_(background), begin_(Clock::now()), limit_(milliseconds) {}

  void between_instructions() override { let_in(Gap::instructions); }

  bool between_steps() override {
    let_in(Gap::steps);
    if (nested_) return false;  // brief: its host goes on when it is done
    if (background_) return engine_.long_waiting_.load(std::memory_order_relaxed) > 0 && Clock::now() - begin_ > slice;
    return limit_ > 0 && Clock::now() - begin_ > std::chrono::duration<double, std::milli>(limit_);
  }

  void let_in(Gap gap) {
    if (!nested_ && engine_.brief_.waiting(gap) > 0) engine_.serve_waiting(gap);
  }

 private:
  Engine& engine_;
  bool nested_, background_;
  Clock::time_point begin_;
  double limit_;
};

// With the job listed in `running_` and the right to compute held.
void Engine::compute(Job& job, double milliseconds, bool nested) {
  try {
    Turn turn(*this, milliseconds, nested, !job.synchronous);
    turn.let_in(Gap::steps);  // those that change something would otherwise wait for the first step's end
    execute(job.work, job.progress, job.steps_done, job.cancel, pool_, turn);
  } catch (...) {
    job.error = std::current_exception();
  }
}

// Called with the lock held, when the job computes no more.
void Engine::finish(Job* job) {
  running_.erase(std::remove(running_.begin(), running_.end(), job), running_.end());
  job->done = true;
  if (!job->synchronous) {
    if (job->client->closed)
      delete job;
    else
      job->client->deliver(job);  // under the lock: the environment cannot close in between
  }
  announce();
}

// Wakes those whose turn it may be now. The driver has nothing to look for while no job is queued, and waking it costs
// a caller several microseconds, as much as half a small prediction.
void Engine::announce() {
  if (waiting_ > 0 || !brief_.empty() || !long_.empty()) turn_.notify_all();
}

template <class Ready>
void Engine::wait(std::unique_lock<std::mutex>& lock, Ready ready) {
  waiting_++;
  turn_.wait(lock, ready);
  waiting_--;
}

// The right to compute, for a calling thread; false, and nothing to give back, when the process ends. With the lock
// held.
bool Engine::acquire(std::unique_lock<std::mutex>& lock) {
  callers_++;
  long_waiting_.fetch_add(1);
  wait(lock, [this] {
    const bool queued = !brief_.empty() || !long_.empty();
    return quit_ || (!busy_ && !(drivers_turn_ && queued));
  });
  callers_--;
  long_waiting_.fetch_sub(1);
  if (quit_) return false;
  busy_ = true;
  return true;
}

// Gives it back. With the lock held.
void Engine::release() {
  busy_ = false;
  drivers_turn_ = true;
  announce();
}

// The brief jobs that wait now, inside a job of somebody else. Not those that come meanwhile: the host must get on.
void Engine::serve_waiting(Gap gap) {
  for (int count = brief_.waiting(gap); count > 0; count--) {
    Job* job = nullptr;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      job = quit_ ? nullptr : brief_.take(gap);
      if (!job) return;
      running_.push_back(job);
    }
    compute(*job, 0, true);
    std::lock_guard<std::mutex> lock(mutex_);
    finish(job);
  }
}

// Offers the caller's job to whoever computes. True when it was run there; false when that host ended without looking,
// and the caller, who now has the right to compute, must run it: there may be no driver to do it.
bool Engine::wait_for_host(std::unique_lock<std::mutex>& lock, Job& job) {
  brief_.push(&job);
  turn_.notify_all();
  wait(lock, [&] { return job.done || (!busy_ && brief_.has(&job)); });
  if (job.done) return true;
  brief_.drain([&job](const Job* other) { return other == &job; }, [](Job*) {});
  busy_ = true;
  return false;
}

void Engine::run(Job& job, double milliseconds) {
  job.synchronous = true;
  std::unique_lock<std::mutex> lock(mutex_);
  if (quit_) {
    job.progress.stop = Stop::cancelled;
    return;
  }
  if (busy_ && job.is_one_step()) {
    if (wait_for_host(lock, job)) return;
  } else if (!acquire(lock)) {
    job.progress.stop = Stop::cancelled;
    return;
  }
  running_.push_back(&job);
  lock.unlock();
  compute(job, milliseconds, false);
  lock.lock();
  finish(&job);
  release();
}

void Engine::start(Job* job) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!driver_.joinable() && !quit_) driver_ = std::thread([this] { drive(); });
  job->brief = job->brief && job->is_one_step();
  if (job->brief)
    brief_.push(job);
  else
    queue_long(job);
  turn_.notify_all();
}

void Engine::queue_long(Job* job) {
  long_.push_back(job);
  long_waiting_.fetch_add(1);
}

Job* Engine::next_job() {
  // A long job first: it serves all waiting brief ones before its first step, and cannot starve behind them.
  if (long_.empty()) return brief_.take(Gap::steps);
  Job* job = long_.front();
  long_.pop_front();
  long_waiting_.fetch_sub(1);
  return job;
}

void Engine::drive() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    turn_.wait(lock, [this] {
      const bool queued = !brief_.empty() || !long_.empty();
      return quit_ || (!busy_ && queued && (drivers_turn_ || callers_ == 0));
    });
    if (quit_) return;
    Job* job = next_job();
    busy_ = true;
    running_.push_back(job);
    lock.unlock();
    compute(*job, 0, job->brief || job->synchronous);
    lock.lock();
    busy_ = false;
    drivers_turn_ = false;
    if (job->progress.stop == Stop::paused && !job->error && !job->client->closed && !quit_) {
      running_.erase(std::remove(running_.begin(), running_.end(), job), running_.end());
      queue_long(job);
      turn_.notify_all();
    } else {
      finish(job);
    }
  }
}

void Engine::set_threads(int threads) {
  alone([&] { pool_.set_threads(threads); });
}

void Engine::close(Client& client) {
  std::unique_lock<std::mutex> lock(mutex_);
  client.closed = true;
  auto mine = [&](const Job* job) { return job->client.get() == &client; };
  brief_.drain([&](const Job* job) { return mine(job) && !job->synchronous; }, [](Job* job) { delete job; });
  const auto kept = std::stable_partition(long_.begin(), long_.end(), [&](const Job* job) { return !mine(job); });
  for (auto it = kept; it != long_.end(); ++it) delete *it;
  long_waiting_.fetch_sub(static_cast<int>(long_.end() - kept));
  long_.erase(kept, long_.end());
  for (Job* job : running_)
    if (mine(job)) job->cancel = true;
  wait(lock, [&] { return quit_ || std::none_of(running_.begin(), running_.end(), mine); });
}

void Engine::stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    quit_ = true;
    for (Job* job : running_) job->cancel = true;
    const auto all = [](const Job*) { return true; };
    brief_.drain(all, [](Job* job) {
      if (!job->synchronous) return;  // nobody will ask for it
      job->progress.stop = Stop::cancelled;
      job->done = true;  // its caller goes on now, and the job with it
    });
  }
  turn_.notify_all();
  if (driver_.joinable()) driver_.join();
  {
    std::unique_lock<std::mutex> lock(mutex_);  // a caller on another thread may be at its last tile
    wait(lock, [this] { return !busy_; });
  }
  pool_.stop();
}

}  // namespace chainrule
