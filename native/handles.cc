#include "handles.h"

#include <cmath>
#include <stdexcept>

namespace chainrule {

namespace {

constexpr napi_type_tag memory_tag = {0x6d656d6f72790001ull, 0x636861696e72756cull};
constexpr napi_type_tag program_tag = {0x70726f6772616d01ull, 0x636861696e72756cull};

// V8 sees only a small object: it is told what hangs on it.
void tell_v8(napi_env env, int64_t bytes) {
  int64_t total;
  napi_adjust_external_memory(env, bytes, &total);
}

// A handle lets go of its memory; jobs that use it hold it themselves.
void let_go(napi_env env, std::shared_ptr<Memory>& memory) {
  if (!memory) return;
  tell_v8(env, -static_cast<int64_t>(memory->bytes()));
  memory.reset();
}

void finalize_memory(napi_env env, void* data, void*) {
  auto* memory = static_cast<std::shared_ptr<Memory>*>(data);
  let_go(env, *memory);
  delete memory;
}

std::shared_ptr<Memory>& held_memory(const Napi::Value& v) { return unwrap<Memory>(v, memory_tag, "a native memory"); }

}  // namespace

void require(napi_env env, napi_status status) {
  if (status != napi_ok) throw Napi::Error::New(env);
}

Napi::Object wrap_memory(Napi::Env env, std::shared_ptr<Memory> memory) {
  const auto bytes = static_cast<int64_t>(memory->bytes());
  Napi::Object object = wrap(env, std::move(memory), memory_tag, finalize_memory);
  tell_v8(env, bytes);
  return object;
}

const std::shared_ptr<Memory>& memory_of(const Napi::Value& v) {
  const std::shared_ptr<Memory>& memory = held_memory(v);
  if (!memory) throw Napi::Error::New(v.Env(), "This native memory was released and cannot be used any more");
  return memory;
}

void release_memory(const Napi::Value& v) { let_go(v.Env(), held_memory(v)); }

Napi::Object wrap_program(Napi::Env env, std::shared_ptr<Program> program) {
  return wrap(env, std::move(program), program_tag);
}

const std::shared_ptr<Program>& program_of(const Napi::Value& v) {
  return unwrap<Program>(v, program_tag, "a native program");
}

Bytes bytes_of_array(const Napi::Value& v) {
  if (!v.IsTypedArray()) throw Napi::TypeError::New(v.Env(), "Expected a typed array");
  napi_typedarray_type type;
  size_t length = 0, offset = 0;
  void* data = nullptr;
  napi_value buffer;
  require(v.Env(), napi_get_typedarray_info(v.Env(), v, &type, &length, &data, &buffer, &offset));
  return {static_cast<char*>(data), v.As<Napi::TypedArray>().ByteLength()};
}

Doubles doubles_of(const Napi::Value& v) {
  if (!v.IsTypedArray() || v.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array)
    throw Napi::TypeError::New(v.Env(), "Expected a Float64Array");
  const Bytes b = bytes_of_array(v);
  return {reinterpret_cast<const double*>(b.data), b.length / sizeof(double)};
}

double number_of(const Napi::Value& v, const char* what) {
  if (!v.IsNumber()) throw Napi::TypeError::New(v.Env(), std::string(what) + " must be a number");
  return v.As<Napi::Number>().DoubleValue();
}

uint64_t integer_of(double v, const char* what) {
  if (!(v >= 0 && v <= 9007199254740991.0 && v == std::floor(v)))
    throw std::runtime_error(std::string(what) + " must be an integer ≥ 0");
  return static_cast<uint64_t>(v);
}

}  // namespace chainrule
