#include "proto/rtmp/command.h"

#include <algorithm>

#include "format/amf0/reader.h"
#include "format/amf0/writer.h"

namespace weir::rtmp {
namespace {

constexpr amf0::Limits command_limits{.depth = 16, .values = 512};

constexpr std::string_view set_data_frame = "@setDataFrame";

}  // namespace

base::Result<Command> parse_command(MessageType type, base::Bytes payload, std::string& fault) {
  const base::Bytes body = type == MessageType::command_amf3 ? amf0::without_amf3_envelope(payload) : payload;
  amf0::Reader reader(body, command_limits);
  Command command;
  const auto read = [&]() -> base::Result<void> {
    TRY(command.name, reader.text());
    if (!reader.done()) {
      TRY(command.transaction, reader.number());
    }
    if (!reader.done()) {
      TRY(command.object, reader.value());
    }
    while (!reader.done()) {
      auto argument = reader.value();
      // AMF3 values and the like behind what we need are no reason to hang up.
      if (!argument) {
        if (argument.error() == amf0::Errc::amf3_value) break;
        return argument.error();
      }
      command.arguments.push_back(std::move(*argument));
    }
    return {};
  };
  if (!read()) {
    fault = reader.fault_text();
    return Errc::bad_command;
  }
  return command;
}

const amf0::Value& Command::argument(std::size_t index) const {
  static const amf0::Value undefined;
  return index < arguments.size() ? arguments[index] : undefined;
}

base::SharedBytes data_of(MessageType type, const base::SharedBytes& payload) {
  base::SharedBytes body = payload;
  if (type == MessageType::data_amf3) {
    const base::Bytes inner = amf0::without_amf3_envelope(payload);
    body = payload.slice(payload.size() - inner.size());
  }
  const auto leading = amf0::leading_text(body);
  return leading && leading->text == set_data_frame ? body.slice(leading->bytes) : body;
}

base::Buffer write_command(const Command& command) {
  base::Buffer out;
  amf0::Writer writer(out);
  writer.text(command.name);
  writer.number(command.transaction);
  writer.value(command.object);
  for (const amf0::Value& argument : command.arguments) writer.value(argument);
  return out;
}

amf0::Value status_object(std::string_view level, std::string_view code, std::string_view description) {
  amf0::Value status = amf0::Value::object();
  status.set("level", level).set("code", code).set("description", description).set("clientid", "weir");
  return status;
}

}  // namespace weir::rtmp
