#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/endpoint.h"

namespace weir::config {

struct Https {
  bool enabled = false;
  std::vector<Endpoint> listen;
  std::string key = "./conf/server.key";
  std::string cert = "./conf/server.crt";
  bool operator==(const Https&) const = default;
};

// What every HTTP service of ours bounds.
struct HttpLimits {
  std::chrono::milliseconds header_timeout = std::chrono::seconds(10);  // first byte of a request to its last header
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);    // between two requests of one connection
  std::chrono::milliseconds send_timeout = std::chrono::seconds(20);    // a write that makes no progress
  std::uint64_t max_header_bytes = 16 << 10;
  std::uint64_t max_body_bytes = 1 << 20;  // of a request that is not a stream
  bool operator==(const HttpLimits&) const = default;
};

struct HttpServer {
  bool enabled = false;
  std::vector<Endpoint> listen{{"", 8080}};
  std::string dir = "./objs/nginx/html";
  bool crossdomain = true;
  std::vector<std::string> crossdomain_origins;  // whose pages may publish; "*": any
  bool proxy_protocol = false;                   // HTTP and HTTPS
  bool http2 = true;                             // by ALPN over TLS, by prior knowledge without
  Https https{.listen = {{"", 8088}}};
  HttpLimits limits{};
  bool operator==(const HttpServer&) const = default;
};

struct HttpApi {
  bool enabled = false;
  std::vector<Endpoint> listen{{"", 1985}};
  bool crossdomain = true;
  std::vector<std::string> crossdomain_origins;  // whose pages may use all of it; "*": any, as SRS lets them
  std::vector<std::string> host_names;           // by which browsers may ask; "*": any
  bool public_streams = true;                    // whom `allow` and `auth` do not keep out sees which streams there are
  bool hide_stream_names = false;                // from these, and in metrics
  bool metrics = true;                           // /metrics on the API port too
  bool proxy_protocol = false;                   // of a port of its own
  bool http2 = true;                             // the same
  struct RawApi {
    bool enabled = false;
    bool allow_reload = false;
    bool operator==(const RawApi&) const = default;
  } raw_api;
  struct Auth {
    bool enabled = false;
    std::string username;
    std::string password;
    std::string password_file;  // wins over `password`
    bool operator==(const Auth&) const = default;
  } auth;
  std::vector<AddressRange> allow;  // who may ask at all; empty: see app/api/gate.cpp
  struct Events {
    bool enabled = true;
    std::uint32_t max_listeners = 64;
    std::uint32_t max_listeners_per_address = 16;
    bool operator==(const Events&) const = default;
  } events;
  struct Console {
    bool enabled = true;
    std::string dir = "./research/console/dist";
    bool operator==(const Console&) const = default;
  } console;
  std::string overlay;                     // the file that keeps what was added here; empty: nothing can be
  std::vector<std::string> overlay_allow;  // what that may name beside servers out in the open; see overlay.h
  bool edit_file = false;                  // the configuration itself, by whoever knows the password of `auth`
  Https https{.listen = {{"", 1990}}};
  HttpLimits limits{};
  bool operator==(const HttpApi&) const = default;
};

}  // namespace weir::config
