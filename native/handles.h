// What crosses the boundary: handles, which are JavaScript objects that own a native value and cannot be taken for each
// other, and arguments, which are checked.
#pragma once

// A worker that is being terminated cannot throw into JavaScript any more; without this that aborts the process.
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "memory.h"
#include "program.h"

namespace chainrule {

// Throws the pending JavaScript exception unless the status is good.
void require(napi_env env, napi_status status);

template <class T>
void release_handle(napi_env, void* data, void*) {
  delete static_cast<std::shared_ptr<T>*>(data);
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

Napi::Object wrap_memory(Napi::Env env, std::shared_ptr<Memory> memory);
// Throws for a memory that was released.
const std::shared_ptr<Memory>& memory_of(const Napi::Value& value);
// Frees it as soon as no job uses it; again it does nothing.
void release_memory(const Napi::Value& value);

Napi::Object wrap_program(Napi::Env env, std::shared_ptr<Program> program);
const std::shared_ptr<Program>& program_of(const Napi::Value& value);

struct Bytes {
  char* data;
  size_t length;
};
Bytes bytes_of_array(const Napi::Value& value);

struct Doubles {
  const double* data;
  size_t length;
};
Doubles doubles_of(const Napi::Value& value);

// Never by conversion: that would run the user's code, which may detach an array whose address we hold.
double number_of(const Napi::Value& value, const char* what);
uint64_t integer_of(double value, const char* what);

}  // namespace chainrule
