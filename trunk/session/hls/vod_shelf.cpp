#include "session/hls/vod_shelf.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::session::hls {

using base::Result;

namespace {

constexpr std::size_t most_films = 64;
constexpr std::size_t most_table_bytes = 64 * 1024 * 1024;
constexpr std::size_t least_table_bytes = 1024 * 1024;  // that stay when memory is short
constexpr std::size_t least_sweep = 64;                 // of what went out

// An item that counts against the budget for as long as it lives.
struct Counted {
  explicit Counted(hub::MemoryBudget* budget) : account(budget, hub::Cache::segments) {}
  Item item;
  hub::MemoryAccount account;
};

std::string tag_of(const std::string& etag, std::size_t number, VodFormat format) {
  return fmt::format("\"{}-{}{}\"", etag.substr(1, etag.size() - 2), number, format == VodFormat::ts ? "t" : "");
}

}  // namespace

// The budget is there once the workers run.
hub::MemoryAccount& VodShelf::account() {
  if (!account_) account_.emplace(service_.budget().whole(), hub::Cache::segments);
  return *account_;
}

net::Task<Result<std::shared_ptr<const VodFile>>> VodShelf::film(std::shared_ptr<const http::File> file) {
  const std::string etag = file->etag();
  const auto found = std::find_if(films_.begin(), films_.end(), [&](const Kept& kept) { return kept.etag == etag; });
  if (found != films_.end()) {
    films_.splice(films_.begin(), films_, found);
    co_return found->film;
  }
  if (account().pressure() >= hub::Pressure::refuse) co_return hub::Errc::limit;
  auto& once = films_made_[etag];
  if (!once) once = std::make_shared<Once<std::shared_ptr<const VodFile>>>();
  auto read = [file = std::move(file), once] { return once->value([&] { return open_vod(*file); }); };
  auto opened = co_await service_.readers().run(std::move(read));
  films_made_.erase(etag);  // who waits has it; who comes now finds the film, or tries again
  if (!opened) co_return hub::Errc::limit;
  CO_TRY(std::shared_ptr<const VodFile> film, *std::move(opened));
  keep(etag, film);
  co_return film;
}

void VodShelf::keep(const std::string& etag, std::shared_ptr<const VodFile> film) {
  if (std::ranges::any_of(films_, [&](const Kept& kept) { return kept.etag == etag; })) return;
  bytes_ += film->bytes();
  films_.push_front({etag, std::move(film)});
  make_room(account().pressure() == hub::Pressure::none ? most_table_bytes : least_table_bytes);
}

// The newest stays, however large it is.
void VodShelf::make_room(std::size_t most_bytes) {
  while (films_.size() > 1 && (bytes_ > most_bytes || films_.size() > most_films)) {
    bytes_ -= films_.back().film->bytes();
    films_.pop_back();
  }
  account().set(bytes_);
}

ItemRef VodShelf::going_out(const std::string& tag) const {
  const auto found = going_out_.find(tag);
  return found == going_out_.end() ? nullptr : found->second.lock();
}

net::Task<Result<ItemRef>> VodShelf::segment(std::shared_ptr<const http::File> file,
                                             std::shared_ptr<const VodFile> film, std::size_t number,
                                             VodFormat format) {
  const std::string tag = tag_of(file->etag(), number, format);
  if (ItemRef item = going_out(tag)) co_return item;
  if (account().pressure() >= hub::Pressure::full) co_return hub::Errc::limit;
  auto& once = segments_made_[tag];
  if (!once) once = std::make_shared<Once<base::SharedBytes>>();
  auto make = [file = std::move(file), film = std::move(film), number, format, once] {
    return once->value([&] { return film->segment(*file, number, format); });
  };
  auto made = co_await service_.readers().run(std::move(make));
  segments_made_.erase(tag);
  if (!made) co_return hub::Errc::limit;
  if (ItemRef item = going_out(tag)) co_return item;  // of who asked at the same time
  CO_TRY(base::SharedBytes bytes, *std::move(made));
  auto counted = std::make_shared<Counted>(account().budget());
  counted->account.set(bytes.size());
  counted->item.type = format == VodFormat::ts ? "video/mp2t" : "video/mp4";
  counted->item.bytes = std::move(bytes);
  counted->item.cache_control = "public, max-age=86400";
  counted->item.etag = tag;
  ItemRef item(counted, &counted->item);
  if (going_out_.size() >= sweep_at_) {
    std::erase_if(going_out_, [](const auto& one) { return one.second.expired(); });
    sweep_at_ = std::max(least_sweep, 2 * going_out_.size());
  }
  going_out_[tag] = item;
  co_return item;
}

}  // namespace weir::session::hls
