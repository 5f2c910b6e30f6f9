#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace weir::http {

// A mark on files that are not for whoever asks for a file by its path, because another part of the server decides who
// may have them. Means nothing else on a regular file (the sticky bit, inode(7)), and stays when it is renamed, when
// the server is started again and when a backup brings it back. Opening one is forbidden.
inline constexpr mode_t kept_back_mode = 01000;

// A regular file that is open for reading. Its calls may block, so they are made on the blocking pool.
class File {
 public:
  enum class Status : std::uint8_t { ok, missing, forbidden, is_folder, busy };
  struct Opened {
    Status status = Status::missing;
    std::shared_ptr<const File> file;
  };

  // `relative` is reached from the folder `root` without ever leaving it, whatever symbolic links it meets; those that
  // lead out are forbidden, and so are files that are kept back, but for who decides about them.
  static Opened open_beneath(const std::string& root, const std::string& relative, bool kept_back_too = false);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // As many of `room` as the file holds from there; fewer at its end or on failure.
  std::size_t read_at(std::uint64_t offset, base::MutableBytes room) const;

  std::uint64_t size() const { return size_; }
  std::time_t modified() const { return modified_; }
  // Differs whenever the content may differ.
  const std::string& etag() const { return etag_; }

 private:
  File() = default;

  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::time_t modified_ = 0;
  std::string etag_;
};

}  // namespace weir::http
