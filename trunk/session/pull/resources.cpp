#include "session/pull/resources.h"

#include "net/tcp_stream.h"
#include "net/worker.h"
#include "session/common/upstream/error.h"

namespace weir::session::pull {

using base::Result;
using net::Task;

Result<http::Url> Resources::resolve(const http::Url& playlist, const std::string& uri) {
  TRY(http::Url url, http::resolve_location(playlist, uri));
  if (playlist.secure() && !url.secure()) return http::RedirectErrc::bad_location;
  return url;
}

Task<Result<std::unique_ptr<net::ByteStream>>> Resources::reach(std::string host, std::uint16_t port) {
  const http::DownloadLimits limits;
  CO_TRY(auto stream, co_await net::connect(attempt_.worker(), std::move(host), port, limits.step));
  CO_TRY_VOID(upstream::may_dial(attempt_.trust(), stream->peer().address, attempt_.why));
  const upstream::Reach reached = upstream::reach_of(stream->peer().address);
  if (!configured_) {
    configured_ = reached;
    peer_ = stream->peer();
  }
  if (!upstream::may_lead(*configured_, reached)) {
    attempt_.why = "it leads to " + stream->peer().address;
    co_return upstream::Errc::leads_inside;
  }
  co_return std::move(stream);
}

Task<Result<Resources::Answer>> Resources::get(http::Url url, std::size_t most_bytes,
                                               std::optional<hls::ByteRange> range) {
  http::Download::Dialler dialler{
      .connect = [this](std::string host, std::uint16_t port) { return reach(std::move(host), port); },
      .tls = [this](std::string& why) { return attempt_.tls().get(attempt_.trust(), why); }};
  http::ClientRequest request;
  if (host_.empty()) host_ = url.authority();
  if (!authorization_.empty() && url.authority() == host_) request.headers.add("Authorization", authorization_);
  if (range) {
    request.headers.add(
        "Range", "bytes=" + std::to_string(range->offset) + "-" + std::to_string(range->offset + range->length - 1));
    most_bytes = std::min<std::uint64_t>(most_bytes, range->length);
  }
  std::string why;
  auto opened = co_await http::Download::open(std::move(dialler), std::move(url), std::move(request), {}, why);
  if (!opened) {
    if (!why.empty()) attempt_.why = std::move(why);
    co_return opened.error();
  }
  http::Download& download = **opened;
  const int status = download.status();
  // One that knows no ranges would send all of it.
  if (status != 200 && status != 206) {
    attempt_.why = "HTTP status " + std::to_string(status);
    co_return status == 404 || status == 410 ? upstream::Errc::no_stream : upstream::Errc::refused;
  }
  if (range && status == 200 && range->offset > 0) {
    attempt_.why = "it gives no ranges of bytes";
    co_return upstream::Errc::refused;
  }
  Answer answer{.body = {}, .url = download.url()};
  for (;;) {
    CO_TRY(base::Bytes piece, co_await download.read());
    if (piece.empty()) break;
    meter_.received_bytes += piece.size();
    if (answer.body.size() + piece.size() > most_bytes) {
      if (!range) co_return upstream::Errc::too_large;
      piece = piece.first(most_bytes - answer.body.size());
    }
    answer.body.append(piece);
    if (range && answer.body.size() == range->length) break;
  }
  co_return answer;
}

}  // namespace weir::session::pull
