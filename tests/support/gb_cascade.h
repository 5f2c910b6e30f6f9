#pragma once

#include <deque>
#include <functional>
#include <string>

#include "session/gb28181/platform.h"
#include "support/catch.h"
#include "support/gb_site.h"

namespace weir::test {

inline const std::string lower_id = "34020000002000000002";
inline std::string channel_id(int number) { return "3402000000132000000" + std::to_string(number); }

// Two platforms on a wire: `below` registers with `above` and shows it streams.
struct Cascade {
  using Platform = session::gb28181::Platform;
  using UpperState = session::gb28181::UpperState;

  using Change = std::function<void(Platform::Settings&)>;
  explicit Cascade(const Change& change_above = {},
                   const std::function<void(config::StreamCaster::Upper&)>& change = {}, int channels = 3)
      : above([&](Platform::Settings& settings) {
          settings.password = "12345678";
          if (change_above) change_above(settings);
        }),
        below([&](Platform::Settings& settings) {
          config::StreamCaster::Upper upper{.name = "city", .password = "12345678"};
          upper.server = {{"198.51.100.9", 5060}};
          upper.server_id = "34020000002000000001";
          upper.server_domain = upper.domain = "3402000000";
          upper.id = lower_id;
          for (int i = 1; i <= channels; ++i) {
            upper.channels.push_back({channel_id(i), "live/cam" + std::to_string(i), "cam " + std::to_string(i)});
          }
          if (change) change(upper);
          settings.id = lower_id;
          settings.uppers = {upper};
        }) {
    above.wire = [this](const sip::Outgoing& one) { wire.push_back({true, one.way.connection, one.bytes}); };
    // What goes to its devices is delivered by itself.
    below.wire = [this](const sip::Outgoing& one) {
      if (one.way.address == "198.51.100.9") wire.push_back({false, one.way.connection, one.bytes});
    };
  }

  // Delivers what is under way, until nothing is.
  void settle() {
    for (below.settle(); !wire.empty(); below.settle()) {
      const Letter letter = wire.front();
      wire.pop_front();
      if (loses && loses(letter.bytes)) continue;
      auto message = sip::parse(letter.bytes);
      REQUIRE(message.has_value());
      const sip::Way way{.connection = letter.connection,
                         .address = letter.down ? "198.51.100.9" : "203.0.113.5",
                         .port = 5060,
                         .local_address = letter.down ? "203.0.113.5" : "198.51.100.9",
                         .local_port = 5060};
      (letter.down ? below : above).platform->input(*std::move(message), way);
    }
  }
  void advance(base::Millis time) {
    for (base::Millis done{0}; done < time; done += base::Millis(100)) {
      above.advance(base::Millis(100));
      below.advance(base::Millis(100));
      settle();
    }
  }
  bool registers() {
    advance(base::Millis(2'000));
    return row().state == UpperState::registered && above.platform->totals().online == 1;
  }
  session::gb28181::UpperRow row() { return below.platform->uppers().at(0); }
  // A player above wants it.
  base::StreamKey want(int number = 1) {
    const auto key = above.want(lower_id + "_" + channel_id(number));
    settle();
    return key;
  }
  FakeSendDesk::Place& sending(std::size_t index = 0) { return *below.sender.places.at(index); }
  void ready(std::size_t index = 0) {
    sending(index).listener.on_ready(9);
    settle();
  }

  struct Letter {
    bool down;
    std::uint64_t connection;
    std::string bytes;
  };
  GbSite above, below;
  std::deque<Letter> wire;
  std::function<bool(const std::string&)> loses;
};

}  // namespace weir::test
