#include "environment.h"

#include <exception>
#include <string>

namespace chainrule {

namespace {

constexpr napi_type_tag job_tag = {0x6a6f620000000001ull, 0x636861696e72756cull};

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

Environment& environment_of(Napi::Env env) { return *env.GetInstanceData<Instance>()->environment; }

std::string message_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown native error";
  }
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

// The job is freed on this thread (in `settle`), so a non-null pointer is alive here.
BackgroundJob* job_of(const Napi::Value& v) { return *unwrap<BackgroundJob*>(v, job_tag, "a native job"); }

}  // namespace

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

void open_environment(Napi::Env env) {
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
}

std::shared_ptr<Client> client_of(Napi::Env env) { return env.GetInstanceData<Instance>()->environment; }

Napi::Object start_background(Napi::Env env, Work work, bool brief) {
  auto job = std::make_unique<BackgroundJob>();
  job->work = std::move(work);
  job->brief = brief;
  job->client = client_of(env);
  job->self = std::make_shared<BackgroundJob*>(job.get());
  Napi::Object handle = wrap(env, job->self, job_tag);
  napi_value promise;
  require(env, napi_create_promise(env, &job->deferred, &promise));
  handle["done"] = Napi::Value(env, promise);
  Engine::instance().start(job.get());
  job.release();  // it is freed on this thread, so not before we return
  Environment& environment = environment_of(env);
  if (environment.pending++ == 0) napi_ref_threadsafe_function(env, environment.function);
  return handle;
}

void cancel_background(const Napi::Value& handle) {
  if (BackgroundJob* job = job_of(handle)) job->cancel = true;
}

double progress_of(const Napi::Value& handle) {
  const BackgroundJob* job = job_of(handle);
  return job ? static_cast<double>(job->steps_done.load()) : -1;
}

}  // namespace chainrule
