#include "app/bench/run.h"

#include <sys/resource.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace weir::bench {

int run_bench(std::span<const std::string_view> arguments) {
  const ParsedOptions parsed = parse_options(arguments);
  const Options& options = parsed.options;
  if (options.help || arguments.empty()) {
    std::fwrite(help_text().data(), 1, help_text().size(), stdout);
    return options.help ? 0 : 2;
  }
  if (!parsed.mistake.empty()) {
    std::fprintf(stderr, "weir bench: %s (--help tells more)\n", parsed.mistake.c_str());
    return 2;
  }
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < options.players + options.publishers + 32ul) {
    std::fprintf(stderr, "weir bench: %u connections need more than the %lu descriptors this process may have\n",
                 options.players + options.publishers, static_cast<unsigned long>(limit.rlim_cur));
    return 2;
  }

  const auto report = options.mode == Mode::churn ? run_churn(options) : run_stream(options);
  if (!report) {
    std::fprintf(stderr, "weir bench: %s\n", report.error().message().c_str());
    return 1;
  }
  if (options.json != "-") std::fputs(as_text(*report, options).c_str(), stdout);
  if (options.json == "-") {
    std::fputs(as_json(*report, options).c_str(), stdout);
  } else if (!options.json.empty()) {
    std::ofstream(options.json) << as_json(*report, options);
  }
  return report->good(options) ? 0 : 1;
}

}  // namespace weir::bench
