#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "proto/sdp/answer.h"

// An offer is read and answered; what we answer must be readable by ourselves.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  sdp::Fault fault;
  const auto offer = sdp::parse(base::as_text(base::Bytes(data, size)), fault);
  if (!offer) return 0;
  sdp::AnswerOptions options;
  options.sends = size % 2 == 0;
  options.video = {media::Codec::h264, media::Codec::av1, media::Codec::vp8};
  options.audio = {media::Codec::opus, media::Codec::pcma};
  options.several_codecs = true;
  options.ufrag = "ufrag";
  options.password = "password-of-22-characters";
  options.fingerprint = "AA:BB";
  options.session_id = "1";
  options.stream_id = "live/cam";
  options.cname = "c";
  options.make_ssrc = [] { return 4711U; };
  const auto answer = sdp::answer(*offer, options, fault);
  if (!answer) return 0;
  const auto back = sdp::parse(answer->text, fault);
  if (!back || back->media.size() != offer->media.size()) std::abort();
  return 0;
}
