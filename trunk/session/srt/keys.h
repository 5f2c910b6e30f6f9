#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

#include "config/srt_servers.h"

namespace weir::session::srt {

// Whose passphrase: those who publish a stream may have another than those who play it.
struct KeyQuestion {
  std::string vhost, app, stream;
  bool publishes = false;
};

// What somebody outside says of it.
struct KeyAnswer {
  enum class Kind : std::uint8_t {
    key,      // `secret`; empty: that of the configuration
    refused,  // nobody may call for this stream
    failed,   // there was no answer, or none that can be read
  };
  Kind kind = Kind::failed;
  config::SrtSecret secret;
  std::chrono::milliseconds good_for{0};  // 0: as long as the configuration says
};

// Passphrases that are asked for outside, and kept for a while: whoever calls is judged at once, by what is here. Where
// nothing is, the question goes out and the caller is told to come again. One that is used in the last quarter of its
// time is asked for anew meanwhile, so a stream that is called again and again never waits.
//
// Bounded: `most_keys` passphrases, of which the one that ends first makes room; `most_others` that are being asked for
// or refused. At most `most_questions` a second, of these a fifth for one address. Any thread; a mutex, held for a
// look at a table (for a walk of it at most as often as questions go out).
class Keys {
 public:
  using Clock = std::chrono::steady_clock;
  // Called without the mutex, returns at once; answer() comes later, on any thread, or never.
  using Ask = std::function<void(KeyQuestion)>;

  static constexpr std::size_t most_keys = 4096, most_others = 1024;
  static constexpr int most_questions = 50, most_of_address = 10;  // a second
  static constexpr std::chrono::milliseconds refused_for{5'000}, failed_for{1'000}, patience{60'000};

  explicit Keys(Ask ask) : ask_(std::move(ask)) {}

  enum class State : std::uint8_t {
    known,    // `secret`
    refused,  // nobody may
    asked,    // the question is on its way
    failed,   // nobody could say
    busy,     // too many questions, or too many that wait
  };
  struct Found {
    State state = State::busy;
    config::SrtSecret secret;
  };
  Found find(const KeyQuestion& question, const std::string& address, Clock::time_point now);
  // `ttl`: how long it is good for where it does not say so itself.
  void answer(const KeyQuestion& question, const KeyAnswer& answer, std::chrono::milliseconds ttl,
              Clock::time_point now);
  // Others are asked from now on.
  void forget(const std::string& vhost);

  std::size_t known() const;
  std::uint64_t asked() const;  // questions that went out

 private:
  struct Entry {
    State state = State::asked;
    config::SrtSecret secret;
    Clock::time_point until{};    // of what is said
    Clock::time_point refresh{};  // when that is asked for anew; the question that is on its way ends at `asked_until`
    Clock::time_point asked_until{};
  };
  static std::string name_of(const KeyQuestion& question);
  bool may_ask(const std::string& address, Clock::time_point now);
  bool has_room(Clock::time_point now);
  void make_room_for_key();

  // given
  Ask ask_;

  // state
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::size_t known_ = 0;
  std::uint64_t asked_ = 0;
  Clock::time_point second_{};  // began then
  int questions_ = 0;           // in it
  std::unordered_map<std::string, int> by_address_;
};

}  // namespace weir::session::srt
