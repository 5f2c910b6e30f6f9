#pragma once

#include "app/api/context.h"
#include "session/gb28181/publish_door.h"

namespace weir::api {

// GB28181 for those who do the signalling themselves: SRS's POST /gb/v1/publish/, which opens a place for the media of
// a device, and ours, GET /gb/v1/media/, which tells what came to each place. Per worker.
void add_gb_routes(http::Router& router, const Context& context, hub::Hub& hub, session::gb28181::PublishDoor& door);

}  // namespace weir::api
