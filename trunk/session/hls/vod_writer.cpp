#include "session/hls/vod_writer.h"

#include <algorithm>

namespace weir::session::hls {

VodFormat best_format(const media::Tracks& tracks) {
  const bool plain = std::ranges::all_of(tracks, [](const media::Track& track) {
    const media::Codec codec = track.parameters->codec;
    return media::kind_of(codec) == media::Kind::data || codec == media::Codec::h264 || codec == media::Codec::aac ||
           codec == media::Codec::mp3;
  });
  return plain ? VodFormat::ts : VodFormat::fmp4;
}

VodWriter::VodWriter(const media::Tracks& tracks, VodFormat format) : format_(format), fragmenter_(tracks) {
  if (format_ != VodFormat::ts) return;
  muxer_.set_tracks(tracks);
  out_.append(muxer_.resumption());
  muxer_.begin_segment();
}

void VodWriter::add(const media::Frame& frame) {
  if (format_ == VodFormat::ts) {
    muxer_.append(frame, out_);
  } else {
    (void)fragmenter_.add(frame);
  }
}

base::SharedBytes VodWriter::end(const media::Frame* next) {
  if (format_ != VodFormat::ts) return fragmenter_.cut(next);
  muxer_.append_flush(out_);
  return base::SharedBytes::copy_of(out_);
}

}  // namespace weir::session::hls
