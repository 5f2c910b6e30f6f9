#pragma once

#include <string>

#include "config/load.h"

namespace weir::server {

// What the server would make of a configuration that somebody writes: its mistakes, and what it says. The text may come
// from afar, so nothing of this machine gets into the answer: no file that it names is looked at or read (each counts
// as empty), no command runs, and of the environment it sees what stands for settings without secrets. Any thread.
struct CheckedText {
  config::Report report;
  std::size_t unread = 0;  // files that it names and that were not read
};
CheckedText check_text(const std::string& text, const config::Surroundings& surroundings);

}  // namespace weir::server
