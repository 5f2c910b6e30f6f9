#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::overlay {

// A file that the server replaces as a whole, the overlay or the configuration, with the one before it beside:
// PATH.before. Links are never followed to it, and among its folders as base/own_file.h has it. Main thread.
class File {
 public:
  // What write(2) says of a descriptor.
  using Write = std::function<base::Result<std::size_t>(int descriptor, std::string_view text)>;
  // Who may read what is written anew: its owner alone, or who could read the old one.
  enum class Mode { owner_alone, as_it_was };
  explicit File(std::string path, Write write = write_some, Mode mode = Mode::owner_alone)
      : path_(std::move(path)), write_(std::move(write)), mode_(mode) {}

  // Empty where there is none. ELOOP: it is a link; EFBIG.
  base::Result<std::string> read() const;
  // The one before; ENOENT: there is none.
  base::Result<std::string> read_before() const;
  // The text is there as a whole and on the disk, or all is as it was: then why. Never through a link.
  base::Result<void> replace(std::string_view text) const;
  // The one before takes its place.
  base::Result<void> undo() const;
  // Whether replace() could do it, as far as links and permissions tell.
  base::Result<void> can_be_replaced() const;

  const std::string& path() const { return path_; }
  static base::Result<std::size_t> write_some(int descriptor, std::string_view text);

 private:
  std::string name() const { return path_.substr(path_.rfind('/') + 1); }
  std::string before() const { return name() + ".before"; }

  std::string path_;
  Write write_;
  Mode mode_;
};

// Whether there was no room for it.
bool is_full(const base::ErrorCode& why);

}  // namespace weir::overlay
