#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "format/amf0/value.h"
#include "proto/rtmp/error.h"
#include "proto/rtmp/message.h"

namespace weir::rtmp {

// 7.1.1: a name, a transaction id, a command object (or null) and arguments.
struct Command {
  std::string name;
  double transaction = 0;  // 0: no answer is expected
  amf0::Value object;
  std::vector<amf0::Value> arguments;

  // The argument of that index, undefined if there are fewer.
  const amf0::Value& argument(std::size_t index) const;
};

// Of a message of type command or command_amf3. A missing transaction or object is let pass. `fault` gets the
// reader's words on an error.
base::Result<Command> parse_command(MessageType type, base::Bytes payload, std::string& fault);

// "@setDataFrame" and the leading byte of AMF3 data taken off the front of a data message.
base::SharedBytes data_of(MessageType type, const base::SharedBytes& payload);

// The AMF0 bytes of a command message.
base::Buffer write_command(const Command& command);
// {level, code, description, clientid}: what onStatus and its like carry.
amf0::Value status_object(std::string_view level, std::string_view code, std::string_view description);

}  // namespace weir::rtmp
