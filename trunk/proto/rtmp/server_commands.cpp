// What a Server does with the commands of its client; the rest of it is in server.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "proto/rtmp/control.h"
#include "proto/rtmp/server.h"

namespace weir::rtmp {
namespace {

// Between two streams a client has no need of more.
constexpr unsigned most_idle_commands = 256;
constexpr std::size_t longest_name = 2048;

PublishKind kind_of(std::string_view type) {
  if (base::iequals(type, "record")) return PublishKind::record;
  if (base::iequals(type, "append")) return PublishKind::append;
  return PublishKind::live;
}

std::string name_of(const amf0::Value& value) { return std::string(value.as_text().substr(0, longest_name)); }

bool is_stream_name_call(std::string_view name) { return name == "releaseStream" || name == "FCPublish"; }

}  // namespace

base::Result<void> Server::handle_command(const Message& message) {
  std::string fault;
  auto command = parse_command(message.type, message.payload, fault);
  if (!command) return fail(Errc::bad_command, std::move(fault));
  if (phase_ == Phase::connect) {
    if (command->name == "connect") return handle_connect(*command);
    return fail(Errc::not_connected, fmt::format("command \"{}\"", base::printable(command->name, 40)));
  }
  if (phase_ == Phase::ready && ++idle_commands_ > most_idle_commands) {
    return fail(Errc::command_flood, fmt::format("command \"{}\"", base::printable(command->name, 40)));
  }
  handle_stream_command(*command);
  return {};
}

base::Result<void> Server::handle_connect(const Command& command) {
  auto request = std::make_unique<ConnectRequest>();
  transaction_ = command.transaction;
  request->tc_url = base::trim(command.object.text_at("tcUrl"));
  if (request->tc_url.empty()) {
    reject_connect("The connect command has no tcUrl.");
    return fail(Errc::missing_tc_url, "property tcUrl of connect");
  }
  request->app = command.object.text_at("app");
  request->page_url = command.object.text_at("pageUrl");
  request->swf_url = command.object.text_at("swfUrl");
  request->flash_version = command.object.text_at("flashVer");
  request->object_encoding = command.object.number_at("objectEncoding");
  request->properties = command.object;
  if (command.argument(0).has_properties()) request->args = command.argument(0);
  request->proxied_address = proxied_address_;
  object_encoding_ = request->object_encoding;
  const double caps = command.object.number_at("capsEx");
  caps_ex_ = caps >= 0 && caps <= 0xffffffff ? static_cast<std::uint32_t>(caps) : 0;
  waiting_ = Waiting::connect;
  events_.push(ConnectRequested{std::move(request)});
  return {};
}

void Server::handle_stream_command(const Command& command) {
  const std::string& name = command.name;
  if (is_stream_name_call(name)) {
    name_publication(command);
  } else if (name == "createStream") {
    stream_created_ = true;
    replies().result(command.transaction, static_cast<double>(media_stream_id));
  } else if (name == "publish") {
    handle_publish(command);
  } else if (name == "play") {
    handle_play(command);
  } else if (name == "FCUnpublish") {
    if (phase_ == Phase::publishing) {
      replies().publication_status("onFCUnpublish", "NetStream.Unpublish.Success", "Stopped publishing stream.");
    }
    if (command.transaction > 0) replies().result(command.transaction, amf0::Value());
    end_stream();
  } else if (name == "closeStream" || name == "deleteStream") {
    end_stream();
  } else if (name == "pause" || name == "pauseRaw") {
    handle_pause(command);
  } else if (name == "seek") {
    send_status("error", "NetStream.Seek.Failed", "A live stream cannot be sought in.");
    events_.push(SeekRefused{command.argument(0).as_number()});
  } else if (name == "FCSubscribe") {
    if (command.transaction > 0) replies().result(command.transaction, amf0::Value());
    replies().publication_status("onFCSubscribe", "NetStream.Play.Start", "Started playing stream.");
  } else if (name == "receiveAudio" || name == "receiveVideo" || name == "onStatus" || name == "_result" ||
             name == "_error") {
    // Answers to our onBWDone, and wishes that have no answer (7.2.2.4).
  } else {
    // Haivision's _checkbw and others go on only after an answer.
    if (command.transaction > 0) replies().result(command.transaction, amf0::Value::null());
    events_.push(UnknownCommand{name.substr(0, longest_name)});
  }
}

void Server::name_publication(const Command& command) {
  (stream_created_ ? named_after_create_ : named_before_create_) = true;
  if (std::string given = name_of(command.argument(0)); !given.empty()) publication_name_ = std::move(given);
  if (command.transaction > 0) replies().result(command.transaction, amf0::Value());
}

void Server::handle_publish(const Command& command) {
  end_stream();
  const amf0::Value& name = command.argument(0);
  if (name.is_boolean() && !name.as_boolean()) return;  // publish(false) ends
  PublishRequested request;
  request.name = name_of(name);
  if (request.name.empty()) request.name = publication_name_;
  request.kind = kind_of(command.argument(1).as_text());
  if (named_before_create_) {
    request.dialect = Dialect::fmle;
  } else if (named_after_create_) {
    request.dialect = Dialect::haivision;
  }
  dialect_ = request.dialect;
  named_before_create_ = named_after_create_ = false;
  waiting_ = Waiting::publish;
  events_.push(std::move(request));
}

void Server::handle_play(const Command& command) {
  end_stream();
  const amf0::Value& name = command.argument(0);
  if (name.is_boolean() && !name.as_boolean()) return;  // play(false) ends
  PlayRequested request;
  request.name = name_of(name);
  request.start = command.argument(1).as_number(request.start);
  request.duration = command.argument(2).as_number(request.duration);
  const amf0::Value& reset = command.argument(3);
  request.reset = reset.is_number() ? reset.as_number() != 0 : reset.as_boolean(true);
  waiting_ = Waiting::play;
  events_.push(std::move(request));
}

void Server::handle_pause(const Command& command) {
  if (phase_ != Phase::playing) return;
  const bool paused = command.argument(0).as_boolean(true);
  if (paused) {
    send_status("status", "NetStream.Pause.Notify", "Paused stream.");
    append_user_control(output_, {UserEvent::stream_eof, media_stream_id});
  } else {
    send_status("status", "NetStream.Unpause.Notify", "Unpaused stream.");
    append_user_control(output_, {UserEvent::stream_begin, media_stream_id});
  }
  events_.push(Paused{paused});
}

void Server::end_stream() {
  if (phase_ == Phase::publishing) {
    send_status("status", "NetStream.Unpublish.Success", "Stopped publishing stream.");
    events_.push(Unpublished{});
  } else if (phase_ == Phase::playing) {
    events_.push(StreamClosed{});
  } else {
    return;
  }
  phase_ = Phase::ready;
  idle_commands_ = 0;
  stream_created_ = false;
  publication_name_.clear();
}

}  // namespace weir::rtmp
