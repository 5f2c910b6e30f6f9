#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::config {

// Where the servers of a cluster tell one another what they have, and how this one is found by the others.
struct Registry {
  enum class Engine : std::uint8_t { off, redis, etcd };
  enum class WhenGone : std::uint8_t { open, closed };
  Engine engine = Engine::off;
  std::string address = "127.0.0.1";   // host[:port]
  std::vector<std::string> sentinels;  // host[:port]; not empty: they are asked where Redis is, and not `address`
  std::string sentinel_master = "mymaster";
  std::string sentinel_password;
  std::string user, password;  // empty: nobody in particular
  std::uint32_t database = 0;
  bool tls = false;
  bool tls_verify = true;
  std::string ca_file;                                       // an authority beside the system's, PEM
  std::string prefix = "weir";                               // of all keys: servers with the same one are a cluster
  std::string node;                                          // empty: the address that is advertised
  std::vector<std::string> advertise;                        // URLs of rtmp and http; empty: found out
  std::string region;                                        // where this server is, for balancing
  std::uint32_t capacity_mbps = 1000;                        // what it can send
  std::chrono::milliseconds ttl = std::chrono::seconds(10);  // of this server's record: dead for so long, it is gone
  WhenGone when_gone = WhenGone::open;
  bool takeover = false;  // a publisher here ends one of the same stream at another server
  bool operator==(const Registry&) const = default;
};

}  // namespace weir::config
