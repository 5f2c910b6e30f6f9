#include "session/common/upstream/local_error.h"

namespace weir::session::upstream {

const char* describe(LocalErrc code) {
  switch (code) {
    case LocalErrc::ok:
      return "ok";
    case LocalErrc::no_file:
      return "there is no such file below the directory of http_server";
    case LocalErrc::not_allowed:
      return "the file lies outside the directory of http_server, or may not be read";
    case LocalErrc::program_ended:
      return "the program ended";
    case LocalErrc::too_busy:
      return "the server has too much to do to begin this";
    case LocalErrc::bad_list:
      return "the list of files cannot be used";
    case LocalErrc::no_pipe:
      return "the server's standard input is no pipe";
    case LocalErrc::input_ended:
      return "the server's standard input is at its end";
  }
  return "unknown error of a local source";
}

}  // namespace weir::session::upstream
