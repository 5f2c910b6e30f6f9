#include "net/srt/library.h"

#include <srt/logging_api.h>
#include <srt/srt.h>

#include <chrono>
#include <string_view>

#include "base/text.h"

namespace weir::net {
namespace {

constexpr int most_lines_per_second = 10;

}  // namespace

SrtLibrary::SrtLibrary(log::Logger* logger) : log_{logger, {}, {}} {
  srt_setloghandler(this, &SrtLibrary::write);
  srt_setlogflags(SRT_LOGF_DISABLE_TIME | SRT_LOGF_DISABLE_THREADNAME | SRT_LOGF_DISABLE_SEVERITY |
                  SRT_LOGF_DISABLE_EOL);
  srt_setloglevel(LOG_WARNING);
  srt_startup();
}

SrtLibrary::~SrtLibrary() {
  srt_cleanup();
  srt_setloghandler(nullptr, nullptr);
}

// On a thread of the library.
void SrtLibrary::write(void* self, int level, const char*, int, const char*, const char* message) {
  auto& library = *static_cast<SrtLibrary*>(self);
  if (!library.may_write()) return;
  std::string_view text(message);
  if (const auto end = text.find_last_not_of(" \r\n"); end != std::string_view::npos) text = text.substr(0, end + 1);
  // Peers cause these; whatever is ours to fix comes back as an error of the call.
  if (level <= LOG_CRIT) {
    log::warn(library.log_, "libsrt: {}", base::printable(text, 400));
  } else {
    log::debug(library.log_, "libsrt: {}", base::printable(text, 400));
  }
}

// Nearly exact: two threads may begin a second together.
bool SrtLibrary::may_write() {
  using namespace std::chrono;
  const auto now = duration_cast<seconds>(steady_clock::now().time_since_epoch()).count();
  if (second_.exchange(now, std::memory_order_relaxed) != now) lines_.store(0, std::memory_order_relaxed);
  return lines_.fetch_add(1, std::memory_order_relaxed) < most_lines_per_second;
}

}  // namespace weir::net
