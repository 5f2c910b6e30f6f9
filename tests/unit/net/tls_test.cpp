#include "net/tls_stream.h"

#include <fstream>

#include "support/catch.h"
#include "support/certificate.h"
#include "support/scripted_stream.h"
#include "support/stream_pair.h"
#include "support/tls_pair.h"

namespace weir::test::tls_test {

using namespace weir::net;
using test::Certificate;
using test::Contexts;
using test::contexts_for;
using test::Handshake;
using test::shake_hands;

namespace {

Task<void> send_all(ByteStream& stream, std::string text) {
  (void)co_await stream.write(base::as_bytes(text));
  (void)co_await stream.writable();
  stream.shutdown();
}
Task<std::string> read_all(ByteStream& stream) {
  std::string result;
  std::array<std::uint8_t, 777> room;
  for (;;) {
    const auto count = co_await stream.read_some(room);
    if (!count) {
      if (count.error() != Errc::end_of_stream) result += "!" + count.error().message();
      co_return result;
    }
    result.append(base::as_text(base::Bytes(room).first(*count)));
  }
}

std::string context_failure(const std::string& certificate, const std::string& key) {
  std::string reason;
  const auto result = TlsContext::make_server({certificate, key}, reason);
  if (result.has_value()) return "loaded";
  CHECK(result.error() == Errc::tls_failed);
  return reason;
}

}  // namespace

TEST_CASE("bytes pass through TLS both ways, whatever the cuts", "[tls]") {
  const Certificate certificate("example.org");
  const Contexts contexts = contexts_for(certificate, TlsContext::Verify::peer);
  for (const auto& [capacity, largest_read] :
       {std::pair<std::size_t, std::size_t>(1U << 20U, 1U << 20U), {2000, 7}, {5000, 1}}) {
    boost::asio::io_context io;
    auto [left, right] = test::make_stream_pair(io, capacity);
    left->largest_read = largest_read;
    const auto server = TlsStream::make_server(std::move(left), *contexts.server);
    const auto client = TlsStream::make_client(std::move(right), *contexts.client, "example.org");
    const Handshake hands = shake_hands(io, *server, *client);
    REQUIRE_FALSE(hands.server_error);
    REQUIRE_FALSE(hands.client_error);
    std::string text;
    for (int i = 0; text.size() < 50'000; ++i) text += std::to_string(i) + ",";
    boost::asio::co_spawn(io, send_all(*server, text), boost::asio::detached);
    CHECK(test::run(io, read_all(*client)) == text);
    boost::asio::co_spawn(io, send_all(*client, text), boost::asio::detached);
    CHECK(test::run(io, read_all(*server)) == text);
    CHECK(server->sent_bytes() == text.size());
    CHECK(server->received_bytes() == text.size());
  }
}

TEST_CASE("small parts share records and a blocked record is not lost", "[tls]") {
  const Certificate certificate("example.org");
  const Contexts contexts = contexts_for(certificate);
  boost::asio::io_context io;
  auto [left, right] = test::make_stream_pair(io, 3000);
  const auto server = TlsStream::make_server(std::move(left), *contexts.server);
  const auto client = TlsStream::make_client(std::move(right), *contexts.client, "example.org");
  REQUIRE_FALSE(shake_hands(io, *server, *client).server_error);

  // The writer changes its mind after would_block, as a player's cursor does that jumps to a key frame: what was taken
  // before arrives whole, what was not taken does not arrive.
  std::string expected;
  std::string received;
  std::array<std::uint8_t, 500> room;
  std::size_t blocked = 0;
  for (int round = 0; round < 400; ++round) {
    std::string a(static_cast<std::size_t>(round % 97), static_cast<char>('a' + round % 26));
    std::string b(static_cast<std::size_t>(round % 1013), static_cast<char>('A' + round % 26));
    const std::array<iovec, 3> parts{{{a.data(), a.size()}, {nullptr, 0}, {b.data(), b.size()}}};
    const auto taken = server->try_write(parts);
    if (taken) {
      expected += (a + b).substr(0, *taken);
    } else {
      REQUIRE(taken.error() == Errc::would_block);
      ++blocked;
    }
    if (round % 3 == 0) {
      if (const auto count = client->try_read(room)) received.append(base::as_text(base::Bytes(room).first(*count)));
    }
  }
  CHECK(blocked > 10);
  boost::asio::co_spawn(io, send_all(*server, ""), boost::asio::detached);
  received += test::run(io, read_all(*client));
  CHECK(received == expected);
}

namespace {

// Writes, then only reads: nobody calls the stream for writing again.
Task<void> say_and_listen(ByteStream& stream, std::string text) {
  (void)co_await stream.write(base::as_bytes(text));
  (void)co_await stream.readable();
}
Task<std::string> read_size(ByteStream& stream, std::size_t size) {
  std::string result(size, 0);
  (void)co_await stream.read_exactly({reinterpret_cast<std::uint8_t*>(result.data()), size});
  stream.close();
  co_return result;
}

}  // namespace

TEST_CASE("the tail of a message leaves while its writer waits for the answer", "[tls]") {
  const Certificate certificate("example.org");
  const Contexts contexts = contexts_for(certificate);
  boost::asio::io_context io;
  auto [left, right] = test::make_stream_pair(io, 2000);
  const auto server = TlsStream::make_server(std::move(left), *contexts.server);
  const auto client = TlsStream::make_client(std::move(right), *contexts.client, "example.org");
  REQUIRE_FALSE(shake_hands(io, *server, *client).server_error);
  const std::string text(9'999, 'x');
  boost::asio::co_spawn(io, say_and_listen(*server, text), boost::asio::detached);
  CHECK(test::run(io, read_size(*client, text.size())) == text);
}

TEST_CASE("a certificate that the client must not trust", "[tls]") {
  const Certificate certificate("example.org");
  const Certificate other("example.org");
  const Contexts contexts = contexts_for(certificate, TlsContext::Verify::peer);
  const auto failure = [](TlsContext& server_context, TlsContext& client_context, const std::string& host) {
    boost::asio::io_context io;
    auto [left, right] = test::make_stream_pair(io);
    const auto server = TlsStream::make_server(std::move(left), server_context);
    const auto client = TlsStream::make_client(std::move(right), client_context, host);
    const Handshake hands = shake_hands(io, *server, *client);
    CHECK((hands.client_error ? hands.client_error == Errc::tls_failed : client->failure().empty()));
    return client->failure();
  };
  CHECK(failure(*contexts.server, *contexts.client, "example.org").empty());
  CHECK(failure(*contexts.server, *contexts.client, "127.0.0.1").empty());
  CHECK(failure(*contexts.server, *contexts.client, "wrong.org").find("not trusted: hostname mismatch") !=
        std::string::npos);
  CHECK(failure(*contexts.server, *contexts.client, "127.0.0.2").find("not trusted") != std::string::npos);
  const Contexts strangers = contexts_for(other, TlsContext::Verify::peer);
  CHECK(failure(*contexts.server, *strangers.client, "example.org").find("not trusted") != std::string::npos);
}

TEST_CASE("what is not TLS is named", "[tls]") {
  const Certificate certificate("example.org");
  const Contexts contexts = contexts_for(certificate);
  const auto failure = [&](std::vector<std::string> input) {
    boost::asio::io_context io;
    auto below = std::make_unique<test::ScriptedStream>(io);
    below->input = std::move(input);
    const auto server = TlsStream::make_server(std::move(below), *contexts.server);
    const auto result = test::run(io, server->handshake());
    CHECK(result.has_error());
    return server->failure();
  };
  CHECK(failure({"GET / HTTP/1.1\r\nHost: a\r\n\r\n"}) == "plain HTTP on a port for HTTPS");
  CHECK(failure({std::string("\x03\0\0\0\0", 5) + std::string(1536, 'x')}) == "the peer does not speak TLS");  // RTMP
  CHECK(failure({"\x16\x03\x01"}) == "the peer left during the TLS handshake");
  CHECK_FALSE(failure({std::string("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", 10)}).empty());
}

TEST_CASE("certificate files that do not fit are named", "[tls]") {
  const Certificate certificate("example.org");
  const Certificate other("example.org");
  const std::string junk = certificate.certificate() + ".junk";
  std::ofstream(junk) << "hello";
  CHECK(context_failure("/nonexistent/a.crt", certificate.key()) ==
        "certificate /nonexistent/a.crt cannot be read: No such file or directory");
  CHECK(context_failure(certificate.certificate(), "/nonexistent/a.key") ==
        "key /nonexistent/a.key cannot be read: No such file or directory");
  CHECK(context_failure(junk, certificate.key())
            .starts_with("certificate " + junk + " is not a PEM certificate chain: "));
  CHECK(context_failure(certificate.certificate(), junk).starts_with("key " + junk + " is not a PEM private key"));
  CHECK(context_failure(certificate.certificate(), other.key()) ==
        "key " + other.key() + " does not belong to certificate " + certificate.certificate());
  CHECK(context_failure(certificate.certificate(), certificate.key()) == "loaded");
}

TEST_CASE("changed certificate files are taken up, unfit ones are not", "[tls]") {
  const Certificate certificate("first.org");
  std::string reason;
  auto context = *TlsContext::make_server({certificate.certificate(), certificate.key()}, reason);
  std::vector<std::string> faults;
  context->on_fault([&](std::string_view text) { faults.emplace_back(text); });
  const auto first = context->current();
  auto now = std::chrono::steady_clock::now();
  context->refresh(now);
  CHECK(context->current() == first);
  certificate.write("second.org");
  context->refresh(now);  // within the second: not looked at
  CHECK(context->current() == first);
  context->refresh(now += std::chrono::seconds(2));
  const auto second = context->current();
  CHECK(second != first);
  std::ofstream(certificate.key()) << "broken";
  context->refresh(now += std::chrono::seconds(2));
  context->refresh(now += std::chrono::seconds(2));
  CHECK(context->current() == second);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].find("the old pair stays in use") != std::string::npos);
  CHECK(faults[0].find(certificate.key()) != std::string::npos);
}

}  // namespace weir::test::tls_test
