// What a Client does with the answers of its server; the rest of it is in client.cpp.
#include <utility>

#include "proto/rtmp/client.h"

namespace weir::rtmp {

base::Result<void> Client::handle_command(const Message& message) {
  std::string fault;
  auto command = parse_command(message.type, message.payload, fault);
  if (!command) {
    diagnostic_ = {reader_.offset(), std::move(fault)};
    return Errc::bad_command;
  }
  if (command->name == "_result") return handle_result(*command);
  if (command->name == "_error") {
    handle_error(*command);
  } else if (command->name == "onStatus") {
    handle_status(*command);
  } else if (command->name == "close") {
    refuse(status_object("error", "NetConnection.Connect.Closed", "The server closed the connection."));
  }
  // Others, such as onBWDone and onFCPublish, ask for nothing.
  return {};
}

base::Result<void> Client::handle_result(const Command& command) {
  if (phase_ == Phase::connecting && command.transaction == transaction_) {
    const amf0::Value* data = command.argument(0).find("data");
    events_.push(Connected{data ? *data : amf0::Value()});
    phase_ = Phase::creating;
    const std::string_view stream = options_.stream;
    if (options_.role == Role::publish) {
      send_command({"releaseStream", ++transaction_, amf0::Value::null(), {stream}}, 0);
      send_command({"FCPublish", ++transaction_, amf0::Value::null(), {stream}}, 0);
    }
    create_transaction_ = ++transaction_;
    send_command({"createStream", create_transaction_, amf0::Value::null(), {}}, 0);
    return {};
  }
  if (phase_ == Phase::creating && command.transaction == create_transaction_) {
    const double id = command.argument(0).as_number(-1);
    if (!(id >= 0 && id <= 0xffffffff)) {
      diagnostic_ = {reader_.offset(), "createStream's answer is not the number of a message stream"};
      return Errc::bad_command;
    }
    stream_id_ = static_cast<std::uint32_t>(id);
    send_start();
  }
  return {};
}

// releaseStream and FCPublish are refused by servers that do not know them: no matter.
void Client::handle_error(const Command& command) {
  const bool connecting = phase_ == Phase::connecting;
  const bool creating = phase_ == Phase::creating && command.transaction == create_transaction_;
  const bool starting = phase_ == Phase::starting && command.transaction == transaction_;
  if (connecting || creating || starting) refuse(command.argument(0));
}

void Client::handle_status(const Command& command) {
  const amf0::Value& status = command.argument(0);
  const std::string_view code = status.text_at("code");
  const std::string_view level = status.text_at("level");
  const bool before = phase_ == Phase::connecting || phase_ == Phase::creating || phase_ == Phase::starting;
  if (phase_ == Phase::starting && options_.role == Role::publish && code == "NetStream.Publish.Start") {
    phase_ = Phase::publishing;
    events_.push(Publishing{});
  } else if (phase_ == Phase::starting && options_.role == Role::play && code == "NetStream.Play.Start") {
    phase_ = Phase::playing;
    events_.push(Playing{});
  } else if (status.find("ex") || (before && level == "error")) {
    refuse(status);
  } else if (code == "NetStream.Play.Stop" || code == "NetStream.Play.Complete") {
    if (phase_ == Phase::playing) events_.push(Ended{});
  } else if (code != "NetStream.Play.Reset") {
    events_.push(StatusReceived{std::string(level), std::string(code), std::string(status.text_at("description"))});
  }
}

void Client::refuse(const amf0::Value& status) {
  phase_ = Phase::closed;
  const amf0::Value* elsewhere = status.find("ex");
  if (elsewhere && elsewhere->number_at("code") == 302) {
    // redirect2 is the whole URL; redirect is the tcUrl, of servers that know no other.
    events_.push(Redirected{std::string(elsewhere->text_at("redirect")), std::string(elsewhere->text_at("redirect2"))});
    return;
  }
  events_.push(Refused{std::string(status.text_at("code")), std::string(status.text_at("description"))});
}

}  // namespace weir::rtmp
