#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/endpoint.h"

// Who may do what in a virtual host, and who is asked or told about it.
namespace weir::config {

struct Refer {
  bool enabled = false;
  std::vector<std::string> all;
  std::vector<std::string> play;
  std::vector<std::string> publish;
  bool http = false;  // the Referer header of HTTP clients too; SRS looks at RTMP alone
  bool operator==(const Refer&) const = default;
};

struct Security {
  enum class Action { play, publish };
  struct Rule {
    bool allow = false;
    Action action = Action::play;
    AddressRange range{};
    std::vector<std::string> protocols{};  // empty: every one
    bool operator==(const Rule&) const = default;
  };
  bool enabled = false;
  std::vector<Rule> rules;  // as written
  bool operator==(const Security&) const = default;
};

// Signed URLs and tokens.
struct Auth {
  enum class Scheme { hmac, jwt };
  bool enabled = false;
  Scheme scheme = Scheme::hmac;
  std::string secret;
  std::string secret_file;                                           // wins over `secret`
  std::string public_key_file;                                       // PEM
  std::string jwks;                                                  // URL of a JSON Web Key Set; empty: none
  std::string jwks_ca_file;                                          // an authority beside the system's, PEM
  std::chrono::milliseconds jwks_refresh = std::chrono::minutes(5);  // how often it is looked at
  std::chrono::milliseconds jwks_retry =
      std::chrono::seconds(10);  // between looks that failures and unknown keys cause
  std::string parameter = "token";
  std::string issuer;    // of a JSON Web Token; empty: any
  std::string audience;  // the same
  bool play = true;
  bool publish = true;
  std::chrono::milliseconds leeway = std::chrono::seconds(30);  // clocks may differ by this
  bool operator==(const Auth&) const = default;
};

// 0: no such limit.
struct StreamLimits {
  std::uint32_t max_streams = 0;
  std::uint32_t max_players = 0;
  std::uint32_t max_players_per_stream = 0;
  std::uint32_t max_connections_per_address = 0;
  std::uint64_t max_publish_bitrate = 0;  // bits per second
  bool operator==(const StreamLimits&) const = default;
};

struct HttpHooks {
  using Urls = std::vector<std::string>;
  bool enabled = false;
  Urls on_connect, on_close, on_publish, on_unpublish, on_play, on_stop, on_dvr, on_hls, on_hls_notify;
  Urls on_device_online, on_device_offline, on_device_alarm;  // of GB/T 28181, beyond SRS
  Urls on_srt_passphrase;                                     // the secret of a stream; the first is asked
  Urls on_device_talk, on_device_talk_over;                   // of its loudspeakers
  std::chrono::milliseconds timeout = std::chrono::seconds(30);
  std::uint32_t retries = 0;   // of the events that only tell
  std::uint32_t queue = 1000;  // of those, waiting for one server on one worker
  bool fail_open = false;      // let clients in when no answer comes
  std::string secret;          // key of the signature header
  std::string secret_file;
  bool tls_verify = false;  // the certificate of an https server; SRS never does
  std::string ca_file;      // an authority beside the system's, PEM
  bool operator==(const HttpHooks&) const = default;
};

struct Exec {
  bool enabled = false;
  std::vector<std::vector<std::string>> publish;  // one command line each
  bool operator==(const Exec&) const = default;
};

}  // namespace weir::config
