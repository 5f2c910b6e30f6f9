#include "session/gb28181/device_starter.h"

#include "net/worker.h"

namespace weir::session::gb28181 {

std::optional<StreamNames::Place> DeviceStarter::place_of(const hub::Request& wanted) const {
  const Platform& platform = sip_.platform();  // its names and this switch never change
  if (!platform.on_demand() || wanted.vhost->name != platform.names().vhost()) return std::nullopt;
  auto place = platform.names().find(wanted.app, wanted.stream);
  if (!place || manscdp::type_of(place->device) == 0) return std::nullopt;
  return place;
}

bool DeviceStarter::start(const hub::Request& wanted) {
  auto place = place_of(wanted);
  if (!place) return false;
  hub::Request request;
  request.vhost = wanted.vhost;
  request.app = wanted.app;
  request.stream = wanted.stream;
  sip_.worker().post([&sip = sip_, request = std::move(request), place = *std::move(place),
                      starter = hub_.worker().index()] { sip.want(request, place, starter); });
  return true;
}

void DeviceStarter::stop(const base::StreamKey& key) {
  sip_.worker().post([&sip = sip_, key] { sip.unwant(key); });
}

}  // namespace weir::session::gb28181
