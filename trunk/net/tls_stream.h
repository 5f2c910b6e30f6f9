#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>

#include "net/byte_stream.h"
#include "net/tls_context.h"

struct ssl_st;

namespace weir::net {

// TLS over any other stream, which it owns. Made, then handshake() under the caller's limit, then used as ByteStream.
//
// A record that OpenSSL has sealed but the stream below did not take counts as written: it is kept and leaves with the
// next try_write(), readable() or writable(). Whoever must know that everything left awaits writable() before
// shutdown().
class TlsStream final : public ByteStream {
 public:
  // `http2`: it is offered to who asks for it, before HTTP/1.1.
  static std::unique_ptr<TlsStream> make_server(std::unique_ptr<ByteStream> below, TlsContext& context,
                                                bool http2 = false);
  // `host` is sent as SNI and, if the context verifies, must be in the certificate.
  static std::unique_ptr<TlsStream> make_client(std::unique_ptr<ByteStream> below, TlsContext& context,
                                                const std::string& host);
  ~TlsStream() override;

  // Errc::tls_failed: failure() says why. Errc::end_of_stream, stopped as the stream below.
  Task<base::Result<void>> handshake();
  const std::string& failure() const { return failure_; }

  base::Result<std::size_t> try_read(base::MutableBytes room) override;
  base::Result<std::size_t> try_write(std::span<const iovec> parts) override;
  Task<base::Result<void>> readable() override;
  Task<base::Result<void>> writable() override;
  void when_readable(std::function<void()> then) override;
  void when_writable(std::function<void()> then) override;
  void cancel() override;
  void shutdown() override;
  void close() override;
  int native_handle() const override;
  bool encrypted() const override { return true; }
  bool is_drained() const override { return sealed_ == 0; }
  std::string_view protocol() const override;

 private:
  struct Bio;
  TlsStream(std::unique_ptr<ByteStream> below, TlsContext& context, bool server);
  base::Result<std::size_t> seal(base::Bytes plain);
  base::Result<void> flush();
  base::ErrorCode fault(int result);

  // owned
  std::unique_ptr<ByteStream> below_;
  std::shared_ptr<ssl_ctx_st> context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;

  // state
  std::shared_ptr<const bool> alive_ =
      std::make_shared<const bool>(true);  // lets a posted call tell that it came too late
  boost::asio::any_io_executor executor_;  // of the handshake
  base::Buffer gathered_;                  // small parts on their way into one record
  std::size_t sealed_ = 0;                 // bytes of gathered_ that are sealed but not sent
  base::ErrorCode below_error_;            // why the stream below failed inside an OpenSSL call
  bool read_wants_room_ = false;
  std::string failure_;
};

}  // namespace weir::net
