#include "engine.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>

#include "gemm.h"

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

// Only such work may go in between: it gives way to nobody.
static bool is_one_step(const Work& work) {
  return work.runs.size() == 1 && work.runs[0].steps <= 1 && work.cycles <= 1;
}

// What the run loop asks while a job computes.
class Turn : public Host {
 public:
  Turn(Engine& engine, double milliseconds, bool nested, bool background)
      : engine_(engine), nested_(nested), background_(background), begin_(Clock::now()), limit_(milliseconds) {}

  void between_instructions() override {
    if (!nested_ && engine_.brief_waiting_.load(std::memory_order_relaxed) > 0) engine_.serve_waiting();
  }

  bool between_steps() override {
    between_instructions();
    if (nested_) return false;  // brief: its host goes on when it is done
    if (background_) return engine_.long_waiting_.load(std::memory_order_relaxed) > 0 && Clock::now() - begin_ > slice;
    return limit_ > 0 && Clock::now() - begin_ > std::chrono::duration<double, std::milli>(limit_);
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
    const Blas* blas = load_blas();
    Turn turn(*this, milliseconds, nested, !job.synchronous);
    execute(job.work, job.progress, job.steps_done, job.cancel, pool_, blas, turn);
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

// The predictions that wait now, inside a job of somebody else. Not those that come meanwhile: the host must get on.
void Engine::serve_waiting() {
  for (int count = brief_waiting_.load(); count > 0; count--) {
    Job* job = nullptr;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (brief_.empty() || quit_) return;
      job = brief_.front();
      brief_.pop_front();
      brief_waiting_.fetch_sub(1);
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
  brief_.push_back(&job);
  brief_waiting_.fetch_add(1);
  turn_.notify_all();
  const auto place = [&] { return std::find(brief_.begin(), brief_.end(), &job); };
  wait(lock, [&] { return job.done || (!busy_ && place() != brief_.end()); });
  if (job.done) return true;
  brief_.erase(place());
  brief_waiting_.fetch_sub(1);
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
  if (busy_ && is_one_step(job.work)) {
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
  job->brief = job->brief && is_one_step(job->work);
  (job->brief ? brief_ : long_).push_back(job);
  (job->brief ? brief_waiting_ : long_waiting_).fetch_add(1);
  turn_.notify_all();
}

Job* Engine::next_job() {
  // A long job first: it serves all waiting brief ones before its first instruction, and cannot starve behind them.
  const bool brief = long_.empty();
  auto& queue = brief ? brief_ : long_;
  Job* job = queue.front();
  queue.pop_front();
  (brief ? brief_waiting_ : long_waiting_).fetch_sub(1);
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
      long_.push_back(job);
      long_waiting_.fetch_add(1);
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
  auto drop = [&](std::deque<Job*>& queue, std::atomic<int>& waiting) {
    for (auto it = queue.begin(); it != queue.end();) {
      if ((*it)->client.get() != &client || (*it)->synchronous) {
        ++it;
        continue;
      }
      delete *it;
      it = queue.erase(it);
      waiting.fetch_sub(1);
    }
  };
  drop(brief_, brief_waiting_);
  drop(long_, long_waiting_);
  auto mine = [&](Job* job) { return job->client.get() == &client; };
  for (Job* job : running_)
    if (mine(job)) job->cancel = true;
  wait(lock, [&] { return quit_ || std::none_of(running_.begin(), running_.end(), mine); });
}

void Engine::stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    quit_ = true;
    for (Job* job : running_) job->cancel = true;
    for (Job* job : brief_)
      if (job->synchronous) {
        job->progress.stop = Stop::cancelled;
        job->done = true;
      }
    brief_.clear();  // their callers go on now, and the jobs with them
    brief_waiting_ = 0;
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
