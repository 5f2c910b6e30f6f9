#include "session/common/ts_receiver.h"

#include "session/common/error.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::ts_receiver_test {

using session::TsReceiver;

namespace {

struct Sink final : session::MediaSink {
  base::Result<void> set_tracks(media::Tracks given) override {
    tracks = std::move(given);
    return {};
  }
  void expect(media::TrackProbe::Expected) override {}
  void put(std::span<media::Frame> given) override { frames += given.size(); }
  void complain(const std::string&) override {}
  void count_errors(std::uint64_t more) override { errors += more; }

  media::Tracks tracks;
  std::size_t frames = 0;
  std::uint64_t errors = 0;
};

}  // namespace

TEST_CASE("a transport stream that comes in pieces gives its frames, to the last", "[session][srt]") {
  const auto clip = test::test_file("ts/h264_aac.ts");
  const auto wanted = test::read_ts(clip);
  for (const std::size_t piece : {7U, 188U, 1316U, 1U << 20U}) {
    TsReceiver receiver;
    Sink sink;
    for (std::size_t at = 0; at < clip.size(); at += piece) {
      REQUIRE(receiver.input(base::Bytes(clip).subspan(at, std::min(piece, clip.size() - at))).has_value());
      if (receiver.has_media()) REQUIRE(receiver.drain(sink).has_value());
      CHECK_FALSE(receiver.has_media());
    }
    receiver.finish();
    REQUIRE(receiver.drain(sink).has_value());
    CHECK(sink.frames == wanted.frames.size());
    CHECK(sink.tracks.size() == wanted.tracks.size());
    CHECK(receiver.got_media());
    CHECK(receiver.condition().find("0 gaps") != std::string::npos);
    CHECK(sink.errors == 0);
  }
}

TEST_CASE("packets that are missing are told of as errors, each once", "[session][srt]") {
  const auto clip = test::test_file("ts/h264_aac.ts");
  TsReceiver receiver;
  Sink sink;
  std::size_t dropped = 0;
  for (std::size_t at = 0; at + 188 <= clip.size(); at += 188) {
    const bool has_payload = (clip[at + 3] & 0x10) != 0;
    if (at / 188 % 10 == 7 && has_payload && ++dropped > 0) continue;
    REQUIRE(receiver.input(base::Bytes(clip).subspan(at, 188)).has_value());
    if (receiver.has_media()) REQUIRE(receiver.drain(sink).has_value());
  }
  REQUIRE(receiver.drain(sink).has_value());
  REQUIRE(dropped > 0);
  CHECK(sink.errors > 0);
  CHECK(sink.errors <= 2 * dropped);
}

TEST_CASE("what is made of a transport stream is told beside what is wrong with it", "[session][passage]") {
  auto clip = test::test_file("ts/h264_aac.ts");
  const bool passes = GENERATE(true, false);
  config::Vhost vhost;
  vhost.publish.ts_pass_through = passes;
  vhost.publish.ts_analysis = !passes;
  TsReceiver receiver(0, vhost);
  Sink sink;
  const auto told = receiver.measured();
  REQUIRE(told);
  CHECK_FALSE(told->passes);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t at = 0; at < clip.size(); at += 1316) {
      REQUIRE(receiver.input(base::Bytes(clip).subspan(at, std::min<std::size_t>(1316, clip.size() - at))));
      if (receiver.has_media()) REQUIRE(receiver.drain(sink).has_value());
      receiver.pass_on(sink);
    }
  }
  CHECK(told->passes == passes);
  CHECK((told->passed_packets > 100) == passes);
  CHECK(told->analysed == !passes);
  CHECK((told->packets > 100) == !passes);
  CHECK(told->timed_by_clock == 0);
  CHECK(told->without_time == 0);
}

TEST_CASE("what is no transport stream is told from one that has not begun", "[session][srt]") {
  TsReceiver receiver;
  const auto noise = test::repeat(0x55, 1316);
  for (int i = 0; i < 40; ++i) REQUIRE(receiver.input(noise).has_value());
  base::Result<void> last;
  for (int i = 0; i < 20 && last; ++i) last = receiver.input(noise);
  REQUIRE_FALSE(last.has_value());
  CHECK(last.error() == session::Errc::no_transport_stream);
  CHECK_FALSE(receiver.got_media());
}

}  // namespace weir::test::ts_receiver_test
