#include "base/text.h"
#include "format/manscdp/ptz.h"
#include "session/gb28181/upper_call.h"

// What a platform above asks.
namespace weir::session::gb28181 {

using base::iequals;

namespace {

// 2026-01-02T03:04:05
bool is_time(std::string_view text) {
  return text.size() == 19 && text[10] == 'T' && text.find_first_not_of("0123456789-:T") == std::string_view::npos;
}

// Whether a PTZCmd may pass.
bool may_pass(std::string_view text, config::StreamCaster::Upper::Control control) {
  const auto command = manscdp::parse_ptz(text);
  return command && (control == config::StreamCaster::Upper::Control::on || manscdp::moves(*command));
}

}  // namespace

bool Upper::takes(const sip::Message& message, const sip::Way& way) const {
  if (way.address != peer_) return false;
  if (way.reliable() && way.connection == way_.connection) return true;
  return message.from.uri.user == settings_.upper.server_id || calls_.contains(message.call_id);
}

void Upper::on_request(const sip::Message& message, const sip::Way& way) {
  if (message.method == "INVITE") return on_invite(message, way);
  if (message.method == "ACK") return on_ack(message);
  if (message.method == "BYE") return on_bye(message, way);
  if (message.method == "CANCEL") return on_cancel(message, way);
  if (message.method == "MESSAGE") return on_message(message, way);
  if (message.method == "INFO") return on_info(message, way);
  if (message.method == "OPTIONS") return line_.answer(message, way, 200, outside_.now());
  if (message.method == "SUBSCRIBE") return watchers_.on_subscribe(message, way, settings_.upper.id);
  line_.answer(message, way, 405, outside_.now(), [](sip::Message& answer) {
    answer.add("Allow", "INVITE, ACK, BYE, CANCEL, MESSAGE, INFO, OPTIONS, SUBSCRIBE");
  });
}

void Upper::on_message(const sip::Message& message, const sip::Way& way) {
  const auto said = manscdp::parse(message.body);
  line_.answer(message, way, said ? 200 : 400, outside_.now());
  if (!said || state_ != UpperState::registered) return;
  if (said->kind == manscdp::Message::Kind::query) on_query(*said);
  if (said->kind == manscdp::Message::Kind::control) on_control(*said);
}

void Upper::on_query(const manscdp::Message& asked) {
  const std::string& device = manscdp::is_id(asked.device) ? asked.device : settings_.upper.id;
  if (iequals(asked.command, "Catalog")) return begin_catalogue(asked.sn, device);
  const auto& upper = settings_.upper;
  std::string answer;
  if (iequals(asked.command, "DeviceInfo")) {
    answer = manscdp::info_response(asked.sn, device, upper.name, "Weir", "Weir", settings_.firmware,
                                    settings_.channels.size());
  } else if (iequals(asked.command, "DeviceStatus")) {
    answer = manscdp::status_response(asked.sn, device, date_of(outside_.wall()));
  } else if (iequals(asked.command, "RecordInfo")) {
    return ask_records(asked, device);
  } else {
    answer = manscdp::response_error(asked.command, asked.sn, device);
  }
  (void)send_body(std::move(answer));
}

const Upper::Channel* Upper::find_channel(const std::string& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::optional<StreamNames::Place> Upper::device_of(const std::string& channel) const {
  const Channel* const found = find_channel(channel);
  return found ? below_.place_of(found->request) : std::nullopt;
}

// All of them, or one that is asked for by its id.
void Upper::begin_catalogue(std::uint32_t sn, const std::string& device) {
  std::size_t from = 0, to = settings_.channels.size();
  if (const Channel* one = find_channel(device)) {
    from = static_cast<std::size_t>(one - settings_.channels.data());
    to = from + 1;
  }
  const std::size_t total = to - from;
  if (total == 0) {
    (void)send_body(manscdp::catalog_response(sn, device, 0, {}));
    return;
  }
  begin_list("catalogue", [this, sn, device, from, to, total]() mutable -> std::optional<std::string> {
    if (from >= to) return std::nullopt;
    std::vector<manscdp::CatalogItem> items;
    for (; from < to && items.size() < items_in_piece; ++from) {
      const Channel& channel = settings_.channels[from];
      items.push_back({.id = channel.id,
                       .name = channel.name,
                       .manufacturer = "Weir",
                       .model = "stream",
                       .owner = "Weir",
                       .civil_code = settings_.upper.id.substr(0, 6),
                       .address = channel.request.url(),
                       .parent = settings_.upper.id,
                       .online = outside_.available(channel.request)});
    }
    return manscdp::catalog_response(sn, device, total, items);
  });
}

// Of the device whose picture the channel is; what is no device's has none.
void Upper::ask_records(const manscdp::Message& asked, const std::string& device) {
  const auto none = [this, sn = asked.sn, device] {
    (void)send_body(manscdp::records_response(sn, device, settings_.upper.name, 0, {}));
  };
  const auto place = device_of(device);
  const std::string start(asked.root.text_of("StartTime")), end(asked.root.text_of("EndTime"));
  if (!place || !is_time(start) || !is_time(end)) return none();
  const auto then = [this, alive = std::weak_ptr(alive_), sn = asked.sn, device, none](const DeviceRecords& found) {
    if (alive.expired() || state_ != UpperState::registered) return;
    if (found.items.empty()) return none();
    begin_list("recordings of " + device,
               [this, sn, device, items = found.items, at = std::size_t{0}]() mutable -> std::optional<std::string> {
                 if (at >= items.size()) return std::nullopt;
                 std::vector<manscdp::RecordItem> some;
                 for (; at < items.size() && some.size() < items_in_piece; ++at) {
                   some.push_back(std::move(items[at]));
                   some.back().id = device;  // as it is known there
                 }
                 return manscdp::records_response(sn, device, settings_.upper.name, items.size(), some);
               });
  };
  if (!below_.query_records(place->device, place->channel, start, end, then)) none();
}

// What is passed on, as `control` of the platform says: movements and key frames, which nobody answers; and what has an
// answer, which is no where it may not.
void Upper::on_control(const manscdp::Message& asked) {
  if (!iequals(asked.command, "DeviceControl")) return;
  using Control = config::StreamCaster::Upper::Control;
  const Control control = settings_.upper.control;
  const auto place = device_of(asked.device);
  const auto pass = [&](std::string_view name, const std::string& value) {
    return place && control != Control::off && below_.command(place->device, place->channel, name, value).has_value();
  };
  if (const auto move = asked.root.text_of("PTZCmd"); !move.empty()) {
    if (may_pass(move, control)) (void)pass("PTZCmd", std::string(move));
    return;
  }
  if (asked.root.find("IFameCmd") || asked.root.find("IFrameCmd")) return (void)pass("IFameCmd", "Send");
  for (const std::string_view name : {"RecordCmd", "GuardCmd", "AlarmCmd"}) {
    const std::string_view value = asked.root.text_of(name);
    if (value.empty()) continue;
    const bool good = control == Control::on && manscdp::is_id(value) && pass(name, std::string(value));
    (void)send_body(good ? manscdp::response_ok("DeviceControl", asked.sn, asked.device)
                         : manscdp::response_error("DeviceControl", asked.sn, asked.device));
    return;
  }
}

// An answer to an earlier question of the same kind goes on no longer.
void Upper::begin_list(const std::string& name, Pieces pieces) {
  if (lists_.size() >= most_lists && !lists_.contains(name)) return;
  lists_[name] = {.number = ++last_list_, .pieces = std::move(pieces)};
  send_pieces(name);
  line_.run();
}

// A few at a time: a long list at once would be lost on the way.
void Upper::send_pieces(const std::string& name) {
  for (auto found = lists_.find(name); found != lists_.end() && found->second.in_flight < most_in_flight;) {
    List& list = found->second;
    auto piece = list.pieces();
    if (!piece) {
      if (list.in_flight == 0) lists_.erase(found);
      return;
    }
    const auto id = send_body(*std::move(piece), [this, name, number = list.number](const sip::Event& event) {
      const auto known = lists_.find(name);
      if (known == lists_.end() || known->second.number != number) return;
      if (event.kind == sip::Event::Kind::answer && event.message.status < 200) return;
      --known->second.in_flight;
      send_pieces(name);
    });
    if (id == 0) return (void)lists_.erase(found);
    ++list.in_flight;
  }
}

}  // namespace weir::session::gb28181
