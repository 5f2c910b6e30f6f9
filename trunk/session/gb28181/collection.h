#pragma once

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "format/manscdp/message.h"

namespace weir::session::gb28181 {

inline const std::string& identity_of(const manscdp::CatalogItem& item) { return item.id; }
inline std::string identity_of(const manscdp::RecordItem& item) { return item.id + " " + item.start + " " + item.end; }

// A list that a device sends in pieces: they come in any order, some twice, some never.
template <class Item>
class Collection {
 public:
  static constexpr std::size_t most_items = 10'000;

  void add(manscdp::Piece<Item> piece) {
    total_ = std::max(total_, piece.total);
    ++pieces_;
    for (Item& item : piece.items) {
      if (items_.size() >= most_items) return;
      if (known_.insert(identity_of(item)).second) items_.push_back(std::move(item));
    }
  }
  // All that were announced are there.
  bool complete() const { return pieces_ > 0 && items_.size() >= std::min(total_, most_items); }
  std::size_t total() const { return total_; }
  std::size_t size() const { return items_.size(); }
  std::vector<Item> take() { return std::move(items_); }

 private:
  std::size_t total_ = 0, pieces_ = 0;
  std::vector<Item> items_;
  std::unordered_set<std::string> known_;
};

}  // namespace weir::session::gb28181
