#pragma once

#include <functional>
#include <string>

#include "hub/demand.h"
#include "hub/hub.h"
#include "session/gb28181/sip_service.h"

namespace weir::session::gb28181 {

// Brings streams of devices that a player on this worker wants: the SIP service, on its own worker, is asked to invite.
// One for each worker, made before it starts.
class DeviceStarter final : public hub::Starter {
 public:
  DeviceStarter(hub::Hub& hub, SipService& sip) : hub_(hub), sip_(sip) { hub_.demand().add(*this); }
  DeviceStarter(const DeviceStarter&) = delete;

  bool start(const hub::Request& wanted) override;
  bool can_start(const hub::Request& wanted) const override { return place_of(wanted).has_value(); }
  void stop(const base::StreamKey& key) override;

 private:
  // None if the stream cannot be one of a device. Devices live on another worker, so this goes by the form of the name:
  // ids of 20 digits.
  std::optional<StreamNames::Place> place_of(const hub::Request& wanted) const;

  hub::Hub& hub_;
  SipService& sip_;
};

}  // namespace weir::session::gb28181
