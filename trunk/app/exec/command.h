#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "hub/request.h"

namespace weir::exec {

enum class Errc { no_program = 1, no_file, bad_file, option, bad_url, silent };
const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "exec")

// A program to run, without a shell: its words, and where its output goes.
struct Command {
  struct Redirect {
    int descriptor = 1;
    std::string path;
    bool append = false;
    bool input = false;  // read, not written: of descriptor 0
    bool operator==(const Redirect&) const = default;
  };
  std::vector<std::string> words;
  std::vector<Redirect> redirects;
};

struct Facts {
  const hub::Request& request;
  std::uint16_t port = 1935;  // of RTMP here
  std::chrono::system_clock::time_point time;
  std::string_view engine{};  // of a process: its name
};

// Fills the variables [vhost] [port] [app] [stream] [engine] [url] [tcUrl] [swfUrl] [pageUrl] and those of time into
// each word, and takes ">file", "> file", "1>", "2>", ">>", "1>>" and "2>>" out. By the rule of
// session/common/path_pattern.h: what the publisher named leads no file and no argument to another folder, is no
// option, and chooses no program; and [url] means his stream alone. Errc; with Errc::option and bad_url `at_fault`, if
// given, is the name of the variable.
base::Result<Command> command_of(const std::vector<std::string>& words, const Facts& facts,
                                 std::string* at_fault = nullptr);

}  // namespace weir::exec

WEIR_ERROR_ENUM(weir::exec::Errc)
