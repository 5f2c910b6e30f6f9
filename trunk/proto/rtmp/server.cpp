#include "proto/rtmp/server.h"

#include <fmt/format.h>

#include <utility>

#include "proto/rtmp/aggregate.h"
#include "proto/rtmp/control.h"

namespace weir::rtmp {
namespace {

// Nothing longer is due from anybody but a publisher: half-open connections and players hold little.
constexpr std::uint32_t command_message_bytes = 64 * 1024;
constexpr std::size_t longest_backlog = 1024 * 1024;

}  // namespace

Server::Server(ServerOptions options)
    : options_(options),
      handshake_(std::make_unique<ServerHandshake>(options.proxy_prefix)),
      reader_(ChunkLimits{.message_bytes = command_message_bytes}) {
  acknowledgement_.set_window(options.acknowledge_bytes);
}

base::Result<void> Server::input(base::Bytes in) {
  acknowledgement_.add(in.size());
  if (waiting_ != Waiting::nothing) {
    if (backlog_.size() + in.size() > longest_backlog) {
      return fail(Errc::unanswered_flood,
                  fmt::format("{} bytes wait for an answer of ours", backlog_.size() + in.size()));
    }
    backlog_.append(in);
    return {};
  }
  return consume(in);
}

base::Result<void> Server::consume(base::Bytes in) {
  if (handshake_) {
    const std::size_t before = in.size();
    if (auto result = handshake_->input(in, output_); !result) {
      diagnostic_ = handshake_->diagnostic();
      return result;
    }
    reader_.set_offset(reader_.offset() + before - in.size());
    if (!handshake_->done()) return {};
    proxied_address_ = handshake_->proxied_address();
    handshake_.reset();
    phase_ = Phase::connect;
  }
  while (!in.empty() && phase_ != Phase::refused) {
    if (waiting_ != Waiting::nothing) {
      backlog_.append(in);
      break;
    }
    auto message = reader_.next(in);
    if (!message) {
      diagnostic_ = reader_.diagnostic();
      return message.error();
    }
    if (!*message) break;
    TRY_VOID(handle(std::move(**message)));
  }
  if (acknowledgement_.due() && phase_ != Phase::connect && phase_ != Phase::refused) {
    append_acknowledgement(output_, acknowledgement_.take());
  }
  return {};
}

// After an answer: what came while it was awaited.
base::Result<void> Server::resume() {
  waiting_ = Waiting::nothing;
  const base::Buffer backlog = std::exchange(backlog_, {});
  return consume(backlog);
}

base::Result<void> Server::handle(Message&& message) {
  switch (message.type) {
    case MessageType::audio:
    case MessageType::video:
    case MessageType::data:
    case MessageType::data_amf3:
      handle_media(message.type, message.time_ms, std::move(message.payload));
      return {};
    case MessageType::aggregate:
      return handle_aggregate(message);
    case MessageType::command:
    case MessageType::command_amf3:
      return handle_command(message);
    case MessageType::user_control:
      return handle_user_control(message.payload);
    case MessageType::acknowledgement:
    case MessageType::window_acknowledgement_size: {
      const auto number = parse_number_message(message.payload);
      if (!number) {
        return fail(Errc::bad_control_message, fmt::format("control message of type {} has {} bytes, 4 are needed",
                                                           int(message.type), message.payload.size()));
      }
      if (message.type == MessageType::acknowledgement) {
        events_.push(Acknowledged{*number});
      } else if (options_.acknowledge_bytes == 0) {
        acknowledgement_.set_window(*number);
      }
      return {};
    }
    // What remains is not for a live server (shared objects), or a wish about our rate that TCP has settled already.
    default:
      return {};
  }
}

void Server::handle_media(MessageType type, std::int64_t time_ms, base::SharedBytes payload) {
  if (phase_ != Phase::publishing || payload.empty()) return;
  if (type == MessageType::audio || type == MessageType::video) {
    events_.push(MediaReceived{type, time_ms, std::move(payload)});
    return;
  }
  base::SharedBytes data = data_of(type, payload);
  if (!data.empty()) events_.push(MediaReceived{MessageType::data, time_ms, std::move(data)});
}

base::Result<void> Server::handle_aggregate(const Message& message) {
  Diagnostic fault;
  auto parts = split_aggregate(message, fault);
  if (!parts) {
    diagnostic_ = {reader_.offset() - message.size_bytes + fault.offset, std::move(fault.text)};
    return parts.error();
  }
  for (Message& part : *parts) {
    if (is_media(part.type) || part.type == MessageType::data_amf3) {
      handle_media(part.type, part.time_ms, std::move(part.payload));
    }
  }
  return {};
}

base::Result<void> Server::handle_user_control(base::Bytes payload) {
  const auto control = parse_user_control(payload);
  if (!control)
    return fail(Errc::bad_control_message, fmt::format("user control message has {} bytes", payload.size()));
  if (control->event == UserEvent::set_buffer_length) {
    events_.push(BufferLengthSet{control->second});
  } else if (control->event == UserEvent::ping_request) {
    append_user_control(output_, {UserEvent::ping_response, control->value});
  }
  return {};
}

base::Result<void> Server::accept_connect(const ServerInfo& info) {
  if (waiting_ != Waiting::connect) return {};
  phase_ = Phase::ready;
  if (options_.window_bytes > 0) append_window_size(output_, options_.window_bytes);
  append_peer_bandwidth(output_, options_.peer_bandwidth);
  // OBS wants the chunk size before the answer.
  append_set_chunk_size(output_, options_.chunk_size);
  chunk_size_ = options_.chunk_size;
  replies().connect_result(transaction_, object_encoding_, info);
  replies().bandwidth_done();
  return resume();
}

bool Server::request_reconnect(std::string_view description) {
  if ((caps_ex_ & caps_ex::reconnect) == 0 || phase_ == Phase::connect || phase_ == Phase::refused) return false;
  replies().reconnect_request(description);
  return true;
}

void Server::reject_connect(std::string_view description) {
  replies().error(transaction_, "NetConnection.Connect.Rejected", description);
  phase_ = Phase::refused;
  waiting_ = Waiting::nothing;
  backlog_.release_memory();
}

base::Result<void> Server::accept_publish() {
  if (waiting_ != Waiting::publish) return {};
  phase_ = Phase::publishing;
  idle_commands_ = 0;
  reader_.set_message_limit(options_.message_bytes);
  if (dialect_ != Dialect::flash) {
    replies().publication_status("onFCPublish", "NetStream.Publish.Start", "Started publishing stream.");
  }
  send_status("status", "NetStream.Publish.Start", "Started publishing stream.");
  return resume();
}

base::Result<void> Server::reject_publish(std::string_view code, std::string_view description) {
  if (waiting_ != Waiting::publish) return {};
  send_status("error", code, description);
  return resume();
}

base::Result<void> Server::accept_play() {
  if (waiting_ != Waiting::play) return {};
  phase_ = Phase::playing;
  idle_commands_ = 0;
  append_user_control(output_, {UserEvent::stream_begin, media_stream_id});
  send_status("status", "NetStream.Play.Reset", "Playing and resetting stream.");
  send_status("status", "NetStream.Play.Start", "Started playing stream.");
  // No NetStream.Data.Start: ffmpeg would show a data stream for it.
  replies().sample_access();
  return resume();
}

base::Result<void> Server::reject_play(std::string_view code, std::string_view description) {
  if (waiting_ != Waiting::play) return {};
  send_status("error", code, description);
  return resume();
}

void Server::redirect(std::string_view tc_url, std::string_view url) {
  if (phase_ == Phase::connect) {
    replies().connect_redirect(transaction_, tc_url, url);
  } else {
    replies().stream_redirect(tc_url, url);
  }
  phase_ = Phase::refused;
  waiting_ = Waiting::nothing;
  backlog_.release_memory();
}

void Server::notify_stopped() {
  append_user_control(output_, {UserEvent::stream_eof, media_stream_id});
  send_status("status", "NetStream.Play.Stop", "Stopped playing stream.");
}

void Server::send_status(std::string_view level, std::string_view code, std::string_view description) {
  replies().status(level, code, description);
}

base::ErrorCode Server::fail(Errc code, std::string text) {
  diagnostic_ = {reader_.offset(), std::move(text)};
  return code;
}

}  // namespace weir::rtmp
