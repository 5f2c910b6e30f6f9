#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "config/config.h"
#include "net/http/file_mark.h"

// Of which stream a recording is, and who may have it as a file.
namespace weir::record {

// As a file's mark tells it: three texts that end, none of which two different streams share. Empty where one of them
// holds a NUL.
std::string owner_text(const base::StreamKey& key);
std::optional<base::StreamKey> owner_of(std::string_view text);

// Whether those alone may have the recordings of this virtual host who may play its streams.
bool is_guarded(const config::Vhost& vhost);

// What decides about a file that was opened. All of it is known without asking the disk but `paths`.
struct Verdict {
  enum class Kind : std::uint8_t {
    anybody,  // no recording, or one that everybody may have
    players,  // who may play `key` in `vhost`
    nobody,   // kept back, and it is not known from whom: the API alone gives it
    by_path,  // perhaps such a one: see may_be_guarded()
  };
  Kind kind = Kind::anybody;
  base::StreamKey key{};  // of which stream it is, where the mark says that
  std::shared_ptr<const config::Vhost> vhost{};
};
// By the mark that was written with the file, never by its name. What has no mark is judged by its place.
Verdict judge(const config::Config& config, const http::FileMark& mark);

// Whether a file without a mark may be a recording, whole or in the making, of a virtual host that is guarded: the file
// lies where one of them records to. Waits for the disk.
struct Places {
  std::vector<std::string> templates;  // of the guarded virtual hosts
};
Places guarded_places(const config::Config& config);
bool may_be_guarded(const Places& places, const std::string& path, const std::string& real_path);

}  // namespace weir::record
