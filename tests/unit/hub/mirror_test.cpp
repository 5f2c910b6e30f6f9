#include "hub/mirror.h"

#include "hub/cadence.h"
#include "net/worker.h"
#include "support/catch.h"

namespace weir::test::mirror_test {

using hub::Letter;
using hub::MirrorBox;
using hub::Wire;

namespace {

Wire message(const std::string& text, bool entry = false, std::uint32_t lead = 0) {
  Wire wire;
  wire.bytes = base::SharedBytes::copy_of(base::as_bytes(text));
  wire.entry = entry;
  wire.lead = lead;
  return wire;
}

Letter letter(std::vector<Wire> wires) { return {Letter::Kind::wires, {}, std::move(wires)}; }

// The receiving side, on the test's own thread.
struct Receiver {
  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  net::Worker worker{base::WorkerIndex{0}, logger.get()};
  hub::Cadence cadence{worker};
  hub::Feed feed{cadence, std::make_shared<config::Vhost>(), log::Context{logger.get(), {}, {}}};

  Receiver() { feed.begin({}); }
  void drain(MirrorBox& box) {
    net::Turn turn;
    while (box.drain(feed, turn)) turn.renew();
  }
  // What a newcomer would be given.
  std::string from_entry() const {
    std::string text;
    const auto& log = feed.log();
    for (auto at = log.entry_point().value_or(log.head()); at < log.head(); ++at) {
      text += base::as_text(log.at(at).bytes);
    }
    return text;
  }
};

}  // namespace

TEST_CASE("a full box drops up to the next entry, tells of the gap, and goes on", "[hub][mirror]") {
  Receiver receiver;
  MirrorBox box(nullptr, 10);
  CHECK(box.put(letter({message("K1234567", true)})));
  CHECK_FALSE(box.put(letter({message("lost")})));
  CHECK_FALSE(box.put(letter({message("gone")})));
  CHECK(box.dropped_wires() == 2);
  receiver.drain(box);
  CHECK(receiver.feed.skips() == 1);
  CHECK(receiver.from_entry().empty());
  box.put(letter({message("p")}));
  box.put(letter({message("K2", true)}));
  receiver.drain(box);
  CHECK(receiver.from_entry() == "K2");
  CHECK(box.dropped_wires() == 3);
}

TEST_CASE("after an overflow it goes on at an entry that stands behind other wires", "[hub][mirror]") {
  Receiver receiver;
  MirrorBox box(nullptr, 10);
  box.put(letter({message("K1234567", true)}));
  box.put(letter({message("lost")}));
  receiver.drain(box);
  // As MPEG-TS has it: sound that was held back comes with the key frame, and before it.
  box.put(letter({message("x"), message("a"), message("b"), message("K2", true, 2)}));
  receiver.drain(box);
  CHECK(receiver.from_entry() == "abK2");
  CHECK(box.dropped_wires() == 2);
}

TEST_CASE("a lead does not reach over the gap", "[hub][mirror]") {
  Receiver receiver;
  MirrorBox box(nullptr, 10);
  box.put(letter({message("K1234567", true)}));
  box.put(letter({message("lost")}));
  receiver.drain(box);
  box.put(letter({message("a"), message("K2", true, 3)}));
  receiver.drain(box);
  CHECK(receiver.from_entry() == "aK2");
}

TEST_CASE("a box is drained a turn at a time", "[hub][mirror]") {
  Receiver receiver;
  MirrorBox box;
  constexpr std::size_t letters = 20'000;
  for (std::size_t i = 0; i < letters; ++i) box.put(letter({message("m", i == 0)}));
  std::uint64_t cut = 0;
  net::Turn turn(&cut);
  REQUIRE(box.drain(receiver.feed, turn));
  CHECK(receiver.feed.log().head() < letters);
  do {
    turn.renew();
  } while (box.drain(receiver.feed, turn));
  CHECK(receiver.feed.log().head() == letters);
  CHECK(cut >= letters * 256 / net::Turn::most_bytes);
}

}  // namespace weir::test::mirror_test
