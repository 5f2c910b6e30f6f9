#include "pack/formats.h"

#include "pack/flv.h"
#include "pack/mp4.h"
#include "pack/ps.h"
#include "pack/push.h"
#include "pack/raw_audio.h"
#include "pack/rtmp.h"
#include "pack/rtp.h"
#include "pack/ts.h"

namespace weir::pack {

hub::Formats all_formats() {
  hub::Formats formats{{rtmp, make_rtmp},
                       {rtmp_multitrack, make_rtmp_multitrack},
                       {pushed, make_push},
                       {ps, make_ps},
                       {ts_messages, make_ts(Envelope::none, std::chrono::milliseconds(40))}};
  for (const Envelope envelope : {Envelope::none, Envelope::chunk, Envelope::websocket}) {
    formats[format_of(Live::flv, envelope)] = make_flv(envelope);
    formats[format_of(Live::ts, envelope)] = make_ts(envelope);
    formats[format_of(Live::mp4, envelope)] = make_mp4(envelope);
    formats[format_of(Live::aac, envelope)] = make_aac(envelope);
    formats[format_of(Live::mp3, envelope)] = make_mp3(envelope);
  }
  for (const Only only : {Only::all, Only::video, Only::audio}) {
    formats[piped_format(false, only)] = make_piped_flv(only);
    formats[piped_format(true, only)] = make_piped_ts(only);
  }
  for (unsigned video = 1; video <= most_choices; ++video) {
    for (unsigned audio = 1; audio <= most_choices; ++audio) formats[rtp_of(video, audio)] = make_rtp(video, audio);
  }
  return formats;
}

}  // namespace weir::pack
