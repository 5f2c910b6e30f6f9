#include "pack/rtp.h"

#include "codec/avc.h"
#include "codec/hevc.h"
#include "pack/rtp_wire.h"
#include "proto/rtp/payloads.h"
#include "proto/rtp/unpacker.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::rtp_test {

using media::Codec;
using media::TrackId;
using pack::RtpWire;
using test::bytes;
using test::ByteVector;

namespace {

media::Track track(TrackId id, Codec codec, base::Bytes extradata = {}) {
  auto parameters = std::make_shared<media::CodecParameters>();
  parameters->codec = codec;
  parameters->extradata = base::SharedBytes::copy_of(extradata);
  return {id, 0, std::move(parameters)};
}

media::Frame frame(TrackId id, Codec codec, base::Bytes payload, bool key = false, std::int64_t millis = 0) {
  media::Frame out;
  out.track = id;
  out.codec = codec;
  out.key = key;
  out.dts = std::chrono::milliseconds(millis);
  out.payload = base::SharedBytes::copy_of(payload);
  return out;
}

ByteVector unit(const std::vector<ByteVector>& nals) {
  ByteVector out;
  for (const auto& nal : nals) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(nal.size() >> shift));
    out.insert(out.end(), nal.begin(), nal.end());
  }
  return out;
}

ByteVector picture(std::uint8_t header, std::size_t size) {
  ByteVector out(size, header);
  for (std::size_t i = 1; i < size; ++i) out[i] = static_cast<std::uint8_t>(0x80 | i * 13);
  return out;
}

struct Line {
  std::unique_ptr<hub::Packager> packager;
  std::vector<hub::Wire> wires;

  explicit Line(const media::Tracks& tracks, const config::Vhost& vhost = {}) : packager(pack::make_rtp()(vhost)) {
    packager->set_tracks(tracks, wires);
  }
  void add(const media::Frame& one, bool entry = false) { packager->package(one, entry, wires); }
};

// What a receiver makes of the wire.
std::optional<rtp::Assembler::Frame> received(const hub::Wire& wire) {
  const auto view = RtpWire::read(wire.bytes);
  REQUIRE(view.has_value());
  rtp::Assembler assembler(view->codec(), rtp::make_unpacker(view->codec()));
  RtpWire::Walk walk(*view, 0);
  for (std::size_t i = 0; i < view->count(); ++i) {
    rtp::Reorder::Ordered packet;
    packet.packet.payload = *walk.next();
    CHECK(packet.packet.payload.size() <= rtp::most_payload_bytes);
    CHECK(packet.packet.payload.data() == view->payload(i).data());
    packet.packet.marker = i + 1 == view->count();
    assembler.input(packet);
  }
  CHECK_FALSE(walk.next().has_value());
  return assembler.take();
}

ByteVector to_vector(base::Bytes data) { return {data.begin(), data.end()}; }

const ByteVector sps = bytes("67 42c01e d900a0 47fe c8"), pps = bytes("68ce3c80");

media::Track h264_track() {
  const std::vector<base::Bytes> all_sps{sps}, all_pps{pps};
  return track(TrackId::video, Codec::h264, codec::avc::build_configuration(all_sps, all_pps));
}

}  // namespace

TEST_CASE("a wire of payloads says what it holds, and no other bytes are taken for one", "[pack]") {
  const auto payloads = bytes("0102030405060708");
  const std::vector<std::uint16_t> sizes{3, 0, 5};
  ByteVector wire(RtpWire::size_of(sizes.size(), payloads.size()));
  RtpWire::write(wire, {Codec::vp9, true, 7, base::Ticks(-90)}, sizes, payloads);
  const auto view = RtpWire::read(wire);
  REQUIRE(view.has_value());
  CHECK(view->codec() == Codec::vp9);
  CHECK(view->kind() == media::Kind::video);
  CHECK(view->key());
  CHECK(view->generation() == 7);
  CHECK(view->pts() == base::Ticks(-90));
  REQUIRE(view->count() == 3);
  CHECK(test::hex(view->payload(0)) == "010203");
  CHECK(view->payload(1).empty());
  CHECK(test::hex(view->payload(2)) == "0405060708");
  RtpWire::Walk walk(*view, 1);
  CHECK(walk.next()->empty());
  CHECK(test::hex(*walk.next()) == "0405060708");
  CHECK_FALSE(walk.next().has_value());
  for (std::size_t size = 0; size < wire.size(); ++size) {
    CHECK_FALSE(RtpWire::read(base::Bytes(wire).first(size)).has_value());
  }
  wire.push_back(0);
  CHECK_FALSE(RtpWire::read(wire).has_value());
}

TEST_CASE("which track of a kind is read can be chosen", "[pack]") {
  const media::Tracks tracks{track(TrackId::video, Codec::vp8), track(TrackId::audio, Codec::aac),
                             track(TrackId{3}, Codec::opus), track(TrackId{4}, Codec::vp9)};
  const auto id_of = [&](media::Kind kind, unsigned choice) {
    const auto found = pack::rtp_track(tracks, kind, choice);
    return found ? static_cast<int>(found->id) : -1;
  };
  CHECK(id_of(media::Kind::video, 1) == 0);
  CHECK(id_of(media::Kind::video, 2) == 4);
  CHECK(id_of(media::Kind::video, 3) == -1);
  CHECK(id_of(media::Kind::audio, 1) == 3);  // the first that there is a place for
  CHECK(id_of(media::Kind::audio, 2) == 3);

  const auto packager = pack::make_rtp(2, 1)(config::Vhost());
  std::vector<hub::Wire> wires;
  packager->set_tracks(tracks, wires);
  packager->package(frame(TrackId::video, Codec::vp8, picture(0x10, 40), true), true, wires);
  CHECK(wires.empty());
  packager->package(frame(TrackId{4}, Codec::vp9, picture(0x82, 40), true), true, wires);
  CHECK(wires.size() == 1);
  // What is made of the main sound is made for those who read that.
  CHECK(packager->fit(Codec::aac) == hub::Fit::none);
  CHECK(pack::make_rtp(1, 2)(config::Vhost())->fit(Codec::aac) == hub::Fit::good);
}

TEST_CASE("pictures of H.264 become payloads, with parameter sets before each key frame", "[pack]") {
  Line line({h264_track()});
  CHECK(line.packager->carries_media());
  const auto idr = picture(0x65, 5000), slice = picture(0x41, 300);
  auto key = frame(TrackId::video, Codec::h264, unit({idr}), true, 40);
  key.composition = std::chrono::milliseconds(20);
  line.add(key, true);
  line.add(frame(TrackId::video, Codec::h264, unit({slice}), false, 80));
  line.add(frame(TrackId::video, Codec::h264, unit({bytes("0910"), sps, pps, idr}), true, 120));
  REQUIRE(line.wires.size() == 3);
  CHECK(line.wires[0].entry);
  CHECK_FALSE(line.wires[1].entry);
  CHECK(line.wires[2].entry);
  CHECK(line.wires[0].kind == media::Kind::video);
  CHECK(base::to_millis(line.wires[0].dts) == 40);
  CHECK(base::to_millis(RtpWire::read(line.wires[0].bytes)->pts()) == 60);
  const auto first = received(line.wires[0]);
  REQUIRE(first.has_value());
  CHECK(first->key);
  CHECK(to_vector(first->bytes) == unit({sps, pps, idr}));
  CHECK(to_vector(received(line.wires[2])->bytes) == unit({sps, pps, idr}));  // not twice
  CHECK(RtpWire::read(line.wires[1].bytes)->count() == 1);
}

TEST_CASE("pictures of H.264 that are decoded out of order are left out", "[pack]") {
  Line line({h264_track()});
  // 7.3.3: first_mb_in_slice ue(0) = 1, slice_type ue(6) = 00111 (B), ue(5) = 00110 (P)
  const auto b = bytes("01 9c 112233"), reference_b = bytes("61 9c 112233"), p = bytes("41 98 112233");
  line.add(frame(TrackId::video, Codec::h264, unit({picture(0x65, 50)}), true));
  line.add(frame(TrackId::video, Codec::h264, unit({p}), false, 40));
  line.add(frame(TrackId::video, Codec::h264, unit({b}), false, 80));
  line.add(frame(TrackId::video, Codec::h264, unit({reference_b}), false, 120));
  REQUIRE(line.wires.size() == 2);
  CHECK(base::to_millis(line.wires[1].dts) == 40);
}

TEST_CASE("what the settings say is kept of H.264 is kept, and no more", "[pack]") {
  config::Vhost vhost;
  vhost.rtc.keep_bframe = true;
  vhost.rtc.keep_avc_nalu_sei = false;
  Line line({h264_track()}, vhost);
  const auto b = bytes("01 9c 112233"), idr = picture(0x65, 50);
  line.add(frame(TrackId::video, Codec::h264, unit({bytes("06050180"), idr}), true));
  line.add(frame(TrackId::video, Codec::h264, unit({bytes("06050180"), b}), false, 40));
  REQUIRE(line.wires.size() == 2);
  CHECK(to_vector(received(line.wires[0])->bytes) == unit({sps, pps, idr}));
  CHECK(to_vector(RtpWire::read(line.wires[1].bytes)->payload(0)) == b);
}

TEST_CASE("of the tracks the first that WebRTC has a place for is taken", "[pack]") {
  media::Tracks tracks{h264_track(), track(TrackId::audio, Codec::aac), track(TrackId(3), Codec::opus),
                       track(TrackId(4), Codec::vp8), track(TrackId(5), Codec::pcma)};
  Line line(tracks);
  const auto opus = bytes("fc010203");
  line.add(frame(TrackId::audio, Codec::aac, bytes("2100")));
  line.add(frame(TrackId(4), Codec::vp8, bytes("10020304")));
  line.add(frame(TrackId(5), Codec::pcma, bytes("d5d5")));
  CHECK(line.wires.empty());
  line.add(frame(TrackId(3), Codec::opus, opus, false, 20));
  REQUIRE(line.wires.size() == 1);
  CHECK(line.wires[0].kind == media::Kind::audio);
  CHECK_FALSE(line.wires[0].entry);
  CHECK(RtpWire::read(line.wires[0].bytes)->codec() == Codec::opus);
  CHECK(to_vector(received(line.wires[0])->bytes) == opus);
  line.add(frame(TrackId(3), Codec::opus, opus, false, 40), true);  // the picture has stopped, says the stream
  CHECK(line.wires[1].entry);
}

TEST_CASE("where there is only sound, each packet is a beginning, and AAC alone is nothing", "[pack]") {
  Line line({track(TrackId::audio, Codec::pcmu)});
  line.add(frame(TrackId::audio, Codec::pcmu, bytes("ffff")));
  REQUIRE(line.wires.size() == 1);
  CHECK(line.wires[0].entry);
  line.packager->set_tracks({track(TrackId::audio, Codec::aac)}, line.wires);
  CHECK_FALSE(line.packager->carries_media());
  line.add(frame(TrackId::audio, Codec::aac, bytes("2100")));
  CHECK(line.wires.size() == 1);
}

TEST_CASE("VP8, VP9 and a change of codec in mid-stream", "[pack]") {
  Line line({track(TrackId::video, Codec::vp8)});
  ByteVector vp8 = picture(0x10, 3000);
  vp8[3] = 0x9d, vp8[4] = 0x01, vp8[5] = 0x2a;
  line.add(frame(TrackId::video, Codec::vp8, vp8, true), true);
  REQUIRE(line.wires.size() == 1);
  CHECK(RtpWire::read(line.wires[0].bytes)->count() == 3);
  CHECK(to_vector(received(line.wires[0])->bytes) == vp8);
  line.packager->set_tracks({h264_track()}, line.wires);
  line.add(frame(TrackId::video, Codec::h264, unit({picture(0x65, 50)}), true), true);
  REQUIRE(line.wires.size() == 2);
  CHECK(RtpWire::read(line.wires[1].bytes)->codec() == Codec::h264);
}

TEST_CASE("a recorded stream goes through RTP frame by frame", "[pack]") {
  const auto file = test::read_flv("flv/h264_aac.flv");
  REQUIRE_FALSE(file.frames.empty());
  Line line(file.tracks);
  std::size_t pictures = 0;
  for (const auto& one : file.of(TrackId::video)) {
    const std::size_t before = line.wires.size();
    line.add(*one, one->key);
    pictures += line.wires.size() - before;
  }
  CHECK(pictures > 0);
  for (const auto& wire : line.wires) {
    const auto view = RtpWire::read(wire.bytes);
    REQUIRE(view.has_value());
    // Parts of one picture are of one size, so that they leave in one system call.
    std::size_t odd = 0;
    for (std::size_t i = 2; i + 1 < view->count(); ++i) odd += view->size_of_payload(i) != view->size_of_payload(i - 1);
    CHECK(odd <= 2);
  }
}

}  // namespace weir::test::rtp_test
