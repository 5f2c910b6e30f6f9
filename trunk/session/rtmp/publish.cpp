#include "net/notifier.h"
#include "net/tcp_stream.h"
#include "net/worker.h"
#include "session/common/publisher.h"
#include "session/rtmp/connection.h"

namespace weir::session::rtmp {

using base::Result;
namespace protocol = ::weir::rtmp;

namespace {

std::string type_of(protocol::Dialect dialect) {
  switch (dialect) {
    case protocol::Dialect::fmle:
      return "fmle-publish";
    case protocol::Dialect::flash:
      return "flash-publish";
    case protocol::Dialect::haivision:
      return "haivision-publish";
  }
  return "fmle-publish";
}

std::string_view code_of(base::ErrorCode error) {
  return error == hub::Errc::busy ? "NetStream.Publish.BadName" : "NetStream.Publish.Denied";
}

// Takes in what a publisher sends, as it comes, until something is for the session's coroutine to do. A wake of that
// costs more than a message does, so it sleeps meanwhile.
//
// Merged reads (`mr`): comes by the clock, so that what came meanwhile is read at once. Fewer system calls for some
// delay. The system is told as well not to wake the worker for every packet in between, which is half of the gain.
class Intake {
 public:
  Intake(Connection& connection, hub::Publication& publication, const config::Vhost& vhost)
      : c_(connection),
        idle_limit_(vhost.publish.normal_timeout),
        pause_(vhost.publish.mr && !vhost.min_latency ? vhost.publish.mr_latency : std::chrono::milliseconds(0)),
        publisher_(connection.life, publication),
        wake_(std::make_shared<net::Notifier>(connection.life.worker().io())),
        timer_([this] { go_on(); }) {
    if (merges()) net::set_read_low_water(c_.stream.native_handle(), low_water_bytes);
  }
  ~Intake() {
    if (merges()) net::set_read_low_water(c_.stream.native_handle(), 1);
  }
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  // Until the publisher stops, with what it has to be answered written in between.
  net::Task<Result<void>> run() {
    for (;;) {
      go_on();
      CO_TRY_VOID(co_await wake_->wait());
      if (fault_) std::rethrow_exception(fault_);
      if (outcome_) co_return *outcome_;
      CO_TRY_VOID(co_await c_.flush());
      if (c_.stream.encrypted()) CO_TRY_VOID(co_await c_.stream.writable());  // a last record may wait for room
    }
  }

 private:
  static constexpr int low_water_bytes = 128 * 1024;  // a bitrate at which being woken costs little of the whole
  static constexpr int most_reads = 8;                // in a row, then the others have their turn

  bool merges() const { return pause_.count() > 0; }

  // Reads what there is, and sees to it that it is called again; or wakes the coroutine.
  void go_on() {
    try {
      auto left = Connection::Left::perhaps_more;
      for (int reads = 0;; ++reads) {
        if (take_events() || !c_.server.output().empty()) return wake_->notify();
        if (left == Connection::Left::nothing || reads == most_reads) break;
        const auto read = c_.read_once();
        if (!read) {
          outcome_ = read.error();
          return wake_->notify();
        }
        left = *read;
      }
      come_back(left);
    } catch (...) {  // for the worker, which catches what comes out of a session
      fault_ = std::current_exception();
      wake_->notify();
    }
  }

  // True if the publisher has stopped.
  bool take_events() {
    while (auto event = c_.server.poll()) {
      if (auto* media = std::get_if<protocol::MediaReceived>(&*event)) {
        c_.life.watchdog.arm(idle_limit_);
        const auto taken =
            publisher_.input(static_cast<flv::TagType>(media->type), base::Millis(media->time_ms), media->payload);
        if (!taken) outcome_ = taken.error();
      } else if (std::holds_alternative<protocol::Unpublished>(*event)) {
        outcome_ = Result<void>();
      }
      if (outcome_) return true;
    }
    return false;
  }

  void come_back(Connection::Left left) {
    // While merging, nothing short of the low-water mark would make the stream readable.
    if (merges() && left == Connection::Left::nothing) return c_.life.worker().wheel().arm(timer_, pause_);
    c_.stream.when_readable([this, alive = std::weak_ptr<net::Notifier>(wake_)] {
      if (!alive.expired()) go_on();
    });
  }

  // given
  Connection& c_;
  std::chrono::milliseconds idle_limit_;
  std::chrono::milliseconds pause_;

  // owned
  FlvPublisher publisher_;
  std::shared_ptr<net::Notifier> wake_;  // shared with no one; counted so that a late call can tell that this is gone
  net::TimerWheel::Timer timer_;

  // state
  std::optional<Result<void>> outcome_;
  std::exception_ptr fault_;
};

}  // namespace

net::Task<Result<void>> publish(Connection& c, protocol::PublishRequested wish) {
  auto request = c.identify(wish.name);
  if (!request) {
    (void)c.server.reject_publish(code_of(request.error()), request.error().message());
    (void)co_await c.flush();
    co_return request.error();
  }
  request->type = type_of(wish.dialect);
  log::info(c.life.log(), "client identified, type={}, vhost={}, app={}, stream={}, param={}", request->type,
            request->vhost->name, request->app, request->stream, request->param);
  const auto vhost = request->vhost;
  const std::string url = request->url();
  auto publication = co_await c.shared.hub.publish(c.life, std::move(*request), &c.stream);
  if (!publication) {
    log::warn(c.life.log(), "publish of {} refused: {}", url, publication.error().message());
    (void)c.server.reject_publish(code_of(publication.error()), publication.error().message());
    (void)co_await c.flush();
    co_return publication.error();
  }
  CO_TRY_VOID(c.server.accept_publish());
  CO_TRY_VOID(co_await c.flush());
  log::info(c.life.log(), "start publish {}", url);
  c.life.watchdog.arm(vhost->publish.firstpkt_timeout);
  c.acknowledges_at_once = false;  // frames come no sooner for it (measured with ffmpeg), and each costs a packet
  Intake intake(c, *publication, *vhost);
  co_return co_await intake.run();
}

}  // namespace weir::session::rtmp
