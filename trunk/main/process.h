#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/load.h"

namespace weir::process {

// Makes files that are open already, and will be written again, that user's.
using GiveFiles = std::function<base::Result<void>(unsigned user, unsigned group)>;

// Becomes that user, with its groups and without a way back, in all threads, after it was given what it has to write.
// ENOENT: no such user.
base::Result<void> become_user(const std::string& name, const GiveFiles& give);

// Makes UTC the local time of the process, for log and names of files. Before any thread is started.
void use_utc();

// Raises the soft limit of open files to the hard one, and says what it is now.
std::uint64_t raise_open_files();
// The machine's own addresses: IPv4, then IPv6 beyond the link, then the loopback's. stats.network counts in them.
std::vector<std::string> local_addresses();
// One of them, for URLs to show; the first where that one does not exist.
std::string local_address(int index = 0);
// The machine's own name, lower case; empty if it has none.
std::string host_name();
bool in_container();
// Where a library of that name may lie: in `directory`, or where that is empty beside the program and in ../lib/weir.
std::vector<std::string> plugin_paths(const std::string& directory, const std::string& name);

// What config::LookAtFile says of a file of this machine. A folder that is not there can be written if it can be made.
std::string fault_of_file(const std::filesystem::path& path, config::Wanted wanted);

// A file with this process's number, locked as long as this lives: a second server on the same file is refused.
class PidFile {
 public:
  // address_in_use if another process holds it; ELOOP or EMLINK if it is a link. An empty path makes none.
  static base::Result<PidFile> make(const std::string& path);
  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;
  ~PidFile();

  base::Result<void> give_to(unsigned user, unsigned group) const;

 private:
  PidFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  std::string path_;
  int descriptor_ = -1;
};

// Where the id is kept: beside the pid file. Empty without one.
std::string id_path(const std::string& pid_path);
// The server's id: as configured, else the one that the file has from the last run, else a new one. An error: it could
// not be kept, and the next run would have another.
std::string server_id(const std::string& configured, const std::string& path, base::Result<void>& kept);

}  // namespace weir::process
