#include "session/hls/file_owner.h"

#include <fcntl.h>
#include <unistd.h>

namespace weir::session::hls {

// A name that has the separator in it cannot come by any protocol; one that had would own nothing.
FileOwner FileOwner::of(const base::StreamKey& key, bool kept_back) {
  constexpr char end_of_text = '\0';
  FileOwner owner{.text = "segments", .kept_back = kept_back};
  for (const std::string* part : {&key.vhost, &key.app, &key.stream}) {
    owner.text.push_back(end_of_text);
    if (part->find(end_of_text) == std::string::npos) owner.text.append(*part);
  }
  return owner;
}

bool FileOwner::has(const std::string& path) const {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return true;
  const http::FileMark found = http::read_mark(file);
  ::close(file);
  return found.owner.empty() ? found.kept_back == kept_back : found.owner == text;
}

}  // namespace weir::session::hls
