#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "net/http/client.h"
#include "net/http/parser.h"

namespace weir::http {

enum class RedirectErrc { too_many = 1, bad_location };
const char* describe(RedirectErrc code);
inline constexpr base::EnumCategory<RedirectErrc, &describe> redirect_errc_category{"http redirect"};
inline base::ErrorCode make_error_code(RedirectErrc code) { return {static_cast<int>(code), redirect_errc_category}; }

struct DownloadLimits {
  std::chrono::milliseconds step{10'000};  // each of: connection, TLS, head of the answer
  std::size_t max_head_bytes = 16 * 1024;
  unsigned max_redirects = 3;
};

// An answer whose body is read as it comes, however long it is. On the worker of its connection.
//
//   CO_TRY(auto download, co_await Download::open(...));
//   for (;;) { CO_TRY(const Bytes piece, co_await download->read()); if (piece.empty()) break; ... }
class Download {
 public:
  // How connections are made. `tls` is asked once https is to be spoken; without it https is refused.
  struct Dialler {
    Connector connect;
    std::function<base::Result<net::TlsContext*>(std::string& why)> tls{};
  };

  // Asks, and follows redirects; from https to http none is followed, and another server hears no Authorization. An
  // answer of any other status is one. net::Errc::timed_out after a step that took too long, RedirectErrc,
  // Errc::bad_status_line, head_too_large, ... `why` gets which step it was, or what TLS says; it outlives the
  // task.
  static net::Task<base::Result<std::unique_ptr<Download>>> open(Dialler dialler, Url url, ClientRequest request,
                                                                 DownloadLimits limits, std::string& why);

  int status() const { return head_.status; }
  const Headers& headers() const { return head_.headers; }
  // Behind all redirects.
  const Url& url() const { return url_; }
  net::ByteStream& stream() { return *stream_; }

  // What comes next of the body, without the framing of chunks: at least one byte, valid until the next call; nothing
  // at its end. Errc::body_cut_off, bad_chunk, ... It waits as long as the stream does.
  net::Task<base::Result<base::Bytes>> read();

 private:
  Download(std::unique_ptr<net::ByteStream> stream, const DownloadLimits& limits);
  static net::Task<base::Result<std::unique_ptr<Download>>> dial(const Dialler& dialler, const Url& url,
                                                                 const DownloadLimits& limits, std::string& why);
  net::Task<base::Result<void>> ask(std::string request);
  net::Task<base::Result<void>> more();
  bool is_redirect() const;

  // owned
  std::unique_ptr<net::ByteStream> stream_;
  std::optional<ReplyParser> parser_;
  base::Buffer held_;  // read, and not taken by the parser before `used_`

  // state
  std::size_t most_held_;
  std::size_t used_ = 0;
  ReplyHead head_;
  Url url_;
};

// Where `location` of an answer leads (RFC 9110 10.2.2), relative to what was asked. RedirectErrc::bad_location.
base::Result<Url> resolve_location(const Url& from, std::string_view location);

}  // namespace weir::http

WEIR_ERROR_ENUM(weir::http::RedirectErrc)
