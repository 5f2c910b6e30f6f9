#include "pack/rtmp.h"

#include "format/flv/body.h"
#include "pack/formats.h"
#include "proto/rtmp/chunk_reader.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::rtmp_multitrack_test {

using media::Codec;
using media::TrackId;

namespace {

media::Track track(TrackId id, Codec codec, const char* extradata) {
  media::CodecParameters parameters;
  parameters.codec = codec;
  parameters.extradata = base::SharedBytes::copy_of(test::bytes(extradata));
  return {id, 0, std::make_shared<const media::CodecParameters>(parameters)};
}

media::Frame frame(const media::Track& of) {
  return {.track = of.id,
          .codec = of.parameters->codec,
          .dts = base::Millis(40),
          .key = true,
          .payload = base::SharedBytes::copy_of(test::bytes("21 22 23"))};
}

// "audio 1 header" for each part of the audio messages that a packager writes.
std::vector<std::string> audio_parts(const hub::PackagerFactory& factory) {
  const media::Tracks tracks{track(TrackId::audio, Codec::aac, "12 10"), track(TrackId{3}, Codec::aac, "11 90"),
                             track(TrackId{4}, Codec::pcma, ""), track(TrackId{5}, Codec::opus, "")};
  config::Vhost vhost;
  const auto packager = factory(vhost);
  std::vector<hub::Wire> wires;
  packager->set_tracks(tracks, wires);
  for (const media::Track& one : tracks) packager->package(frame(one), one.id == TrackId::audio, wires);
  test::ByteVector all;
  const auto append = [&](base::Bytes bytes) { all.insert(all.end(), bytes.begin(), bytes.end()); };
  for (const hub::Wire& wire : wires) {
    append(wire.setup);
    append(wire.bytes);
  }
  rtmp::ChunkReader reader;
  base::Bytes in = all;
  std::vector<std::string> lines;
  flv::Parts parts;
  while (!in.empty()) {
    const auto message = reader.next(in).value();
    if (!message) break;
    if (message->type != rtmp::MessageType::audio) continue;
    REQUIRE(flv::parse_audio(message->payload, parts));
    for (const flv::MediaPart& part : parts.all()) {
      lines.push_back(std::string(media::name_of(part.codec)) + " " + std::to_string(part.track) +
                      (part.kind == flv::PacketKind::sequence_header ? " header" : ""));
    }
  }
  return lines;
}

}  // namespace

TEST_CASE("further tracks go to players that know multitrack messages, and to no others", "[pack]") {
  using Lines = std::vector<std::string>;
  const auto formats = pack::all_formats();
  CHECK(audio_parts(formats.at(pack::rtmp)) == Lines{"AAC 0 header", "AAC 0"});
  CHECK(audio_parts(formats.at(pack::rtmp_multitrack)) ==
        Lines{"AAC 0 header", "AAC 1 header", "AAC 0", "AAC 1", "Opus 2"});
}

}  // namespace weir::test::rtmp_multitrack_test
