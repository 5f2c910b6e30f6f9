#include "base/text.h"
#include "session/gb28181/upper_call.h"

// What a platform above asks.
namespace weir::session::gb28181 {

using base::iequals;

bool Upper::takes(const sip::Message& message, const sip::Way& way) const {
  if (way.address != settings_.upper.server.front().address) return false;
  if (way.reliable() && way.connection == way_.connection) return true;
  return message.from.uri.user == settings_.upper.server_id || calls_.contains(message.call_id);
}

void Upper::on_request(const sip::Message& message, const sip::Way& way) {
  if (message.method == "INVITE") return on_invite(message, way);
  if (message.method == "ACK") return on_ack(message);
  if (message.method == "BYE") return on_bye(message, way);
  if (message.method == "CANCEL") return on_cancel(message, way);
  if (message.method == "MESSAGE") return on_message(message, way);
  if (message.method == "OPTIONS" || message.method == "INFO") return line_.answer(message, way, 200, outside_.now());
  if (message.method == "SUBSCRIBE") return line_.answer(message, way, 489, outside_.now());
  line_.answer(message, way, 405, outside_.now(),
               [](sip::Message& answer) { answer.add("Allow", "INVITE, ACK, BYE, CANCEL, MESSAGE, INFO, OPTIONS"); });
}

void Upper::on_message(const sip::Message& message, const sip::Way& way) {
  const auto said = manscdp::parse(message.body);
  line_.answer(message, way, said ? 200 : 400, outside_.now());
  if (said && state_ == UpperState::registered && said->kind == manscdp::Message::Kind::query) on_query(*said);
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
    answer = manscdp::no_records_response(asked.sn, device, upper.name);
  } else {
    answer = manscdp::response_error(asked.command, asked.sn, device);
  }
  (void)send_body(std::move(answer));
}

const Upper::Channel* Upper::find_channel(const std::string& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

// All of them, or one that is asked for by its id. An answer to an earlier question goes on no longer.
void Upper::begin_catalogue(std::uint32_t sn, const std::string& device) {
  listing_ = {.number = listing_.number + 1, .sn = sn, .device = device};
  if (const Channel* one = find_channel(device)) {
    listing_.from = static_cast<std::size_t>(one - settings_.channels.data());
    listing_.to = listing_.from + 1;
  } else {
    listing_.to = settings_.channels.size();
  }
  listing_.total = listing_.to - listing_.from;
  if (listing_.total == 0) {
    (void)send_body(manscdp::catalog_response(sn, device, 0, {}));
    return;
  }
  send_pieces();
}

// A few at a time: a long catalogue at once would be lost on the way.
void Upper::send_pieces() {
  while (listing_.from < listing_.to && listing_.in_flight < most_in_flight) {
    std::vector<manscdp::CatalogItem> items;
    for (; listing_.from < listing_.to && items.size() < items_in_piece; ++listing_.from) {
      const Channel& channel = settings_.channels[listing_.from];
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
    const auto id = send_body(manscdp::catalog_response(listing_.sn, listing_.device, listing_.total, items),
                              [this, number = listing_.number](const sip::Event& event) {
                                if (number != listing_.number) return;
                                if (event.kind == sip::Event::Kind::answer && event.message.status < 200) return;
                                --listing_.in_flight;
                                send_pieces();
                              });
    if (id == 0) return;
    ++listing_.in_flight;
  }
}

}  // namespace weir::session::gb28181
