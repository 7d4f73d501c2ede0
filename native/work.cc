#include "work.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <limits>
#include <string>

namespace chainrule {

void Run::validate(uint64_t cycles) const {
  const auto& need = program->segment_bytes;
  if (memories.size() != need.size() || offsets.size() != need.size() || strides.size() != need.size() ||
      cycle_strides.size() != need.size())
    unsound("it has " + std::to_string(need.size()) + " segments, " + std::to_string(memories.size()) + " were given");
  const double last_step = steps ? static_cast<double>(steps - 1) : 0;
  const double last_cycle = cycles ? static_cast<double>(cycles - 1) : 0;
  for (size_t i = 0; i < need.size(); i++) {
    const double end = static_cast<double>(offsets[i]) + last_step * static_cast<double>(strides[i]) +
                       last_cycle * static_cast<double>(cycle_strides[i]) + static_cast<double>(need[i]);
    if (end > static_cast<double>(memories[i]->bytes()))
      unsound("segment " + std::to_string(i) + " would end at byte " + std::to_string(end) + " of a memory of " +
              std::to_string(memories[i]->bytes()));
    const uint64_t element = program->segment_alignment[i];
    if (offsets[i] % element != 0 || strides[i] % element != 0 || cycle_strides[i] % element != 0)
      unsound("segment " + std::to_string(i) + " is not aligned");
  }
}

namespace {

// NaN, +infinity and, if `strict`, -infinity, which is what masks are made of.
bool first_bad(const float* x, uint64_t n, bool strict, uint64_t& index) {
  constexpr float most = std::numeric_limits<float>::max();
  const float least = strict ? -most : -std::numeric_limits<float>::infinity();
  for (uint64_t i = 0; i < n; i++)
    if (!(x[i] >= least && x[i] <= most)) {
      index = i;
      return true;
    }
  return false;
}

// The steps of one run: forward and backward, then, if all went well, the update.
class Step {
 public:
  Step(const Run& run, Progress& progress, const std::atomic<bool>& cancel, Pool& pool, Host& host)
      : run_(run),
        program_(*run.program),
        progress_(progress),
        cancel_(cancel),
        pool_(pool),
        host_(host),
        bases_(run.memories.size()),
        bytes_(run.memories.size()),
        context_{bases_.data(), bytes_.data(), run.seed, 0, &fault_} {}

  Stop operator()() {
    profiling_ = program_.profiling.load(std::memory_order_relaxed);
    if (!profiling_) return whole();
    const auto begin = Clock::now();
    const Stop stop = whole();
    if (stop == Stop::finished) add_time(program_.instructions.size(), begin);
    return stop;
  }

 private:
  using Clock = std::chrono::steady_clock;

  Stop whole() {
    place();
    const size_t count = program_.instructions.size();
    for (size_t i = 0; i < program_.update_begin; i++) {
      host_.between_instructions();
      if (cancel_.load(std::memory_order_relaxed)) return Stop::cancelled;
      run(i, &cancel_);
      if (cancel_.load(std::memory_order_relaxed)) return Stop::cancelled;
      if (fault_.row.load(std::memory_order_relaxed) != UINT64_MAX) return stopped(i, Stop::bad_data);
      if (program_.debug && !finite(i)) return stopped(i, Stop::not_finite);
    }
    for (size_t i = program_.update_begin; i < count; i++) run(i, nullptr);
    return Stop::finished;
  }

  // Where everything lies in this step.
  void place() {
    const uint64_t step = progress_.step, cycle = progress_.cycle;
    for (size_t i = 0; i < bases_.size(); i++) {
      const uint64_t at = run_.offsets[i] + step * run_.strides[i] + cycle * run_.cycle_strides[i];
      bases_[i] = run_.memories[i]->data() + at;
      bytes_[i] = run_.memories[i]->bytes() - at;
    }
    context_.step = run_.first_step + step + cycle * run_.cycle_steps;
  }

  void run(size_t i, const std::atomic<bool>* cancel) {
    if (!profiling_) {
      pool_.run(program_.instructions[i], context_, cancel);
      return;
    }
    const auto begin = Clock::now();
    pool_.run(program_.instructions[i], context_, cancel);
    add_time(i, begin);
  }

  void add_time(size_t slot, Clock::time_point begin) {
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin);
    program_.nanoseconds[slot].fetch_add(static_cast<uint64_t>(ns.count()), std::memory_order_relaxed);
  }

  // Whether the next instruction writes a further part of the same value; the rest of it may hold anything until then.
  bool goes_on(size_t i) const {
    if (i + 1 >= program_.update_begin) return false;
    const Instruction &in = program_.instructions[i], &next = program_.instructions[i + 1];
    const auto same = [&in](const Operand& o) {
      return o.segment == in.operands[0].segment && o.offset == in.operands[0].offset && o.size == in.operands[0].size;
    };
    if (!in.kernel->outputs || !next.kernel->outputs || !same(next.operands[0])) return false;
    for (uint32_t o = next.kernel->outputs; o < next.operand_count; o++)
      if (same(next.operands[o])) return false;
    return true;
  }

  bool finite(size_t i) {
    if (goes_on(i)) return true;
    const Instruction& in = program_.instructions[i];
    for (uint32_t o = 0; o < in.kernel->outputs; o++) {
      uint64_t index = 0;
      if (in.operands[o].dtype != DType::f32) continue;
      if (!first_bad(in.at<float>(context_, o), in.operands[o].size, in.strict, index)) continue;
      fault_.row.store(index);
      fault_.value.store(static_cast<double>(in.at<float>(context_, o)[index]));
      return false;
    }
    return true;
  }

  Stop stopped(size_t instruction, Stop why) {
    progress_.instruction = instruction;
    progress_.row = fault_.row.load();
    progress_.value = fault_.value.load();
    return why;
  }

  const Run& run_;
  Program& program_;
  Progress& progress_;
  const std::atomic<bool>& cancel_;
  Pool& pool_;
  Host& host_;
  bool profiling_ = false;
  std::vector<char*> bases_;
  std::vector<uint64_t> bytes_;
  Fault fault_;
  Context context_;
};

}  // namespace

void execute(const Work& work, Progress& progress, std::atomic<uint64_t>& steps_done, const std::atomic<bool>& cancel,
             Pool& pool, Host& host) {
  FlushDenormals flush;
  const size_t runs = work.runs.size();
  progress.stop = Stop::finished;
  const auto is_empty = [](const Run& run) { return run.steps == 0; };
  if (std::all_of(work.runs.begin(), work.runs.end(), is_empty)) return;  // no step, no moment to cancel or to give way
  std::deque<Step> steps;  // made once: cycles may be as short as a step, and nothing is allocated in them
  for (const Run& run : work.runs) steps.emplace_back(run, progress, cancel, pool, host);
  for (; progress.cycle < work.cycles; progress.cycle++, progress.run = 0)
    for (; progress.run < runs; progress.run++, progress.step = 0) {
      const Run& run = work.runs[progress.run];
      Step& step = steps[progress.run];
      while (progress.step < run.steps) {
        progress.stop = cancel.load() ? Stop::cancelled : step();
        if (progress.stop != Stop::finished) return;
        progress.step++;
        steps_done.fetch_add(1, std::memory_order_relaxed);
        const bool last = progress.step == run.steps && progress.run + 1 == runs && progress.cycle + 1 == work.cycles;
        if (host.between_steps() && !last) {
          progress.stop = Stop::paused;
          return;
        }
      }
    }
}

}  // namespace chainrule
