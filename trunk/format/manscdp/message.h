#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/manscdp/xml.h"

// MANSCDP: the XML in which platforms and devices of GB/T 28181 speak (annex A). Names are those of the standard.
namespace weir::manscdp {

struct Message {
  enum class Kind : std::uint8_t { query, control, notify, response } kind = Kind::notify;
  std::string command;  // CmdType: "Catalog", "Keepalive", ...
  std::uint32_t sn = 0;
  std::string device;  // DeviceID: of whom it speaks
  Element root;
};

// As it came in the body of a MESSAGE, in whatever character set.
base::Result<Message> parse(std::string_view body);

// One item of a catalogue.
struct CatalogItem {
  std::string id, name, manufacturer, model, owner, civil_code, address, parent, status;
  std::string longitude, latitude, ptz_type;
  std::string event;  // of a notice: ON, OFF, VLOST, DEFECT, ADD, DEL, UPDATE
  bool online = false;
  bool parental = false;

  // A camera or the like, and no organisation, area or alarm line: by the digits of its type where it has 20, else what
  // is longer than the code of an area.
  bool is_channel() const;
  bool operator==(const CatalogItem&) const = default;
};

// One recording on a device.
struct RecordItem {
  std::string id, name, path, address, start, end, type;  // times as they are written: 2026-01-02T03:04:05
  std::uint64_t bytes = 0;
  bool operator==(const RecordItem&) const = default;
};

// What a list answer says of itself: how many there are altogether, and those of this piece.
template <class Item>
struct Piece {
  std::size_t total = 0;
  std::vector<Item> items;
};
Piece<CatalogItem> catalog_of(const Message& message);
Piece<RecordItem> records_of(const Message& message);

struct Alarm {
  std::string priority, method, type, time, description, longitude, latitude;
};
Alarm alarm_of(const Message& message);

struct Position {
  std::string time, longitude, latitude, speed, direction, altitude;
};
Position position_of(const Message& message);

// The type in an id of 20 digits, its digits 11 to 13; 0 if it has none.
unsigned type_of(std::string_view id);
// 1 to 20 letters and digits: what may stand in a URI, a path and XML.
bool is_id(std::string_view text);

// Bodies that we send.
std::string query(std::string_view command, std::uint32_t sn, std::string_view device);
// Times as 2026-01-02T03:04:05, local to the device.
std::string record_query(std::uint32_t sn, std::string_view channel, std::string_view start, std::string_view end);
// DeviceControl with one element: PTZCmd, IFameCmd, RecordCmd, ...
std::string control(std::uint32_t sn, std::string_view channel, std::string_view name, std::string_view value);
// The answer to a Notify that wants one.
std::string response_ok(std::string_view command, std::uint32_t sn, std::string_view device);
std::string response_error(std::string_view command, std::uint32_t sn, std::string_view device);
// One piece of a list of so many.
std::string catalog_response(std::uint32_t sn, std::string_view device, std::size_t total,
                             const std::vector<CatalogItem>& items);
// Of a device that is asked who it is, how it does.
std::string info_response(std::uint32_t sn, std::string_view device, std::string_view name, std::string_view maker,
                          std::string_view model, std::string_view firmware, std::size_t channels);
std::string status_response(std::uint32_t sn, std::string_view device, std::string_view time);
// One piece of so many recordings; none of none at all.
std::string records_response(std::uint32_t sn, std::string_view device, std::string_view name, std::size_t total,
                             const std::vector<RecordItem>& items);
// What is told by NOTIFY: an alarm, a position, and that a channel is there ("ON") or not ("OFF").
std::string alarm_notice(std::uint32_t sn, std::string_view device, const Alarm& alarm);
std::string position_notice(std::uint32_t sn, std::string_view device, const Position& position);
std::string catalog_notice(std::uint32_t sn, std::string_view device, std::string_view channel, std::string_view event);
// What was played back is over.
std::string media_status(std::uint32_t sn, std::string_view device);
// That sound of `source` may be asked for by `target`, which then invites it (annex A.2.5).
std::string broadcast(std::uint32_t sn, std::string_view source, std::string_view target);
std::string keepalive(std::uint32_t sn, std::string_view device);
// For SUBSCRIBE: alarms of every priority and method.
std::string alarm_query(std::uint32_t sn, std::string_view device);
// For SUBSCRIBE; an interval in seconds.
std::string position_query(std::uint32_t sn, std::string_view device, unsigned interval);

}  // namespace weir::manscdp
