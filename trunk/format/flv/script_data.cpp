#include "format/flv/script_data.h"

#include "format/amf0/reader.h"
#include "format/amf0/writer.h"
#include "format/flv/error.h"
#include "format/flv/fourcc.h"

namespace weir::flv {

namespace {

using amf0::Value;
using media::Codec;

double legacy_id(Codec codec) {
  switch (codec) {
    case Codec::h264:
      return 7;
    case Codec::aac:
      return 10;
    case Codec::mp3:
      return 2;
    case Codec::pcma:
      return 7;
    case Codec::pcmu:
      return 8;
    case Codec::speex:
      return 11;
    default:
      return fourcc_of(codec);  // Enhanced RTMP v2, "Enhancing onMetaData"
  }
}

}  // namespace

base::Result<ScriptData> parse_script_data(base::Bytes body, unsigned largest_values) {
  amf0::Reader reader(body, {.values = largest_values});
  ScriptData data;
  TRY(data.name, reader.text());
  if (data.name == "@setDataFrame") {
    TRY(data.name, reader.text());
  }
  if (!reader.done()) {
    TRY(data.value, reader.value());
  }
  return data;
}

base::Buffer write_script_data(const ScriptData& data) {
  base::Buffer out;
  amf0::Writer writer(out);
  writer.text(data.name);
  writer.value(data.value);
  return out;
}

std::string_view script_data_name(base::Bytes body) {
  const auto leading = amf0::leading_text(body);
  return leading ? leading->text : std::string_view();
}

Value metadata_of(const media::Tracks& tracks) {
  Value metadata = Value::ecma_array();
  bool has_video = false, has_audio = false;
  for (const media::Track& track : tracks) {
    const media::CodecParameters& p = *track.parameters;
    const media::Kind kind = media::kind_of(p.codec);
    if (kind == media::Kind::video && !has_video) {
      has_video = true;
      if (p.width != 0) metadata.set("width", p.width).set("height", p.height);
      if (p.frame_rate > 0) metadata.set("framerate", p.frame_rate);
      metadata.set("videocodecid", legacy_id(p.codec));
    }
    if (kind == media::Kind::audio && !has_audio) {
      has_audio = true;
      if (p.sample_rate != 0) metadata.set("audiosamplerate", p.sample_rate);
      if (p.channels != 0) metadata.set("stereo", Value::boolean(p.channels > 1));
      metadata.set("audiocodecid", legacy_id(p.codec));
    }
  }
  return metadata;
}

}  // namespace weir::flv
