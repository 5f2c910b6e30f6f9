#include "proto/rtmp/client.h"

#include <fmt/format.h>

#include <utility>

#include "format/amf0/writer.h"
#include "proto/rtmp/aggregate.h"
#include "proto/rtmp/control.h"

namespace weir::rtmp {
namespace {

std::string app_of(std::string_view tc_url) {
  const std::size_t scheme_end = tc_url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const std::size_t slash = tc_url.find('/', scheme_end + 3);
  return slash == std::string_view::npos ? std::string() : std::string(tc_url.substr(slash + 1));
}

std::uint32_t chunk_stream_of(MessageType type) {
  if (type == MessageType::video) return chunk_streams::video;
  return type == MessageType::audio ? chunk_streams::audio : chunk_streams::data;
}

base::Buffer metadata_prefix() {
  base::Buffer out;
  amf0::Writer(out).text("@setDataFrame");
  return out;
}

bool is_metadata(base::Bytes payload) {
  constexpr std::string_view name = "onMetaData";
  return payload.size() > 3 + name.size() && payload[0] == 2 && base::as_text(payload.subspan(3, name.size())) == name;
}

}  // namespace

Client::Client(ClientOptions options)
    : options_(std::move(options)),
      handshake_(std::make_unique<ClientHandshake>(options_.handshake)),
      reader_(ChunkLimits{.message_bytes = options_.message_bytes}) {
  if (options_.app.empty()) options_.app = app_of(options_.tc_url);
  reader_.set_drain(options_.drain);
  handshake_->start(output_);
}

base::Result<void> Client::input(base::Bytes in) {
  acknowledgement_.add(in.size());
  if (handshake_) {
    const std::size_t before = in.size();
    if (auto result = handshake_->input(in, output_); !result) {
      diagnostic_ = handshake_->diagnostic();
      return result;
    }
    reader_.set_offset(reader_.offset() + before - in.size());
    if (!handshake_->done()) return {};
    handshake_.reset();
    send_connect();
  }
  while (!in.empty() && phase_ != Phase::closed) {
    auto message = reader_.next(in);
    if (!message) {
      diagnostic_ = reader_.diagnostic();
      return message.error();
    }
    if (!*message) break;
    TRY_VOID(handle(std::move(**message)));
  }
  if (acknowledgement_.due()) append_acknowledgement(output_, acknowledgement_.take());
  return {};
}

void Client::send_connect() {
  phase_ = Phase::connecting;
  append_window_size(output_, options_.window_bytes);
  append_set_chunk_size(output_, options_.chunk_size);
  writer_.set_chunk_size(options_.chunk_size);

  Command connect{"connect", ++transaction_, amf0::Value::object(), {}};
  connect.object.set("app", std::string_view(options_.app))
      .set("type", "nonprivate")
      .set("flashVer", std::string_view(options_.flash_version))
      .set("tcUrl", std::string_view(options_.tc_url));
  if (!options_.swf_url.empty()) connect.object.set("swfUrl", std::string_view(options_.swf_url));
  if (!options_.page_url.empty()) connect.object.set("pageUrl", std::string_view(options_.page_url));
  if (options_.role == Role::play) {
    connect.object.set("fpad", amf0::Value::boolean(false))
        .set("capabilities", 239.0)
        .set("audioCodecs", 3575.0)
        .set("videoCodecs", 252.0)
        .set("videoFunction", 1.0);
  }
  connect.object.set("objectEncoding", 0.0);
  if (options_.args) connect.arguments.push_back(*options_.args);
  send_command(connect, 0);
}

// publish or play, once the stream is created.
void Client::send_start() {
  phase_ = Phase::starting;
  const std::string_view stream = options_.stream;
  if (options_.role == Role::publish) {
    send_command({"publish", ++transaction_, amf0::Value::null(), {stream, "live"}}, stream_id_);
    return;
  }
  append_user_control(output_, {UserEvent::set_buffer_length, stream_id_, options_.buffer_ms});
  send_command({"play", ++transaction_, amf0::Value::null(), {stream, -2.0}}, stream_id_);
}

void Client::send_command(const Command& command, std::uint32_t stream_id) {
  const std::uint32_t chunk_stream = stream_id == 0 ? chunk_streams::connection : chunk_streams::stream;
  const base::Buffer payload = write_command(command);
  writer_.append(output_, {MessageType::command, chunk_stream, stream_id, 0}, payload);
}

void Client::send(MessageType type, std::uint32_t time_ms, base::Bytes payload) {
  const OutMessage message{type, chunk_stream_of(type), stream_id_, time_ms};
  if (type == MessageType::data && is_metadata(payload)) {
    const base::Buffer prefix = metadata_prefix();
    const base::Bytes parts[] = {prefix, payload};
    writer_.append(output_, message, parts);
  } else {
    writer_.append(output_, message, payload);
  }
}

void Client::close() {
  if (phase_ != Phase::starting && phase_ != Phase::publishing && phase_ != Phase::playing) return;
  const std::string_view stream = options_.stream;
  if (options_.role == Role::publish) {
    send_command({"FCUnpublish", ++transaction_, amf0::Value::null(), {stream}}, 0);
  } else {
    send_command({"closeStream", 0, amf0::Value::null(), {}}, stream_id_);
  }
  send_command({"deleteStream", 0, amf0::Value::null(), {static_cast<double>(stream_id_)}}, 0);
  phase_ = Phase::closed;
}

void Client::skip(std::size_t count) {
  acknowledgement_.add(count);
  reader_.skip(count);
}

base::Result<void> Client::handle(Message&& message) {
  switch (message.type) {
    case MessageType::audio:
    case MessageType::video:
    case MessageType::data:
    case MessageType::data_amf3:
    case MessageType::aggregate:
      return handle_media(std::move(message));
    case MessageType::command:
    case MessageType::command_amf3:
      return handle_command(message);
    case MessageType::user_control:
      return handle_user_control(message.payload);
    case MessageType::window_acknowledgement_size: {
      const auto window = parse_number_message(message.payload);
      if (!window) {
        diagnostic_ = {reader_.offset(), "window acknowledgement size has less than 4 bytes"};
        return Errc::bad_control_message;
      }
      acknowledgement_.set_window(*window);
      return {};
    }
    default:
      return {};
  }
}

base::Result<void> Client::handle_media(Message&& message) {
  if (options_.role != Role::play || message.size_bytes == 0) return {};
  if (phase_ != Phase::starting && phase_ != Phase::playing) return {};
  if (message.type == MessageType::aggregate) {
    Diagnostic fault;
    auto parts = split_aggregate(message, fault);
    if (!parts) {
      diagnostic_ = {reader_.offset() - message.size_bytes + fault.offset, std::move(fault.text)};
      return parts.error();
    }
    for (Message& part : *parts) {
      if (is_media(part.type)) TRY_VOID(handle_media(std::move(part)));
    }
    return {};
  }
  if (message.type == MessageType::data || message.type == MessageType::data_amf3) {
    base::SharedBytes data = data_of(message.type, message.payload);
    if (!data.empty()) events_.push(MediaReceived{MessageType::data, message.time_ms, std::move(data)});
    return {};
  }
  // Some servers let media go before their NetStream.Play.Start.
  if (phase_ == Phase::starting) {
    phase_ = Phase::playing;
    events_.push(Playing{});
  }
  if (message.payload.empty()) {
    events_.push(MediaDrained{message.type, message.time_ms, message.size_bytes, message.head});
  } else {
    events_.push(MediaReceived{message.type, message.time_ms, std::move(message.payload)});
  }
  return {};
}

base::Result<void> Client::handle_user_control(base::Bytes payload) {
  const auto control = parse_user_control(payload);
  if (!control) {
    diagnostic_ = {reader_.offset(), fmt::format("user control message has {} bytes", payload.size())};
    return Errc::bad_control_message;
  }
  if (control->event == UserEvent::ping_request) {
    append_user_control(output_, {UserEvent::ping_response, control->value});
  } else if (control->event == UserEvent::stream_eof && phase_ == Phase::playing) {
    events_.push(Ended{});
  }
  return {};
}

}  // namespace weir::rtmp
