#include "app/events/board.h"

#include <nlohmann/json.hpp>

#include "app/events/measure.h"
#include "app/stats/client_type.h"
#include "base/address.h"
#include "base/text.h"
#include "base/wall_time.h"

namespace weir::events {

using nlohmann::ordered_json;

namespace {

constexpr unsigned ticks_a_second = 4;
constexpr unsigned heartbeat_ticks = 10 * ticks_a_second;
constexpr unsigned patience_ticks = 60 * ticks_a_second;  // for those who come back
constexpr unsigned idle_seconds = 5;                      // between figures that nobody hears, for the history

std::string dump(const ordered_json& data) { return data.dump(-1, ' ', false, ordered_json::error_handler_t::replace); }

// The parameters of a request are left out: they hold tokens.
ordered_json about(const base::SessionId& client, const hub::Request& request) {
  return {{"time_ms", base::wall_time_ms()},
          {"client", client.view()},
          {"type", stats::type_of(request)},
          {"vhost", request.vhost->name},
          {"app", request.app},
          {"stream", request.stream},
          {"url", request.url()},
          {"ip", request.peer.address}};
}

std::string_view name_of(hub::Event::Kind kind) {
  switch (kind) {
    case hub::Event::Kind::publish:
      return "publish";
    case hub::Event::Kind::unpublish:
      return "unpublish";
    case hub::Event::Kind::play:
      return "play";
    case hub::Event::Kind::stop:
      return "stop";
    case hub::Event::Kind::connect:
    case hub::Event::Kind::close:
    case hub::Event::Kind::arrive:
    case hub::Event::Kind::refuse:
      break;
  }
  return {};
}

// The beginning and the end are told by the sessions' own events.
std::string_view name_of(hub::StreamEvent::Kind kind) {
  switch (kind) {
    case hub::StreamEvent::Kind::interrupted:
      return "interrupted";
    case hub::StreamEvent::Kind::resumed:
      return "resumed";
    case hub::StreamEvent::Kind::switched:
      return "switched";
    case hub::StreamEvent::Kind::began:
    case hub::StreamEvent::Kind::ended:
      break;
  }
  return {};
}

}  // namespace

Board::Board(const Parts& parts) : first_(parts.pool[0]), service_id_(parts.service_id) {
  for (hub::Hub* hub : parts.hubs) {
    Desk& desk = *desks_.emplace_back(std::make_unique<Desk>());
    desk.worker = &hub->worker();
    desk.hub = hub;
    hub->worker().every_tick([&desk] { tick(desk); });
    observe(*hub);
  }
  measure_ = std::make_unique<Measure>(*this, parts.statistics, parts.hooks);
  first_.every_tick([this] { tick_first(); });
}

Board::~Board() = default;

void Board::observe(hub::Hub& hub) {
  hub.events().observe([this](const hub::Event& event) { on_event(event); });
  hub.events().observe_streams([this](const hub::StreamEvent& event) { on_stream(event); });
  hub.events().observe_dvr_files([this](const hub::DvrFile& file) { on_dvr_file(file); });
}

void Board::on_event(const hub::Event& event) {
  const std::string_view name = name_of(event.kind);
  const bool of_player = event.kind == hub::Event::Kind::play || event.kind == hub::Event::Kind::stop;
  if (name.empty() || (of_player && !wanted())) return;
  ordered_json data = about(event.id, event.request);
  if (event.kind == hub::Event::Kind::unpublish || event.kind == hub::Event::Kind::stop) {
    data["recv_bytes"] = event.received_bytes;
    data["send_bytes"] = event.sent_bytes;
  }
  tell(name, dump(data));
}

void Board::on_stream(const hub::StreamEvent& event) {
  const std::string_view name = name_of(event.kind);
  if (name.empty()) return;
  const hub::InputOrigin& origin = event.stream.origin();
  ordered_json data = about(origin.id, *origin.request);
  data["inputs"] = event.stream.input_count();
  data["switches"] = event.stream.switches();
  if (event.kind == hub::StreamEvent::Kind::interrupted) data["slate"] = event.stream.stands_still();
  tell(name, dump(data));
}

void Board::on_dvr_file(const hub::DvrFile& file) {
  ordered_json data = about(file.publisher, file.request);
  data["file"] = file.path;
  tell("record", dump(data));
}

void Board::tell_reload(int error, const std::string& message) {
  tell("reload", dump({{"time_ms", base::wall_time_ms()}, {"error", error}, {"message", message}}));
}

void Board::tell_drain(bool draining) {
  tell("drain", dump({{"time_ms", base::wall_time_ms()}, {"draining", draining}}));
}

void Board::tell_registry(bool connected, const std::string& why) {
  tell("registry", dump({{"time_ms", base::wall_time_ms()}, {"connected", connected}, {"fault", why}}));
}

void Board::tell_eviction(const std::string& stream, const std::string& node) {
  tell("evicted", dump({{"time_ms", base::wall_time_ms()}, {"stream", stream}, {"node", node}}));
}

void Board::tell(std::string_view name, std::string data) {
  first_.post([this, name = std::string(name), data = std::move(data)] { keep(name, data); });
}

void Board::keep(std::string_view name, const std::string& data) {
  const base::SharedBytes text = event_text(id_of(ring_.next()), name, data);
  ring_.add(text);
  spread(text);
}

// Without an id, and not in the ring: the next one is as good.
void Board::keep_stats(std::string data) {
  spread(event_text({}, "stats", data));
  history_.add(History::Clock::now(), std::move(data));
}

void Board::spread(const base::SharedBytes& bytes) {
  for (const auto& desk : desks_) {
    if (desk->count.load() == 0) continue;
    desk->worker->post([one = desk.get(), bytes] { deliver(*one, bytes); });
  }
}

void Board::deliver(Desk& desk, const base::SharedBytes& bytes) {
  std::erase_if(desk.listeners, [&](const std::weak_ptr<Listener>& one) {
    const auto listener = one.lock();
    return !listener || !listener->push(bytes);
  });
}

std::shared_ptr<Listener> Board::join(net::Worker& home, Heard heard, const std::string& address,
                                      Places::Limits limits) {
  Desk& desk = *desks_[static_cast<std::size_t>(home.index())];
  auto listener = std::make_shared<Listener>(home.io(), figures_, desk.count);
  bool displaced = false;
  auto place = places_.take(
      base::address_block(address), limits,
      [&desk, weak = std::weak_ptr<Listener>(listener)] {
        desk.worker->post([weak] {
          if (const auto one = weak.lock()) one->end();
        });
      },
      displaced);
  if (displaced) figures_.displaced.fetch_add(1, std::memory_order_relaxed);
  if (!place) {
    figures_.refused.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  figures_.accepted.fetch_add(1, std::memory_order_relaxed);
  listener->sit(std::move(place));
  wanted_ = true;
  first_.post([this, &desk, weak = std::weak_ptr<Listener>(listener), heard = std::move(heard)] {
    welcome(desk, weak, heard);
  });
  return listener;
}

// What is told of the time before.
std::vector<base::SharedBytes> Board::missed_by(const Heard& heard) const {
  constexpr std::uint64_t repeated = 100;
  if (heard.last_event_id.empty()) {
    if (!heard.history) return {};
    std::vector<base::SharedBytes> texts = ring_.after(ring_.next() - 1 - std::min(ring_.next() - 1, repeated)).events;
    texts.insert(texts.begin(), event_text({}, "history", history_.json(History::Clock::now())));
    return texts;
  }
  const auto dash = heard.last_event_id.rfind('-');
  const auto number = base::parse_number(dash == std::string::npos ? "" : heard.last_event_id.substr(dash + 1));
  const bool known = number && heard.last_event_id.substr(0, dash) == service_id_ && *number < ring_.next();
  Ring::Missed missed = ring_.after(known ? *number : 0);
  // Of another process nobody knows how many there were.
  if (!known || missed.lost > 0) {
    const std::int64_t lost = known ? static_cast<std::int64_t>(missed.lost) : -1;
    missed.events.insert(missed.events.begin(), event_text({}, "lost", dump({{"events", lost}})));
  }
  return std::move(missed.events);
}

// On the first worker. What is kept goes out before anything that is told later: messages from here to a worker stay in
// their order.
void Board::welcome(Desk& desk, std::weak_ptr<Listener> listener, const Heard& heard) {
  auto texts = std::make_shared<std::vector<base::SharedBytes>>(missed_by(heard));
  texts->insert(texts->begin(),
                event_text({}, "hello", dump({{"service", service_id_}, {"last", id_of(ring_.next() - 1)}})));
  desk.worker->post([&desk, listener = std::move(listener), texts] {
    const auto here = listener.lock();
    if (!here) return;
    for (const auto& text : *texts) {
      if (!here->push(text)) return;
    }
    desk.listeners.push_back(listener);
  });
}

// A server that drains lets its listeners go: they would come again for ever.
void Board::tick(Desk& desk) {
  if (desk.listeners.empty()) return;
  if (desk.hub->draining()) {
    for (const auto& one : desk.listeners) {
      if (const auto listener = one.lock()) listener->end();
    }
  }
  if (++desk.ticks % heartbeat_ticks == 0) {
    static constexpr std::string_view heartbeat = ": \n\n";  // a comment; also finds out who has gone
    deliver(desk, base::SharedBytes::copy_of(base::as_bytes(heartbeat)));
  }
}

void Board::tick_first() {
  if (figures_.listeners.load() > 0) idle_ticks_ = 0;
  if (wanted() && ++idle_ticks_ >= patience_ticks) wanted_ = false;
  if (++ticks_ % (wanted() ? ticks_a_second : idle_seconds * ticks_a_second) == 0) measure_->begin(first_);
}

}  // namespace weir::events
