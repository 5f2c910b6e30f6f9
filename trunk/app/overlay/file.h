#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::overlay {

// The overlay on disk, readable by its owner alone, with the one before it beside: PATH.before. Main thread.
class File {
 public:
  // What write(2) says of a descriptor.
  using Write = std::function<base::Result<std::size_t>(int descriptor, std::string_view text)>;
  explicit File(std::string path, Write write = write_some) : path_(std::move(path)), write_(std::move(write)) {}

  // Empty where there is none. ELOOP: it is a link; EFBIG.
  base::Result<std::string> read() const;
  // The one before; ENOENT: there is none.
  base::Result<std::string> read_before() const;
  // The text is there as a whole and on the disk, or all is as it was: then why. Never through a link.
  base::Result<void> replace(std::string_view text) const;
  // The one before takes its place.
  base::Result<void> undo() const;

  const std::string& path() const { return path_; }
  static base::Result<std::size_t> write_some(int descriptor, std::string_view text);

 private:
  std::string before() const { return path_ + ".before"; }
  base::Result<void> write_new(const std::string& path, std::string_view text) const;
  base::Result<void> sync_folder() const;

  std::string path_;
  Write write_;
};

// Whether there was no room for it.
bool is_full(const base::ErrorCode& why);

}  // namespace weir::overlay
