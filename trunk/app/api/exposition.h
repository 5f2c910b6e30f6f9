#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace weir::api {

// Writes metrics in the Prometheus text format 0.0.4. Each metric's samples stand together, behind its HELP and TYPE.
class Exposition {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Begins a metric; `type` is "gauge" or "counter".
  void metric(std::string_view name, std::string_view type, std::string_view help);
  // A sample of the metric begun last. Labels without a value are left out.
  void sample(double value, Labels labels = {});
  void sample(std::uint64_t value, Labels labels = {});
  std::string take() { return std::move(text_); }

 private:
  void begin_sample(Labels labels);

  std::string text_;
  std::string name_;
};

}  // namespace weir::api
