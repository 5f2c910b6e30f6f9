#include "net/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include "net/error.h"

namespace weir::net {

using base::Result;

namespace {

using Context = std::shared_ptr<SSL_CTX>;

// The oldest error of OpenSSL's queue in words; empties the queue.
std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "no reason given";
}

// RFC 7301: "h2" where we offer it, or "http/1.1" if the client offers one, else no protocol at all rather than a
// failure (RTMPS clients offer others).
int choose_protocol(SSL* connection, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned in_size, void*) {
  static constexpr unsigned char all[] = "\x02h2\x08http/1.1";
  constexpr unsigned of_http2 = 3;
  const unsigned skipped = SSL_get_app_data(connection) ? 0 : of_http2;
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, all + skipped, sizeof all - 1 - skipped, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// Encrypted keys are not asked a password for: there is nobody to ask.
int no_password(char*, int, int, void*) { return 0; }

// Of TLS 1.2; those of 1.3 are all of this kind. An anonymous one would need a certificate less.
constexpr const char* suites = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";

int number_of(TlsContext::Version version) {
  return version == TlsContext::Version::tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

Context make_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), suites);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context.get(), no_password);
  return context;
}

// Empty if the file can be read.
std::string why_unreadable(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (!file) return std::generic_category().message(errno);
  std::fclose(file);
  return {};
}

Result<Context> load(const TlsContext::ServerFiles& files, const TlsContext::Rules& rules, std::string& reason) {
  ERR_clear_error();
  for (const auto& [what, path] : {std::pair("certificate", &files.certificate), std::pair("key", &files.key)}) {
    if (const std::string why = why_unreadable(*path); !why.empty()) {
      reason = fmt::format("{} {} cannot be read: {}", what, *path, why);
      return Errc::tls_failed;
    }
  }
  Context context = make_context(TLS_server_method());
  SSL_CTX_set_min_proto_version(context.get(), number_of(rules.least));
  SSL_CTX_set_max_proto_version(context.get(), number_of(rules.most));
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  std::string curves;
  for (const std::string& curve : rules.curves) curves.append(curves.empty() ? "" : ":").append(curve);
  if (!curves.empty() && SSL_CTX_set1_groups_list(context.get(), curves.c_str()) != 1) {
    reason = fmt::format("the curves {} are not known: {}", curves, openssl_reason());
    return Errc::tls_failed;
  }
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
    reason = fmt::format("certificate {} is not a PEM certificate chain: {}", files.certificate, openssl_reason());
    return Errc::tls_failed;
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    // OpenSSL compares the two while it loads the second.
    const bool mismatch = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
    const std::string why = openssl_reason();
    reason = mismatch ? fmt::format("key {} does not belong to certificate {}", files.key, files.certificate)
                      : fmt::format("key {} is not a PEM private key without password: {}", files.key, why);
    return Errc::tls_failed;
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    reason = fmt::format("key {} does not belong to certificate {}", files.key, files.certificate);
    ERR_clear_error();
    return Errc::tls_failed;
  }
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  return context;
}

std::string stamp_of(const std::string& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return "missing";
  return fmt::format("{}.{}-{}-{}", facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec, facts.st_size, facts.st_ino);
}

std::string stamp_of(const TlsContext::ServerFiles& files) {
  return stamp_of(files.certificate) + " " + stamp_of(files.key);
}

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::make_server(ServerFiles files, Rules rules, std::string& reason) {
  std::unique_ptr<TlsContext> result(new TlsContext);
  TRY_VOID(result->use(std::move(files), std::move(rules), reason));
  return result;
}

Result<void> TlsContext::use(ServerFiles files, Rules rules, std::string& reason) {
  if (context_ && files == files_ && rules == rules_) return {};
  std::string stamp = stamp_of(files);
  TRY(context_, load(files, rules, reason));
  stamp_ = std::move(stamp);
  rules_ = std::move(rules);
  files_ = std::move(files);
  return {};
}

Result<std::unique_ptr<TlsContext>> TlsContext::make_client(Verify verify, const std::string& extra_authority,
                                                            std::string& reason) {
  std::unique_ptr<TlsContext> result(new TlsContext);
  result->verify_ = verify;
  result->context_ = make_context(TLS_client_method());
  if (verify == Verify::peer) {
    SSL_CTX_set_verify(result->context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_default_verify_paths(result->context_.get());
  }
  if (!extra_authority.empty() && SSL_CTX_load_verify_file(result->context_.get(), extra_authority.c_str()) != 1) {
    reason = fmt::format("authority file {} holds no PEM certificate: {}", extra_authority, openssl_reason());
    return Errc::tls_failed;
  }
  static constexpr unsigned char ours[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(result->context_.get(), ours, sizeof ours - 1);
  ERR_clear_error();
  return result;
}

void TlsContext::refresh(base::Instant now) {
  if (files_.certificate.empty() || now < next_look_) return;
  next_look_ = now + std::chrono::seconds(1);
  std::string stamp = stamp_of(files_);
  if (stamp == stamp_) return;
  stamp_ = std::move(stamp);
  std::string reason;
  auto fresh = load(files_, rules_, reason);
  if (fresh) {
    context_ = *std::move(fresh);
  } else if (on_fault_) {
    on_fault_(reason + "; the old pair stays in use");
  }
}

// What is kept is not looked at: that there is something says yes.
void TlsContext::offer_http2(ssl_st& connection, bool offered) {
  SSL_set_app_data(&connection, offered ? &connection : nullptr);
}

}  // namespace weir::net
