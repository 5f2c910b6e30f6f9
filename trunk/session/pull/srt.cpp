#include "session/pull/srt.h"

#include <array>
#include <optional>

#include "session/common/frame_publisher.h"
#include "session/common/protocol.h"
#include "session/common/srt_connection.h"
#include "session/common/ts_receiver.h"
#include "session/common/upstream/reach.h"

namespace weir::session::pull {

using base::ErrorCode;
using base::Result;
using upstream::Attempt;

namespace {

class SrtFetcher final : public upstream::Fetcher {
 public:
  SrtFetcher(const upstream::SrtLine& line, config::SrtUrl url) : line_(line), url_(std::move(url)) {}

  net::Task<ErrorCode> fetch(Attempt& attempt) const override {
    auto socket = co_await upstream::open_srt(
        attempt.life(), line_, url_, attempt.why, [&attempt](const net::UdpAddress& address) {
          return upstream::may_dial(attempt.trust(), net::ip_text(address), attempt.why);
        });
    if (!socket) co_return socket.error();
    log::info(attempt.life().log(), "SRT source of {} connected: {}", attempt.request().url(), srt_terms(**socket));
    look_at_latency(attempt.life().log(), **socket);
    TsReceiver receiver(url_.program, attempt.vhost());
    const auto done = co_await receive(attempt, **socket, receiver);
    if (receiver.got_media()) log::info(attempt.life().log(), "{}", receiver.condition());
    if (done.error() != net::Errc::end_of_stream) co_return done.error();
    co_return (*socket)->vanished() ? ErrorCode(net::Errc::timed_out) : ErrorCode(upstream::Errc::ended);
  }

 private:
  static net::Task<Result<void>> receive(Attempt& attempt, net::SrtSocket& socket, TsReceiver& receiver);

  const upstream::SrtLine& line_;
  config::SrtUrl url_;
};

// Until it ends, and so never without an error.
net::Task<Result<void>> SrtFetcher::receive(Attempt& attempt, net::SrtSocket& socket, TsReceiver& receiver) {
  hub::Link link = srt_link(socket);
  link.transport_stream = receiver.measured();
  const auto agreed = attempt.agreed(std::move(link), socket.peer());
  std::optional<FramePublisher> publisher;
  std::array<std::uint8_t, net::SrtSocket::largest_message> room;
  for (;;) {
    const auto count = socket.try_read(room);
    if (count) {
      CO_TRY_VOID(receiver.input(base::Bytes(room).first(*count)));
    } else if (count.error() == net::Errc::would_block) {
      if (publisher) receiver.pass_on(*publisher);
      CO_TRY_VOID(co_await socket.readable());
      continue;
    } else {
      receiver.finish();
    }
    if (receiver.has_media()) {
      if (!publisher) {
        CO_TRY(hub::Input* const input, co_await attempt.publish(protocols::srt.id));
        publisher.emplace(attempt.life(), *input);
      }
      attempt.alive();
      CO_TRY_VOID(receiver.drain(*publisher));
    }
    if (count) continue;
    if (publisher) {
      receiver.pass_on(*publisher);
      publisher->finish();
    }
    co_return count.error();
  }
}

}  // namespace

std::shared_ptr<const upstream::Fetcher> make_srt_fetcher(const upstream::SrtLine& line, config::SrtUrl url) {
  return std::make_shared<SrtFetcher>(line, std::move(url));
}

Result<upstream::Place> srt_place_of(const upstream::SrtLine& line, const std::string& text) {
  std::string fault;
  auto url = config::parse_srt_url(text, fault);
  if (!url) return upstream::Errc::bad_srt_url;
  upstream::Place place{.fetcher = {}, .shown = upstream::shown_of(*url), .secrets = upstream::secrets_of(*url)};
  place.fetcher = make_srt_fetcher(line, *std::move(url));
  return place;
}

}  // namespace weir::session::pull
