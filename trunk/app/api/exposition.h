#pragma once

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/durations.h"

namespace weir::api {

// Writes metrics in the Prometheus text format 0.0.4 or as OpenMetrics 1.0.0. Each metric's samples stand together,
// behind its HELP and TYPE. The series have the same names in both: what OpenMetrics wants to be named differently are
// the families alone.
class Exposition {
 public:
  enum class Format : std::uint8_t { text, open_metrics };
  enum class Since : std::uint8_t { process, unknown };  // since when a metric has counted
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  Exposition() = default;
  // `started`: of the process, in seconds since 1970; what counts since then says so (OpenMetrics 1.0.0, "_created").
  Exposition(Format format, double started) : format_(format), started_(started) {}

  // Begins a metric; `type` is "gauge", "counter" or "histogram". A counter's name ends with "_total", that of a metric
  // in seconds, bytes or ratios with these. A gauge may have a counter's name without its "_total" if it comes first.
  void metric(std::string_view name, std::string_view type, std::string_view help, Since since = Since::process);
  // A sample of the metric begun last. Labels without a value are left out.
  void sample(double value, Labels labels = {});
  void sample(std::uint64_t value, Labels labels = {});
  // Of a histogram in seconds.
  void sample(const base::Durations& durations, Labels labels = {});
  // The whole; nothing may follow.
  std::string take();
  std::string_view content_type() const;

 private:
  void begin_sample(std::string_view suffix, Labels labels, std::string_view bound = {});
  void write_created(Labels labels);
  bool is_open() const { return format_ == Format::open_metrics; }

  // given
  Format format_ = Format::text;
  double started_ = 0;

  // state
  std::string text_;
  std::string name_, family_;
  bool tells_created_ = false;
  std::set<std::string, std::less<>> families_;
};

// What the header field Accept asks for: OpenMetrics where it is named with a version that is ours and is wanted no
// less than text (RFC 9110 12.5.1).
Exposition::Format format_wanted(std::string_view accept);

}  // namespace weir::api
