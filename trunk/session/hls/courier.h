#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "session/hls/page.h"

namespace weir::session::hls {

// What comes later of a listing, put to what waits already, so that one word says both: the newest listing, the items
// that are still there. Of an item that came and went meanwhile nothing is left.
void merge(Update& waiting, const Update& later);

// The last words of a publication; they do not wait for others.
inline bool is_urgent(const Update& update) { return update.gone || (update.listing && !update.listing->live); }

// Carries what is told to one other worker. One parcel is under way at a time; what comes meanwhile waits here, merged
// by listing. So a worker that is held up, or a publisher that is faster than real time, costs at most a window of each
// stream and not a message for each part. Lives on the sending worker.
class Courier {
 public:
  using Parcel = std::vector<std::shared_ptr<const Update>>;
  // Hands the parcel over, and calls arrived() on this worker once it was used. In order.
  using Carry = std::function<void(Parcel)>;

  explicit Courier(Carry carry) : carry_(std::move(carry)) {}

  // The last words of a publication do not wait: the next one may begin at the other worker with the next turn.
  void send(const std::shared_ptr<const Update>& update);
  void arrived();

  std::size_t waiting() const { return waiting_.size(); }
  std::uint64_t merged() const { return merged_; }  // updates that went with another

 private:
  void go();

  // given
  Carry carry_;

  // state
  std::unordered_map<std::string, std::shared_ptr<Update>> waiting_;
  std::size_t under_way_ = 0;
  std::uint64_t merged_ = 0;
};

}  // namespace weir::session::hls
