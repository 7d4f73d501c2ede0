#include "program.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace chainrule {

namespace {

constexpr double largest = 9007199254740992.0;  // 2^53

// Reads the code word by word; every number is checked on the way.
class Reader {
 public:
  Reader(const double* code, size_t length) : code_(code), length_(length) {}
  bool done() const { return at_ == length_; }

  double number(const char* what) {
    if (at_ >= length_) unsound(std::string("it ends where ") + what + " should stand");
    const double v = code_[at_++];
    if (std::isnan(v)) unsound(std::string(what) + " is NaN");
    return v;
  }

  uint64_t integer(const char* what, double limit) {
    const double v = number(what);
    if (!(v >= 0) || v > limit || v != std::floor(v))
      unsound(std::string(what) + " is " + std::to_string(v) + ", expected an integer from 0 to " +
              std::to_string(limit));
    return static_cast<uint64_t>(v);
  }

 private:
  const double* code_;
  size_t length_, at_ = 0;
};

Operand read_operand(Reader& reader, const std::vector<uint64_t>& segment_bytes) {
  Operand o;
  o.segment = static_cast<uint32_t>(reader.integer("an operand's segment", 1e6));
  if (o.segment >= segment_bytes.size()) unsound("an operand names segment " + std::to_string(o.segment));
  o.dtype = static_cast<DType>(reader.integer("an operand's dtype", 3));
  o.offset = reader.integer("an operand's offset", largest);
  o.size = reader.integer("an operand's size", largest);
  if (o.offset % bytes_of(o.dtype) != 0) unsound("an operand is not aligned");
  const uint64_t end = o.offset + o.size * bytes_of(o.dtype);  // below 2^57, cannot wrap
  if (end > segment_bytes[o.segment])
    unsound("an operand ends at byte " + std::to_string(end) + " of segment " + std::to_string(o.segment) +
            ", which has " + std::to_string(segment_bytes[o.segment]));
  return o;
}

// All but the operands and the attributes, which follow.
Instruction read_instruction(Reader& reader, const std::vector<Kernel>& kernels) {
  const uint64_t words = reader.integer("an instruction's length", 1e6);
  const uint64_t kernel = reader.integer("a kernel", 1e6);
  if (kernel >= kernels.size()) unsound("kernel " + std::to_string(kernel) + " does not exist");
  Instruction in;
  in.kernel = &kernels[kernel];
  in.operand_count = static_cast<uint32_t>(reader.integer("the number of operands", 1e4));
  in.attribute_count = static_cast<uint32_t>(reader.integer("the number of attributes", 1e4));
  in.strict = reader.integer("whether -Infinity is bad too", 1) != 0;
  if (words != 5ull + 4ull * in.operand_count + in.attribute_count) unsound("an instruction's length is wrong");
  if (in.operand_count < in.kernel->outputs) unsound(std::string(in.kernel->name) + " has too few operands");
  return in;
}

}  // namespace

void unsound(const std::string& what) { throw std::runtime_error("Not a sound program: " + what); }

Program::Program(const double* code, size_t length, const std::vector<Kernel>& kernels) {
  Reader reader(code, length);
  const uint64_t segments = reader.integer("the number of segments", 1e4);
  update_begin = reader.integer("the start of the update", 1e9);
  debug = reader.integer("the debug flag", 1) != 0;
  changes = reader.integer("whether it changes what outlasts a run", 1) != 0;
  for (uint64_t i = 0; i < segments; i++) segment_bytes.push_back(reader.integer("a segment's size", largest));
  segment_alignment.assign(segments, 1);
  std::vector<std::pair<size_t, size_t>> starts;  // of operands and attributes; the vectors still grow
  while (!reader.done()) {
    const Instruction in = read_instruction(reader, kernels);
    starts.emplace_back(operands_.size(), attributes_.size());
    for (uint32_t i = 0; i < in.operand_count; i++) {
      operands_.push_back(read_operand(reader, segment_bytes));
      uint64_t& element = segment_alignment[operands_.back().segment];
      element = std::max<uint64_t>(element, bytes_of(operands_.back().dtype));
    }
    for (uint32_t i = 0; i < in.attribute_count; i++) attributes_.push_back(reader.number("an attribute"));
    instructions.push_back(in);
  }
  if (update_begin > instructions.size()) unsound("the update starts after the end");
  for (size_t i = 0; i < instructions.size(); i++) {
    Instruction& in = instructions[i];
    in.operands = operands_.data() + starts[i].first;
    in.attributes = attributes_.data() + starts[i].second;
    const std::string wrong = in.kernel->check(in);
    if (!wrong.empty()) unsound("instruction " + std::to_string(i) + ": " + wrong);
    if (in.grain < 1 || in.units / in.grain >= 1ull << 31)
      unsound("instruction " + std::to_string(i) + " is too large");
  }
  nanoseconds = std::vector<std::atomic<uint64_t>>(instructions.size() + 1);
}

}  // namespace chainrule
