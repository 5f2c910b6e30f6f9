#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/api/call.h"
#include "app/stats/ask.h"
#include "base/text.h"
#include "session/gb28181/sip_service.h"

// What the endpoints of /gb/v1/devices have in common. Only for the .cpp files of this folder.
namespace weir::api::gb {

using session::gb28181::Platform;
using session::gb28181::SignalErrc;

// What a request says, by name.
class Said {
 public:
  explicit Said(const http::Request& request) : request_(request) {}
  std::string text(std::string_view name) const { return request_.query_value(name).value_or(""); }
  // None if it is there and no number up to `most`.
  std::optional<std::uint64_t> number(std::string_view name, std::uint64_t usual, std::uint64_t most) const {
    const auto said = request_.query_value(name);
    if (!said) return usual;
    const auto number = base::parse_number(*said);
    return number && *number <= most ? number : std::nullopt;
  }

 private:
  const http::Request& request_;
};

http::Reply refusal(const Call& call, base::ErrorCode why);

// An answer that may be an error of its own, which no Result of a Result can hold beside the end of the connection.
template <class T>
struct Told {
  std::shared_ptr<const T> value;
};

// On the worker of the devices.
template <class T>
net::Task<base::Result<Told<T>>> on_platform(Call& call, std::function<T(Platform&)> work) {
  session::gb28181::SipService& sip = *call.context.gb28181;
  std::function<Told<T>()> there = [&sip, work = std::move(work)] {
    return Told<T>{std::make_shared<const T>(work(sip.platform()))};
  };
  co_return co_await stats::ask<Told<T>>(call.home(), sip.worker(), std::move(there));
}

// commands.cpp: what a device is told to do by POST. None: there is no command of that name.
using Command = Answer (*)(Call& call, const std::string& device);
Command command_of(std::string_view name);
// talks.cpp: sound to a loudspeaker of it.
Answer talk(Call& call, const std::string& device);

}  // namespace weir::api::gb
