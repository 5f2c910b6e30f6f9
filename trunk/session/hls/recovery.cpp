#include "session/hls/recovery.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>

#include "base/text.h"
#include "base/url.h"
#include "session/common/path_pattern.h"
#include "session/hls/file_owner.h"
#include "session/hls/guard.h"
#include "session/hls/hls_output.h"

namespace weir::session::hls {
namespace {

using base::Ticks;

constexpr std::uint64_t largest_playlist = 8 << 20;   // a day in segments of two seconds
constexpr std::uint64_t largest_number = 1ull << 53;  // more than a stream of ours ever has

std::optional<base::SharedBytes> read_file(const std::string& path, std::uint64_t most) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return {};
  struct stat facts{};
  std::optional<base::SharedBytes> out;
  if (::fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && static_cast<std::uint64_t>(facts.st_size) <= most) {
    base::Buffer bytes(static_cast<std::size_t>(facts.st_size));
    std::size_t have = 0;
    while (have < bytes.size()) {
      const ssize_t count = ::read(file, bytes.data() + have, bytes.size() - have);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      have += static_cast<std::size_t>(count);
    }
    if (have == bytes.size()) out = base::SharedBytes::copy_of(bytes);
  }
  ::close(file);
  return out;
}

// Of a regular file; 0: there is none.
std::uint64_t file_bytes(const std::string& path) {
  struct stat facts{};
  return ::lstat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

// "2026-11-21T17:43:34.120Z", as format/hls writes it.
std::optional<WallTime> parse_date(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millis = 0;
  if (std::sscanf(std::string(text).c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &year, &month, &day, &hour, &minute,
                  &second, &millis) != 7) {
    return {};
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return {};
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::milliseconds(millis);
}

std::string attribute(std::string_view line, std::string_view name) {
  const std::size_t at = line.find(std::string(name) + "=\"");
  if (at == std::string_view::npos) return {};
  line.remove_prefix(at + name.size() + 2);
  return std::string(line.substr(0, line.find('"')));
}

class Reader {
 public:
  Reader(const config::Vhost& vhost, std::string app, std::string stream)
      : vhost_(vhost), app_(std::move(app)), stream_(std::move(stream)) {
    path_ = HlsOutput::playlist_path(vhost_, app_, stream_);
    owner_ = FileOwner::of({vhost_.name, app_, stream_}, guarded(vhost_));
  }

  std::shared_ptr<const Window> read() {
    if (!is_safe_path(path_) || !is_ours(path_)) return nullptr;
    const auto text = read_file(vhost_.hls.path + "/" + path_, largest_playlist);
    if (!text || !base::as_text(*text).starts_with("#EXTM3U")) return nullptr;
    window_.whole = false;
    for (const std::string_view line : base::split(base::as_text(*text), '\n')) take(line);
    if (window_.next_number == 0) return nullptr;
    window_.next_init = next_init_;
    window_.from_disk = true;
    return std::make_shared<const Window>(std::move(window_));
  }

 private:
  bool is_ours(const std::string& path) const { return owner_.has(vhost_.hls.path + "/" + path); }

  static std::uint64_t number_behind(std::string_view line) {
    const auto number = base::parse_number(line.substr(line.find(':') + 1));
    return number && *number < largest_number ? *number : 0;
  }

  void take(std::string_view line) {
    if (line.starts_with("#EXT-X-TARGETDURATION:")) {
      window_.target =
          std::chrono::seconds(static_cast<std::int64_t>(std::min<std::uint64_t>(number_behind(line), 3600)));
    } else if (line.starts_with("#EXT-X-MEDIA-SEQUENCE:")) {
      window_.next_number = number_behind(line);
    } else if (line.starts_with("#EXT-X-DISCONTINUITY-SEQUENCE:")) {
      window_.discontinuities_gone = number_behind(line);
    } else if (line == "#EXT-X-PLAYLIST-TYPE:EVENT") {
      window_.whole = true;
    } else if (line == "#EXT-X-DISCONTINUITY") {
      next_.discontinuity = true;
    } else if (line == "#EXT-X-INDEPENDENT-SEGMENTS") {
      independent_ = true;
    } else if (line == "#EXT-X-GAP") {
      next_.gap = true;
    } else if (line.starts_with("#EXT-X-PROGRAM-DATE-TIME:")) {
      next_.date_time = parse_date(line.substr(line.find(':') + 1));
    } else if (line.starts_with("#EXT-X-KEY:")) {
      encrypted_ = line.find("METHOD=NONE") == std::string_view::npos;
    } else if (line.starts_with("#EXT-X-MAP:")) {
      take_map(attribute(line, "URI"));
    } else if (line.starts_with("#EXTINF:")) {
      double seconds = 0;
      const std::string_view number = line.substr(8);
      std::from_chars(number.data(), number.data() + number.size(), seconds);
      next_.duration = Ticks(static_cast<std::int64_t>(std::clamp(seconds, 0.0, 3600.0) * 90'000 + 0.5));
    } else if (!line.empty() && line.front() != '#') {
      take_segment(line);
    }
  }

  // The file below the root that a URI of the playlist names.
  std::string path_of(std::string_view uri) const {
    const std::string& prefix = vhost_.hls.entry_prefix;
    std::string folder = path_.substr(0, path_.rfind('/') + 1);
    if (!prefix.empty() && uri.starts_with(prefix)) {
      uri.remove_prefix(prefix.size());
      if (uri.starts_with('/')) uri.remove_prefix(1);
      folder.clear();
    }
    while (uri.starts_with("../") && !folder.empty()) {
      uri.remove_prefix(3);
      folder.pop_back();
      folder.resize(folder.rfind('/') + 1);
    }
    return folder + base::percent_decode(uri);
  }

  void take_map(const std::string& uri) {
    next_map_.reset();
    const std::string path = path_of(uri);
    const auto known =
        std::find_if(window_.inits.begin(), window_.inits.end(), [&](const Init& init) { return init.path == path; });
    ++next_init_;
    // Its number is in its name: "init-3.mp4".
    if (const std::size_t dash = path.rfind('-'); dash != std::string::npos && path.ends_with(".mp4")) {
      const auto number = base::parse_number(std::string_view(path).substr(dash + 1, path.size() - dash - 5));
      if (number && *number < largest_number) next_init_ = std::max(next_init_, *number + 1);
    }
    if (known == window_.inits.end()) {
      const auto bytes = is_safe_path(path) && is_ours(path) ? read_file(vhost_.hls.path + "/" + path, largest_playlist)
                                                             : std::nullopt;
      if (!bytes) return;
      window_.inits.push_back({.uri = uri, .path = path, .item = media_item(vhost_, path, *bytes)});
    }
    next_map_ = ::weir::hls::Map{.uri = uri, .range = {}};
  }

  // A playlist has no holes: what is not there takes all before it along.
  void forget_segments() {
    for (const Kept& kept : window_.segments) window_.discontinuities_gone += kept.told.discontinuity;
    window_.segments.clear();
  }

  void take_segment(std::string_view uri) {
    ::weir::hls::Segment told = std::exchange(next_, {});
    const std::uint64_t number = window_.next_number++;
    const std::string path = path_of(uri);
    const std::uint64_t bytes =
        is_safe_path(path) && !encrypted_ && !told.gap && is_ours(path) ? file_bytes(vhost_.hls.path + "/" + path) : 0;
    const bool usable = bytes > 0 && told.duration > Ticks{} && next_map_.has_value() == vhost_.hls.use_fmp4;
    if (!usable) {
      window_.whole = false;
      forget_segments();
      window_.discontinuities_gone += told.discontinuity;
      return;
    }
    told.uri = std::string(uri);
    told.map = next_map_;
    Kept kept;
    kept.told = std::move(told);
    kept.items.push_back(on_disk_alone(*media_item(vhost_, path, {}), vhost_.hls.path));
    kept.files.push_back(path);
    kept.number = number;
    kept.bytes = bytes;
    kept.independent = independent_;
    window_.segments.push_back(std::move(kept));
  }

  // given
  const config::Vhost& vhost_;
  std::string app_, stream_, path_;
  FileOwner owner_;

  // state
  Window window_;
  ::weir::hls::Segment next_;
  std::optional<::weir::hls::Map> next_map_;
  std::uint64_t next_init_ = 0;
  bool encrypted_ = false, independent_ = false;
};

}  // namespace

std::shared_ptr<const Window> read_window(const config::Vhost& vhost, const std::string& app,
                                          const std::string& stream) {
  return Reader(vhost, app, stream).read();
}

}  // namespace weir::session::hls
