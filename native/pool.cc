#include "pool.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif
#if defined(__linux__)
#include <sched.h>
#endif

namespace chainrule {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto spin_time = std::chrono::microseconds(50);

void pause() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Spins for `spin_time`; true as soon as `ready`.
template <class F>
bool spin(F ready) {
  const auto end = Clock::now() + spin_time;
  do {
    for (int i = 0; i < 64; i++) {
      if (ready()) return true;
      pause();
    }
  } while (Clock::now() < end);
  return false;
}

// "max 100000" (v2) or two files (v1), in cores; 0 when there is no limit.
double read_quota() {
  double quota = 0, period = 0;
  if (FILE* f = std::fopen("/sys/fs/cgroup/cpu.max", "r")) {
    if (std::fscanf(f, "%lf %lf", &quota, &period) != 2) quota = 0;
    std::fclose(f);
    return period > 0 ? quota / period : 0;
  }
  if (FILE* f = std::fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "r")) {
    if (std::fscanf(f, "%lf", &quota) != 1) quota = 0;
    std::fclose(f);
  }
  if (FILE* f = std::fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "r")) {
    if (std::fscanf(f, "%lf", &period) != 1) period = 0;
    std::fclose(f);
  }
  return quota > 0 && period > 0 ? quota / period : 0;
}

}  // namespace

int available_cores() {
  int cores = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) cores = CPU_COUNT(&set);
#endif
  const double quota = read_quota();
  if (quota > 0 && quota < cores) cores = static_cast<int>(std::ceil(quota));
  return cores < 1 ? 1 : cores;
}

#if defined(__x86_64__)
FlushDenormals::FlushDenormals() : saved_(_mm_getcsr()) {
  _mm_setcsr(static_cast<unsigned>(saved_) | 0x8040u);  // FTZ | DAZ
}
FlushDenormals::~FlushDenormals() { _mm_setcsr(static_cast<unsigned>(saved_)); }
#elif defined(__aarch64__)
FlushDenormals::FlushDenormals() {
  asm volatile("mrs %0, fpcr" : "=r"(saved_));
  asm volatile("msr fpcr, %0" ::"r"(saved_ | (1ull << 24)));  // FZ
}
FlushDenormals::~FlushDenormals() { asm volatile("msr fpcr, %0" ::"r"(saved_)); }
#else
FlushDenormals::FlushDenormals() : saved_(0) {}
FlushDenormals::~FlushDenormals() {}
#endif

void Pool::set_threads(int threads) { threads_.store(threads < 1 ? 1 : threads); }

void Pool::start_workers() {
  while (static_cast<int>(workers_.size()) < threads() - 1) {
    const int id = static_cast<int>(workers_.size());
    try {
      workers_.emplace_back([this, id] { work(id); });
    } catch (...) {  // no more threads to be had: go on with those there are
      threads_.store(static_cast<int>(workers_.size()) + 1);
    }
  }
}

void Pool::tile(uint64_t index) {
  const Instruction& in = *instruction_.load(std::memory_order_relaxed);
  const std::atomic<bool>* cancel = cancel_.load(std::memory_order_relaxed);
  if (!quit_.load(std::memory_order_relaxed) && !(cancel && cancel->load(std::memory_order_relaxed))) {
    const uint64_t begin = index * in.grain;
    const uint64_t end = begin + in.grain < in.units ? begin + in.grain : in.units;
    in.kernel->run(in, *context_.load(std::memory_order_relaxed), begin, end);
  }
}

bool Pool::Lane::take(uint64_t& index) {
  constexpr uint64_t low = 0xffffffffu;
  uint64_t seen = tiles.load(std::memory_order_relaxed);
  if ((seen & low) >= seen >> 32) return false;
  seen = tiles.fetch_add(1, std::memory_order_acq_rel);
  index = seen & low;
  return index < seen >> 32;
}

// Runs tiles until none is left anywhere, those of its own lane first.
void Pool::help(uint64_t first) {
  const uint64_t lanes = lane_count_.load(std::memory_order_relaxed);
  uint64_t done = 0, index;
  for (uint64_t i = 0; i < lanes; i++)
    for (Lane& lane = lanes_[(first + i) % lanes]; lane.take(index); done++) tile(index);
  if (done > 0) finished_.fetch_add(done, std::memory_order_release);
}

void Pool::work(int id) {
  FlushDenormals flush;
  uint64_t done = 0;
  for (;;) {
    auto news = [&] {
      return quit_.load(std::memory_order_relaxed) || (tasks_.load() != done && id < threads() - 1);  // see run()
    };
    if (!spin(news)) {
      std::unique_lock<std::mutex> lock(mutex_);
      sleepers_.fetch_add(1);
      wake_.wait(lock, news);
      sleepers_.fetch_sub(1);
    }
    if (quit_.load()) return;
    done = tasks_.load();
    help(static_cast<uint64_t>(id) + 1);
  }
}

void Pool::run(const Instruction& in, const Context& context, const std::atomic<bool>* cancel) {
  if (in.units == 0) return;
  const uint64_t tiles = (in.units + in.grain - 1) / in.grain;
  if (tiles == 1 || threads() == 1) {
    for (uint64_t i = 0; i < tiles; i++) {
      if (quit_.load(std::memory_order_relaxed) || (cancel && cancel->load(std::memory_order_relaxed))) return;
      const uint64_t begin = i * in.grain;
      in.kernel->run(in, context, begin, begin + in.grain < in.units ? begin + in.grain : in.units);
    }
    return;
  }
  if (static_cast<int>(workers_.size()) < threads() - 1) start_workers();
  instruction_.store(&in, std::memory_order_relaxed);
  context_.store(&context, std::memory_order_relaxed);
  cancel_.store(cancel, std::memory_order_relaxed);
  finished_.store(0, std::memory_order_relaxed);
  const uint64_t lanes = std::min({tiles, static_cast<uint64_t>(threads()), most_lanes});
  lane_count_.store(lanes, std::memory_order_relaxed);
  for (uint64_t i = 0; i < lanes; i++)
    lanes_[i].tiles.store(tiles * (i + 1) / lanes << 32 | tiles * i / lanes, std::memory_order_release);
  tasks_.fetch_add(1);  // seq_cst, with sleepers_: a worker either sees it or is seen asleep
  if (sleepers_.load() > 0) {
    { std::lock_guard<std::mutex> lock(mutex_); }
    wake_.notify_all();
  }
  help(0);
  auto all = [&] { return finished_.load(std::memory_order_acquire) == tiles; };
  while (!all())
    if (!spin(all)) std::this_thread::yield();
}

void Pool::stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    quit_.store(true);
  }
  wake_.notify_all();
  for (std::thread& t : workers_)
    if (t.joinable()) t.join();
}

}  // namespace chainrule
