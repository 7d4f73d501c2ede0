// The boundary: the only file that knows Node-API. What crosses is declared, typed and documented in src/native.ts.
// A worker that is being terminated cannot throw into JavaScript any more; without this that aborts the process.
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#include <napi.h>

#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine.h"
#include "gemm.h"

namespace chainrule {

namespace {

constexpr napi_type_tag memory_tag = {0x6d656d6f72790001ull, 0x636861696e72756cull};
constexpr napi_type_tag program_tag = {0x70726f6772616d01ull, 0x636861696e72756cull};
constexpr napi_type_tag job_tag = {0x6a6f620000000001ull, 0x636861696e72756cull};

void require(napi_env env, napi_status status) {
  if (status != napi_ok) throw Napi::Error::New(env);
}

// ---- handles: JavaScript objects that own a native value and cannot be mistaken for each other

template <class T>
void release_handle(napi_env, void* data, void*) {
  delete static_cast<std::shared_ptr<T>*>(data);
}

void release_memory(napi_env env, void* data, void*) {
  auto* memory = static_cast<std::shared_ptr<Memory>*>(data);
  int64_t total;
  napi_adjust_external_memory(env, -static_cast<int64_t>((*memory)->bytes()), &total);
  delete memory;
}

template <class T>
Napi::Object wrap(Napi::Env env, std::shared_ptr<T> value, const napi_type_tag& tag,
                  napi_finalize release = release_handle<T>) {
  Napi::Object object = Napi::Object::New(env);
  auto* owned = new std::shared_ptr<T>(std::move(value));
  require(env, napi_wrap(env, object, owned, release, nullptr, nullptr));
  require(env, napi_type_tag_object(env, object, &tag));
  return object;
}

template <class T>
std::shared_ptr<T>& unwrap(const Napi::Value& value, const napi_type_tag& tag, const char* what) {
  bool right = false;
  void* data = nullptr;
  if (!value.IsObject() || napi_check_object_type_tag(value.Env(), value, &tag, &right) != napi_ok || !right ||
      napi_unwrap(value.Env(), value, &data) != napi_ok)
    throw Napi::TypeError::New(value.Env(), std::string("Expected ") + what);
  return *static_cast<std::shared_ptr<T>*>(data);
}

std::shared_ptr<Memory>& memory_of(const Napi::Value& v) { return unwrap<Memory>(v, memory_tag, "a native memory"); }

std::shared_ptr<Program>& program_of(const Napi::Value& v) {
  return unwrap<Program>(v, program_tag, "a native program");
}

struct Bytes {
  char* data;
  size_t length;
};

Bytes bytes_of_array(const Napi::Value& v) {
  if (!v.IsTypedArray()) throw Napi::TypeError::New(v.Env(), "Expected a typed array");
  napi_typedarray_type type;
  size_t length = 0, offset = 0;
  void* data = nullptr;
  napi_value buffer;
  require(v.Env(), napi_get_typedarray_info(v.Env(), v, &type, &length, &data, &buffer, &offset));
  return {static_cast<char*>(data), v.As<Napi::TypedArray>().ByteLength()};
}

struct Doubles {
  const double* data;
  size_t length;
};

Doubles doubles_of(const Napi::Value& v) {
  if (!v.IsTypedArray() || v.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array)
    throw Napi::TypeError::New(v.Env(), "Expected a Float64Array");
  const Bytes b = bytes_of_array(v);
  return {reinterpret_cast<const double*>(b.data), b.length / sizeof(double)};
}

// Never by conversion: that would run the user's code, which may detach an array whose address we hold.
double number_of(const Napi::Value& v, const char* what) {
  if (!v.IsNumber()) throw Napi::TypeError::New(v.Env(), std::string(what) + " must be a number");
  return v.As<Napi::Number>().DoubleValue();
}

uint64_t integer_of(double v, const char* what) {
  if (!(v >= 0 && v <= 9007199254740991.0 && v == std::floor(v)))
    throw std::runtime_error(std::string(what) + " must be an integer ≥ 0");
  return static_cast<uint64_t>(v);
}

// ---- environments and their jobs

struct Environment : Client {
  napi_env env = nullptr;
  napi_threadsafe_function function = nullptr;
  int pending = 0;  // jobs under way; while there are some, the process stays alive

  void deliver(Job* job) override { napi_call_threadsafe_function(function, job, napi_tsfn_nonblocking); }
};

struct Instance {
  std::shared_ptr<Environment> environment;
};

struct BackgroundJob : Job {
  napi_deferred deferred = nullptr;
  // The handle that JavaScript holds may outlive the job, or be collected before it.
  std::shared_ptr<BackgroundJob*> self;
  ~BackgroundJob() override {
    if (self) *self = nullptr;
  }
};

Environment& environment_of(const Napi::CallbackInfo& info) {
  return *info.Env().GetInstanceData<Instance>()->environment;
}

std::string message_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown native error";
  }
}

// A number when all went well; otherwise an object with the place of the fault.
Napi::Value result_of(Napi::Env env, const Job& job) {
  const double steps = static_cast<double>(job.steps_done.load());
  if (job.progress.stop == Stop::finished || job.progress.stop == Stop::paused) return Napi::Number::New(env, steps);
  static const char* const names[] = {"finished", "cancelled", "data", "notFinite", "paused"};
  Napi::Object o = Napi::Object::New(env);
  o["steps"] = steps;
  o["stop"] = names[static_cast<int>(job.progress.stop)];
  o["cycle"] = static_cast<double>(job.progress.cycle);
  o["run"] = static_cast<double>(job.progress.run);
  o["step"] = static_cast<double>(job.progress.step);
  o["instruction"] = static_cast<double>(job.progress.instruction);
  o["row"] = static_cast<double>(job.progress.row);
  o["value"] = job.progress.value;
  return o;
}

void settle(napi_env env, napi_value, void*, void* data) {
  const std::unique_ptr<BackgroundJob> job(static_cast<BackgroundJob*>(data));
  if (env == nullptr) return;  // the environment is gone
  try {
    Napi::Env e(env);
    Napi::HandleScope scope(e);
    auto* environment = static_cast<Environment*>(job->client.get());
    if (--environment->pending == 0) napi_unref_threadsafe_function(env, environment->function);
    if (job->error)
      napi_reject_deferred(env, job->deferred, Napi::Error::New(e, message_of(job->error)).Value());
    else
      napi_resolve_deferred(env, job->deferred, result_of(e, *job));
  } catch (const Napi::Error&) {
    // The environment is being terminated: nobody waits for the result, and Node's C code must not see exceptions.
  }
}

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

Napi::Value get_info(const Napi::CallbackInfo& call) {
  Napi::Env env = call.Env();
  Engine& engine = Engine::instance();
  const KernelTable& table = engine.kernels();
  const BlasInfo& blas = blas_info();
  Napi::Object o = Napi::Object::New(env), b = Napi::Object::New(env);
  b["library"] = blas.library;
  b["name"] = blas.name;
  b["version"] = blas.version;
  b["core"] = blas.core;
  b["flavour"] = blas.flavour;
  o["blas"] = b;
  o["isa"] = table.isa;
  o["lanes"] = table.lanes;
  o["gemm"] = own_products(table.lanes) ? "own" : "blas";
  o["threads"] = engine.pool().threads();
  o["cores"] = available_cores();
  Napi::Array isas = Napi::Array::New(env), kernels = Napi::Array::New(env, table.count);
  for (const KernelTable* t : available_tables()) isas[isas.Length()] = Napi::String::New(env, t->isa);
  for (uint32_t i = 0; i < table.count; i++) {
    Napi::Object k = Napi::Object::New(env);
    k["name"] = table.kernels[i].name;
    k["outputs"] = table.kernels[i].outputs;
    kernels[i] = k;
  }
  o["isaAvailable"] = isas;
  o["kernels"] = kernels;
  return o;
}

Napi::Value make_memory(const Napi::CallbackInfo& info) {
  const uint64_t bytes = integer_of(number_of(info[0], "the size of a memory"), "the size of a memory");
  auto memory = Memory::make(bytes);
  if (!memory) throw std::runtime_error("Out of memory: " + std::to_string(bytes) + " bytes could not be allocated");
  int64_t total;  // V8 sees only a small object: tell it what hangs on it
  napi_adjust_external_memory(info.Env(), static_cast<int64_t>(bytes), &total);
  return wrap(info.Env(), memory, memory_tag, release_memory);
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
  auto program = std::make_shared<Program>(code.data, code.length, Engine::instance().kernels());
  return wrap(info.Env(), program, program_tag);
}

Napi::Value run_sync(const Napi::CallbackInfo& info) {
  Job job;
  job.client = info.Env().GetInstanceData<Instance>()->environment;
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
  auto job = std::make_unique<BackgroundJob>();
  job->work.cycles = integer_of(number_of(info[1], "the number of cycles"), "the number of cycles");
  for (uint32_t i = 0; i < list.Length(); i++) job->work.runs.push_back(run_of(list.Get(i), job->work.cycles));
  job->brief = info[2].ToBoolean();
  job->client = env.GetInstanceData<Instance>()->environment;
  job->self = std::make_shared<BackgroundJob*>(job.get());
  Napi::Object handle = wrap(env, job->self, job_tag);
  napi_value promise;
  require(env, napi_create_promise(env, &job->deferred, &promise));
  handle["done"] = Napi::Value(env, promise);
  Engine::instance().start(job.get());
  job.release();  // it is freed on this thread, so not before we return
  Environment& environment = environment_of(info);
  if (environment.pending++ == 0) napi_ref_threadsafe_function(env, environment.function);
  return handle;
}

// The job is freed on this thread (in `settle`), so a non-null pointer is alive here.
BackgroundJob* job_of(const Napi::Value& v) { return *unwrap<BackgroundJob*>(v, job_tag, "a native job"); }

Napi::Value cancel_job(const Napi::CallbackInfo& info) {
  if (BackgroundJob* job = job_of(info[0])) job->cancel = true;
  return info.Env().Undefined();
}

Napi::Value job_progress(const Napi::CallbackInfo& info) {
  BackgroundJob* job = job_of(info[0]);
  return Napi::Number::New(info.Env(), job ? static_cast<double>(job->steps_done.load()) : -1);
}

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
    if (!(shapes.data[i] >= 0 && shapes.data[i] <= 1e4)) throw std::runtime_error("A size is out of range");
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
  auto environment = std::make_shared<Environment>();
  environment->env = env;
  env.SetInstanceData(new Instance{environment});
  napi_value name = Napi::String::New(env, "chainrule");
  require(env, napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, settle,
                                               &environment->function));
  napi_unref_threadsafe_function(env, environment->function);
  // Hooks run last in, first out: this one ends the jobs before Node closes the thread-safe function.
  require(env, napi_add_env_cleanup_hook(
                   env,
                   [](void* data) {
                     auto* held = static_cast<std::shared_ptr<Environment>*>(data);
                     Engine::instance().close(**held);
                     delete held;
                   },
                   new std::shared_ptr<Environment>(environment)));
  auto add = [&](const char* n, Napi::Value (*f)(const Napi::CallbackInfo&)) {
    exports[n] = Napi::Function::New(env, f, n);
  };
  add("info", guarded<get_info>);
  add("memory", guarded<make_memory>);
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
