#include "session/pull/rtmp.h"

#include <optional>

#include "session/common/protocol.h"
#include "session/common/publisher.h"
#include "session/common/upstream/data_ahead.h"
#include "session/common/upstream/rtmp_link.h"
#include "session/common/upstream/upnode.h"

namespace weir::session::pull {

using base::ErrorCode;
using base::Result;
using upstream::Attempt;

namespace {

class RtmpFetcher final : public upstream::Fetcher {
 public:
  explicit RtmpFetcher(proto::StreamUrl url) : url_(std::move(url)) {}

  net::Task<ErrorCode> fetch(Attempt& attempt) const override {
    upstream::Call call{.url = url_, .role = rtmp::Role::play, .trust = attempt.trust()};
    const config::Cluster& cluster = attempt.vhost().cluster;
    call.arguments = upstream::upnode_arguments(cluster.remote && cluster.debug_srs_upnode, attempt.way(),
                                                attempt.life().id().view());
    auto link = co_await upstream::RtmpLink::open(attempt.life(), attempt.tls(), std::move(call), attempt.why);
    if (!link) co_return link.error();
    const auto done = co_await receive(attempt, **link);
    co_return done ? ErrorCode(upstream::Errc::ended) : done.error();
  }

 private:
  static net::Task<Result<void>> receive(Attempt& attempt, upstream::RtmpLink& link);

  proto::StreamUrl url_;
};

// As a publisher's session does it, once there is something to publish.
net::Task<Result<void>> RtmpFetcher::receive(Attempt& attempt, upstream::RtmpLink& link) {
  net::ByteStream& stream = link.stream();
  rtmp::Client& client = link.client();
  const auto agreed = attempt.agreed(&stream, stream.peer());
  std::optional<FlvPublisher> publisher;
  upstream::DataAhead ahead;
  base::Buffer room(32 * 1024);
  for (;;) {
    while (auto event = client.poll()) {
      if (std::holds_alternative<rtmp::Ended>(*event)) co_return Result<void>();
      if (auto* refused = std::get_if<rtmp::Refused>(&*event)) {
        attempt.why = refused->code + ": " + refused->description;
        co_return upstream::Errc::refused;
      }
      if (std::holds_alternative<rtmp::Redirected>(*event)) co_return Result<void>();  // and asks there anew
      auto* media = std::get_if<rtmp::MediaReceived>(&*event);
      if (!media) continue;
      const auto type = static_cast<flv::TagType>(media->type);
      const base::Millis time(media->time_ms);
      if (!publisher) {
        if (ahead.keep(type, time, media->payload)) continue;
        CO_TRY(hub::Input* const input, co_await attempt.publish(protocols::rtmp.id));
        publisher.emplace(attempt.life(), *input);
        for (auto& [kind, at, body] : ahead.take()) CO_TRY_VOID(publisher->input(kind, at, std::move(body)));
      }
      attempt.alive();
      CO_TRY_VOID(publisher->input(type, time, media->payload));
      if (!stream.turn().spend()) CO_TRY_VOID(co_await stream.yield());
    }
    while (!client.output().empty()) {
      const base::Buffer output = client.take_output();
      CO_TRY_VOID(co_await stream.write(output.bytes()));
    }
    CO_TRY(const std::size_t count, co_await stream.read_some({room.data(), room.size()}));
    if (const auto taken = client.input(room.bytes().first(count)); !taken) {
      attempt.why = client.diagnostic().sentence();
      co_return taken.error();
    }
  }
}

}  // namespace

std::shared_ptr<const upstream::Fetcher> make_rtmp_fetcher(proto::StreamUrl url) {
  return std::make_shared<RtmpFetcher>(std::move(url));
}

Result<upstream::Place> rtmp_place_of(const std::string& text) {
  TRY(proto::StreamUrl url, upstream::parse_rtmp_url(text));
  if (url.stream.empty()) return upstream::Errc::bad_address;
  upstream::Place place{.fetcher = {}, .shown = proto::tc_url_of(url) + "/***", .secrets = {url.stream}};
  if (url.param.size() > 1) place.secrets.push_back(url.param.substr(1));
  place.fetcher = make_rtmp_fetcher(std::move(url));
  return place;
}

}  // namespace weir::session::pull
