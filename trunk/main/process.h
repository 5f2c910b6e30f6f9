#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace weir::process {

// Goes on in a child without a terminal; the parent exits with 0. Before any thread is started.
base::Result<void> become_daemon();

// Becomes that user, with its groups and without a way back, in all threads. Before, the pid file is made its own, so
// that it can be rewritten. ENOENT: no such user.
base::Result<void> become_user(const std::string& name, const std::string& pid_path);

// Raises the soft limit of open files to the hard one, and says what it is now.
std::uint64_t raise_open_files();
std::uint32_t count_local_addresses();
// The first address that is not a loopback, for URLs to show; "127.0.0.1" if there is none.
std::string local_address();
bool in_container();

// A file with this process's number, locked as long as this lives: a second server on the same file is refused.
class PidFile {
 public:
  // address_in_use if another process holds it. An empty path makes none.
  static base::Result<PidFile> make(const std::string& path);
  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;
  ~PidFile();

 private:
  PidFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  std::string path_;
  int descriptor_ = -1;
};

// The server's id: as configured, else the one of the last run, kept beside the pid file, else a new one.
std::string server_id(const std::string& configured, const std::string& pid_path);

}  // namespace weir::process
