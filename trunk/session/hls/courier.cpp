#include "session/hls/courier.h"

#include <algorithm>

namespace weir::session::hls {

void merge(Update& waiting, const Update& later) {
  if (later.gone || later.listing) {
    waiting.listing = later.listing;
    waiting.gone = later.gone;
  }
  for (const std::string& place : later.removed) {
    const auto unsent = std::find_if(waiting.added.begin(), waiting.added.end(),
                                     [&](const ItemRef& item) { return item->place == place; });
    if (unsent == waiting.added.end()) {
      waiting.removed.push_back(place);
    } else {
      waiting.added.erase(unsent);
    }
  }
  waiting.added.insert(waiting.added.end(), later.added.begin(), later.added.end());
}

void Courier::send(const std::shared_ptr<const Update>& update) {
  const bool urgent = is_urgent(*update);
  const auto found = waiting_.find(update->place);
  if (found != waiting_.end()) {
    merge(*found->second, *update);
    ++merged_;
  } else if (under_way_ > 0 && !urgent) {
    waiting_.emplace(update->place, std::make_shared<Update>(*update));
  } else {
    ++under_way_;
    return carry_({update});
  }
  if (urgent) go();
}

void Courier::go() {
  Parcel parcel;
  parcel.reserve(waiting_.size());
  for (auto& [place, update] : waiting_) parcel.push_back(std::move(update));
  waiting_.clear();
  ++under_way_;
  carry_(std::move(parcel));
}

void Courier::arrived() {
  if (--under_way_ == 0 && !waiting_.empty()) go();
}

}  // namespace weir::session::hls
