#include "proto/rtmp/replies.h"

#include <utility>
#include <vector>

#include "format/amf0/writer.h"
#include "format/flv/fourcc.h"
#include "proto/rtmp/chunk_writer.h"

namespace weir::rtmp {
namespace {

// Flash players look for a media server of this age before they use H.264.
constexpr std::string_view media_server_version = "FMS/3,5,3,888";
constexpr double capabilities = 127;

// "FourCcInfoMask": we pass on and neither decode nor encode.
constexpr double can_forward = 4;

// "Enhancing NetConnection connect Command": the codecs and capabilities, under the names that a client says its own
// by.
void add_enhanced(amf0::Value& object) {
  std::vector<amf0::Value> list;
  amf0::Value video = amf0::Value::object(), audio = amf0::Value::object();
  for (int i = 0; i <= static_cast<int>(media::Codec::script_data); ++i) {
    const auto codec = static_cast<media::Codec>(i);
    const std::uint32_t code = flv::fourcc_of(codec);
    if (code == 0) continue;
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(code >> shift & 0xff);
    (media::kind_of(codec) == media::Kind::video ? video : audio).set(text, can_forward);
    list.emplace_back(std::string_view(text));
  }
  object.set("fourCcList", amf0::Value::strict_array(std::move(list)))
      .set("videoFourCcInfoMap", std::move(video))
      .set("audioFourCcInfoMap", std::move(audio))
      .set("capsEx", static_cast<double>(caps_ex::reconnect | caps_ex::multitrack | caps_ex::mod_ex |
                                         caps_ex::timestamp_nano_offset));
}

amf0::Value redirect_status(std::string_view tc_url, std::string_view url) {
  amf0::Value target = amf0::Value::object();
  target.set("code", 302.0).set("redirect", tc_url).set("redirect2", url);
  amf0::Value status = status_object("error", "NetConnection.Connect.Rejected", "RTMP 302 Redirect");
  status.set("ex", std::move(target));
  return status;
}

}  // namespace

void ReplyWriter::connect_result(double transaction, double object_encoding, const ServerInfo& info) {
  Command result{"_result", transaction, amf0::Value::object(), {}};
  result.object.set("fmsVer", media_server_version).set("capabilities", capabilities).set("mode", 1.0);
  add_enhanced(result.object);

  const std::string server = "Weir/" + info.version;
  // Edges and tools made for SRS look for these names.
  amf0::Value data = amf0::Value::ecma_array();
  data.set("version", media_server_version.substr(4))
      .set("srs_sig", "Weir")
      .set("srs_server", std::string_view(server))
      .set("srs_license", "MIT")
      .set("srs_url", std::string_view(info.url))
      .set("srs_version", std::string_view(info.version))
      .set("srs_authors", "Weir authors")
      .set("srs_server_ip", std::string_view(info.ip))
      .set("srs_pid", static_cast<double>(info.pid))
      .set("srs_id", std::string_view(info.id));

  amf0::Value status = amf0::Value::object();
  status.set("level", "status")
      .set("code", "NetConnection.Connect.Success")
      .set("description", "Connection succeeded")
      .set("objectEncoding", object_encoding)
      .set("data", std::move(data));
  add_enhanced(status);  // which of the two objects is looked into, clients do not agree
  result.arguments.push_back(std::move(status));
  send(result, chunk_streams::connection, 0);
}

void ReplyWriter::reconnect_request(std::string_view description) {
  amf0::Value status = amf0::Value::object();
  status.set("level", "status").set("code", "NetConnection.Connect.ReconnectRequest").set("description", description);
  send({"onStatus", 0, amf0::Value::null(), {std::move(status)}}, chunk_streams::connection, 0);
}

void ReplyWriter::connect_redirect(double transaction, std::string_view tc_url, std::string_view url) {
  send({"_error", transaction, amf0::Value::null(), {redirect_status(tc_url, url)}}, chunk_streams::connection, 0);
}

void ReplyWriter::stream_redirect(std::string_view tc_url, std::string_view url) {
  send({"onStatus", 0, amf0::Value::null(), {redirect_status(tc_url, url)}}, chunk_streams::stream, media_stream_id);
}

void ReplyWriter::bandwidth_done() {
  send({"onBWDone", 0, amf0::Value::null(), {amf0::Value::null()}}, chunk_streams::connection, 0);
}

void ReplyWriter::result(double transaction, amf0::Value answer) {
  send({"_result", transaction, amf0::Value::null(), {std::move(answer)}}, chunk_streams::connection, 0);
}

void ReplyWriter::error(double transaction, std::string_view code, std::string_view description) {
  send({"_error", transaction, amf0::Value::null(), {status_object("error", code, description)}},
       chunk_streams::connection, 0);
}

void ReplyWriter::status(std::string_view level, std::string_view code, std::string_view description) {
  send({"onStatus", 0, amf0::Value::null(), {status_object(level, code, description)}}, chunk_streams::stream,
       media_stream_id);
}

void ReplyWriter::publication_status(std::string_view name, std::string_view code, std::string_view description) {
  send({std::string(name), 0, amf0::Value::null(), {status_object("status", code, description)}}, chunk_streams::stream,
       media_stream_id);
}

void ReplyWriter::sample_access() {
  base::Buffer payload;
  amf0::Writer writer(payload);
  writer.text("|RtmpSampleAccess");
  writer.boolean(true);
  writer.boolean(true);
  append_message(out_, {MessageType::data, chunk_streams::stream, media_stream_id, 0}, payload, chunk_size_);
}

void ReplyWriter::send(const Command& command, std::uint32_t chunk_stream, std::uint32_t stream_id) {
  const base::Buffer payload = write_command(command);
  append_message(out_, {MessageType::command, chunk_stream, stream_id, 0}, payload, chunk_size_);
}

}  // namespace weir::rtmp
