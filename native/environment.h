// A JavaScript environment (main thread or worker): its jobs, how their results are delivered, and its end.
#pragma once

#include <memory>

#include "engine.h"
#include "handles.h"

namespace chainrule {

// Makes the environment, with the hook that ends its jobs.
void open_environment(Napi::Env env);

// What the engine knows of it.
std::shared_ptr<Client> client_of(Napi::Env env);

// A number when all went well; otherwise an object with the place of the fault.
Napi::Value result_of(Napi::Env env, const Job& job);

// Queues work; the handle has the promise `done`.
Napi::Object start_background(Napi::Env env, Work work, bool brief);
void cancel_background(const Napi::Value& handle);
// Steps done so far, or -1 when the job is over.
double progress_of(const Napi::Value& handle);

}  // namespace chainrule
