#include "session/common/left_out.h"

#include "support/catch.h"

namespace weir::test::left_out_test {

using media::Codec;
using media::TrackId;
using session::describe;
using session::left_out;

namespace {

media::Track track(TrackId id, Codec codec) {
  media::CodecParameters parameters;
  parameters.codec = codec;
  parameters.channels = 2;
  parameters.sample_rate = 48'000;
  return {id, 0, std::make_shared<const media::CodecParameters>(parameters)};
}

config::Vhost all_on() {
  config::Vhost vhost;
  vhost.http_remux.enabled = vhost.hls.enabled = vhost.dash.enabled = vhost.dvr.enabled = true;
  return vhost;
}

}  // namespace

TEST_CASE("what an output has no place for is said by output", "[left_out]") {
  config::Vhost vhost = all_on();
  CHECK(left_out({track(TrackId::video, Codec::h264), track(TrackId::audio, Codec::aac)}, vhost).empty());
  const media::Tracks av1{track(TrackId::video, Codec::av1), track(TrackId::audio, Codec::opus),
                          track(TrackId::data, Codec::script_data)};
  CHECK(describe(left_out(av1, vhost)) == "AV1 is not in hls");
  vhost.hls.use_fmp4 = true;
  vhost.dvr.path = "x/[stream].ts";
  CHECK(left_out(av1, vhost).empty());
  const media::Tracks vp9{track(TrackId::video, Codec::vp9), track(TrackId{3}, Codec::ts_data)};
  CHECK(describe(left_out(vp9, vhost)) == "VP9 is not in ts, dvr");
  CHECK(describe(left_out({track(TrackId::audio, Codec::speex)}, vhost)) == "Speex is not in ts, mp4, hls, dash, dvr");
  vhost.http_remux.mount = "[vhost]/[app]/[stream].mp4";
  CHECK(describe(left_out({track(TrackId::audio, Codec::pcma)}, vhost)) == "G711A is not in mp4, hls, dash, dvr");
  CHECK(left_out({track(TrackId::audio, Codec::pcma)}, config::Vhost()).empty());
}

TEST_CASE("further tracks are left out where there is a place for one of each", "[left_out]") {
  config::Vhost vhost = all_on();
  const media::Tracks tracks{track(TrackId::video, Codec::h264), track(TrackId::audio, Codec::aac),
                             track(TrackId{3}, Codec::aac)};
  CHECK(describe(left_out(tracks, vhost)) == "AAC of track 3 is not in rtmp, flv, dvr");
  vhost.hls.use_fmp4 = true;
  CHECK(describe(left_out(tracks, vhost)) == "AAC of track 3 is not in rtmp, flv, dvr");
  const media::Tracks videos{track(TrackId::video, Codec::h264), track(TrackId{3}, Codec::h264)};
  CHECK(describe(left_out(videos, vhost)) == "H264 of track 3 is not in rtmp, flv, dvr");
}

TEST_CASE("what the configuration leaves out on purpose is not said", "[left_out]") {
  config::Vhost vhost;
  vhost.hls.enabled = true;
  vhost.hls.acodec = config::Hls::AudioCodec::none;
  CHECK(left_out({track(TrackId::audio, Codec::speex)}, vhost).empty());
}

}  // namespace weir::test::left_out_test
