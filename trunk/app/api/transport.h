#pragma once

#include "app/api/json_writer.h"
#include "net/transport_figures.h"

namespace weir::api {

// "transport":{...} of a link over SRT, RIST or WebRTC. Packets; times in milliseconds.
void write_transport(JsonWriter& out, const net::TransportFigures& figures);

}  // namespace weir::api
