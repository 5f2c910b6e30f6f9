#include "format/manscdp/message.h"

#include <algorithm>

#include "base/text.h"
#include "format/manscdp/charset.h"

namespace weir::manscdp {

using base::iequals;
using base::Result;

namespace {

constexpr std::size_t most_text = 256;  // bytes of one field that is kept

std::string kept(std::string_view text) {
  if (text.size() <= most_text) return std::string(text);
  std::size_t end = most_text;
  while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xc0) == 0x80) --end;  // not inside a character
  return std::string(text.substr(0, end));
}

std::string field(const Element& element, std::string_view name) { return kept(element.text_of(name)); }

std::size_t bounded_number(std::string_view text) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(base::parse_number(text).value_or(0), 1'000'000'000));
}

CatalogItem catalog_item(const Element& item) {
  CatalogItem out{.id = field(item, "DeviceID"),
                  .name = field(item, "Name"),
                  .manufacturer = field(item, "Manufacturer"),
                  .model = field(item, "Model"),
                  .owner = field(item, "Owner"),
                  .civil_code = field(item, "CivilCode"),
                  .address = field(item, "Address"),
                  .parent = field(item, "ParentID"),
                  .status = field(item, "Status"),
                  .longitude = field(item, "Longitude"),
                  .latitude = field(item, "Latitude")};
  out.event = field(item, "Event");
  out.parental = item.text_of("Parental") == "1";
  out.online = iequals(out.status, "ON") || iequals(out.status, "ONLINE") || iequals(out.status, "OK") ||
               (out.status.empty() && (iequals(out.event, "ON") || iequals(out.event, "ADD")));
  if (const Element* info = item.find("Info")) out.ptz_type = field(*info, "PTZType");
  return out;
}

RecordItem record_item(const Element& item) {
  return {.id = field(item, "DeviceID"),
          .name = field(item, "Name"),
          .path = field(item, "FilePath"),
          .address = field(item, "Address"),
          .start = field(item, "StartTime"),
          .end = field(item, "EndTime"),
          .type = field(item, "Type"),
          .bytes = base::parse_number(item.text_of("FileSize")).value_or(0)};
}

// Items without an id are none.
template <class Item>
Piece<Item> piece_of(const Message& message, std::string_view list, Item (*read)(const Element&)) {
  Piece<Item> piece{.total = bounded_number(message.root.text_of("SumNum"))};
  if (const Element* found = message.root.find(list)) {
    for (const Element& one : found->children) {
      if (!iequals(one.name, "Item")) continue;
      Item item = read(one);
      if (is_id(item.id)) piece.items.push_back(std::move(item));
    }
  }
  return piece;
}

XmlWriter begin(std::string_view root, std::string_view command, std::uint32_t sn, std::string_view device) {
  XmlWriter out(root);
  out.field("CmdType", command).field("SN", sn).field("DeviceID", device);
  return out;
}

}  // namespace

Result<Message> parse(std::string_view body) {
  if (body.size() > most_bytes) return Errc::too_long;
  const auto first = body.find('<');
  if (first != std::string_view::npos) body.remove_prefix(first);
  TRY(Element root, parse_xml(to_utf8(body, declared_encoding(body))));
  Message message;
  if (iequals(root.name, "Query")) {
    message.kind = Message::Kind::query;
  } else if (iequals(root.name, "Control")) {
    message.kind = Message::Kind::control;
  } else if (iequals(root.name, "Notify")) {
    message.kind = Message::Kind::notify;
  } else if (iequals(root.name, "Response")) {
    message.kind = Message::Kind::response;
  } else {
    return Errc::not_manscdp;
  }
  message.command = kept(root.text_of("CmdType"));
  if (message.command.empty()) return Errc::not_manscdp;
  message.sn = static_cast<std::uint32_t>(base::parse_number(root.text_of("SN")).value_or(0));
  message.device = kept(root.text_of("DeviceID"));
  message.root = std::move(root);
  return message;
}

bool CatalogItem::is_channel() const {
  const unsigned type = type_of(id);
  if (type == 0) return id.size() > 8;  // shorter ones are codes of areas
  // Annex D: 131 and 132 are cameras, 111 to 130 recorders and encoders of older makers that are channels of
  // themselves; 133 to 199 alarm lines, voice, storage; from 200 on platforms and groups.
  return type >= 111 && type <= 132;
}

Piece<CatalogItem> catalog_of(const Message& message) { return piece_of(message, "DeviceList", &catalog_item); }

Piece<RecordItem> records_of(const Message& message) { return piece_of(message, "RecordList", &record_item); }

Alarm alarm_of(const Message& message) {
  const Element& root = message.root;
  Alarm alarm{.priority = field(root, "AlarmPriority"),
              .method = field(root, "AlarmMethod"),
              .time = field(root, "AlarmTime"),
              .description = field(root, "AlarmDescription"),
              .longitude = field(root, "Longitude"),
              .latitude = field(root, "Latitude")};
  if (const Element* info = root.find("Info")) alarm.type = field(*info, "AlarmType");
  return alarm;
}

Position position_of(const Message& message) {
  const Element& root = message.root;
  return {.time = field(root, "Time"),
          .longitude = field(root, "Longitude"),
          .latitude = field(root, "Latitude"),
          .speed = field(root, "Speed"),
          .direction = field(root, "Direction"),
          .altitude = field(root, "Altitude")};
}

unsigned type_of(std::string_view id) {
  if (id.size() != 20 || !std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; })) return 0;
  return static_cast<unsigned>(base::parse_number(id.substr(10, 3)).value_or(0));
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 20 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

std::string query(std::string_view command, std::uint32_t sn, std::string_view device) {
  return begin("Query", command, sn, device).finish();
}

std::string record_query(std::uint32_t sn, std::string_view channel, std::string_view start, std::string_view end) {
  XmlWriter out = begin("Query", "RecordInfo", sn, channel);
  out.field("StartTime", start).field("EndTime", end).field("Secrecy", "0").field("Type", "all");
  return out.finish();
}

std::string control(std::uint32_t sn, std::string_view channel, std::string_view name, std::string_view value) {
  return begin("Control", "DeviceControl", sn, channel).field(name, value).finish();
}

std::string response_ok(std::string_view command, std::uint32_t sn, std::string_view device) {
  return begin("Response", command, sn, device).field("Result", "OK").finish();
}

std::string response_error(std::string_view command, std::uint32_t sn, std::string_view device) {
  return begin("Response", command, sn, device).field("Result", "ERROR").finish();
}

std::string catalog_response(std::uint32_t sn, std::string_view device, std::size_t total,
                             const std::vector<CatalogItem>& items) {
  XmlWriter out = begin("Response", "Catalog", sn, device);
  out.field("SumNum", total).begin("DeviceList", "Num=\"" + std::to_string(items.size()) + "\"");
  for (const CatalogItem& item : items) {
    out.begin("Item").field("DeviceID", item.id).field("Name", item.name).field("Manufacturer", item.manufacturer);
    out.field("Model", item.model).field("Owner", item.owner).field("CivilCode", item.civil_code);
    out.field("Address", item.address).field("Parental", "0").field("ParentID", item.parent).field("SafetyWay", "0");
    out.field("RegisterWay", "1").field("Secrecy", "0").field("Status", item.online ? "ON" : "OFF").end();
  }
  return out.finish();
}

std::string info_response(std::uint32_t sn, std::string_view device, std::string_view name, std::string_view maker,
                          std::string_view model, std::string_view firmware, std::size_t channels) {
  XmlWriter out = begin("Response", "DeviceInfo", sn, device);
  out.field("Result", "OK").field("DeviceName", name).field("Manufacturer", maker).field("Model", model);
  return out.field("Firmware", firmware).field("Channel", channels).finish();
}

std::string status_response(std::uint32_t sn, std::string_view device, std::string_view time) {
  XmlWriter out = begin("Response", "DeviceStatus", sn, device);
  out.field("Result", "OK").field("Online", "ONLINE").field("Status", "OK").field("DeviceTime", time);
  return out.field("Encode", "ON").field("Record", "OFF").finish();
}

std::string records_response(std::uint32_t sn, std::string_view device, std::string_view name, std::size_t total,
                             const std::vector<RecordItem>& items) {
  XmlWriter out = begin("Response", "RecordInfo", sn, device);
  out.field("Name", name).field("SumNum", total);
  out.begin("RecordList", "Num=\"" + std::to_string(items.size()) + "\"");
  for (const RecordItem& item : items) {
    out.begin("Item").field("DeviceID", item.id).field("Name", item.name).field("FilePath", item.path);
    out.field("Address", item.address).field("StartTime", item.start).field("EndTime", item.end);
    out.field("Secrecy", "0").field("Type", item.type.empty() ? "time" : item.type);
    if (item.bytes > 0) out.field("FileSize", item.bytes);
    out.end();
  }
  return out.finish();
}

std::string alarm_notice(std::uint32_t sn, std::string_view device, const Alarm& alarm) {
  XmlWriter out = begin("Notify", "Alarm", sn, device);
  out.field("AlarmPriority", alarm.priority).field("AlarmMethod", alarm.method).field("AlarmTime", alarm.time);
  out.field("AlarmDescription", alarm.description);
  if (!alarm.longitude.empty()) out.field("Longitude", alarm.longitude).field("Latitude", alarm.latitude);
  if (!alarm.type.empty()) out.begin("Info").field("AlarmType", alarm.type).end();
  return out.finish();
}

std::string position_notice(std::uint32_t sn, std::string_view device, const Position& position) {
  XmlWriter out = begin("Notify", "MobilePosition", sn, device);
  out.field("Time", position.time).field("Longitude", position.longitude).field("Latitude", position.latitude);
  out.field("Speed", position.speed).field("Direction", position.direction).field("Altitude", position.altitude);
  return out.finish();
}

std::string catalog_notice(std::uint32_t sn, std::string_view device, std::string_view channel,
                           std::string_view event) {
  XmlWriter out = begin("Notify", "Catalog", sn, device);
  out.field("SumNum", "1").begin("DeviceList", "Num=\"1\"");
  out.begin("Item").field("DeviceID", channel).field("Event", event).end();
  return out.finish();
}

std::string media_status(std::uint32_t sn, std::string_view device) {
  return begin("Notify", "MediaStatus", sn, device).field("NotifyType", "121").finish();
}

std::string broadcast(std::uint32_t sn, std::string_view source, std::string_view target) {
  XmlWriter out("Notify");
  out.field("CmdType", "Broadcast").field("SN", sn).field("SourceID", source).field("TargetID", target);
  return out.finish();
}

std::string keepalive(std::uint32_t sn, std::string_view device) {
  return begin("Notify", "Keepalive", sn, device).field("Status", "OK").finish();
}

std::string alarm_query(std::uint32_t sn, std::string_view device) {
  XmlWriter out = begin("Query", "Alarm", sn, device);
  out.field("StartAlarmPriority", "0").field("EndAlarmPriority", "0").field("AlarmMethod", "0");
  return out.finish();
}

std::string position_query(std::uint32_t sn, std::string_view device, unsigned interval) {
  return begin("Query", "MobilePosition", sn, device).field("Interval", interval).finish();
}

}  // namespace weir::manscdp
