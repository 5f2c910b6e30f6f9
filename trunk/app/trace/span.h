#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::trace {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;
using Wall = std::chrono::system_clock::time_point;

// A span as others refer to it.
struct Context {
  TraceId trace{};
  SpanId span{};
};
// W3C Trace Context 3.2: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".
std::string traceparent(const Context& context);

struct Attribute {
  std::string_view name;  // a literal
  std::variant<std::string, std::int64_t, bool> value;
};

struct Span {
  enum class Kind : std::uint8_t { server = 2, client = 3 };  // opentelemetry/proto/trace/v1: SpanKind
  Context context{};
  SpanId parent{};   // zero: it has none
  std::string name;  // "play", "publish", "on_play"
  Kind kind = Kind::server;
  Wall begin{}, end{}, admitted{};  // admitted: an event of that name; none at the epoch
  std::vector<Attribute> attributes;
  std::string fault;  // why it failed; empty: it did not
};

}  // namespace weir::trace
