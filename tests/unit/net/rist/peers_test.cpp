#include "net/rist/peers.h"

#include "support/catch.h"

namespace weir::test::peers_test {

using net::RistPeers;

namespace {

// As librist 0.2.7 writes it.
constexpr const char* of_two =
    R"({"receiver-stats":{"flowinstant":{"flow_id":1158611878,"dead":0,"stats":{"quality":100,"received":872,"duplicates":871,)"
    R"("bitrate":0},"peers":[{"id":3,"dead":0,"stats":{"received_data":872,"received_rtcp":2,"sent_rtcp":2,"rtt":41,)"
    R"("avg_rtt":38,"bitrate":6417361,"avg_bitrate":1149216}},{"id":4,"dead":1,"stats":{"received_data":871,)"
    R"("received_rtcp":3,"sent_rtcp":2,"rtt":1,"avg_rtt":38,"bitrate":6418693,"avg_bitrate":0}}]}}})";

const int rist_things[100] = {};  // whose places stand for the library's peers

}  // namespace

TEST_CASE("each of several senders has figures of its own", "[rist][peers]") {
  RistPeers peers(false);
  CHECK(peers.list() == nullptr);
  peers.listens();
  peers.listens();
  peers.came(&rist_things[0], "192.0.2.1:7000");
  peers.came(&rist_things[1], "192.0.2.2:7000");
  peers.is_there(&rist_things[0], true);
  peers.count_received(of_two);
  peers.count_received(of_two);
  const auto list = peers.list();
  REQUIRE(list->size() == 2);
  const auto& first = list->at(0);
  CHECK(first.address == "192.0.2.1:7000");
  CHECK(first.there);
  CHECK(first.flow == 1158611878);
  CHECK(first.received_packets == 2 * 872);
  CHECK(first.rtt == std::chrono::milliseconds(41));
  CHECK(first.receive_mbps == Approx(6.417361));
  const auto& second = list->at(1);
  CHECK(second.address == "192.0.2.2:7000");
  CHECK_FALSE(second.there);
  CHECK(second.received_packets == 2 * 871);
  CHECK(second.receive_mbps == 0);
  peers.left(&rist_things[0]);
  CHECK(peers.list()->size() == 1);
  peers.count_received(of_two);
  CHECK(peers.list()->at(0).received_packets == 3 * 871);
}

TEST_CASE("each of several that are sent to has figures of its own", "[rist][peers]") {
  RistPeers peers(false);
  peers.called(&rist_things[0], "192.0.2.1:5000");
  peers.called(&rist_things[1], "192.0.2.2:5000");
  peers.is_there(&rist_things[1], true);
  peers.count(1, {.sent = 100, .retransmitted = 7, .mbps = 2.5, .quality = 93, .rtt_ms = 20});
  peers.count(2, {.sent = 50, .retransmitted = 0, .mbps = 1, .quality = 100, .rtt_ms = 10});
  peers.count(9, {.sent = 1});
  const auto list = peers.list();
  REQUIRE(list->size() == 2);
  CHECK(list->at(0).sent_packets == 100);
  CHECK(list->at(0).retransmitted == 7);
  CHECK(list->at(0).quality == 93.0);
  CHECK_FALSE(list->at(0).there);
  CHECK(list->at(1).sent_packets == 50);
  CHECK(list->at(1).there);
  peers.left(&rist_things[0]);  // who is called stays listed
  CHECK(peers.list()->size() == 2);
}

TEST_CASE("in the simple profile one that is alone is meant by the first number that comes", "[rist][peers]") {
  RistPeers peers(true);
  peers.listens();
  peers.came(&rist_things[0], "192.0.2.1:7000");
  peers.count_received(of_two);
  CHECK(peers.list()->at(0).received_packets == 872);
  peers.came(&rist_things[1], "192.0.2.2:7000");
  peers.count_received(of_two);
  CHECK(peers.list()->at(0).received_packets == 2 * 872);
  CHECK(peers.list()->at(1).received_packets == 0);
}

TEST_CASE("of peers so many are listed and no more", "[rist][peers]") {
  RistPeers peers(false);
  for (int i = 0; i < 100; ++i) {
    peers.came(&rist_things[i], "192.0.2.1:" + std::to_string(i));
    peers.is_there(&rist_things[i], true);
  }
  CHECK(peers.list()->size() == RistPeers::most);
  for (int i = 0; i < 10; ++i) peers.is_there(&rist_things[i], false);
  peers.came(&rist_things[99], "192.0.2.9:1");
  CHECK(peers.list()->size() == RistPeers::most - 9);
  CHECK(peers.list()->back().address == "192.0.2.9:1");
}

TEST_CASE("figures that are cut off or strange change nothing that is wrong", "[rist][peers]") {
  const std::string_view whole = of_two;
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    RistPeers peers(false);
    peers.listens();
    peers.listens();
    peers.came(&rist_things[0], "a:1");
    peers.count_received(whole.substr(0, cut));
    const auto received = peers.list()->at(0).received_packets;
    CHECK((received == 0 || received == 872));
  }
  RistPeers peers(false);
  for (const char* odd : {"", "{}", R"("flow_id":"x","peers":[)", R"("flow_id":1,"peers":[{"id":-1}]})", "\"peers\":["})
    peers.count_received(odd);
  CHECK(peers.list() == nullptr);
}

}  // namespace weir::test::peers_test
