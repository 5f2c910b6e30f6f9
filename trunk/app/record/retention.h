#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Which recordings are removed, and the removing; this waits for the disk.
namespace weir::record {

struct RetentionRule {
  std::string path_template;  // complete
  std::chrono::milliseconds age{0};
  std::uint64_t bytes = 0;  // of all of the rule's recordings together
  bool operator==(const RetentionRule&) const = default;
};

struct Recorded {
  std::string path;
  std::chrono::system_clock::time_point modified;
  std::uint64_t bytes = 0;
};

// The files that a template may have named, found below its fixed folder; symbolic links are not followed. At most
// `most`. With a suffix, those that have it behind such a name.
std::vector<Recorded> find_recordings(const std::string& path_template, std::size_t most = 100'000,
                                      std::string_view suffix = {});

// Of these, what the rule removes: what is too old, then the oldest until the rest is small enough.
std::vector<Recorded> to_remove(const RetentionRule& rule, std::vector<Recorded> files,
                                std::chrono::system_clock::time_point now);

// Tells whether the wall clock can be trusted with deleting: not soon after it jumped, as it does when a machine
// without a clock finds the network.
class ClockWatch {
 public:
  bool steady(std::chrono::system_clock::time_point wall, std::chrono::steady_clock::time_point now);

 private:
  bool known_ = false;
  std::chrono::nanoseconds distance_{};
  std::chrono::steady_clock::time_point trusted_from_{};
};

struct Removal {
  std::size_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> faults;  // "path: why"; the first few
};
Removal remove_expired(const RetentionRule& rule);

}  // namespace weir::record
