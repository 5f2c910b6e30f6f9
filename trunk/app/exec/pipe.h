#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "app/exec/child.h"
#include "hub/hub.h"
#include "hub/pump.h"
#include "pack/piped.h"
#include "session/common/upstream/attempt.h"
#include "session/common/upstream/retry.h"

namespace weir::exec {

// A program between two streams of this server: it reads one on its standard input, and what it writes to its standard
// output is the other. As long as the first one lasts: started again after pauses that grow when it ends by itself, and
// ended when it runs and no frames come of it. On the home worker of the stream that it reads, which looks at it four
// times a second. Owned by who began it, and by the sessions that read and write.
//
// What it does not take waits in the feed, under the limits of players: from too far behind it goes on at the newest
// key frame. Nothing here ever waits for it.
class Pipe : public std::enable_shared_from_this<Pipe> {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds last_words{2};      // between the end of what it reads and SIGTERM
  static constexpr std::chrono::seconds term_grace{3};      // between SIGTERM and SIGKILL, for its whole group
  static constexpr std::chrono::seconds silence_limit{30};  // without frames, though there was something to read

  enum class Form : std::uint8_t { fitting, flv, ts };  // what it reads; fitting: FLV, unless few read that codec in it
  struct Given {
    hub::Hub& hub;
    session::upstream::TlsClients& tls;
    std::string name;                           // for the log and the API: "process blur of live/cam"
    Command for_flv, for_ts;                    // by what it reads; their standard error goes to `log_file`
    std::string log_file;                       // appended to, and begun anew when it is too large
    std::shared_ptr<const hub::Request> reads;  // the request of the publisher with which that stream began
    hub::Request makes;                         // Origin::pull
    Form form = Form::fitting;
    pack::Only only = pack::Only::all;
    base::SessionId publisher{};  // for the log
  };
  explicit Pipe(Given given);
  Pipe(const Pipe&) = delete;

  void tick(Clock::time_point now);
  // The stream that it reads is over: it reads to the end, says its last words, and ends.
  void finish(Clock::time_point now);
  // It is not wanted any longer: SIGTERM. In both cases tick() goes on until over().
  void end(Clock::time_point now);
  bool over() const { return leaving_ && !child_ && !running_; }

  struct Figures {
    std::string_view format;                 // "flv", "ts"; empty before the first start
    std::uint64_t read_bytes = 0;            // by it
    std::uint64_t written_bytes = 0;         // by it
    std::uint64_t frames = 0;                // that came of it
    std::uint64_t skips = 0;                 // to a newer key frame, as it read too little
    std::chrono::duration<double> behind{};  // the live edge, now
  };
  Figures figures() const;
  bool running() const { return child_.has_value(); }
  std::uint64_t starts() const { return starts_; }
  // How it ended the last time, or why it could not be started; empty while frames come of it.
  const std::string& fault() const { return fault_; }
  const std::string& name() const { return given_.name; }
  base::StreamKey makes() const { return given_.makes.key(); }

 private:
  struct Feeding;
  net::Task<void> attempt(net::Life& life);
  net::Task<base::ErrorCode> run(session::upstream::Attempt& attempt);
  net::Task<base::Result<Form>> form_for(net::Life& life) const;
  base::Result<void> start(bool ts, int input, int output);
  void feed(std::unique_ptr<net::ByteStream> stream, bool ts);
  net::Task<void> feed(net::Life& life, std::shared_ptr<Feeding> feeding, bool ts);
  net::Task<base::Result<void>> receive(session::upstream::Attempt& attempt, net::ByteStream& stream);
  net::Task<void> wait_for_its_end(net::Life& life);
  void attempted(base::ErrorCode why, const std::string& said);
  void look_at_child(Clock::time_point now);
  void look_at_media(Clock::time_point now);
  void count_frames();
  void end_attempt();
  void ask_to_end(Clock::time_point now);
  void child_ended(std::string how);
  log::Context who() const;

  // given
  Given given_;

  // owned
  std::optional<Child> child_;
  session::upstream::Retry retry_;
  std::shared_ptr<Feeding> feeding_;  // of the attempt that runs

  // state
  net::Life* life_ = nullptr;  // of the attempt that runs
  session::upstream::Attempt* attempt_ = nullptr;
  bool running_ = false;  // an attempt, from when it was begun on
  bool leaving_ = false;
  Clock::time_point next_{};  // attempt
  std::optional<Clock::time_point> term_at_, kill_at_;
  std::optional<Clock::time_point> drop_at_;      // what holds its output open though it has ended
  Clock::time_point media_at_{}, fed_at_{};       // frames came of it; there was something to read
  std::optional<Clock::time_point> received_at_;  // its first frame, in this attempt
  std::string how_;                               // the child ended, in this attempt
  std::string_view format_;
  std::uint64_t seen_frames_ = 0, seen_bytes_ = 0;  // by the last look
  std::uint64_t starts_ = 0;
  std::uint64_t frames_ = 0;  // of this attempt
  Figures done_;              // by attempts that are over
  std::string fault_;
  unsigned ticks_ = 0;
};

}  // namespace weir::exec
