#include "session/pull/file.h"

#include "session/common/upstream/intake.h"
#include "session/common/upstream/local_error.h"
#include "session/pull/counted_file.h"
#include "session/pull/mp4_file.h"

namespace weir::session::pull {

using base::ErrorCode;
using base::Result;
using upstream::Attempt;
using upstream::Errc;

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

class FileFetcher final : public upstream::Fetcher {
 public:
  FileFetcher(net::BlockingPool& pool, std::string name) : pool_(pool), name_(std::move(name)) {}

  net::Task<ErrorCode> fetch(Attempt& attempt) const override {
    auto file = co_await open(attempt);
    if (!file) co_return file.error();
    net::Meter meter;
    hub::Link link;
    link.meter = &meter;
    const auto agreed = attempt.agreed(std::move(link));
    CountedFile counted(pool_, *std::move(file), meter);
    CO_TRY(const base::Buffer head, co_await counted.read(0, 8));
    const Result<void> played = is_mp4(head) ? co_await play_mp4(attempt, counted) : co_await play(attempt, counted);
    co_return played ? ErrorCode(Errc::ended) : played.error();
  }

 private:
  net::Task<Result<std::shared_ptr<const http::File>>> open(Attempt& attempt) const {
    using Status = http::File::Status;
    auto opened = co_await pool_.run(
        [root = attempt.config()->http_server.dir, name = name_] { return http::File::open_beneath(root, name); });
    if (!opened) co_return upstream::LocalErrc::too_busy;
    if (opened->status == Status::busy) co_return upstream::LocalErrc::too_busy;
    if (opened->status == Status::forbidden) co_return upstream::LocalErrc::not_allowed;
    if (opened->status != Status::ok) co_return upstream::LocalErrc::no_file;
    co_return std::move(opened->file);
  }

  static net::Task<Result<void>> play(Attempt& attempt, CountedFile& file) {
    upstream::Pace pace;
    upstream::Intake intake(attempt, nullptr, &pace);
    for (;;) {
      const std::uint64_t before = pace.passed();
      for (std::uint64_t at = 0;;) {
        CO_TRY(const base::Buffer piece, co_await file.read(at, piece_bytes));
        if (piece.empty()) break;
        at += piece.size();
        CO_TRY_VOID(co_await intake.take(piece));
      }
      CO_TRY_VOID(co_await intake.finish());
      if (pace.passed() == before) co_return Errc::no_known_format;  // it was cut off meanwhile
      intake.begin_again();
    }
  }

  // given
  net::BlockingPool& pool_;
  std::string name_;
};

}  // namespace

Result<upstream::Place> file_place_of(net::BlockingPool& pool, const std::string& url) {
  std::string_view name = std::string_view(url).substr(url.find(':') + 1);
  while (name.starts_with('/')) name.remove_prefix(1);
  if (name.empty() || name.find('\0') != std::string_view::npos) return Errc::bad_address;
  return upstream::Place{.fetcher = std::make_shared<FileFetcher>(pool, std::string(name)),
                         .shown = "file:" + std::string(name),
                         .secrets = {}};
}

}  // namespace weir::session::pull
