// What is run: programs over memories, and the loop over cycles, runs, steps and instructions.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "memory.h"
#include "pool.h"
#include "program.h"

namespace chainrule {

// One program over some memories, `steps` times. In step s of cycle c, segment i lies at
// offsets[i] + s * strides[i] + c * cycle_strides[i] of its memory; the number of the step, for random streams, is
// first_step + s + c * cycle_steps.
struct Run {
  std::shared_ptr<Program> program;
  std::vector<std::shared_ptr<Memory>> memories;
  std::vector<uint64_t> offsets, strides, cycle_strides;
  uint64_t steps = 1, seed = 0, first_step = 0, cycle_steps = 0;

  // Throws std::runtime_error when a segment would leave its memory in some step.
  void validate(uint64_t cycles) const;
};

// Runs in a row, the whole row `cycles` times: epochs of whole batches and a partial one, say.
struct Work {
  std::vector<Run> runs;
  uint64_t cycles = 1;
};

enum class Stop { finished, cancelled, bad_data, not_finite, paused };

// Where work stands, and why it stopped. Steps before `step` of run `run` of cycle `cycle` are done, and nothing of
// that step is.
struct Progress {
  uint64_t cycle = 0;
  size_t run = 0;
  uint64_t step = 0;
  Stop stop = Stop::finished;
  size_t instruction = 0;  // of the fault
  uint64_t row = 0;
  double value = 0;
};

// What the loop asks of its surroundings, between instructions and between steps.
class Host {
 public:
  virtual ~Host() = default;
  // Before each instruction of forward and backward: the moment to serve somebody who waits.
  virtual void between_instructions() = 0;
  // After each step; true to pause here.
  virtual bool between_steps() = 0;
};

// Goes on from `progress` until the work is done, cancelled, faulty or paused. The update of a step starts only when
// all before it succeeded, and then runs to its end.
void execute(const Work& work, Progress& progress, std::atomic<uint64_t>& steps_done, const std::atomic<bool>& cancel,
             Pool& pool, Host& host);

}  // namespace chainrule
