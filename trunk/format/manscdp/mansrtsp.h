#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// MANSRTSP (GB/T 28181 annex B): how playback is controlled, in the body of INFO.
namespace weir::manscdp {

struct Playback {
  enum class Action : std::uint8_t { play, pause, seek, scale, teardown } action = Action::play;
  double seconds = 0;  // seek: from the beginning of what is played
  double factor = 1;   // scale: below 0 backwards
};

// `mansrtsp`: the version's name is MANSRTSP/1.0, as 2022 has it; older devices know RTSP/1.0.
std::string playback_request(const Playback& what, std::uint32_t cseq, bool mansrtsp);
// A request, as a lower platform gets it; none if it is none.
std::optional<Playback> parse_playback_request(std::string_view body);
// The status of an answer: 200; none if it is no answer.
std::optional<unsigned> parse_playback_answer(std::string_view body);

}  // namespace weir::manscdp
