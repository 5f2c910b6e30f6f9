#include "app/record/flv_index.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/byte_reader.h"
#include "format/flv/error.h"
#include "format/flv/muxer.h"
#include "format/flv/script_data.h"

namespace weir::record {

using amf0::Value;
using base::Result;

namespace {

constexpr std::size_t prologue = 13, tag_head = 11, tag_tail = 4;
constexpr std::size_t most_places = 4'000;  // more are thinned out: readers bound the values of a message
constexpr std::size_t window_bytes = 256 * 1024;
constexpr std::uint64_t largest_metadata = 1 << 20;

// Reads a file front to back in large pieces.
class Window {
 public:
  explicit Window(int file) : file_(file) {}

  // Fewer bytes than asked for at the end of the file. Valid until the next call.
  Result<base::Bytes> at(std::uint64_t offset, std::size_t count) {
    if (offset < start_ || offset + count > start_ + bytes_.size()) {
      bytes_.resize(std::max(count, window_bytes));
      ssize_t got = 0;
      do {
        got = ::pread(file_, bytes_.data(), bytes_.size(), static_cast<off_t>(offset));
      } while (got < 0 && errno == EINTR);
      if (got < 0) return base::last_error();
      bytes_.resize(static_cast<std::size_t>(got));
      start_ = offset;
    }
    const std::size_t from = static_cast<std::size_t>(offset - start_);
    return bytes_.bytes().subspan(from, std::min(count, bytes_.size() - from));
  }

 private:
  int file_;
  std::uint64_t start_ = 0;
  base::Buffer bytes_;
};

struct Place {
  std::uint64_t offset = 0;
  std::uint32_t ms = 0;
};

struct Scan {
  std::uint64_t end = prologue;  // behind the last whole tag
  std::uint64_t script_at = 0, script_bytes = 0;
  std::uint32_t last_ms = 0;
  bool has_video = false;
  std::vector<Place> keys, seconds;  // of video; of audio where that is alone
};

// A key frame, not a sequence header: E.4.3.1, and "ExVideoTagHeader" without modifiers.
bool is_key_frame(base::Bytes body) {
  if (body.size() < 2) return false;
  if ((body[0] & 0x80) != 0) return (body[0] >> 4 & 7) == 1 && ((body[0] & 15) == 1 || (body[0] & 15) == 3);
  return body[0] >> 4 == 1 && body[1] == 1;
}

void thin_out(std::vector<Place>& places) {
  if (places.size() <= most_places) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < places.size(); i += 2) places[kept++] = places[i];
  places.resize(kept);
}

Result<Scan> scan(Window& window) {
  TRY(const base::Bytes begin, window.at(0, prologue));
  if (begin.size() < prologue || base::as_text(begin.first(3)) != "FLV") return flv::Errc::not_flv;
  Scan found;
  for (;;) {
    TRY(const base::Bytes bytes, window.at(found.end, tag_head + 2));
    base::ByteReader r{bytes};
    const unsigned type = r.u8() & 0x1f;
    const std::uint32_t payload = r.u24(), low = r.u24(), high = r.u8();
    r.skip(3);
    if (!r.ok()) break;
    if (type != 8 && type != 9 && type != 18) return flv::Errc::bad_tag_type;
    const std::uint64_t next = found.end + tag_head + payload + tag_tail;
    const base::Bytes body = r.rest();
    const std::uint32_t ms = high << 24 | low;
    const bool key = type == 9 && is_key_frame(body.first(std::min<std::size_t>(body.size(), payload)));
    TRY(const base::Bytes back, window.at(next - tag_tail, tag_tail));
    if (back.size() < tag_tail) break;
    if (type == 18 && found.script_at == 0) {
      found.script_at = found.end;
      found.script_bytes = next - found.end;
    }
    found.has_video |= type == 9;
    found.last_ms = std::max(found.last_ms, ms);
    if (key) found.keys.push_back({found.end, ms});
    if (type == 8 && !found.has_video && (found.seconds.empty() || ms >= found.seconds.back().ms + 1000)) {
      found.seconds.push_back({found.end, ms});
    }
    thin_out(found.keys);
    thin_out(found.seconds);
    found.end = next;
  }
  return found;
}

base::Buffer metadata_tag(flv::ScriptData data, const std::vector<Place>& places, std::uint32_t last_ms,
                          std::int64_t shift, std::uint64_t file_bytes) {
  std::vector<Value> times, positions;
  for (const Place& place : places) {
    times.emplace_back(static_cast<double>(place.ms) / 1000);
    positions.emplace_back(static_cast<double>(static_cast<std::int64_t>(place.offset) + shift));
  }
  Value index = Value::object();
  index.set("times", Value::strict_array(std::move(times)));
  index.set("filepositions", Value::strict_array(std::move(positions)));
  data.value.set("duration", static_cast<double>(last_ms) / 1000);
  data.value.set("lasttimestamp", static_cast<double>(last_ms) / 1000);
  data.value.set("filesize", static_cast<double>(file_bytes));
  data.value.set("hasKeyframes", Value::boolean(!places.empty()));
  data.value.set("keyframes", std::move(index));
  base::Buffer out;
  flv::append_tag(out, flv::TagType::script, base::Ticks{}, flv::write_script_data(data));
  return out;
}

}  // namespace

Result<Rearranged> plan_flv_index(int file) {
  Window window(file);
  TRY(const Scan found, scan(window));
  // Another tag before the metadata is not how these files are made.
  if (found.script_at != prologue || found.script_bytes > largest_metadata) return flv::Errc::bad_script_data;
  TRY(const base::Bytes script, window.at(prologue + tag_head, found.script_bytes - tag_head - tag_tail));
  auto data = flv::parse_script_data(script);
  if (!data || !data->value.has_properties()) return flv::Errc::bad_script_data;
  const std::vector<Place>& places = found.has_video ? found.keys : found.seconds;
  // Numbers are as long whatever they say, so the size is known before the positions are.
  const std::size_t size = metadata_tag(*data, places, found.last_ms, 0, 0).size();
  const auto shift = static_cast<std::int64_t>(size) - static_cast<std::int64_t>(found.script_bytes);
  const auto file_bytes = static_cast<std::uint64_t>(static_cast<std::int64_t>(found.end) + shift);
  Rearranged out;
  TRY(const base::Bytes begin, window.at(0, prologue));
  out.head.append(begin);
  out.head.append(metadata_tag(*std::move(data), places, found.last_ms, shift, file_bytes));
  const std::uint64_t rest = prologue + found.script_bytes;
  out.ranges.push_back({rest, found.end - rest});
  out.duration = base::Millis(found.last_ms);
  return out;
}

}  // namespace weir::record
