// The boundary: the functions that JavaScript has. They are declared, typed and documented in src/native.ts.
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine.h"
#include "environment.h"
#include "gemm.h"
#include "handles.h"
#include "processor.h"

namespace chainrule {

namespace {

// [program, memories, numbers]; numbers: steps, seed, first step, steps per cycle, then of each segment its offset and
// its strides per step and per cycle.
Run run_of(const Napi::Value& value, uint64_t cycles) {
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), "Expected a run: [program, memories, numbers]");
  const auto list = value.As<Napi::Array>();
  const Napi::Value memories = list.Get(1u);
  if (!memories.IsArray()) throw Napi::TypeError::New(value.Env(), "Expected an array of memories");
  const auto array = memories.As<Napi::Array>();
  Run run;
  run.program = program_of(list.Get(0u));
  for (uint32_t i = 0; i < array.Length(); i++) run.memories.push_back(memory_of(array.Get(i)));
  const size_t count = run.memories.size();
  const Doubles numbers = doubles_of(list.Get(2u));  // last: getters above may detach it
  if (numbers.length != 4 + 3 * count) throw std::runtime_error("A run has an offset and two strides per segment");
  run.steps = integer_of(numbers.data[0], "steps");
  run.seed = integer_of(numbers.data[1], "seed");
  run.first_step = integer_of(numbers.data[2], "the first step");
  run.cycle_steps = integer_of(numbers.data[3], "the steps per cycle");
  for (size_t i = 0; i < count; i++) {
    run.offsets.push_back(integer_of(numbers.data[4 + 3 * i], "an offset"));
    run.strides.push_back(integer_of(numbers.data[5 + 3 * i], "a stride"));
    run.cycle_strides.push_back(integer_of(numbers.data[6 + 3 * i], "a stride"));
  }
  run.validate(cycles);
  return run;
}

// ---- functions; a C++ exception becomes a JavaScript one

template <Napi::Value (*f)(const Napi::CallbackInfo&)>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  try {
    return f(info);
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& e) {
    throw Napi::Error::New(info.Env(), e.what());
  }
}

Napi::Value blas_of(Napi::Env env) {
  const BlasInfo* blas = blas_info();
  if (!blas) return env.Null();
  Napi::Object o = Napi::Object::New(env);
  o["library"] = blas->library;
  o["name"] = blas->name;
  o["version"] = blas->version;
  o["core"] = blas->core;
  o["flavour"] = blas->flavour;
  return o;
}

Napi::Value get_info(const Napi::CallbackInfo& call) {
  Napi::Env env = call.Env();
  const InstructionSet& set = kernels_in_use().set;
  Napi::Object o = Napi::Object::New(env);
  o["blas"] = blas_of(env);
  o["isa"] = set.isa;
  o["lanes"] = set.lanes;
  o["gemm"] = products() == Products::own ? "own" : products() == Products::blas ? "blas" : "auto";
  o["threads"] = Engine::instance().pool().threads();
  o["cores"] = available_cores();
  Napi::Array isas = Napi::Array::New(env);
  for (const InstructionSet* s : available_sets()) isas[isas.Length()] = Napi::String::New(env, s->isa);
  o["isaAvailable"] = isas;
  return o;
}

// Apart from the rest of what there is to know, which loads BLAS.
Napi::Value list_kernels(const Napi::CallbackInfo& call) {
  Napi::Env env = call.Env();
  const std::vector<Kernel>& all = kernels_in_use().all;
  Napi::Array kernels = Napi::Array::New(env, all.size());
  for (uint32_t i = 0; i < all.size(); i++) {
    Napi::Object k = Napi::Object::New(env);
    k["name"] = all[i].name;
    k["outputs"] = all[i].outputs;
    kernels[i] = k;
  }
  return kernels;
}

Napi::Value make_memory(const Napi::CallbackInfo& info) {
  const uint64_t bytes = integer_of(number_of(info[0], "the size of a memory"), "the size of a memory");
  auto memory = Memory::make(bytes);
  if (!memory) throw std::runtime_error("Out of memory: " + std::to_string(bytes) + " bytes could not be allocated");
  return wrap_memory(info.Env(), std::move(memory));
}

Napi::Value free_memory(const Napi::CallbackInfo& info) {
  release_memory(info[0]);
  return info.Env().Undefined();
}

Napi::Value memory_alive(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(Memory::alive()));
}

char* inside(const Memory& memory, const Napi::Value& offset, size_t length) {
  const uint64_t at = integer_of(number_of(offset, "an offset"), "an offset");
  if (at > memory.bytes() || length > memory.bytes() - at)
    throw std::runtime_error("Bytes " + std::to_string(at) + " to " + std::to_string(at + length) +
                             " are outside a memory of " + std::to_string(memory.bytes()));
  return memory.data() + at;
}

Napi::Value read_memory(const Napi::CallbackInfo& info) {
  const Bytes to = bytes_of_array(info[2]);
  const char* from = inside(*memory_of(info[0]), info[1], to.length);
  if (to.length) std::memcpy(to.data, from, to.length);
  return info.Env().Undefined();
}

Napi::Value write_memory(const Napi::CallbackInfo& info) {
  const Bytes from = bytes_of_array(info[2]);
  char* to = inside(*memory_of(info[0]), info[1], from.length);
  if (from.length) std::memcpy(to, from.data, from.length);
  return info.Env().Undefined();
}

Napi::Value make_program(const Napi::CallbackInfo& info) {
  const Doubles code = doubles_of(info[0]);
  return wrap_program(info.Env(), std::make_shared<Program>(code.data, code.length, kernels_in_use().all));
}

Napi::Value run_sync(const Napi::CallbackInfo& info) {
  Job job;
  job.client = client_of(info.Env());
  job.work.runs.push_back(run_of(info[0], 1));
  const double milliseconds = number_of(info[1], "the time limit");
  if (!(milliseconds >= 0)) throw std::runtime_error("the time limit must be ≥ 0");
  Engine::instance().run(job, milliseconds);
  if (job.error) std::rethrow_exception(job.error);
  return result_of(info.Env(), job);
}

Napi::Value start_job(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsArray()) throw Napi::TypeError::New(env, "Expected an array of runs");
  const auto list = info[0].As<Napi::Array>();
  Work work;
  work.cycles = integer_of(number_of(info[1], "the number of cycles"), "the number of cycles");
  for (uint32_t i = 0; i < list.Length(); i++) work.runs.push_back(run_of(list.Get(i), work.cycles));
  return start_background(env, std::move(work), info[2].ToBoolean());
}

Napi::Value cancel_job(const Napi::CallbackInfo& info) {
  cancel_background(info[0]);
  return info.Env().Undefined();
}

Napi::Value job_progress(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), progress_of(info[0])); }

Napi::Value set_threads(const Napi::CallbackInfo& info) {
  const double threads = number_of(info[0], "the number of threads");
  if (!(threads >= 1 && threads <= 1024)) throw std::runtime_error("the number of threads must be from 1 to 1024");
  Engine::instance().set_threads(static_cast<int>(threads));
  return info.Env().Undefined();
}

Napi::Value profile_program(const Napi::CallbackInfo& info) {
  Program& program = *program_of(info[0]);
  program.profiling = info[1].ToBoolean();
  Napi::Float64Array times = Napi::Float64Array::New(info.Env(), program.nanoseconds.size());
  for (size_t i = 0; i < program.nanoseconds.size(); i++)
    times[i] = static_cast<double>(program.nanoseconds[i].exchange(0));
  return times;
}

Napi::Value bare(const Napi::CallbackInfo& info) {
  const Doubles shapes = doubles_of(info[0]);
  for (size_t i = 0; i < shapes.length; i++)
    if (!(shapes.data[i] >= 0 && shapes.data[i] <= 1e6)) throw std::runtime_error("A size is out of range");
  for (size_t i = 0; i + 4 < shapes.length; i += 5) {
    const double *s = shapes.data + i, m = s[2], n = s[3], k = s[4];
    if (m * k > 1e8 || k * n > 1e8 || m * n > 1e8) throw std::runtime_error("A matrix has more than 1e8 elements");
  }
  const double limits[] = {number_of(info[1], "the number of threads"), number_of(info[2], "the number of rounds")};
  for (double limit : limits)
    if (!(limit >= 1 && limit <= 1e6)) throw std::runtime_error("threads and rounds must be from 1 to 1e6");
  const int threads = static_cast<int>(limits[0]), rounds = static_cast<int>(limits[1]);
  const double ns =
      Engine::instance().alone([&] { return bare_sgemm(shapes.data, shapes.length / 5, threads, rounds); });
  return Napi::Number::New(info.Env(), ns);
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  Engine::instance();
  open_environment(env);
  auto add = [&](const char* n, Napi::Value (*f)(const Napi::CallbackInfo&)) {
    exports[n] = Napi::Function::New(env, f, n);
  };
  add("info", guarded<get_info>);
  add("kernels", guarded<list_kernels>);
  add("memory", guarded<make_memory>);
  add("release", guarded<free_memory>);
  add("memoryAlive", guarded<memory_alive>);
  add("read", guarded<read_memory>);
  add("write", guarded<write_memory>);
  add("program", guarded<make_program>);
  add("run", guarded<run_sync>);
  add("start", guarded<start_job>);
  add("cancel", guarded<cancel_job>);
  add("progress", guarded<job_progress>);
  add("setThreads", guarded<set_threads>);
  add("profile", guarded<profile_program>);
  add("bareSgemm", guarded<bare>);
  return exports;
}

}  // namespace

}  // namespace chainrule

Napi::Object Init(Napi::Env env, Napi::Object exports) { return chainrule::initialise(env, exports); }

NODE_API_MODULE(chainrule, Init)
