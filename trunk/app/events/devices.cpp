#include "app/events/devices.h"

#include <nlohmann/json.hpp>

#include "base/wall_time.h"

namespace weir::events {

using nlohmann::ordered_json;
using session::gb28181::DeviceEvent;

void tell_device(Board& board, const DeviceEvent& event) {
  if (!board.wanted()) return;
  ordered_json data{{"time_ms", base::wall_time_ms()},
                    {"device", event.device.id},
                    {"name", event.device.name},
                    {"ip", event.device.source.address}};
  std::string_view name = "device_online";
  switch (event.kind) {
    case DeviceEvent::Kind::online:
      break;
    case DeviceEvent::Kind::offline:
      name = "device_offline";
      data["reason"] = event.reason;
      break;
    case DeviceEvent::Kind::alarm:
      name = "device_alarm";
      data["channel"] = event.channel;
      data["priority"] = event.alarm->priority;
      data["method"] = event.alarm->method;
      data["type"] = event.alarm->type;
      data["time"] = event.alarm->time;
      data["description"] = event.alarm->description;
      break;
    case DeviceEvent::Kind::position:
      name = "device_position";
      data["channel"] = event.channel;
      data["longitude"] = event.device.position.longitude;
      data["latitude"] = event.device.position.latitude;
      break;
    case DeviceEvent::Kind::talk:
      name = "device_talk";
      data["channel"] = event.channel;
      break;
    case DeviceEvent::Kind::talk_over:
      name = "device_talk_over";
      data["channel"] = event.channel;
      data["reason"] = event.reason;
      break;
  }
  board.tell(name, data.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

}  // namespace weir::events
