#pragma once

#include <concepts>
#include <string>
#include <utility>

#include "base/result.h"
#include "hub/error.h"

namespace weir::hub {

// Why somebody is not let in, or, with Errc::elsewhere, where to go instead. Goes wherever an error goes.
struct Refusal {
  Refusal() = default;
  Refusal(base::ErrorCode given) : why(given) {}
  template <class E>
    requires std::convertible_to<E, base::ErrorCode>
  Refusal(E given) : why(given) {}
  static Refusal elsewhere(std::string url) {
    Refusal refusal(Errc::elsewhere);
    refusal.url = std::move(url);
    return refusal;
  }

  operator const base::ErrorCode&() const { return why; }
  std::string message() const { return why.message(); }

  base::ErrorCode why;
  std::string url;  // as the session's protocol needs it: "rtmp://b.example/live/cam", "http://b.example/live/cam.flv"
};

// The verdict on somebody who asked: admitted with what is given, refused and why, or sent elsewhere.
template <class T>
using Verdict = boost::system::result<T, Refusal>;

}  // namespace weir::hub
