#include "session/gb28181/upper.h"

#include <algorithm>

#include "base/address.h"
#include "base/version.h"
#include "config/endpoint.h"
#include "session/gb28181/upper_call.h"

namespace weir::session::gb28181 {

using base::Instant;

std::string_view name_of(UpperState state) {
  constexpr std::string_view names[] = {"waiting", "reaching", "registering", "registered"};
  return names[static_cast<std::size_t>(state)];
}

Upper::Upper(Outside& outside, Line& line, Below& below, Settings settings)
    : outside_(outside),
      line_(line),
      below_(below),
      settings_(std::move(settings)),
      server_(settings_.upper.server.front()),
      ssrcs_(settings_.upper.domain),
      watchers_(outside, line) {
  if (const auto numeric = base::numeric_address(server_.address)) peer_ = *numeric;
  counts_.name = settings_.upper.name;
  counts_.server = config::to_text(server_);
  counts_.id = settings_.upper.id;
  counts_.channels = settings_.channels.size();
  for (const Channel& channel : settings_.channels) {
    by_id_.emplace(channel.id, &channel);
    by_stream_.emplace(channel.request.key(), &channel);
  }
}

Upper::~Upper() = default;

void Upper::enter(UpperState state) {
  state_ = state;
  since_ = outside_.now();
}

void Upper::tick(Instant now) {
  if (state_ == UpperState::waiting && next_ <= now) begin();
  if (state_ == UpperState::registered && next_ <= now) {
    challenge_.reset();
    send_register(
        static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(settings_.upper.expires).count()));
  }
  if (state_ == UpperState::registered && next_keepalive_ <= now) send_keepalive();
  look_at_calls(now);
  watchers_.tick(now);
  if (state_ == UpperState::registered) look_at_channels(now);
}

void Upper::begin() {
  const bool tcp = settings_.upper.transport == config::StreamCaster::Upper::Transport::tcp;
  enter(UpperState::reaching);
  reaching_ = std::make_shared<Outside::Reached>([this](std::optional<sip::Way> way) { reached(std::move(way)); });
  outside_.reach(server_.address, server_.port, tcp, reaching_);
}

void Upper::reached(std::optional<sip::Way> way) {
  if (state_ != UpperState::reaching) return;
  if (!way) return failed("it cannot be connected to");
  way_ = *std::move(way);
  peer_ = way_.address;
  register_id_ = line_.make_id() + "@" + way_.local_address;
  tag_ = line_.make_id();
  challenge_.reset();
  enter(UpperState::registering);
  send_register(
      static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(settings_.upper.expires).count()));
  line_.run();
}

sip::Message Upper::make(std::string method) {
  const auto& upper = settings_.upper;
  const bool registers = method == "REGISTER";
  const std::string us = "<sip:" + upper.id + "@" + upper.domain + ">";
  sip::Message out{.method = method, .uri = "sip:" + upper.server_id + "@" + upper.server_domain};
  out.add("From", us + ";tag=" + (registers ? tag_ : line_.make_id()));
  out.add("To", registers ? us : "<sip:" + upper.server_id + "@" + upper.server_domain + ">");
  out.add("Call-ID", registers ? register_id_ : line_.make_id() + "@" + way_.local_address);
  out.add("CSeq", std::to_string(++cseq_) + " " + method);
  out.add("Contact", Line::contact_of(upper.id, way_)).add("Max-Forwards", "70");
  out.add("User-Agent", std::string(base::server_name) + "/" + std::string(base::version));
  return out;
}

void Upper::send_register(std::uint32_t expires) {
  sip::Message message = make("REGISTER");
  message.add("Expires", std::to_string(expires)).add("X-GB-Ver", "3.0");
  if (challenge_) {
    message.add("Authorization", sip::make_authorization(*challenge_, settings_.upper.id, settings_.upper.password,
                                                         "REGISTER", message.uri));
  }
  line_.transactions().trust(way_, outside_.now());  // the configuration names it
  expires_asked_ = expires;
  // A renewal that is under way is not begun again.
  next_ = Instant::max();
  const auto id = line_.send(std::move(message), way_, outside_.now(),
                             [this, serial = ++serial_](const sip::Event& event) { registered_or_not(serial, event); });
  if (id == 0) failed("too many requests are under way");
}

void Upper::registered_or_not(std::uint64_t serial, const sip::Event& event) {
  if (serial != serial_) return;
  if (event.kind == sip::Event::Kind::timed_out) return failed("it does not answer REGISTER");
  const sip::Message& answer = event.message;
  if (answer.status < 200) return;
  if (answer.status == 401 || answer.status == 407) {
    const auto challenge =
        sip::parse_challenge(answer.header(answer.status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate"));
    if (!challenge) return failed("it asks for a password in a way that is not known");
    if (settings_.upper.password.empty()) return failed("it asks for a password, and none is given");
    if (challenge_ && !challenge->stale) return failed("the password is refused (401)");
    challenge_ = challenge;
    return send_register(expires_asked_);
  }
  if (answer.status >= 300) {
    return failed("it answers REGISTER with " + std::to_string(answer.status) + " " + answer.reason);
  }
  if (expires_asked_ == 0) {
    leaving_ = false;
    return;
  }
  const auto contact = sip::parse_name_address(answer.header("Contact"));
  std::uint32_t granted =
      answer.number("Expires").value_or(contact && contact->expires ? *contact->expires : expires_asked_);
  granted = std::clamp<std::uint32_t>(granted, 30, 86'400);
  ++counts_.registrations;
  failures_in_row_ = missed_ = 0;
  why_.clear();
  if (state_ != UpperState::registered) {
    enter(UpperState::registered);
    next_keepalive_ = outside_.now();
  }
  next_ = outside_.now() + std::chrono::seconds(granted) * 4 / 5;
}

// Calls go on: media does not go by SIP, and a BYE that is missed ends with the connection or the stream.
void Upper::failed(std::string why) {
  if (stopped_) {
    leaving_ = false;
    return;
  }
  ++serial_;
  ++counts_.failures;
  why_ = std::move(why);
  lists_.clear();
  watchers_.clear();
  let_go();
  enter(UpperState::waiting);
  auto pause = first_pause;
  for (unsigned i = 0; i < std::min(failures_in_row_, 6U); ++i) pause *= 2;
  ++failures_in_row_;
  next_ = outside_.now() + std::min(pause, longest_pause);
}

void Upper::send_keepalive() {
  next_keepalive_ = outside_.now() + settings_.upper.keepalive;
  ++counts_.keepalives;
  (void)send_body(manscdp::keepalive(next_sn(), settings_.upper.id), [this, serial = serial_](const sip::Event& event) {
    if (state_ != UpperState::registered || (event.kind == sip::Event::Kind::answer && event.message.status < 200))
      return;
    const bool good = event.kind == sip::Event::Kind::answer && event.message.status < 300;
    if (good) {
      missed_ = 0;
    } else if (event.kind == sip::Event::Kind::answer && serial == serial_) {
      // It knows nothing of us any more.
      failed("it answers a keepalive with " + std::to_string(event.message.status));
    } else if (++missed_ >= most_missed) {
      failed("it has answered none of " + std::to_string(most_missed) + " keepalives");
    }
  });
}

// The next attempt has a connection of its own.
void Upper::let_go() {
  if (way_.reliable()) outside_.let_go(std::exchange(way_.connection, 0));
}

sip::RequestId Upper::send_body(std::string xml, Line::OnAnswer on_answer) {
  sip::Message message = make("MESSAGE");
  message.add("Content-Type", "Application/MANSCDP+xml");
  message.body = std::move(xml);
  return line_.send(std::move(message), way_, outside_.now(), std::move(on_answer));
}

void Upper::connection_lost(std::uint64_t connection) {
  if (connection == 0 || way_.connection != connection) return;
  way_.connection = 0;
  leaving_ = false;
  if (state_ == UpperState::waiting || state_ == UpperState::reaching) return;
  failed("its connection is closed");
}

void Upper::stop() {
  end_calls();
  const bool known = state_ == UpperState::registered;
  stopped_ = true;
  ++serial_;
  enter(UpperState::waiting);
  challenge_.reset();
  leaving_ = known;
  if (known) send_register(0);
  next_ = Instant::max();
}

UpperRow Upper::row() const {
  UpperRow row = counts_;
  const auto seconds = [](auto time) { return std::chrono::duration<double>(time).count(); };
  row.state = state_;
  row.state_seconds = seconds(outside_.now() - since_);
  row.why = why_;
  if (state_ == UpperState::waiting && next_ != Instant::max()) {
    row.next_try_seconds = std::max(0.0, seconds(next_ - outside_.now()));
  }
  row.watched = watchers_.size();
  row.told = watchers_.told();
  for (const auto& [id, call] : calls_) row.calls.push_back(call->row());
  return row;
}

}  // namespace weir::session::gb28181
