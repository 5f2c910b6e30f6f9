#include "session/hls/file_owner.h"

#include <fcntl.h>
#include <unistd.h>

namespace weir::session::hls {

// With the length of each name, so that no two streams have one text.
FileOwner FileOwner::of(const base::StreamKey& key, bool kept_back) {
  FileOwner owner{.text = "segments", .kept_back = kept_back};
  for (const std::string* part : {&key.vhost, &key.app, &key.stream}) {
    owner.text.push_back('\0');
    owner.text += std::to_string(part->size()) + ":" + *part;
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
