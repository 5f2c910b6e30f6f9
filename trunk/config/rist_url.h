#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

// A transport stream by RIST (VSF TR-06-1 and TR-06-2): "rist://HOST:PORT" calls, "rist://@:PORT" and
// "rist://@ADDRESS:PORT" wait to be called, both with "?profile=main&secret=...&aes-type=256&buffer=1000". In the
// simple profile who sends calls. Options have the names of librist's tools. Several with commas between them are one
// stream over several ways: "rist://A:PORT?...,rist://B:PORT?...".
struct RistUrl {
  enum class Profile { simple, main } profile = Profile::main;
  bool listens = false;
  std::string host;  // of a listener ours, numeric; empty: every IPv4 address
  std::uint16_t port = 0;
  std::string secret;     // of the main profile; empty: in the clear
  int aes_bits = 0;       // 128 or 256; 0: there is no secret
  std::string cname;      // how this side is called in RTCP; empty: by the library
  std::string interface;  // of a group: a name; empty: as the system routes
  // None: as the library has it.
  std::optional<std::chrono::milliseconds> buffer_min, buffer_max, reorder_buffer, rtt_min, rtt_max;
  std::optional<std::chrono::milliseconds> session_timeout, keepalive;
  std::optional<std::uint32_t> bandwidth_kbps, return_bandwidth_kbps;  // the most that retransmissions may take
  std::optional<std::uint32_t> min_retries, max_retries, key_rotation, congestion_control;
  std::optional<std::uint16_t> virtual_port;  // of the main profile: tells streams of one connection apart
  std::uint16_t program = 0;                  // of a source, that is taken of several; 0: the first
  std::optional<std::uint32_t> weight;        // of one of several targets: its share; none, 0: everything
  std::vector<RistUrl> more;                  // other peers of the same stream, at most 7, of the same profile
};

bool is_rist_url(std::string_view text);
// Where a stream is fetched from, and where one is sent to. None, and `fault` says why.
std::optional<RistUrl> parse_rist_source(std::string_view text, std::string& fault);
std::optional<RistUrl> parse_rist_target(std::string_view text, std::string& fault);
// "rist://HOST:PORT", "rist://@:PORT", and several with commas between them.
std::string shown(const RistUrl& url);
// What of it is secret.
std::vector<std::string> secrets_of(const RistUrl& url);
// Whether somebody is waited for at one of its places.
bool waits(const RistUrl& url);
// What a caster of that kind listens for, as a source.
struct StreamCaster;
std::string rist_url_of(const StreamCaster& caster);
// Whether this program was built with librist.
bool has_rist();
inline constexpr std::string_view no_rist = "this program was built without librist (librist-dev), which RIST needs";

}  // namespace weir::config
