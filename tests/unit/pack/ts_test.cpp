#include "pack/ts.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::pack_ts_test {

using namespace std::chrono_literals;
using hub::Wire;
using pack::Envelope;
using test::ByteVector;

namespace {

constexpr std::size_t packet_bytes = 188;

media::Tracks pictures() {
  media::CodecParameters parameters;
  parameters.codec = media::Codec::h264;
  return {{media::TrackId::video, 1, std::make_shared<media::CodecParameters>(parameters)}};
}

media::Frame picture_at(base::Ticks at, bool key) {
  media::Frame frame{.codec = media::Codec::h264, .dts = at, .key = key, .generation = 1};
  const ByteVector unit = test::bytes("00000005 65 88 84 00 10");
  frame.payload = base::SharedBytes::copy_of(unit);
  return frame;
}

// Of `tables` packets of tables and two others, all of which say who they are.
media::Frame packets_at(base::Ticks at, std::uint8_t tables, std::uint8_t mark, std::uint32_t generation = 0) {
  media::Frame frame{.track = media::TrackId::data, .codec = media::Codec::ts_packets, .dts = at, .key = tables != 0};
  frame.generation = generation;
  ByteVector bytes{tables};
  bytes.resize(1 + tables * packet_bytes, 0xee);
  bytes.resize(bytes.size() + 2 * packet_bytes, mark);
  frame.payload = base::SharedBytes::copy_of(bytes);
  return frame;
}

struct Out {
  std::unique_ptr<hub::Packager> packager = pack::make_ts(Envelope::none)(config::Vhost());
  std::vector<Wire> wires;

  Out() { packager->set_tracks(pictures(), wires); }
  void put(const media::Frame& frame) { packager->package(frame, frame.key, wires); }
  std::vector<Wire> take() { return std::exchange(wires, {}); }
};

}  // namespace

TEST_CASE("packets go on as they came, and not their frames; who begins has the tables", "[pack][passage]") {
  Out out;
  CHECK(out.packager->takes_packets());
  out.put(packets_at(0ms, 0, 1));  // nobody can begin here
  CHECK(out.take().empty());
  out.put(packets_at(10ms, 2, 2));
  auto wires = out.take();
  REQUIRE(wires.size() == 1);
  CHECK(wires[0].entry);
  CHECK(wires[0].bytes.size() == 4 * packet_bytes);  // for all: what was before is another stream
  out.put(picture_at(10ms, true));
  CHECK(out.take().empty());
  out.put(packets_at(20ms, 0, 3));
  out.put(packets_at(30ms, 2, 4));
  wires = out.take();
  REQUIRE(wires.size() == 2);
  CHECK_FALSE(wires[0].entry);
  CHECK(wires[0].bytes.bytes()[0] == 3);
  CHECK(wires[1].entry);
  CHECK(wires[1].bytes.size() == 2 * packet_bytes);
  CHECK(wires[1].bytes.bytes()[0] == 4);
  CHECK(wires[1].setup.size() == 2 * packet_bytes);
  CHECK(wires[1].setup.bytes()[0] == 0xee);
}

TEST_CASE("packets of another input come with their tables, for everybody", "[pack][passage]") {
  Out out;
  out.put(packets_at(0ms, 1, 1));
  out.put(packets_at(10ms, 1, 2, 7));
  const auto wires = out.take();
  REQUIRE(wires.size() == 2);
  CHECK(wires[1].bytes.size() == 3 * packet_bytes);
  CHECK(wires[1].setup.empty());
}

TEST_CASE("where no packets come any more, frames are multiplexed, and say that time jumps", "[pack][passage]") {
  Out out;
  out.put(packets_at(0ms, 1, 1));
  out.put(picture_at(500ms, true));
  CHECK(out.take().size() == 1);
  SECTION("after a while") { out.put(picture_at(1'500ms, true)); }
  SECTION("at once, when the input is over") {
    std::vector<Wire> rest;
    out.packager->end(rest);
    CHECK(rest.empty());
    out.put(picture_at(540ms, true));
  }
  const auto wires = out.take();
  REQUIRE(wires.size() == 1);
  CHECK(wires[0].entry);
  CHECK(wires[0].bytes.bytes()[0] == 0x47);
  CHECK((wires[0].bytes.bytes()[1] & 0x1f) == 0);  // the association table
}

TEST_CASE("packets whose count of tables lies are left out", "[pack][passage]") {
  Out out;
  auto frame = packets_at(0ms, 1, 1);
  frame.payload = base::SharedBytes::copy_of(ByteVector{9, 0x47});
  out.put(frame);
  frame.payload = {};
  out.put(frame);
  CHECK(out.take().empty());
}

}  // namespace weir::test::pack_ts_test
