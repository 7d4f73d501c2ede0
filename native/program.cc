#include "program.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <limits>
#include <stdexcept>

namespace chainrule {

namespace {

constexpr double largest = 9007199254740992.0;  // 2^53

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("Not a sound program: " + what); }

// Reads the code word by word; every number is checked on the way.
class Reader {
 public:
  Reader(const double* code, size_t length) : code_(code), length_(length) {}
  bool done() const { return at_ == length_; }
  size_t position() const { return at_; }

  double number(const char* what) {
    if (at_ >= length_) fail(std::string("it ends where ") + what + " should stand");
    const double v = code_[at_++];
    if (std::isnan(v)) fail(std::string(what) + " is NaN");
    return v;
  }

  uint64_t integer(const char* what, double limit) {
    const double v = number(what);
    if (!(v >= 0) || v > limit || v != std::floor(v))
      fail(std::string(what) + " is " + std::to_string(v) + ", expected an integer from 0 to " + std::to_string(limit));
    return static_cast<uint64_t>(v);
  }

 private:
  const double* code_;
  size_t length_, at_ = 0;
};

Operand read_operand(Reader& reader, const std::vector<uint64_t>& segment_bytes) {
  Operand o;
  o.segment = static_cast<uint32_t>(reader.integer("an operand's segment", 1e6));
  if (o.segment >= segment_bytes.size()) fail("an operand names segment " + std::to_string(o.segment));
  o.dtype = static_cast<DType>(reader.integer("an operand's dtype", 3));
  o.offset = reader.integer("an operand's offset", largest);
  o.size = reader.integer("an operand's size", largest);
  if (o.offset % bytes_of(o.dtype) != 0) fail("an operand is not aligned");
  const uint64_t end = o.offset + o.size * bytes_of(o.dtype);  // below 2^57, cannot wrap
  if (end > segment_bytes[o.segment])
    fail("an operand ends at byte " + std::to_string(end) + " of segment " + std::to_string(o.segment) +
         ", which has " + std::to_string(segment_bytes[o.segment]));
  return o;
}

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

}  // namespace

Program::Program(const double* code, size_t length, const KernelTable& kernels) {
  Reader reader(code, length);
  const uint64_t segments = reader.integer("the number of segments", 1e4);
  update_begin = reader.integer("the start of the update", 1e9);
  debug = reader.integer("the debug flag", 1) != 0;
  changes = reader.integer("whether it changes what outlasts a run", 1) != 0;
  for (uint64_t i = 0; i < segments; i++) segment_bytes.push_back(reader.integer("a segment's size", largest));
  segment_alignment.assign(segments, 1);
  std::vector<std::pair<size_t, size_t>> starts;  // of operands and attributes; the vectors still grow
  while (!reader.done()) {
    const size_t start = reader.position();
    const uint64_t words = reader.integer("an instruction's length", 1e6);
    const uint64_t kernel = reader.integer("a kernel", 1e6);
    if (kernel >= kernels.count) fail("kernel " + std::to_string(kernel) + " does not exist");
    Instruction in;
    in.kernel = &kernels.kernels[kernel];
    in.operand_count = static_cast<uint32_t>(reader.integer("the number of operands", 1e4));
    in.attribute_count = static_cast<uint32_t>(reader.integer("the number of attributes", 1e4));
    in.strict = reader.integer("whether -Infinity is bad too", 1) != 0;
    if (words != 5ull + 4ull * in.operand_count + in.attribute_count) fail("an instruction's length is wrong");
    if (in.operand_count < in.kernel->outputs) fail(std::string(in.kernel->name) + " has too few operands");
    starts.emplace_back(operands_.size(), attributes_.size());
    for (uint32_t i = 0; i < in.operand_count; i++) {
      operands_.push_back(read_operand(reader, segment_bytes));
      uint64_t& element = segment_alignment[operands_.back().segment];
      element = std::max<uint64_t>(element, bytes_of(operands_.back().dtype));
    }
    for (uint32_t i = 0; i < in.attribute_count; i++) attributes_.push_back(reader.number("an attribute"));
    if (reader.position() - start != words) fail("an instruction's length is wrong");
    instructions.push_back(in);
  }
  if (update_begin > instructions.size()) fail("the update starts after the end");
  for (size_t i = 0; i < instructions.size(); i++) {
    Instruction& in = instructions[i];
    in.operands = operands_.data() + starts[i].first;
    in.attributes = attributes_.data() + starts[i].second;
    const std::string wrong = in.kernel->check(in);
    if (!wrong.empty()) fail("instruction " + std::to_string(i) + ": " + wrong);
    if (in.grain < 1 || in.units / in.grain >= 1ull << 31) fail("instruction " + std::to_string(i) + " is too large");
  }
  nanoseconds = std::vector<std::atomic<uint64_t>>(instructions.size() + 1);
}

void Run::validate(uint64_t cycles) const {
  const auto& need = program->segment_bytes;
  if (memories.size() != need.size() || offsets.size() != need.size() || strides.size() != need.size() ||
      cycle_strides.size() != need.size())
    fail("it has " + std::to_string(need.size()) + " segments, " + std::to_string(memories.size()) + " were given");
  const double last_step = steps ? static_cast<double>(steps - 1) : 0;
  const double last_cycle = cycles ? static_cast<double>(cycles - 1) : 0;
  for (size_t i = 0; i < need.size(); i++) {
    const double end = static_cast<double>(offsets[i]) + last_step * static_cast<double>(strides[i]) +
                       last_cycle * static_cast<double>(cycle_strides[i]) + static_cast<double>(need[i]);
    if (end > static_cast<double>(memories[i]->bytes()))
      fail("segment " + std::to_string(i) + " would end at byte " + std::to_string(end) + " of a memory of " +
           std::to_string(memories[i]->bytes()));
    const uint64_t element = program->segment_alignment[i];
    if (offsets[i] % element != 0 || strides[i] % element != 0 || cycle_strides[i] % element != 0)
      fail("segment " + std::to_string(i) + " is not aligned");
  }
}

namespace {

// The steps of one run: forward and backward, then, if all went well, the update.
class Step {
 public:
  Step(const Run& run, Progress& progress, const std::atomic<bool>& cancel, Pool& pool, const Blas* blas, Host& host)
      : run_(run),
        program_(*run.program),
        progress_(progress),
        cancel_(cancel),
        pool_(pool),
        host_(host),
        bases_(run.memories.size()),
        bytes_(run.memories.size()),
        context_{bases_.data(), bytes_.data(), run.seed, 0, blas, &fault_} {}

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
             Pool& pool, const Blas* blas, Host& host) {
  FlushDenormals flush;
  const size_t runs = work.runs.size();
  progress.stop = Stop::finished;
  const auto is_empty = [](const Run& run) { return run.steps == 0; };
  if (std::all_of(work.runs.begin(), work.runs.end(), is_empty)) return;  // no step, no moment to cancel or to give way
  std::deque<Step> steps;  // made once: cycles may be as short as a step, and nothing is allocated in them
  for (const Run& run : work.runs) steps.emplace_back(run, progress, cancel, pool, blas, host);
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
