#pragma once

#include "app/api/json_writer.h"
#include "media/transport_stream.h"

namespace weir::api {

// "transport_stream":{...} of an input that is one: what is wrong with it, by TR 101 290.
void write_transport_stream(JsonWriter& out, const media::TransportStream& stream);

}  // namespace weir::api
