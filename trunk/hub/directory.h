#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "hub/error.h"
#include "hub/wire.h"

namespace weir::hub {

struct Want {
  base::WorkerIndex worker;
  FormatId format;
  bool operator==(const Want&) const = default;
};

// The one thing that workers share: which worker has a stream, and which worker's feeds want it. A mutex, touched when
// somebody publishes or the first reader of a format comes, never for a frame. Any thread.
class Directory {
 public:
  Directory();

  struct Claim {
    std::vector<Want> wants;  // feeds that wait for this stream
    base::Ticks resume_at{};  // where the timeline of the stream before ended, for readers who stayed
    std::string stream_id;    // as the API calls the stream: "vid-" and seven characters
  };
  struct Owner {
    base::WorkerIndex worker;
    base::SessionId publisher;
  };

  // Errc::busy if another publisher has the name.
  base::Result<Claim> claim(const base::StreamKey& key, base::WorkerIndex worker, const base::SessionId& publisher);
  void release(const base::StreamKey& key, const base::SessionId& publisher, base::Ticks ended_at);
  std::optional<Owner> owner(const base::StreamKey& key) const;
  // A feed exists from now on. The owner's worker, if the stream is published.
  std::optional<Owner> want(const base::StreamKey& key, const Want& want);
  std::optional<Owner> unwant(const base::StreamKey& key, const Want& want);
  // The same for a name as long as the process lives, also before anybody publishes it.
  std::string stream_id(const base::StreamKey& key) const;
  std::size_t size() const;

 private:
  struct Entry {
    std::optional<Owner> owner;
    std::vector<Want> wants;
    base::Ticks ended_at{};
  };
  void drop_if_unused(const base::StreamKey& key);

  // given
  const std::string salt_;

  // state
  mutable std::mutex mutex_;
  std::unordered_map<base::StreamKey, Entry> entries_;
};

}  // namespace weir::hub
