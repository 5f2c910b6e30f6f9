#include "app/migrate/run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "app/migrate/mediamtx.h"
#include "app/migrate/nginx_rtmp.h"
#include "base/text.h"
#include "config/load.h"

namespace weir::migrate {

namespace {

constexpr const char* help =
    "weir migrate FILE [-o OUT]: a configuration of SRS, nginx-rtmp or MediaMTX as one of Weir\n"
    "\n"
    "The configuration goes to standard output or OUT, which must not exist; what became of each line of FILE to\n"
    "standard error.\n";

constexpr std::array<std::string_view, 4> fate_names{"carried", "needless", "LOOK", "LOST"};

void say(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

void tell(const std::string& file, const Migration& migration) {
  std::vector<const Account*> lines;
  for (const Account& one : migration.accounts) lines.push_back(&one);
  std::ranges::sort(lines, {}, [](const Account* one) { return std::pair(one->line, one); });
  std::array<unsigned, fate_names.size()> counts{};
  for (const Account* one : lines) {
    const auto fate = static_cast<std::size_t>(one->fate);
    ++counts[fate];
    say(fmt::format("{}:{}: {:8} {}: {}\n", file, one->line, fate_names[fate], base::printable(one->was),
                    base::printable(one->words, 400)));
  }
  say(fmt::format("{} carried, {} needless, {} to look at, {} lost\n", counts[0], counts[1], counts[2], counts[3]));
}

// The server reads SRS's files: what it says of one is the account.
int check_srs(const std::string& file, const std::string& text) {
  const config::Report report = config::load_text(file, text, {});
  for (const config::Problem& one : report.errors)
    say(fmt::format("{}: LOST     {}\n", fmt::format("{}:{}", one.file, one.line), one.reason));
  for (const config::Problem& one : report.warnings)
    say(fmt::format("{}: LOOK     {}\n", fmt::format("{}:{}", one.file, one.line), one.reason));
  say(fmt::format("the file of SRS is read as it is: {} to look at, {} mistakes\n", report.warnings.size(),
                  report.errors.size()));
  return report.errors.empty() ? 0 : 1;
}

bool write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(to, text.data(), text.size());
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

int put(const std::string& text, const std::string& out) {
  int to = STDOUT_FILENO;
  if (!out.empty()) to = ::open(out.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  const bool done = to >= 0 && write_all(to, text) && (out.empty() || ::close(to) == 0);
  if (!done) say(fmt::format("weir migrate: {}: {}\n", out.empty() ? "standard output" : out, std::strerror(errno)));
  return done ? 0 : 1;
}

}  // namespace

int run_migrate(std::span<const std::string_view> arguments) {
  std::string file, out;
  bool wrong = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "-h" || arguments[i] == "--help") {
      std::fputs(help, stdout);
      return 0;
    }
    if (arguments[i] == "-o" && i + 1 < arguments.size()) {
      out = arguments[++i];
    } else if (file.empty() && !arguments[i].starts_with('-')) {
      file = arguments[i];
    } else {
      wrong = true;
    }
  }
  if (file.empty() || wrong) {
    say(help);
    return 2;
  }
  const auto text = config::read_regular_file(file);
  if (!text) {
    say(fmt::format("weir migrate: {} cannot be read: {}\n", file, text.error().message()));
    return 1;
  }
  const bool yaml = is_mediamtx(*text);
  if (!yaml && !is_nginx_rtmp(*text)) {
    const int status = check_srs(file, *text);
    return status == 0 ? put(*text, out) : status;
  }
  const Migration migration = yaml ? from_mediamtx(*text) : from_nginx_rtmp(*text);
  if (!migration.mistake.empty()) {
    say(fmt::format("weir migrate: {}: {}\n", file, migration.mistake));
    return 1;
  }
  tell(file, migration);
  return put(
      migration.draft.text({fmt::format("Made of {} by weir migrate; full.conf explains each directive.", file)}), out);
}

}  // namespace weir::migrate
