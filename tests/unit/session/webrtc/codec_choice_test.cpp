#include "session/webrtc/codec_choice.h"

#include <string>

#include "support/catch.h"

namespace weir::test::codec_choice_test {

using media::Codec;
using Codecs = std::vector<Codec>;
using session::webrtc::choose_tracks;

namespace {

struct Left {
  Codecs video{Codec::h264, Codec::hevc, Codec::vp9}, audio{Codec::opus, Codec::pcma};
  explicit Left(std::string_view param) { session::webrtc::choose_codecs(param, video, audio); }
};

}  // namespace

TEST_CASE("a request may leave out a kind, or name one codec of it", "[webrtc]") {
  CHECK(Left("").video.size() == 3);
  CHECK(Left("?token=a").audio.size() == 2);
  CHECK(Left("?video=none").video.empty());
  CHECK(Left("?video=none").audio.size() == 2);
  CHECK(Left("audio=none").audio.empty());
  CHECK(Left("?video=vp9&audio=OPUS").video == Codecs{Codec::vp9});
  CHECK(Left("?video=vp9&audio=OPUS").audio == Codecs{Codec::opus});
  CHECK(Left("?audio=pcma").audio == Codecs{Codec::pcma});
}

TEST_CASE("SRS's codec is the picture's, and a name that is none of them changes nothing", "[webrtc]") {
  CHECK(Left("?codec=hevc").video == Codecs{Codec::hevc});
  CHECK(Left("?codec=h265").video == Codecs{Codec::hevc});
  CHECK(Left("?codec=avc").video == Codecs{Codec::h264});
  CHECK(Left("?codec=none").video.size() == 3);
  CHECK(Left("?codec=vp8").video.size() == 3);
  CHECK(Left("?video=1&audio=").video.size() == 3);
  CHECK(Left("?video=1&audio=").audio.size() == 2);
}

TEST_CASE("a number is one of several tracks", "[webrtc]") {
  CHECK(choose_tracks("")->video == 1);
  CHECK(choose_tracks("?video=none&audio=opus")->audio == 1);
  const auto chosen = choose_tracks("?token=a&video=2&audio=4");
  REQUIRE(chosen.has_value());
  CHECK(chosen->video == 2);
  CHECK(chosen->audio == 4);
  for (const char* none : {"video=0", "video=5", "audio=99999999999999999999999"}) {
    INFO(none);
    CHECK_FALSE(choose_tracks(none).has_value());
  }
  CHECK(choose_tracks("video=-1")->video == 1);
  CHECK(choose_tracks("video=2x")->video == 1);
}

}  // namespace weir::test::codec_choice_test
