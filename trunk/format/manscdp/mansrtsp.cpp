#include "format/manscdp/mansrtsp.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "base/text.h"

namespace weir::manscdp {

namespace {

std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const std::string_view line = base::trim(rest.substr(0, end));
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return line;
}

std::optional<double> number_of(std::string_view text) {
  const std::string copy(base::trim(text));
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (copy.empty() || end == copy.c_str() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

std::string playback_request(const Playback& what, std::uint32_t cseq, bool mansrtsp) {
  const std::string_view version = mansrtsp ? "MANSRTSP/1.0" : "RTSP/1.0";
  switch (what.action) {
    case Playback::Action::pause:
      return fmt::format("PAUSE {}\r\nCSeq: {}\r\nPauseTime: now\r\n\r\n", version, cseq);
    case Playback::Action::seek:
      return fmt::format("PLAY {}\r\nCSeq: {}\r\nRange: npt={:.0f}-\r\n\r\n", version, cseq, what.seconds);
    case Playback::Action::scale:
      return fmt::format("PLAY {}\r\nCSeq: {}\r\nScale: {:.2f}\r\n\r\n", version, cseq, what.factor);
    case Playback::Action::teardown:
      return fmt::format("TEARDOWN {}\r\nCSeq: {}\r\n\r\n", version, cseq);
    case Playback::Action::play:
      break;
  }
  return fmt::format("PLAY {}\r\nCSeq: {}\r\nRange: npt=now-\r\n\r\n", version, cseq);
}

std::optional<Playback> parse_playback_request(std::string_view body) {
  const auto [method, version] = base::split_first(take_line(body), ' ');
  if (version.find("RTSP/") == std::string_view::npos) return std::nullopt;
  Playback out;
  if (base::iequals(method, "PAUSE")) {
    out.action = Playback::Action::pause;
  } else if (base::iequals(method, "TEARDOWN")) {
    out.action = Playback::Action::teardown;
  } else if (!base::iequals(method, "PLAY")) {
    return std::nullopt;
  }
  if (out.action != Playback::Action::play) return out;
  while (!body.empty()) {
    const auto [name, value] = base::split_first(take_line(body), ':');
    if (base::iequals(base::trim(name), "Scale")) {
      if (const auto factor = number_of(value)) {
        out.action = Playback::Action::scale;
        out.factor = *factor;
      }
    } else if (base::iequals(base::trim(name), "Range")) {
      const std::string_view range = base::trim(value);
      if (!range.starts_with("npt=")) continue;
      if (const auto from = number_of(range.substr(4))) {
        out.action = Playback::Action::seek;
        out.seconds = *from;
      }
    }
  }
  return out;
}

std::optional<unsigned> parse_playback_answer(std::string_view body) {
  const auto [version, rest] = base::split_first(take_line(body), ' ');
  if (version.find("RTSP/") == std::string_view::npos) return std::nullopt;
  const auto status = base::parse_number(base::split_first(base::trim(rest), ' ').first);
  if (!status || *status < 100 || *status > 999) return std::nullopt;
  return static_cast<unsigned>(*status);
}

}  // namespace weir::manscdp
