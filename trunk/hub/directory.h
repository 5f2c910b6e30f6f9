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

// The one thing that workers share: which worker is a stream's home, who publishes it, and which worker's feeds want
// it. A mutex, touched when somebody publishes or the first reader of a format comes, never for a frame. Any thread.
class Directory {
 public:
  Directory();

  struct Claim {
    base::WorkerIndex home;   // of the stream: the claiming worker, unless the stream exists
    base::Ticks resume_at{};  // where the timeline of the stream before ended, for readers who stayed
  };
  struct Owner {
    base::WorkerIndex worker;
    base::SessionId publisher;
  };
  static constexpr std::size_t most_publishers = 4;  // of one stream, where they may stand by
  static constexpr std::size_t most_inputs = 16;     // of one that has sources
  // How a stream stands, as its home said last: a moment ago.
  struct Standing {
    base::SessionId active;   // the input that feeds it; empty: it waits for one
    int priority = 0;         // of that
    bool silent = false;      // that brings nothing any more
    std::optional<int> best;  // the highest priority of the inputs that bring frames, active or not
    bool operator==(const Standing&) const = default;
  };

  // Makes the publisher an input of the stream. Errc::busy if `most` others are that already.
  base::Result<Claim> claim(const base::StreamKey& key, base::WorkerIndex worker, const base::SessionId& publisher,
                            std::size_t most = 1);
  // After its last frame is on the way to the stream's home.
  void release(const base::StreamKey& key, const base::SessionId& publisher);
  // The publisher that came last.
  std::optional<Owner> owner(const base::StreamKey& key) const;
  // Somebody publishes it, or it waits for a publisher who was cut off.
  bool live(const base::StreamKey& key) const;

  // The stream's home: nobody waits for a publisher any longer.
  void over(const base::StreamKey& key);
  // The same, when it forgets the stream. False if it may not: a publisher is on its way.
  bool retire(const base::StreamKey& key, base::Ticks ended_at);
  std::optional<base::WorkerIndex> home(const base::StreamKey& key) const;
  // Of one that may have several inputs; none while it has none.
  void set_standing(const base::StreamKey& key, const Standing& standing);
  std::optional<Standing> standing(const base::StreamKey& key) const;
  std::vector<Want> wants(const base::StreamKey& key) const;
  // A feed exists from now on. The stream's home, if there is one.
  std::optional<base::WorkerIndex> want(const base::StreamKey& key, const Want& want);
  struct Left {
    std::optional<base::WorkerIndex> home;
    std::optional<base::WorkerIndex> starter;  // where it was started, when this was the last want
  };
  Left unwant(const base::StreamKey& key, const Want& want);

  // That worker has the stream started, for all who want it. False if it is live, not wanted, or started already.
  bool begin_start(const base::StreamKey& key, base::WorkerIndex worker);
  bool starting(const base::StreamKey& key) const;
  // It is no longer started. False if somebody wants it, and that counts.
  bool end_start(const base::StreamKey& key, bool even_if_wanted);
  // As the API calls the stream: "vid-" and seven characters. The same for a name as long as the process lives, also
  // before anybody publishes it.
  std::string stream_id(const base::StreamKey& key) const;
  std::size_t size() const;

 private:
  struct Entry {
    std::vector<Owner> owners;
    std::optional<base::WorkerIndex> home;
    std::optional<base::WorkerIndex> starter;
    bool live = false;
    std::vector<Want> wants;
    base::Ticks ended_at{};
    std::optional<Standing> standing;
  };
  const Entry* find(const base::StreamKey& key) const;
  void drop_if_unused(const base::StreamKey& key);

  // given
  const std::string salt_;

  // state
  mutable std::mutex mutex_;
  std::unordered_map<base::StreamKey, Entry> entries_;
};

}  // namespace weir::hub
