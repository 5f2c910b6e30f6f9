#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "hub/memory.h"
#include "session/hls/page.h"
#include "session/hls/service.h"
#include "session/hls/vod_file.h"

namespace weir::session::hls {

// The tables of recordings that were asked for lately, and the segments that go out at this moment. Of one worker.
class VodShelf {
 public:
  explicit VodShelf(Service& service) : service_(service) {}

  // Reads them on the pool where they are not here. VodErrc, mp4::Errc; hub::Errc::limit: there is no room or no time
  // for it now.
  net::Task<base::Result<std::shared_ptr<const VodFile>>> film(std::shared_ptr<const http::File> file);
  // A segment, made on the pool; those who ask for it at the same time share it.
  net::Task<base::Result<ItemRef>> segment(std::shared_ptr<const http::File> file, std::shared_ptr<const VodFile> film,
                                           std::size_t number, VodFormat format);

 private:
  struct Kept {
    std::string etag;
    std::shared_ptr<const VodFile> film;
  };
  // What several ask for before it is there is made once: the first job does it, those behind it take what it made.
  template <class Value>
  class Once {
   public:
    template <class Make>
    base::Result<Value> value(const Make& make) {
      const std::lock_guard lock(mutex_);
      if (!made_) made_.emplace(make());
      return *made_;
    }

   private:
    std::mutex mutex_;
    std::optional<base::Result<Value>> made_;
  };
  template <class Value>
  using Making = std::unordered_map<std::string, std::shared_ptr<Once<Value>>>;
  void keep(const std::string& etag, std::shared_ptr<const VodFile> film);
  ItemRef going_out(const std::string& tag) const;
  void make_room(std::size_t most_bytes);
  hub::MemoryAccount& account();

  // given
  Service& service_;

  // owned
  std::list<Kept> films_;  // the last asked for first
  std::unordered_map<std::string, std::weak_ptr<const Item>> going_out_;
  Making<std::shared_ptr<const VodFile>> films_made_;
  Making<base::SharedBytes> segments_made_;

  // state
  std::size_t sweep_at_ = 64;  // of going_out_
  std::size_t bytes_ = 0;
  std::optional<hub::MemoryAccount> account_;
};

}  // namespace weir::session::hls
