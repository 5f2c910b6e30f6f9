#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "hub/request.h"

namespace weir::exec {

// A program to run, without a shell: its words, and where its output goes.
struct Command {
  struct Redirect {
    int descriptor = 1;
    std::string path;
    bool append = false;
    bool operator==(const Redirect&) const = default;
  };
  std::vector<std::string> words;
  std::vector<Redirect> redirects;
};

struct Facts {
  const hub::Request& request;
  std::uint16_t port = 1935;  // of RTMP here
  std::chrono::system_clock::time_point time;
};

// Fills the variables [vhost] [port] [app] [stream] [engine] [url] [tcUrl] [swfUrl] [pageUrl] and those of time into
// each word, and takes ">file", "> file", "1>", "2>", ">>", "1>>" and "2>>" out. Nothing if there is no program, if a
// redirection has no file, or if what the publisher named would lead its file to another folder.
std::optional<Command> command_of(const std::vector<std::string>& words, const Facts& facts);

}  // namespace weir::exec
