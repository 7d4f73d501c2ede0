// One step at a time per process: the queue, the thread that drives background jobs, and who may compute when.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "job.h"
#include "pool.h"

namespace chainrule {

class Engine {
 public:
  // Made at first use, never destroyed: threads may outlive any static destructor.
  static Engine& instance();

  Pool& pool() { return pool_; }

  // Runs the job on this thread, or lets whoever is computing run it. At most about `milliseconds`, then it is paused.
  void run(Job& job, double milliseconds);
  // Queues a job for the driver; the client gets it back by `deliver`. When it throws, the job stays the caller's.
  void start(Job* job);
  // Sets the number of threads, between two jobs.
  void set_threads(int threads);
  // Runs f on this thread while nothing else computes.
  template <class F>
  auto alone(F f) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!acquire(lock)) throw std::runtime_error("The process is ending");
    Release release{*this};
    lock.unlock();
    return f();
  }

  // The environment ends: its queued jobs are dropped, its running ones cancelled and waited for.
  void close(Client& client);
  // The process ends: cancels everything and joins all threads.
  void stop();

 private:
  friend class Turn;
  struct Release {
    Engine& engine;
    ~Release() {
      std::lock_guard<std::mutex> lock(engine.mutex_);
      engine.release();
    }
  };

  void drive();
  bool acquire(std::unique_lock<std::mutex>& lock);
  void release();
  void compute(Job& job, double milliseconds, bool nested);
  void finish(Job* job);
  void announce();
  template <class Ready>
  void wait(std::unique_lock<std::mutex>& lock, Ready ready);
  bool wait_for_host(std::unique_lock<std::mutex>& lock, Job& job);
  void serve_waiting(Gap gap);
  void queue_long(Job* job);
  Job* next_job();

  std::mutex mutex_;
  std::condition_variable turn_;  // work to do, or `busy_` became false, or a job is done
  BriefQueue brief_;
  std::deque<Job*> long_;
  std::atomic<int> long_waiting_{0};
  std::vector<Job*> running_;  // the outer one and, at most, a brief one inside it
  bool busy_ = false;          // somebody computes
  int callers_ = 0;            // threads that wait in acquire()
  int waiting_ = 0;            // threads that wait for anything, but for the driver
  bool drivers_turn_ = true;   // callers and the driver take turns when both have work
  bool quit_ = false;
  std::thread driver_;
  Pool pool_;
};

}  // namespace chainrule
