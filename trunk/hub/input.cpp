#include "hub/input.h"

#include "base/text.h"
#include "base/url.h"
#include "config/source_rules.h"
#include "hub/arrival.h"
#include "hub/hub.h"
#include "hub/input_box.h"
#include "hub/priority.h"
#include "net/notifier.h"
#include "net/patience.h"

namespace weir::hub {

using namespace std::chrono_literals;
using base::Result;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds takeover_pause = 20ms, takeover_patience = 3s;
// How many inputs the stream may have.
std::size_t most_inputs_of(const Request& request) {
  if (config::has_sources(*request.vhost, request.app, request.stream)) return Directory::most_inputs;
  return request.vhost->publish.standby ? Directory::most_publishers : 1;
}

// "?priority=10" of a publisher, where several may publish a stream; what the configuration says of a source.
int priority_of(const Request& request) {
  if (const auto said = base::parse_number(request.facts.find(priority_fact))) {
    return static_cast<int>(std::min<std::uint64_t>(*said, pinned_priority));
  }
  if (request.param.empty() || most_inputs_of(request) == 1) return 0;
  const auto parameters = base::parse_query(std::string_view(request.param).substr(1));
  const auto number = base::parse_number(base::find_parameter(parameters, "priority"));
  return number ? static_cast<int>(std::min<std::uint64_t>(*number, most_priority)) : 0;
}

}  // namespace

void InputFigures::count(const media::Frame& frame) {
  if (frame.codec == media::Codec::ts_packets) return;  // what they hold comes as frames
  const auto kind = media::kind_of(frame.codec);
  bytes += frame.payload.size();
  if (kind == media::Kind::audio) {
    ++audio_frames;
    audio_bytes += frame.payload.size();
  }
  if (kind != media::Kind::video) return;
  ++video_frames;
  video_bytes += frame.payload.size();
  if (!frame.key || frame.track != media::TrackId::video) return;
  if (last_key_dts.count() > 0) gop_length = frame.dts - last_key_dts;
  last_key_dts = frame.dts;
  last_key_at = Clock::now();
}

// The half of an input that its session holds. The other half is the stream's Slot, here or on another worker.
struct Input::State {
  Hub& hub;
  base::StreamKey key;
  Registry::Ticket ticket;
  Permit permit;
  InputFigures figures{};
  bool finished = false;
  std::function<void()> ask_key{};
  // The stream is here,
  Stream* stream = nullptr;
  Stream::Slot* slot = nullptr;
  // or elsewhere.
  Hub* home = nullptr;
  std::shared_ptr<InputBox> box{};

  void put(InputLetter letter) const {
    if (!box->put(std::move(letter))) return;
    home->worker_.post([at = home, name = key, id = ticket.record().id, in = box] { at->drain_input(name, id, in); });
  }
};

Input::Input(std::unique_ptr<State> state) : state_(std::move(state)) {}
Input::Input(Input&&) noexcept = default;
Input::~Input() {
  if (state_) state_->hub.unpublish(*state_);
}

void Input::set_tracks(media::Tracks tracks) {
  state_->figures.tracks = tracks;
  if (state_->stream) {
    state_->stream->set_tracks(*state_->slot, std::move(tracks));
  } else {
    state_->put({.kind = InputLetter::Kind::tracks, .tracks = std::move(tracks)});
  }
}

void Input::append(media::FrameRef frame) {
  state_->figures.count(*frame);
  if (state_->stream) {
    state_->stream->append(*state_->slot, std::move(frame));
  } else {
    state_->put({.kind = InputLetter::Kind::frame, .frame = std::move(frame)});
  }
}

void Input::keep_clock() {
  if (state_->stream) {
    state_->stream->keep_clock(*state_->slot);
  } else {
    state_->put({.kind = InputLetter::Kind::keep_clock});
  }
}

void Input::set_priority(int priority, bool at_once) {
  if (state_->stream) {
    state_->stream->set_priority(*state_->slot, priority, at_once);
  } else {
    state_->put({.kind = InputLetter::Kind::priority, .priority = priority, .at_once = at_once});
  }
}

void Input::count_errors(std::uint64_t more) {
  if (state_->stream) {
    Stream::count_errors(*state_->slot, more);
  } else {
    state_->put({.kind = InputLetter::Kind::errors, .errors = more});
  }
}

void Input::when_key_wanted(std::function<void()> ask) { state_->ask_key = std::move(ask); }

void Input::finish() { state_->finished = true; }
const Record& Input::record() const { return state_->ticket.record(); }
const InputFigures& Input::figures() const { return state_->figures; }

const InputFigures* Hub::find_input(const base::SessionId& id) const {
  const auto found = inputs_.find(id);
  return found == inputs_.end() ? nullptr : &found->second->figures;
}

void Hub::kick_publisher(const base::StreamKey& key, base::ErrorCode why) {
  const auto owner = directory_.owner(key);
  if (!owner) return;
  Hub* peer = peers_[static_cast<std::size_t>(owner->worker)];
  peer->worker_.post([peer, id = owner->publisher, why] { peer->registry_.kick(id, why); });
}

// The name for this publisher. With `takeover`, whoever has it is told to leave, and is waited for a moment.
net::Task<Result<Directory::Claim>> Hub::claim(net::Life& life, const Request& request) {
  const base::StreamKey key = request.key();
  const std::size_t most = most_inputs_of(request);
  auto claim = directory_.claim(key, worker_.index(), life.id(), most);
  if (claim || !request.vhost->publish.takeover) co_return claim;
  net::Notifier pause(worker_.io());
  net::TimerWheel::Timer timer([&] { pause.notify(); });
  const auto until = Clock::now() + takeover_patience;
  while (!claim && Clock::now() < until) {
    if (const auto owner = directory_.owner(key)) {
      kick_publisher(key, Errc::taken_over);
      log::info(life.log(), "takes {} over from {}", key.display(), owner->publisher.view());
    }
    worker_.wheel().arm(timer, takeover_pause);
    CO_TRY_VOID(co_await pause.wait());
    claim = directory_.claim(key, worker_.index(), life.id(), most);
  }
  co_return claim;
}

net::Task<Verdict<Input>> Hub::publish(net::Life& life, Request wanted, Link link) {
  if (draining_ && wanted.origin == Origin::client) co_return co_await turn_away(life, wanted, Action::publish);
  if (draining_) co_return Errc::draining;
  if (wanted.stream.empty()) co_return Errc::no_stream_name;
  if (memory_ && memory_->pressure() >= Pressure::refuse) {
    memory_->count_refused();
    co_return Errc::no_memory;
  }
  wanted.role = Role::publish;
  Record record{.id = life.id(), .request = std::move(wanted), .publishing = true, .session = &life, .link = link};
  CO_TRY(Registry::Ticket ticket, registry_.enter(std::move(record)));
  const Request& request = ticket.record().request;
  Arrival arrival(events_, ticket.record());
  // What we fetch or make ourselves is asked of nobody.
  Permit permit;
  if (request.origin == Origin::client) {
    CO_TRY(permit, co_await admit(life, request, Action::publish));
  }
  const base::StreamKey key = request.key();
  CO_TRY(const Directory::Claim claim, co_await this->claim(life, request));
  arrival.admitted();
  InputOrigin origin{.id = life.id(),
                     .request = std::make_shared<const Request>(request),
                     .priority = priority_of(request),
                     .warm = !request.facts.find(warm_fact).empty()};
  origin.ask_key = [this, id = life.id()] {
    worker_.post([this, id] {
      const auto found = inputs_.find(id);
      if (found != inputs_.end() && found->second->ask_key) found->second->ask_key();
    });
  };
  auto state = std::make_unique<Input::State>(
      Input::State{.hub = *this, .key = key, .ticket = std::move(ticket), .permit = std::move(permit)});
  inputs_[life.id()] = state.get();
  if (claim.home == worker_.index()) {
    Published& published = open_stream(key, request.vhost, claim.resume_at);
    state->stream = published.stream.get();
    state->slot = &state->stream->attach(std::move(origin));
    tend_if_needed(published);
  } else {
    state->home = peers_[static_cast<std::size_t>(claim.home)];
    state->box = std::make_shared<InputBox>();
    state->home->worker_.post([home = state->home, key, origin = std::move(origin), at = claim.resume_at] {
      Published& published = home->open_stream(key, origin.request->vhost, at);
      published.stream->attach(origin);
      home->tend_if_needed(published);
    });
  }
  events_.emit({Event::Kind::publish, life.id(), request});
  co_return Input(std::move(state));
}

void Hub::unpublish(const Input::State& input) {
  const Record& record = input.ticket.record();
  // Whoever is told to go is not waited for, unless it is another publisher's doing or its own silence.
  const base::ErrorCode why = record.kick_reason();
  const bool told_to_go = why && why != Errc::taken_over && why != net::Errc::timed_out;
  const bool finished = input.finished || told_to_go || draining_;
  inputs_.erase(record.id);
  events_.emit({Event::Kind::unpublish, record.id, record.request, record.received_bytes(), record.sent_bytes()});
  // First the name and then the stream: it may end only when nobody has its name.
  directory_.release(input.key, record.id);
  if (!input.stream) {
    input.put({.kind = InputLetter::Kind::end, .finished = finished});
    return;
  }
  input.stream->detach(*input.slot, finished, Clock::now());
  settle(*streams_.find(input.key)->second);
}

void Hub::drain_input(const base::StreamKey& key, const base::SessionId& id, const std::shared_ptr<InputBox>& box) {
  const auto found = streams_.find(key);
  Published* published = found == streams_.end() ? nullptr : found->second.get();
  Stream::Slot* slot = published ? published->stream->find(id) : nullptr;
  bool ended = false;
  net::Turn turn(worker_.cut_turns());
  const bool more = box->take(turn, [&](InputLetter&& letter) {
    if (!slot) return;
    Stream& stream = *published->stream;
    switch (letter.kind) {
      case InputLetter::Kind::tracks:
        stream.set_tracks(*slot, std::move(letter.tracks));
        break;
      case InputLetter::Kind::frame:
        stream.append(*slot, std::move(letter.frame));
        break;
      case InputLetter::Kind::keep_clock:
        stream.keep_clock(*slot);
        break;
      case InputLetter::Kind::priority:
        stream.set_priority(*slot, letter.priority, letter.at_once);
        break;
      case InputLetter::Kind::errors:
        Stream::count_errors(*slot, letter.errors);
        break;
      case InputLetter::Kind::end:
        stream.detach(*slot, letter.finished, Clock::now());
        slot = nullptr;
        ended = true;
        break;
    }
  });
  if (ended) settle(*published);
  if (!more) return;
  turn.renew();
  net::Patience::of(worker_.io()).post([this, key, id, box] { drain_input(key, id, box); });
}

}  // namespace weir::hub
