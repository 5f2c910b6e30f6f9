#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

#include "app/bench/errc.h"
#include "app/bench/scan.h"
#include "base/byte_reader.h"

namespace weir::bench {

namespace {

constexpr std::size_t head_limit = 16 * 1024;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

}  // namespace

base::Result<void> FlvScan::feed(base::Bytes in, Watcher& watcher) {
  while (!in.empty() && !ended_) {
    switch (part_) {
      case Part::head: {
        TRY(const std::size_t used, head(in));
        in = in.subspan(used);
        break;
      }
      case Part::piece_size:
      case Part::piece_end: {
        TRY(const std::size_t used, piece_line(in));
        in = in.subspan(used);
        break;
      }
      case Part::body: {
        const std::size_t count =
            chunked_ ? static_cast<std::size_t>(std::min<std::uint64_t>(piece_left_, in.size())) : in.size();
        TRY_VOID(body(in.first(count), watcher));
        in = in.subspan(count);
        if (chunked_) {
          piece_left_ -= count;
          if (piece_left_ == 0) part_ = Part::piece_end;
        }
        break;
      }
    }
  }
  return {};
}

base::Result<std::size_t> FlvScan::head(base::Bytes in) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    line_.push_back(static_cast<char>(in[i]));
    if (line_.size() > head_limit) return Errc::bad_response;
    const std::string_view text{line_.data(), line_.size()};
    if (!text.ends_with("\r\n\r\n")) continue;
    const std::string all = lower(text);
    if (all.size() < 12 || !all.starts_with("http/1.") || all.substr(9, 3) != "200") return Errc::bad_response;
    chunked_ = all.find("\r\ntransfer-encoding: chunked") != std::string::npos;
    part_ = chunked_ ? Part::piece_size : Part::body;
    std::vector<char>().swap(line_);
    return i + 1;
  }
  return in.size();
}

// The line with a piece's size, or the empty line behind a piece. RFC 9112 7.1; an extension after ';' is ignored.
base::Result<std::size_t> FlvScan::piece_line(base::Bytes in) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] != '\n') {
      line_.push_back(static_cast<char>(in[i]));
      if (line_.size() > 64) return Errc::bad_chunked_body;
      continue;
    }
    if (part_ == Part::piece_end) {
      part_ = Part::piece_size;
    } else {
      const auto [end, fault] = std::from_chars(line_.data(), line_.data() + line_.size(), piece_left_, 16);
      if (fault != std::errc{} || end == line_.data()) return Errc::bad_chunked_body;
      ended_ = piece_left_ == 0;
      part_ = Part::body;
    }
    line_.clear();
    return i + 1;
  }
  return in.size();
}

base::Result<void> FlvScan::body(base::Bytes in, Watcher& watcher) {
  while (!in.empty()) {
    if (skip_ > 0) {
      const std::size_t count = std::min<std::size_t>(skip_, in.size());
      skip_ -= static_cast<std::uint32_t>(count);
      in = in.subspan(count);
      continue;
    }
    if (in_tag_) {
      const std::size_t count = std::min<std::size_t>(ends_.left(), in.size());
      ends_.take(in.first(count));
      in = in.subspan(count);
      if (ends_.complete()) {
        in_tag_ = false;
        skip_ = 4;
        watcher.seen(
            {.type = type_, .time_ms = time_ms_, .size = ends_.size(), .head = ends_.head(), .tail = ends_.tail()});
      }
      continue;
    }
    // The FLV header has 9 bytes (E.2), a tag header 11 (E.4.1).
    const std::size_t wanted = started_ ? 11 : 9;
    const std::size_t count = std::min(wanted - partial_size_, in.size());
    std::memcpy(partial_.data() + partial_size_, in.data(), count);
    partial_size_ += count;
    in = in.subspan(count);
    if (partial_size_ < wanted) continue;
    partial_size_ = 0;
    base::ByteReader r{{partial_.data(), wanted}};
    if (!started_) {
      const bool flv = r.text(3) == "FLV";
      r.skip(2);
      const std::uint32_t header_size = r.u32();
      if (!flv || header_size < 9 || header_size > 1024) return Errc::bad_tag;
      started_ = true;
      skip_ = header_size - 9 + 4;
      continue;
    }
    type_ = r.u8() & 0x1f;
    const std::uint32_t size = r.u24();
    time_ms_ = r.u24();
    time_ms_ |= static_cast<std::uint32_t>(r.u8()) << 24;
    if (type_ != 8 && type_ != 9 && type_ != 18) return Errc::bad_tag;
    ends_.begin(size);
    in_tag_ = size > 0;
    if (!in_tag_) skip_ = 4;
  }
  return {};
}

}  // namespace weir::bench
