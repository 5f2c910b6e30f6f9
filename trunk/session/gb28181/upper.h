#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/config.h"
#include "proto/sip/digest.h"
#include "session/gb28181/below.h"
#include "session/gb28181/line.h"
#include "session/gb28181/offer.h"
#include "session/gb28181/outside.h"
#include "session/gb28181/rows.h"
#include "session/gb28181/ssrc_pool.h"
#include "session/gb28181/watchers.h"

namespace weir::session::gb28181 {

enum class UpperState : std::uint8_t {
  waiting,      // for the next attempt
  reaching,     // a way there is looked for
  registering,  // REGISTER is not answered yet
  registered,
};
std::string_view name_of(UpperState state);

// One stream on its way up, for the API.
struct SendRow {
  std::string channel, vhost, app, stream;
  std::string state;  // "asked", "answered", "sending"
  std::string to;     // "203.0.113.9:30002"
  MediaTransport transport = MediaTransport::udp;
  std::uint32_t ssrc = 0;
  SendFigures figures;
};

// One platform above, for the API.
struct UpperRow {
  std::string name, server, id;
  UpperState state = UpperState::waiting;
  double state_seconds = 0, next_try_seconds = 0;
  std::string why;  // it is not registered, in words
  std::size_t channels = 0;
  std::uint64_t registrations = 0, failures = 0, keepalives = 0, invites = 0, refused = 0;
  std::size_t watched = 0;  // subscriptions
  std::uint64_t told = 0;   // NOTIFYs
  std::vector<SendRow> calls;
};

// A platform above, with which this server registers as a lower one: REGISTER with a password, again before its time is
// over and after pauses that grow; keepalives; answers to its questions; streams of ours for its INVITEs. Without
// sockets and clock. On the worker of the platform.
class Upper {
 public:
  struct Channel {
    std::string id, name;
    hub::Request request;  // the stream
  };
  struct Settings {
    config::StreamCaster::Upper upper;  // ids and domains filled in
    std::string firmware;
    std::vector<Channel> channels;
  };
  Upper(Outside& outside, Line& line, Below& below, Settings settings);
  ~Upper();
  Upper(const Upper&) = delete;

  // Whether a request is of that platform, and no device's.
  bool takes(const sip::Message& message, const sip::Way& way) const;
  void on_request(const sip::Message& message, const sip::Way& way);
  // What a device of ours tells, whose picture may be one of these streams.
  void tell_alarm(std::span<const base::StreamKey> streams, const manscdp::Alarm& alarm);
  void tell_position(std::span<const base::StreamKey> streams, const manscdp::Position& position);
  void connection_lost(std::uint64_t connection);
  void tick(base::Instant now);
  // The server goes: calls end, and the platform is told.
  void stop();
  // After stop(): it has answered, or does not.
  bool left() const { return !leaving_; }
  UpperRow row() const;
  bool registered() const { return state_ == UpperState::registered; }
  std::size_t calls() const { return calls_.size(); }

  static constexpr std::chrono::seconds first_pause{5}, longest_pause{120};
  static constexpr unsigned most_missed = 3;              // keepalives in a row
  static constexpr std::size_t items_in_piece = 2;        // of a list: a datagram holds them
  static constexpr std::size_t most_lists = 16;           // that are being told at a time
  static constexpr std::size_t channels_at_a_time = 200;  // a second, that are looked at for who is told of them
  static constexpr std::size_t most_in_flight = 4;        // pieces that are not answered yet
  static constexpr std::size_t most_calls = 1'000;

 private:
  class Call;
  friend class Call;
  // upper.cpp
  void begin();
  void reached(std::optional<sip::Way> way);
  void send_register(std::uint32_t expires);
  void registered_or_not(std::uint64_t serial, const sip::Event& event);
  void failed(std::string why);
  void send_keepalive();
  void enter(UpperState state);
  sip::Message make(std::string method);
  sip::RequestId send_body(std::string xml, Line::OnAnswer on_answer = {});
  void let_go();
  // upper_messages.cpp
  void on_message(const sip::Message& message, const sip::Way& way);
  void on_query(const manscdp::Message& asked);
  void on_control(const manscdp::Message& asked);
  void begin_catalogue(std::uint32_t sn, const std::string& device);
  void ask_records(const manscdp::Message& asked, const std::string& device);
  // What is to be told piece by piece: none when there is no more.
  using Pieces = std::function<std::optional<std::string>()>;
  void begin_list(const std::string& name, Pieces pieces);
  void send_pieces(const std::string& name);
  // upper_watchers.cpp
  const Channel* find_shown(std::span<const base::StreamKey> streams) const;
  void look_at_channels(base::Instant now);
  const Channel* find_channel(const std::string& id) const;
  std::optional<StreamNames::Place> device_of(const std::string& channel) const;
  std::uint32_t next_sn() { return sn_ = sn_ % 0x3fffffff + 1; }
  // upper_calls.cpp
  void on_invite(const sip::Message& message, const sip::Way& way);
  void on_ack(const sip::Message& message);
  void on_bye(const sip::Message& message, const sip::Way& way);
  void on_cancel(const sip::Message& message, const sip::Way& way);
  void on_info(const sip::Message& message, const sip::Way& way);
  void look_at_calls(base::Instant now);
  void end_call(const std::string& call_id);
  void end_calls();

  // given
  Outside& outside_;
  Line& line_;
  Below& below_;
  Settings settings_;
  config::Endpoint server_;

  // owned
  SsrcPool ssrcs_;
  std::map<std::string, std::unique_ptr<Call>> calls_;  // by Call-ID
  std::unordered_map<std::string, const Channel*> by_id_;
  std::map<base::StreamKey, const Channel*> by_stream_;
  Watchers watchers_;
  std::shared_ptr<Outside::Reached> reaching_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for answers of devices

  // state
  UpperState state_ = UpperState::waiting;
  base::Instant since_{}, next_{}, next_keepalive_{};  // next_: attempt or renewal
  sip::Way way_;
  std::string peer_;  // its address, numeric; a name has the one that it was reached at last
  std::string register_id_, tag_, why_;
  std::optional<sip::Challenge> challenge_;  // that was answered
  std::uint32_t cseq_ = 0, sn_ = 0, expires_asked_ = 0;
  std::uint64_t serial_ = 0;  // of the registration: answers to earlier ones are known by it
  struct List {               // that is being told: of each kind the one that was asked for last
    std::uint64_t number = 0;
    Pieces pieces;
    std::size_t in_flight = 0;
  };
  std::map<std::string, List> lists_;
  std::uint64_t last_list_ = 0;
  unsigned failures_in_row_ = 0, missed_ = 0;
  bool stopped_ = false, leaving_ = false;
  std::vector<bool> shown_on_;    // by channel, as it was told; empty: nobody wants to know
  std::size_t next_channel_ = 0;  // that is looked at
  base::Instant next_look_{};
  UpperRow counts_;
};

}  // namespace weir::session::gb28181
