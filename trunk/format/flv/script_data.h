#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "format/amf0/value.h"
#include "media/track.h"

namespace weir::flv {

// A data message: a name and one value, "onMetaData" and an ECMA array.
struct ScriptData {
  std::string name;
  amf0::Value value;
};

// Reads the body of a script tag or RTMP data message. A leading "@setDataFrame" is taken off, a missing value is
// undefined. `largest_values` bounds how many AMF0 values it may have.
base::Result<ScriptData> parse_script_data(base::Bytes body, unsigned largest_values = 16'384);
base::Buffer write_script_data(const ScriptData& data);

// The name of a data message without reading the rest; empty if it has none. "@setDataFrame" is not taken off.
std::string_view script_data_name(base::Bytes body);

// onMetaData as the tracks say it: width, height, framerate, videocodecid, audiocodecid, audiosamplerate, stereo.
amf0::Value metadata_of(const media::Tracks& tracks);

}  // namespace weir::flv
