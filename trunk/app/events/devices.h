#pragma once

#include "app/events/board.h"
#include "session/gb28181/outside.h"

namespace weir::events {

// Tells listeners of a device of GB/T 28181: "device_online", "device_offline", "device_alarm", "device_position",
// "device_talk", "device_talk_over".
void tell_device(Board& board, const session::gb28181::DeviceEvent& event);

}  // namespace weir::events
