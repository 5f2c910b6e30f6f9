#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/transport_figures.h"

namespace weir::net {

// The peers of one context of librist, each with its figures. The library names peers by pointer when they come and
// go, and by number in its figures; numbers are given in the order in which they come, of the main profile one each.
// Bounded: who comes when there are `most` is not listed. Not for several threads at once.
class RistPeers {
 public:
  static constexpr std::size_t most = 64;
  using Peer = TransportFigures::Peer;

  explicit RistPeers(bool simple) : simple_(simple) {}

  // We listen there: no peer, but it has a number.
  void listens() { ++given_; }
  // We call that.
  void called(const void* peer, std::string address);
  // It called us, and has left.
  void came(const void* peer, std::string address);
  void left(const void* peer);
  void is_there(const void* peer, bool there);

  // What the library tells once a second of whom we send to; counts are of that second.
  struct Sent {
    std::uint64_t sent = 0, retransmitted = 0;
    double mbps = 0, quality = 0;
    std::uint32_t rtt_ms = 0;
  };
  void count(std::uint32_t number, const Sent& sent);
  // The same of those who send, in the library's own JSON, which has each of a flow.
  void count_received(std::string_view json);

  // Null while nobody came.
  std::shared_ptr<const std::vector<Peer>> list() const;

 private:
  struct Entry {
    const void* peer = nullptr;
    std::uint32_t number = 0;  // 0: not known
    bool called = false;
    Peer figures;
  };
  Entry* find(const void* peer);
  Entry* find(std::uint32_t number);
  void add(const void* peer, std::string address, bool called);

  bool simple_;
  std::uint32_t given_ = 0;  // numbers
  std::vector<Entry> all_;
};

}  // namespace weir::net
