#include <openssl/ssl.h>

#include <functional>

#include "support/stream_pair.h"
#include "support/tls_pair.h"

namespace weir::test::tls_rules_test {

using namespace weir::net;
using test::Certificate;
using test::Contexts;
using test::contexts_for;
using test::Handshake;
using test::shake_hands;

namespace {

// What the two agree on, or why they do not.
std::string agreed(const TlsContext::Rules& rules, const std::function<void(SSL_CTX*)>& client_wants) {
  const Certificate certificate("example.org");
  std::string reason;
  const auto server_context = TlsContext::make_server({certificate.certificate(), certificate.key()}, rules, reason);
  if (!server_context) return reason;
  const auto client_context = *TlsContext::make_client(TlsContext::Verify::off, "", reason);
  client_wants(client_context->current().get());
  boost::asio::io_context io;
  auto [left, right] = test::make_stream_pair(io);
  const auto server = TlsStream::make_server(std::move(left), **server_context);
  const auto client = TlsStream::make_client(std::move(right), *client_context, "example.org");
  const Handshake hands = shake_hands(io, *server, *client);
  return hands.server_error || hands.client_error ? "refused" : "agreed";
}

}  // namespace

TEST_CASE("no suite with CBC and none without forward secrecy is offered or taken", "[tls]") {
  const Certificate certificate("example.org");
  const Contexts contexts = contexts_for(certificate);
  for (SSL_CTX* context : {contexts.server->current().get(), contexts.client->current().get()}) {
    const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context);
    REQUIRE(sk_SSL_CIPHER_num(ciphers) > 0);
    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
      const std::string name = SSL_CIPHER_standard_name(sk_SSL_CIPHER_value(ciphers, i));
      INFO(name);
      CHECK((name.find("_GCM_") != std::string::npos || name.find("CHACHA20") != std::string::npos));
      CHECK((name.starts_with("TLS_ECDHE_") || name.starts_with("TLS_AES_") || name.starts_with("TLS_CHACHA20_")));
    }
  }
  const auto only = [](const char* suite) {
    return [suite](SSL_CTX* context) {
      SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
      REQUIRE(SSL_CTX_set_cipher_list(context, suite) == 1);
    };
  };
  // Whatever key the test's certificate has.
  CHECK(agreed({}, only("ECDHE+AESGCM")) == "agreed");
  CHECK(agreed({}, only("ECDHE+AES+SHA256:ECDHE+AES+SHA384:ECDHE+AES+SHA1:AES+SHA256")) == "refused");
}

TEST_CASE("versions and curves are those of the rules", "[tls]") {
  using Version = TlsContext::Version;
  const auto version = [](int number) {
    return [number](SSL_CTX* context) {
      SSL_CTX_set_min_proto_version(context, number);
      SSL_CTX_set_max_proto_version(context, number);
    };
  };
  CHECK(agreed({Version::tls_1_3, Version::tls_1_3, {}}, version(TLS1_2_VERSION)) == "refused");
  CHECK(agreed({Version::tls_1_3, Version::tls_1_3, {}}, version(TLS1_3_VERSION)) == "agreed");
  CHECK(agreed({Version::tls_1_2, Version::tls_1_2, {}}, version(TLS1_3_VERSION)) == "refused");
  CHECK(agreed({Version::tls_1_2, Version::tls_1_2, {}}, version(TLS1_2_VERSION)) == "agreed");
  CHECK(agreed({}, version(TLS1_1_VERSION)) == "refused");
  const auto curve = [](const char* name) {
    return [name](SSL_CTX* context) { REQUIRE(SSL_CTX_set1_groups_list(context, name) == 1); };
  };
  const TlsContext::Rules rules{Version::tls_1_2, Version::tls_1_3, {"X25519", "P-384"}};
  CHECK(agreed(rules, curve("P-384")) == "agreed");
  CHECK(agreed(rules, curve("P-256")) == "refused");
  CHECK(
      agreed({Version::tls_1_2, Version::tls_1_3, {"P-999"}}, curve("P-256")).starts_with("the curves P-999 are not"));
}

TEST_CASE("other files and rules hold for connections from then on", "[tls]") {
  using Version = TlsContext::Version;
  const Certificate first("first.example"), second("second.example");
  std::string reason;
  const auto made = TlsContext::make_server({first.certificate(), first.key()}, reason);
  REQUIRE(made);
  TlsContext& context = **made;
  const auto before = context.current();
  CHECK(context.use({first.certificate(), first.key()}, {}, reason));
  CHECK(context.current() == before);
  CHECK_FALSE(context.use({first.certificate(), second.key()}, {}, reason));
  CHECK(reason.find("does not belong to certificate") != std::string::npos);
  CHECK_FALSE(context.use({first.certificate(), first.key()}, {Version::tls_1_2, Version::tls_1_3, {"P-999"}}, reason));
  CHECK(context.current() == before);
  CHECK(context.use({second.certificate(), second.key()}, {Version::tls_1_3, Version::tls_1_3, {}}, reason));
  CHECK(context.current() != before);
  CHECK(SSL_CTX_get_min_proto_version(context.current().get()) == TLS1_3_VERSION);
  CHECK(SSL_CTX_get_min_proto_version(before.get()) == TLS1_2_VERSION);
}

}  // namespace weir::test::tls_rules_test
