#include "session/pull/http.h"

#include "base/redact.h"
#include "base/url.h"
#include "net/http/download.h"
#include "net/http/request_head.h"
#include "net/tcp_stream.h"
#include "session/common/upstream/intake.h"
#include "session/common/upstream/reach.h"
#include "session/common/upstream/way.h"
#include "session/pull/hls.h"

namespace weir::session::pull {

using base::ErrorCode;
using base::Result;
using upstream::Attempt;

namespace {

class HttpFetcher final : public upstream::Fetcher {
 public:
  HttpFetcher(http::Url url, std::string authorization, std::uint16_t program)
      : url_(std::move(url)), authorization_(std::move(authorization)), program_(program) {}

  net::Task<ErrorCode> fetch(Attempt& attempt) const override {
    auto download = co_await open(attempt);
    if (!download) co_return download.error();
    if (const int status = (*download)->status(); status != 200) {
      attempt.why = "HTTP status " + std::to_string(status);
      co_return status == 404 || status == 410 ? upstream::Errc::no_stream : upstream::Errc::refused;
    }
    const auto done = co_await receive(attempt, **download);
    co_return done ? ErrorCode(upstream::Errc::ended) : done.error();
  }

 private:
  static net::Task<Result<std::unique_ptr<net::ByteStream>>> reach(Attempt& attempt, std::string host,
                                                                   std::uint16_t port,
                                                                   std::chrono::milliseconds limit) {
    CO_TRY(auto stream, co_await net::connect(attempt.worker(), std::move(host), port, limit));
    CO_TRY_VOID(upstream::may_dial(attempt.trust(), stream->peer().address, attempt.why));
    co_return std::move(stream);
  }

  net::Task<Result<std::unique_ptr<http::Download>>> open(Attempt& attempt) const {
    const http::DownloadLimits limits;
    http::Download::Dialler dialler{
        .connect = [&attempt, step = limits.step](
                       std::string host, std::uint16_t port) { return reach(attempt, std::move(host), port, step); },
        .tls = [&attempt](std::string& why) { return attempt.tls().get(attempt.trust(), why); }};
    http::ClientRequest request;
    if (!authorization_.empty()) request.headers.add("Authorization", authorization_);
    if (!attempt.way().empty()) request.headers.add(upstream::way_header, attempt.way());
    co_return co_await http::Download::open(std::move(dialler), url_, std::move(request), limits, attempt.why);
  }

  net::Task<Result<void>> receive(Attempt& attempt, http::Download& download) const {
    const auto agreed = attempt.agreed(&download.stream(), download.stream().peer());
    upstream::Intake intake(attempt, &download.stream(), nullptr, program_);
    for (;;) {
      CO_TRY(const base::Bytes piece, co_await download.read());
      if (piece.empty()) co_return co_await intake.finish();
      CO_TRY_VOID(co_await intake.take(piece));
    }
  }

  // given
  http::Url url_;
  std::string authorization_;
  std::uint16_t program_;
};

}  // namespace

Result<upstream::Place> http_place_of(const std::string& text) {
  if (is_hls_url(text)) return hls_place_of(text);
  TRY(const base::Url parts, base::parse_url(text));
  TRY(http::Url url, http::parse_url(text));
  upstream::Place place{.fetcher = {}, .shown = base::without_secrets(text), .secrets = {}};
  if (!parts.query.empty()) place.secrets.push_back(parts.query);
  std::string authorization;
  if (!parts.user.empty()) {
    place.secrets.push_back(parts.user);
    authorization = http::basic_authorization(base::percent_decode(parts.user));
  }
  place.fetcher = std::make_shared<HttpFetcher>(std::move(url), std::move(authorization), program_of(parts.query));
  return place;
}

}  // namespace weir::session::pull
