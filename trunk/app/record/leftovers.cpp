#include "app/record/leftovers.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "app/record/error.h"
#include "app/record/finish.h"
#include "app/record/flv_numbers.h"
#include "app/record/path.h"
#include "app/record/retention.h"
#include "base/byte_reader.h"
#include "format/ts/packet.h"

namespace weir::record {

namespace {

constexpr std::size_t most_at_once = 1000;
constexpr std::string_view part_suffix = ".tmp", ordered_suffix = ".moov.tmp";

// A file that nobody else writes, for as long as this lives.
class Claim {
 public:
  explicit Claim(const std::string& path) : number_(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)) {
    held_ = number_ >= 0 && ::flock(number_, LOCK_EX | LOCK_NB) == 0;
  }
  ~Claim() {
    if (number_ >= 0) ::close(number_);
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  explicit operator bool() const { return held_; }

  base::Buffer read(std::uint64_t at, std::size_t size) const {
    base::Buffer bytes(size);
    const ssize_t count = ::pread(number_, bytes.data(), size, static_cast<off_t>(at));
    bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return bytes;
  }
  // False leaves the file as it is, which plays, too.
  bool write(std::uint64_t at, base::Bytes bytes) const {
    return ::pwrite(number_, bytes.data(), bytes.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(bytes.size());
  }
  bool cut_at(std::uint64_t size) const { return ::ftruncate(number_, static_cast<off_t>(size)) == 0; }

 private:
  int number_;
  bool held_ = false;
};

// Behind the last tag that is whole; what the metadata left open is filled in (FLV E.4.1).
// Gives its length in milliseconds.
std::int64_t mend_flv(const Claim& file, std::uint64_t size) {
  constexpr std::uint64_t prologue = 13, head = 11, tail = 4;
  constexpr std::size_t largest_metadata = 1 << 20;
  std::uint64_t end = prologue, last_ms = 0, script_at = 0;
  base::Buffer script;
  while (end + head + tail <= size) {
    const base::Buffer bytes = file.read(end, head);
    base::ByteReader r{bytes};
    const unsigned type = r.u8() & 0x1f;
    const std::uint32_t payload = r.u24(), low = r.u24(), high = r.u8();
    if (!r.ok() || (type != 8 && type != 9 && type != 18)) return 0;  // damaged, or no FLV: not ours to cut
    if (end + head + payload + tail > size) break;
    if (type == 18 && script_at == 0 && payload <= largest_metadata) {
      script_at = end + head;
      script = file.read(script_at, payload);
    }
    last_ms = std::max<std::uint64_t>(last_ms, high << 24 | low);
    end += head + payload + tail;
  }
  if (end == prologue || !file.cut_at(end)) return 0;
  const auto fill = [&](std::string_view property, double value) {
    if (const std::size_t at = open_number_at(script.bytes(), property); at != 0) {
      file.write(script_at + at, number_bytes(value));
    }
  };
  fill("duration", static_cast<double>(last_ms) / 1000);
  fill("filesize", static_cast<double>(end));
  return static_cast<std::int64_t>(last_ms);
}

// From the first clock reference to the last, by the begin and the end of the file.
base::Ticks ts_duration(const Claim& file, std::uint64_t size) {
  constexpr std::uint64_t look_bytes = ts::packet_bytes * 5'000;
  std::optional<std::uint64_t> first, last;
  const auto look = [&](std::uint64_t from) {
    const base::Buffer bytes = file.read(from, static_cast<std::size_t>(std::min(look_bytes, size - from)));
    for (std::size_t at = 0; at + ts::packet_bytes <= bytes.size(); at += ts::packet_bytes) {
      const auto packet = ts::parse_packet(bytes.bytes().subspan(at, ts::packet_bytes));
      if (!packet || !packet->pcr) continue;
      if (!first) first = packet->pcr;
      last = packet->pcr;
    }
  };
  look(0);
  if (size > look_bytes) look(size - look_bytes);
  return first && *last > *first ? base::Ticks(static_cast<std::int64_t>((*last - *first) / 300)) : base::Ticks{};
}

Adopted adopt(const Claim& file, const Recorded& left, const std::string& wanted) {
  Adopted out;
  std::string from = left.path;
  const std::string ordered = wanted + std::string(ordered_suffix);
  base::Result<base::Ticks> arranged = base::ErrorCode(Errc::not_a_format);
  switch (container_of(wanted).value_or(Container::mp4)) {
    case Container::flv:
      out.duration = base::Millis(mend_flv(file, left.bytes));
      arranged = write_index_first(left.path, ordered);
      break;
    case Container::ts: {
      const std::uint64_t size = left.bytes - left.bytes % ts::packet_bytes;
      file.cut_at(size);
      out.duration = ts_duration(file, size);
      break;
    }
    case Container::mp4:
      arranged = write_tables_first(left.path, ordered);  // else it stays fragmented
      break;
  }
  if (arranged) {
    from = ordered;
    out.duration = *arranged;
  }
  const auto path = rename_to_free_name(from, wanted);
  if (!path) {
    out.line = "cannot complete the recording " + left.path + ": " + path.error().message();
    return out;
  }
  if (from != left.path) ::unlink(left.path.c_str());
  std::error_code ignored;
  out.bytes = std::filesystem::file_size(*path, ignored);
  if (ignored) out.bytes = left.bytes;
  out.path = *path;
  out.line = "completed a recording that was cut off: " + *path;
  return out;
}

}  // namespace

std::vector<Adopted> adopt_leftovers(const std::string& path_template) {
  std::vector<Adopted> all;
  const std::string pattern = std::filesystem::path(path_template).lexically_normal().string();
  for (const Recorded& left : find_recordings(path_template, most_at_once, part_suffix)) {
    if (left.bytes == 0) continue;  // made this moment, and not locked yet
    const Claim file(left.path);
    if (!file) continue;
    const std::string wanted = left.path.substr(0, left.path.size() - part_suffix.size());
    // Half a copy of it; it is written anew.
    ::unlink((wanted + std::string(ordered_suffix)).c_str());
    Adopted one = adopt(file, left, wanted);
    one.names = facts_of(pattern, wanted);
    one.names.time = left.modified;
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace weir::record
