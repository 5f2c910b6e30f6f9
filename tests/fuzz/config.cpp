#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/diff.h"
#include "config/load.h"

// A configuration file of any bytes: it loads or is refused with reasons. What stands behind a NUL is what `include x`
// gives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const auto nul = all.find('\0');
  const std::string included(nul == std::string_view::npos ? std::string_view() : all.substr(nul + 1));
  config::Surroundings surroundings;
  surroundings.environment = {{"CANDIDATE", "192.0.2.1"}, {"SRS_VHOST_PLAY_QUEUE_LENGTH", included.substr(0, 20)}};
  surroundings.max_open_files = 4096;
  surroundings.look_up = [](const std::string& host) {  // nobody is asked
    return host.size() % 2 ? std::vector<std::string>{"127.0.0.1", "::1"} : std::vector<std::string>();
  };
  surroundings.read_file = [&](const std::string& path) -> base::Result<std::string> {
    if (path.empty() || path.back() != 'x') {
      return boost::system::errc::make_error_code(boost::system::errc::no_such_file_or_directory);
    }
    return included;
  };
  const auto report = config::load_text("fuzz.conf", all.substr(0, nul), surroundings);
  if ((report.config == nullptr) == report.errors.empty()) std::abort();
  if (report.config && !config::diff(*report.config, *report.config).empty()) std::abort();
  if (report.config) (void)report.config->match_vhost("a");
  return 0;
}
