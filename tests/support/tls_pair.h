#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "net/tls_stream.h"
#include "support/catch.h"
#include "support/certificate.h"

namespace weir::test {

struct Contexts {
  std::unique_ptr<net::TlsContext> server;
  std::unique_ptr<net::TlsContext> client;
};

inline Contexts contexts_for(const Certificate& certificate,
                             net::TlsContext::Verify verify = net::TlsContext::Verify::off) {
  std::string reason;
  auto server = net::TlsContext::make_server({certificate.certificate(), certificate.key()}, reason);
  INFO(reason);
  REQUIRE(server.has_value());
  auto client = net::TlsContext::make_client(
      verify, verify == net::TlsContext::Verify::off ? "" : certificate.certificate(), reason);
  INFO(reason);
  REQUIRE(client.has_value());
  return {*std::move(server), *std::move(client)};
}

inline net::Task<void> shake(net::TlsStream& stream, base::ErrorCode& error, bool& done) {
  if (const auto result = co_await stream.handshake(); !result) error = result.error();
  done = true;
}

struct Handshake {
  base::ErrorCode server_error;
  base::ErrorCode client_error;
};
inline Handshake shake_hands(boost::asio::io_context& io, net::TlsStream& server, net::TlsStream& client) {
  Handshake result;
  bool server_done = false;
  bool client_done = false;
  boost::asio::co_spawn(io, shake(server, result.server_error, server_done), boost::asio::detached);
  boost::asio::co_spawn(io, shake(client, result.client_error, client_done), boost::asio::detached);
  io.restart();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!(server_done && client_done) && std::chrono::steady_clock::now() < end) {
    io.run_one();
    // The side that failed closes, as its owner would, so that the other one learns of it.
    if (server_done && result.server_error) server.close();
    if (client_done && result.client_error) client.close();
  }
  CHECK((server_done && client_done));
  return result;
}

}  // namespace weir::test
