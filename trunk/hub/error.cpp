#include "hub/error.h"

namespace weir::hub {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::busy:
      return "somebody publishes this stream already";
    case Errc::no_vhost:
      return "no such virtual host";
    case Errc::no_stream_name:
      return "the stream has no name";
    case Errc::refused:
      return "refused";
    case Errc::limit:
      return "too many: a configured limit is reached";
    case Errc::unpublished:
      return "the publisher left";
    case Errc::nobody_published:
      return "nobody published within publish_wait";
    case Errc::not_carried:
      return "no track of this stream can be carried in this format";
    case Errc::draining:
      return "the server takes nobody in: it is stopping, or being emptied";
    case Errc::no_memory:
      return "the server's memory budget is used up";
    case Errc::taken_over:
      return "another publisher took the stream over";
    case Errc::id_taken:
      return "a session of that id is listed already";
    case Errc::elsewhere:
      return "the stream is on another server";
  }
  return "unknown";
}

}  // namespace weir::hub
