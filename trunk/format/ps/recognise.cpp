#include "format/ps/recognise.h"

#include <algorithm>

#include "codec/aac.h"
#include "codec/avc.h"
#include "codec/hevc.h"
#include "codec/mp3.h"
#include "codec/nal.h"

namespace weir::ps {

using base::Bytes;
using media::Codec;

namespace {

// H.265 7.3.1.2: of the base layer, with a temporal id.
bool has_hevc_header(Bytes nal) {
  return nal.size() > 2 && (nal[0] & 0x81) == 0 && (nal[1] & 0xf8) == 0 && (nal[1] & 7) != 0;
}

bool is_slice(Codec codec, Bytes nal) {
  if (codec == Codec::h264) return (nal[0] & 0x1f) >= 1 && (nal[0] & 0x1f) <= 5;
  return (nal[0] >> 1 & 0x3f) < 32;
}

}  // namespace

Codec video_of_sets(Bytes picture) {
  constexpr std::size_t most_looked_at = 4096;  // sets come before slices
  codec::nal::AnnexB nals(picture.first(std::min(picture.size(), most_looked_at)));
  while (const auto nal = nals.next()) {
    if (has_hevc_header(*nal) && codec::hevc::nal_type((*nal)[0]) == codec::hevc::NalType::vps) return Codec::hevc;
    if (has_hevc_header(*nal) && codec::hevc::nal_type((*nal)[0]) == codec::hevc::NalType::sps &&
        codec::hevc::parse_sps(*nal)) {
      return Codec::hevc;
    }
    // A nal_ref_idc of 0 is forbidden for it, 7.4.1.
    const bool may_be_avc = codec::avc::nal_type((*nal)[0]) == codec::avc::NalType::sps && ((*nal)[0] & 0x60) != 0;
    if (may_be_avc && codec::avc::parse_sps(*nal)) return Codec::h264;
  }
  return Codec::none;
}

bool begins_access_unit(Codec codec, Bytes payload) {
  const bool aligned = payload.size() > 4 && payload[0] == 0 && payload[1] == 0 &&
                       (payload[2] == 1 || (payload[2] == 0 && payload[3] == 1));
  if (!aligned) return false;
  codec::nal::AnnexB nals(payload);
  const auto first = nals.next();
  if (!first) return false;
  const std::size_t head = codec == Codec::h264 ? 1 : 2;
  if (is_slice(codec, *first)) return first->size() > head && ((*first)[head] & 0x80) != 0;
  if (codec == Codec::h264) return true;
  const auto type = codec::hevc::nal_type((*first)[0]);
  return type != codec::hevc::NalType::suffix_sei;
}

bool has_picture(Codec codec, Bytes payload) {
  codec::nal::AnnexB nals(payload);
  while (const auto nal = nals.next()) {
    if (is_slice(codec, *nal)) return true;
  }
  return false;
}

Codec AudioGuess::look(Bytes payload) {
  if (const auto adts = codec::aac::parse_adts_header(payload)) {
    const std::size_t next = adts->frame_bytes;
    if (next == payload.size() || (next < payload.size() && payload.size() - next < 7) ||
        (next < payload.size() && codec::aac::parse_adts_header(payload.subspan(next)))) {
      return Codec::aac;
    }
  }
  if (const auto mp3 = codec::mp3::parse_frame_header(payload)) {
    const std::size_t next = mp3->frame_bytes;
    if (next == payload.size() ||
        (next + 4 <= payload.size() && codec::mp3::parse_frame_header(payload.subspan(next)))) {
      return Codec::mp3;
    }
  }
  for (const std::uint8_t byte : payload) {
    a_law_ += (byte | 0x80) == 0xd5 ? 1U : 0U;   // G.711 table 1: the values next to zero
    mu_law_ += (byte | 0x80) == 0xff ? 1U : 0U;  // table 2
  }
  seen_ += payload.size();
  if (seen_ < enough_bytes) return Codec::none;
  return mu_law_ > a_law_ ? Codec::pcmu : Codec::pcma;  // what the standard names first
}

}  // namespace weir::ps
