#include "app/devices/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "app/devices/memory.h"
#include "base/own_file.h"
#include "base/scope_exit.h"

namespace weir::devices {

using base::ErrorCode;
using base::Result;
using session::gb28181::DeviceMemory;
using session::gb28181::Platform;

namespace {

Result<std::string> read_whole(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return base::last_error();
  const base::ScopeExit closed([file] { ::close(file); });
  struct stat facts{};
  if (::fstat(file, &facts) != 0) return base::last_error();
  if (!S_ISREG(facts.st_mode)) return boost::system::errc::make_error_code(boost::system::errc::not_supported);
  if (static_cast<std::size_t>(facts.st_size) > most_file_bytes) {
    return boost::system::errc::make_error_code(boost::system::errc::file_too_large);
  }
  std::string text(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const auto count = ::read(file, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) return base::last_error();
    if (count == 0) break;
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

// Beside it, then in its place: whoever reads it, or a machine that stops meanwhile, has the one or the other.
ErrorCode write_whole(const std::string& path, std::string_view text) {
  const std::string beside = path + ".tmp";
  const auto file = base::open_own_file(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
  if (!file) return file.error();
  ErrorCode error;
  while (!text.empty() && !error) {
    const auto count = ::write(*file, text.data(), text.size());
    if (count < 0 && errno != EINTR) error = base::last_error();
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (!error && ::fsync(*file) != 0) error = base::last_error();
  if (::close(*file) != 0 && !error) error = base::last_error();
  if (!error && ::rename(beside.c_str(), path.c_str()) != 0) error = base::last_error();
  if (error) ::unlink(beside.c_str());
  return error;
}

}  // namespace

struct Store::Writing {
  std::atomic<bool> busy{false};
  std::atomic<int> failed{0};  // errno of the last one
};

Store::Store(std::string path, net::BlockingPool& files, log::Context log)
    : path_(std::move(path)), files_(files), log_(std::move(log)), writing_(std::make_shared<Writing>()) {}

Store::~Store() = default;

void Store::restore(Platform& platform) {
  const auto text = read_whole(path_);
  if (!text && text.error() == boost::system::errc::no_such_file_or_directory) return;
  const auto memories = text ? parse(*text) : Result<std::vector<DeviceMemory>>(text.error());
  if (!memories) {
    const std::string aside = path_ + ".broken";
    const bool moved = ::rename(path_.c_str(), aside.c_str()) == 0;
    log::error(log_, "devices_file {} cannot be used: {}; {}", path_,
               text ? "it holds no devices" : text.error().message(),
               moved ? "it is set aside as " + aside : "and it cannot be set aside");
    return;
  }
  std::size_t known = 0;
  for (const DeviceMemory& memory : *memories) known += platform.restore(memory) ? 1 : 0;
  written_ = platform.changes();
  log::info(log_, "{} devices of GB28181 are known from {}", known, path_);
  if (known < memories->size()) {
    log::warn(log_, "{} devices of {} are beyond the limit of {}", memories->size() - known, path_,
              session::gb28181::Devices::most_devices);
  }
}

// True: all of them are in the text.
bool Store::append(const Platform& platform, std::size_t most_bytes) {
  for (std::size_t added = 0; !ids_.empty() && added < most_bytes; ids_.pop_back()) {
    const auto memory = platform.memory_of(ids_.back());
    if (!memory) continue;
    const std::string line = line_of(*memory);
    if (text_.size() + line.size() + tail.size() + 2 > most_file_bytes) {
      if (const auto times = left_out_.hit(std::chrono::steady_clock::now())) {
        log::warn(log_, "device {} has no room in {} ({} times)", memory->id, path_, times);
      }
      continue;
    }
    if (text_.size() > head.size()) text_ += ",\n";
    text_ += line;
    added += line.size();
  }
  return ids_.empty();
}

void Store::tick(const Platform& platform, base::Instant now) {
  if (writing_->busy.load()) return;
  if (const int failed = writing_->failed.exchange(0); failed != 0) {
    written_ = 0;
    if (const auto times = failures_.hit(now)) {
      log::warn(log_, "devices_file {} cannot be written: {} ({} times)", path_,
                ErrorCode(failed, boost::system::system_category()).message(), times);
    }
  }
  if (!under_way_) {
    if (now < next_ || platform.changes() == written_) return;
    under_way_ = true;
    begun_ = platform.changes();
    ids_ = platform.ids();
    text_ = head;
    return;
  }
  if (!append(platform, slice_bytes)) return;
  under_way_ = false;
  written_ = begun_;
  next_ = now + pause;
  text_ += tail;
  writing_->busy = true;
  const bool queued = files_.post([writing = writing_, path = path_, text = std::exchange(text_, {})] {
    writing->failed = write_whole(path, text).value();
    writing->busy = false;
    writing->busy.notify_all();
  });
  if (queued) return;
  writing_->busy = false;
  written_ = 0;
}

void Store::finish(const Platform& platform) {
  writing_->busy.wait(true);
  if (platform.changes() == written_ && !under_way_ && writing_->failed == 0) return;
  ids_ = platform.ids();
  text_ = head;
  (void)append(platform, most_file_bytes);
  text_ += tail;
  if (const ErrorCode failed = write_whole(path_, text_)) {
    log::warn(log_, "devices_file {} cannot be written: {}", path_, failed.message());
  }
}

}  // namespace weir::devices
