#include <algorithm>
#include <array>

#include "app/api/call.h"
#include "app/api/error.h"
#include "base/log_tail.h"
#include "base/text.h"

namespace weir::api {

namespace {

constexpr std::array<std::string_view, 5> level_names{"trace", "debug", "info", "warn", "error"};
constexpr std::uint64_t most_lines = 500;

}  // namespace

// beyond SRS
Answer logs(Call& call) {
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  const auto number = [&](std::string_view name, std::uint64_t usual) {
    return base::parse_number(call.request.query_value(name).value_or("")).value_or(usual);
  };
  const std::string wanted = call.request.query_value("level").value_or("trace");
  const auto level = std::ranges::find(level_names, wanted);
  if (level == level_names.end()) co_return error(call, code::bad_request, 400);
  std::vector<log::KeptLine> lines;
  const log::Logger* const logger = call.home().logger();
  if (logger) {
    lines = logger->recent(number("after", 0), static_cast<std::size_t>(std::min(number("count", 100), most_lines)),
                           static_cast<log::Level>(level - level_names.begin()));
  }
  JsonWriter out;
  out.begin_array("logs");
  for (const log::KeptLine& line : lines) {
    const auto since_1970 = line.time.time_since_epoch();
    out.begin_object()
        .field("number", line.number)
        .field("time_ms", std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count())
        .field("level", level_names[static_cast<std::size_t>(line.level)])
        .field("client", line.id.view())
        .field("text", line.text)
        .end_object();
  }
  out.end_array().field("dropped", logger ? logger->dropped_lines() : std::uint64_t{0});
  co_return ok(call, out);
}

}  // namespace weir::api
