#pragma once

#include <cstdint>
#include <ctime>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "net/http/file_mark.h"

namespace weir::http {

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

  // Where it is now, without links on the way; empty if that cannot be told. Waits for the disk.
  std::string real_path() const;

  std::uint64_t size() const { return size_; }
  std::time_t modified() const { return modified_; }
  // Differs whenever the content may differ.
  const std::string& etag() const { return etag_; }
  const FileMark& mark() const { return mark_; }

 private:
  File() = default;

  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::time_t modified_ = 0;
  std::string etag_;
  FileMark mark_;
};

}  // namespace weir::http
