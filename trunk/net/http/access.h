#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "net/http/reply.h"

namespace weir::http {

// Whom a route is for. Every route states it, and who may is decided from the route that matched alone: never from the
// text of a path, which can be written in many ways.
enum class Access : std::uint8_t {
  page,          // files and pages: anybody
  media,         // a stream or a part of one: who may play is the session's matter
  publish,       // takes a stream in: the session's matter too, but never by the hand of another site's page
  signalling,    // asks for a session of real time: as the session decides, pages of other sites too
  health,        // whether the server is well: anybody
  page_streams,  // which streams there are, on the page's own port: whoever may know, without a password
  metrics,       // figures for machines
  api_root,      // which API this is; before the password
  api_open,      // what says nothing of anybody: versions, descriptions
  api_streams,   // which streams there are
  api,           // the operator's: clients, figures, settings
  api_command,   // the operator's; every request to it changes something, whatever its method
};

// Which pages of other origins may read an answer (CORS).
enum class Readable : std::uint8_t { by_none, by_its_origin, by_all };

// What a gate says of a request.
struct Verdict {
  std::optional<Reply> refusal;           // the answer instead of the route's
  std::chrono::milliseconds delay{0};     // before a refusal goes out
  bool is_operator = false;               // sees what the public does not
  Readable readable = Readable::by_none;  // also of a refusal
};

}  // namespace weir::http
