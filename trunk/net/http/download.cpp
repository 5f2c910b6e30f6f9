#include "net/http/download.h"

#include "base/text.h"
#include "net/coroutine.h"
#include "net/deadline.h"
#include "net/http/error.h"
#include "net/http/request_head.h"
#include "net/tls_stream.h"

namespace weir::http {

using base::Bytes;
using base::Result;
using net::Task;

namespace {

constexpr std::size_t read_size = 32 * 1024;
constexpr int most_interim = 8;

bool is_same_place(const Url& one, const Url& other) {
  return one.scheme == other.scheme && one.host == other.host && one.port == other.port;
}

Headers without_authorization(const Headers& headers) {
  Headers rest;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!base::iequals(headers.name(i), "Authorization")) rest.add(headers.name(i), headers.value(i));
  }
  return rest;
}

}  // namespace

const char* describe(RedirectErrc code) {
  switch (code) {
    case RedirectErrc::too_many:
      return "the server redirects too often";
    case RedirectErrc::bad_location:
      return "the server redirects to what is no URL, or from https to http";
  }
  return "unknown redirect error";
}

Result<Url> resolve_location(const Url& from, std::string_view location) {
  location = location.substr(0, location.find('#'));
  if (location.empty()) return RedirectErrc::bad_location;
  std::string text;
  const std::size_t colon = location.find(':'), end = location.find_first_of("/?");
  if (colon < end) {
    text = location;
  } else if (location.starts_with("//")) {
    text = from.scheme + ":" + std::string(location);
  } else {
    const std::string_view path = std::string_view(from.target).substr(0, from.target.find('?'));
    text = from.scheme + "://" + from.authority();
    if (location.starts_with('?')) text += path;
    if (!location.starts_with('/') && !location.starts_with('?')) text += path.substr(0, path.rfind('/') + 1);
    text += location;
  }
  auto url = parse_url(text);
  if (!url || url->host.empty()) return RedirectErrc::bad_location;
  return *std::move(url);
}

Download::Download(std::unique_ptr<net::ByteStream> stream, const DownloadLimits& limits)
    : stream_(std::move(stream)),
      parser_(HeadLimits{.head_bytes = limits.max_head_bytes}),
      most_held_(limits.max_head_bytes + read_size) {}

Task<Result<std::unique_ptr<Download>>> Download::dial(const Dialler& dialler, const Url& url,
                                                       const DownloadLimits& limits, std::string& why) {
  if (url.secure() && !dialler.tls) co_return Errc::unsupported_scheme;
  why = "the connection";
  auto connected = co_await net::deadline(limits.step, dialler.connect(url.host, url.port));
  if (!connected) {
    // What the system says of a connection says it all.
    if (connected.error() != net::Errc::timed_out) why.clear();
    co_return connected.error();
  }
  std::unique_ptr<net::ByteStream> stream = *std::move(connected);
  if (url.secure()) {
    CO_TRY(net::TlsContext* const context, dialler.tls(why));
    auto secured = net::TlsStream::make_client(std::move(stream), *context, url.host);
    why = "the TLS handshake";
    if (const auto shaken = co_await net::deadline(limits.step, secured->handshake()); !shaken) {
      if (!secured->failure().empty()) why = secured->failure();
      co_return shaken.error();
    }
    stream = std::move(secured);
  }
  co_return std::unique_ptr<Download>(new Download(std::move(stream), limits));
}

// Reads on, once the parser has taken what it could.
Task<Result<void>> Download::more() {
  const std::size_t waiting = held_.size();
  if (waiting > most_held_) co_return Errc::bad_chunk;  // a line without an end
  held_.resize(waiting + read_size);
  const auto count = co_await stream_->read_some(base::MutableBytes(held_.data(), held_.size()).subspan(waiting));
  held_.resize(waiting + (count ? *count : 0));
  if (!count) co_return count.error();
  co_return Result<void>();
}

Task<Result<void>> Download::ask(std::string request) {
  CO_TRY_VOID(co_await stream_->write(base::as_bytes(request)));
  for (int i = 0; i < most_interim; ++i) {
    while (!parser_->head_done()) {
      CO_TRY(const std::size_t used, parser_->put(held_));
      held_.consume(used);
      if (parser_->head_done() || used > 0) continue;
      CO_TRY_VOID(co_await more());
    }
    head_ = parser_->take_head();
    const bool interim = head_.status >= 100 && head_.status < 200 && head_.status != 101;  // RFC 9110 15.2
    if (!interim) co_return Result<void>();
    parser_.emplace(HeadLimits{.head_bytes = most_held_ - read_size});
  }
  co_return Errc::bad_status_line;
}

bool Download::is_redirect() const {
  const int status = head_.status;
  return (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) &&
         !head_.headers.find("Location").empty();
}

Task<Result<std::unique_ptr<Download>>> Download::open(Dialler dialler, Url url, ClientRequest request,
                                                       DownloadLimits limits, std::string& why) {
  if (!request.headers.has("Connection")) request.headers.add("Connection", "close");
  for (unsigned i = 0; i <= limits.max_redirects; ++i) {
    CO_TRY(auto download, co_await dial(dialler, url, limits, why));
    why = "the answer to the request";
    CO_TRY_VOID(co_await net::deadline(limits.step, download->ask(request_head(url, request) + request.body)));
    why.clear();
    if (!download->is_redirect()) {
      download->url_ = std::move(url);
      co_return std::move(download);
    }
    CO_TRY(Url next, resolve_location(url, download->headers().find("Location")));
    if (url.secure() && !next.secure()) co_return RedirectErrc::bad_location;
    if (!is_same_place(url, next)) request.headers = without_authorization(request.headers);
    url = std::move(next);
  }
  co_return RedirectErrc::too_many;
}

Task<Result<Bytes>> Download::read() {
  held_.consume(used_);
  used_ = 0;
  while (!parser_->done()) {
    CO_TRY(const std::size_t used, parser_->put(held_));
    const Bytes piece = parser_->body();
    if (!piece.empty()) {
      used_ = used;
      co_return piece;
    }
    held_.consume(used);
    if (used > 0 || parser_->done()) continue;
    const auto came = co_await more();
    if (came) continue;
    if (came.error() != net::Errc::end_of_stream) co_return came.error();
    CO_TRY_VOID(parser_->finish());
    break;
  }
  co_return Bytes();
}

}  // namespace weir::http
