#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/intrusive/list.hpp>

#include <functional>
#include <string>

#include "base/log.h"
#include "base/log_flood.h"
#include "net/error.h"
#include "net/kickable.h"
#include "net/watchdog.h"

namespace weir::net {

class Worker;

// One running session as its worker sees it: its id, what ends it and when. Made by Worker::spawn, dies when the
// session's coroutine returns. Used on its worker only; from elsewhere, post to the worker and look it up by id.
class Life final : public Kickable,
                   public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Life(Worker& worker, std::string name, base::SessionId id, log::Logger* logger)
      : worker_(worker), name_(std::move(name)), log_{logger, id, {}} {}

  Worker& worker() const { return worker_; }
  const std::string& name() const { return name_; }
  const base::SessionId& id() const { return log_.id; }
  const log::Context& log() const { return log_; }
  // Who is at the other end: the log writes only so many lines of a kind that one address causes.
  void comes_from(std::string_view address) { log_.origin = log::origin_of(address); }
  // This session goes on for another: its log lines say so.
  void follows(const base::SessionId& previous) { log_.previous = previous; }

  // The limit of the step the session is in; expiry stops it with Errc::timed_out.
  Watchdog watchdog;

  // Ends the session: its present wait, and all later ones, fail with Errc::stopped; stop_reason() tells why. Sticky.
  // A session that must say good-bye first (end of stream to a player) sets `on_stop`, which is then called in place of
  // the cancellation at the first polite stop.
  void stop(base::ErrorCode why, bool polite = false);
  base::ErrorCode stop_reason() const { return reason_; }
  void kick(base::ErrorCode why) override { stop(why); }
  base::ErrorCode kick_reason() const override { return reason_; }
  bool stopping() const { return static_cast<bool>(reason_); }
  std::function<void()> on_stop;
  // The server will go: whoever knows another place may go on there. Called once for each session that has set it.
  std::function<void()> on_drain;

 private:
  friend class Worker;
  Worker& worker_;
  std::string name_;
  log::Context log_;
  base::ErrorCode reason_;
  boost::asio::cancellation_signal signal_;
};

// The error that ended a session, for its last log line: what stopped it if something did, else what it met.
inline base::ErrorCode why_ended(const Life& life, base::ErrorCode met) {
  return life.stopping() ? life.stop_reason() : met;
}

}  // namespace weir::net
