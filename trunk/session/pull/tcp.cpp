#include "session/pull/tcp.h"

#include "config/tcp_url.h"
#include "net/beside.h"
#include "net/listener.h"
#include "net/notifier.h"
#include "net/worker.h"
#include "session/common/upstream/intake.h"

namespace weir::session::pull {

using base::ErrorCode;
using base::Result;
using net::beside, net::operator||;
using upstream::Attempt;

namespace {

net::Task<ErrorCode> accept(Attempt& attempt, net::ListenSocket socket,
                            std::function<void(std::unique_ptr<net::ByteStream>)> take) {
  co_await net::accept_loop(attempt.life(), std::move(socket), std::move(take));
  co_return net::Errc::stopped;
}

net::Task<ErrorCode> wait(net::Notifier& came) {
  const auto woke = co_await came.wait();
  co_return woke ? ErrorCode() : woke.error();
}

class TcpFetcher final : public upstream::Fetcher {
 public:
  explicit TcpFetcher(net::ListenAddress address) : address_(std::move(address)) {}

  net::Task<ErrorCode> fetch(Attempt& attempt) const override {
    auto sender = co_await first_sender(attempt);
    if (!sender) co_return sender.error();
    net::ByteStream& stream = **sender;
    log::info(attempt.life().log(), "{} sends to {}", stream.peer().address, net::to_text(address_));
    const auto done = co_await receive(attempt, stream);
    co_return done ? ErrorCode(upstream::Errc::ended) : done.error();
  }

 private:
  net::Task<Result<std::unique_ptr<net::ByteStream>>> first_sender(Attempt& attempt) const {
    attempt.why = "the TCP port";
    CO_TRY(auto sockets, net::ListenSocket::open(address_, 1));
    attempt.why.clear();
    log::info(attempt.life().log(), "listening on TCP {} for a stream", net::to_text(address_));
    net::Notifier came(attempt.worker().io());
    std::unique_ptr<net::ByteStream> sender;
    std::function<void(std::unique_ptr<net::ByteStream>)> take = [&](std::unique_ptr<net::ByteStream> stream) {
      if (!sender) sender = std::move(stream);
      came.notify();
    };
    const auto first =
        co_await (beside(wait(came)) || beside(accept(attempt, std::move(sockets.front()), std::move(take))));
    if (!sender) co_return first.index() == 0 ? std::get<0>(first) : std::get<1>(first);
    co_return std::move(sender);
  }

  static net::Task<Result<void>> receive(Attempt& attempt, net::ByteStream& stream) {
    const auto agreed = attempt.agreed(&stream, stream.peer());
    upstream::Intake intake(attempt, &stream);
    base::Buffer room(64 * 1024);
    for (;;) {
      const auto count = co_await stream.read_some({room.data(), room.size()});
      if (!count && count.error() == net::Errc::end_of_stream) co_return co_await intake.finish();
      if (!count) co_return count.error();
      CO_TRY_VOID(co_await intake.take(room.bytes().first(*count)));
    }
  }

  const net::ListenAddress address_;
};

}  // namespace

Result<upstream::Place> tcp_place_of(const std::string& text) {
  const auto port = config::tcp_port_of(text);
  if (!port) return upstream::Errc::bad_address;
  upstream::Place place{.fetcher = {}, .shown = text, .secrets = {}};
  place.fetcher = std::make_shared<TcpFetcher>(net::ListenAddress{port->address, port->port});
  return place;
}

}  // namespace weir::session::pull
