#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::net {

// What a transport of our own (not the kernel's TCP) knows of one connection. Totals are since it began.
struct TransportFigures {
  std::chrono::microseconds rtt{};
  double bandwidth_mbps = 0;  // of the path, as estimated
  double send_mbps = 0, receive_mbps = 0;
  std::uint64_t sent_packets = 0, received_packets = 0;  // without what was sent again
  std::uint64_t retransmitted = 0;
  std::uint64_t send_lost = 0, receive_lost = 0;        // packets, of which most come by a retransmission
  std::uint64_t send_dropped = 0, receive_dropped = 0;  // packets that came, or would have come, too late
  std::uint64_t belated = 0;                            // packets that came after they were given up
  std::uint64_t undecrypted = 0;
  std::uint64_t repaired = 0;     // packets that forward error correction or RIST gave back
  std::optional<double> quality;  // percent of packets that needed no second try, lately; of RIST alone
  std::chrono::milliseconds send_queue{}, receive_queue{};  // time that what waits spans
  std::chrono::milliseconds send_latency{}, receive_latency{};

  // One of several peers of one connection, of RIST alone. Totals are since it came.
  struct Peer {
    std::string address;  // "ADDRESS:PORT"; empty: not known
    bool there = false;
    std::uint32_t flow = 0;  // of who sends: which of several streams it is; 0: it sent nothing yet
    std::chrono::microseconds rtt{};
    double send_mbps = 0, receive_mbps = 0;
    std::uint64_t sent_packets = 0, received_packets = 0, retransmitted = 0;
    std::optional<double> quality;
  };
  std::shared_ptr<const std::vector<Peer>> peers;  // null: there is one, or the transport knows none

  // The totals of another connection.
  void add(const TransportFigures& other) {
    sent_packets += other.sent_packets;
    received_packets += other.received_packets;
    retransmitted += other.retransmitted;
    send_lost += other.send_lost;
    receive_lost += other.receive_lost;
    send_dropped += other.send_dropped;
    receive_dropped += other.receive_dropped;
    belated += other.belated;
    undecrypted += other.undecrypted;
    repaired += other.repaired;
  }
};

}  // namespace weir::net
