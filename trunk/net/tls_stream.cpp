#include "net/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>

#include "net/coroutine.h"

namespace weir::net {

using base::Bytes;
using base::ErrorCode;
using base::Result;

namespace {
constexpr std::size_t record_size = 16 * 1024;  // RFC 8446 5.1
}

// OpenSSL's window on the stream below: its try_ functions, and the error they met.
struct TlsStream::Bio {
  static TlsStream& stream(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* data, std::size_t size, std::size_t* done) {
    BIO_clear_retry_flags(bio);
    TlsStream& self = stream(bio);
    const auto count = self.below_->try_read({reinterpret_cast<std::uint8_t*>(data), size});
    if (count) {
      *done = *count;
      return 1;
    }
    if (count.error() == Errc::would_block) {
      BIO_set_retry_read(bio);
    } else {
      self.below_error_ = count.error();
    }
    return 0;
  }

  static int write(BIO* bio, const char* data, std::size_t size, std::size_t* done) {
    BIO_clear_retry_flags(bio);
    TlsStream& self = stream(bio);
    const iovec part{const_cast<char*>(data), size};
    const auto count = self.below_->try_write({&part, 1});
    if (count && *count > 0) {
      *done = *count;
      return 1;
    }
    if (count || count.error() == Errc::would_block) {
      BIO_set_retry_write(bio);
    } else {
      self.below_error_ = count.error();
    }
    return 0;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  // The one table of functions that all streams share; made on first use and kept for the life of the process.
  static BIO_METHOD* method() {
    static const std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)> table = [] {
      std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)> made(
          BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weir byte stream"), BIO_meth_free);
      BIO_meth_set_read_ex(made.get(), read);
      BIO_meth_set_write_ex(made.get(), write);
      BIO_meth_set_ctrl(made.get(), control);
      return made;
    }();
    return table.get();
  }
};

TlsStream::TlsStream(std::unique_ptr<ByteStream> below, TlsContext& context, bool server)
    : below_(std::move(below)), ssl_(nullptr, SSL_free) {
  context.refresh(std::chrono::steady_clock::now());
  context_ = context.current();
  ssl_.reset(SSL_new(context_.get()));
  BIO* bio = BIO_new(Bio::method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  if (server) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
  peer_ = below_->peer();
  local_ = below_->local();
  turn_ = &below_->turn();
}

TlsStream::~TlsStream() = default;

std::unique_ptr<TlsStream> TlsStream::make_server(std::unique_ptr<ByteStream> below, TlsContext& context, bool http2) {
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(below), context, true));
  TlsContext::offer_http2(*stream->ssl_, http2);
  return stream;
}

std::string_view TlsStream::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::unique_ptr<TlsStream> TlsStream::make_client(std::unique_ptr<ByteStream> below, TlsContext& context,
                                                  const std::string& host) {
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(below), context, false));
  // RFC 6066 3: names only, no addresses.
  const bool is_address =
      host.find(':') != std::string::npos || host.find_first_not_of("0123456789.") == std::string::npos;
  if (!is_address) SSL_set_tlsext_host_name(stream->ssl_.get(), host.c_str());
  if (context.verifies_peer()) {
    if (is_address) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(stream->ssl_.get()), host.c_str());
    } else {
      SSL_set1_host(stream->ssl_.get(), host.c_str());
    }
  }
  return stream;
}

// What a failed call of OpenSSL means; would_block if it only has to be repeated.
ErrorCode TlsStream::fault(int result) {
  const int kind = SSL_get_error(ssl_.get(), result);
  if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) return Errc::would_block;
  if (kind == SSL_ERROR_ZERO_RETURN) return Errc::end_of_stream;
  const unsigned long code = ERR_peek_error();
  if (below_error_ && below_error_ != Errc::end_of_stream) {
    ERR_clear_error();
    return below_error_;
  }
  // Many peers leave without close_notify; what they sent is whole all the same (HTTP and RTMP know their own ends).
  if (below_error_ == Errc::end_of_stream && SSL_is_init_finished(ssl_.get())) {
    ERR_clear_error();
    return Errc::end_of_stream;
  }
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST) {
    failure_ = "plain HTTP on a port for HTTPS";
  } else if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER) {
    failure_ = "the peer does not speak TLS";
  } else if (const long verdict = SSL_get_verify_result(ssl_.get()); verdict != X509_V_OK) {
    failure_ = std::string("the peer's certificate is not trusted: ") + X509_verify_cert_error_string(verdict);
  } else if (below_error_ == Errc::end_of_stream) {
    failure_ = "the peer left during the TLS handshake";
  } else {
    const char* reason = code ? ERR_reason_error_string(code) : nullptr;
    failure_ = reason ? reason : "TLS ended without a reason";
  }
  ERR_clear_error();
  return Errc::tls_failed;
}

Task<Result<void>> TlsStream::handshake() {
  executor_ = co_await boost::asio::this_coro::executor;
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) co_return Result<void>();
    const bool wants_room = SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_WRITE;
    const ErrorCode error = fault(result);
    if (error != Errc::would_block) co_return error;
    if (wants_room) {
      CO_TRY_VOID(co_await below_->writable());
    } else {
      CO_TRY_VOID(co_await below_->readable());
    }
  }
}

Result<std::size_t> TlsStream::try_read(base::MutableBytes room) {
  if (turn_->refuses()) return Errc::would_block;
  ERR_clear_error();
  std::size_t count = 0;
  const int result = SSL_read_ex(ssl_.get(), room.data(), room.size(), &count);
  if (result == 1) {
    turn_->spend();  // a record; its bytes were counted below
    meter_.received_bytes += count;
    return count;
  }
  read_wants_room_ = SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_WRITE;
  return fault(result);
}

// Sends what is sealed but was not taken yet.
Result<void> TlsStream::flush() {
  if (sealed_ == 0) return {};
  ERR_clear_error();
  std::size_t count = 0;
  const int result = SSL_write_ex(ssl_.get(), gathered_.data(), sealed_, &count);
  if (result != 1) return fault(result);
  sealed_ = 0;
  gathered_.release_memory();
  return {};
}

// One record from `plain`. If it is sealed but not sent, `gathered_` keeps its bytes: OpenSSL wants to see them again.
Result<std::size_t> TlsStream::seal(Bytes plain) {
  ERR_clear_error();
  std::size_t count = 0;
  const int result = SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &count);
  if (result == 1) return count;
  const ErrorCode error = fault(result);
  if (error != Errc::would_block) return error;
  if (plain.data() != gathered_.data()) {
    gathered_.clear();
    gathered_.append(plain);
  }
  sealed_ = plain.size();
  return plain.size();
}

Result<std::size_t> TlsStream::try_write(std::span<const iovec> parts) {
  TRY_VOID(flush());
  std::size_t total = 0;
  std::size_t offset = 0;  // into the first part
  while (!parts.empty() && sealed_ == 0) {
    const Bytes first = Bytes(static_cast<const std::uint8_t*>(parts[0].iov_base), parts[0].iov_len).subspan(offset);
    Bytes plain = first.first(std::min(first.size(), record_size));
    if (first.size() < record_size && parts.size() > 1) {
      // Small parts share a record: each costs 22 bytes and a send of its own.
      gathered_.clear();
      gathered_.append(first);
      for (std::size_t i = 1; i < parts.size() && gathered_.size() < record_size; ++i) {
        const Bytes part(static_cast<const std::uint8_t*>(parts[i].iov_base), parts[i].iov_len);
        gathered_.append(part.first(std::min(part.size(), record_size - gathered_.size())));
      }
      plain = gathered_;
    }
    if (plain.empty()) {
      parts = parts.subspan(1);
      offset = 0;
      continue;
    }
    const auto sealed = seal(plain);
    if (!sealed) {
      if (total > 0) break;
      return sealed.error();
    }
    total += *sealed;
    std::size_t left = *sealed;
    while (!parts.empty() && left >= parts[0].iov_len - offset) {
      left -= parts[0].iov_len - offset;
      offset = 0;
      parts = parts.subspan(1);
    }
    offset += left;
  }
  if (sealed_ == 0) gathered_.release_memory();
  meter_.sent_bytes += total;
  return total;
}

Task<Result<void>> TlsStream::readable() {
  if (turn_->over()) co_return co_await yield();
  if (SSL_pending(ssl_.get()) > 0) co_return Result<void>();
  // Whoever wrote a message and now waits for the answer does not write again: the tail of the message leaves first.
  if (sealed_ > 0) CO_TRY_VOID(co_await writable());
  if (read_wants_room_) {
    // An answer to a key update waits for room (RFC 8446 4.6.3). Another task may be waiting for room already, and two
    // must not; this is so rare that a short sleep will do.
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::milliseconds(20));
    const auto [error] = co_await timer.async_wait(use_ec);
    if (error) co_return house_error(error);
    co_return Result<void>();
  }
  co_return co_await below_->readable();
}

Task<Result<void>> TlsStream::writable() {
  for (;;) {
    CO_TRY_VOID(co_await below_->writable());
    auto flushed = flush();
    if (flushed || flushed.error() != Errc::would_block) co_return flushed;
  }
}

void TlsStream::when_readable(std::function<void()> then) {
  if (SSL_pending(ssl_.get()) == 0 || turn_->over()) return below_->when_readable(std::move(then));
  boost::asio::post(executor_, [this, alive = std::weak_ptr(alive_), then = std::move(then)] {
    if (alive.expired()) return;
    turn_->renew();
    then();
  });
}
void TlsStream::when_writable(std::function<void()> then) { below_->when_writable(std::move(then)); }
void TlsStream::cancel() { below_->cancel(); }

void TlsStream::shutdown() {
  (void)flush();
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  below_->shutdown();
}

void TlsStream::close() { below_->close(); }
int TlsStream::native_handle() const { return below_->native_handle(); }

}  // namespace weir::net
