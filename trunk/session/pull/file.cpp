#include "session/pull/file.h"

#include <optional>
#include <vector>

#include "session/common/upstream/intake.h"
#include "session/common/upstream/local_error.h"
#include "session/pull/counted_file.h"
#include "session/pull/file_list.h"
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
    net::Meter meter;
    Round round{.attempt = attempt, .meter = meter};
    upstream::Chain chain(attempt);
    round.chain = &chain;
    for (;;) {
      auto names = co_await names_now(round);
      if (!names) co_return names.error();
      const auto played = co_await play_round(round, *std::move(names));
      if (!played) co_return played.error();
    }
  }

 private:
  // What lasts from file to file.
  struct Round {
    Attempt& attempt;
    net::Meter& meter;
    upstream::Chain* chain = nullptr;
    upstream::Pace pace{};
    std::optional<Attempt::Agreed> agreed{};  // from the first file on that is there
  };

  // The file alone, or those of the list, which may have changed.
  net::Task<Result<std::vector<std::string>>> names_now(Round& round) const {
    if (!is_file_list(name_)) co_return std::vector<std::string>{name_};
    CO_TRY(const auto file, co_await open(round.attempt, name_));
    CountedFile counted(pool_, file, round.meter);
    CO_TRY(const base::Buffer text, co_await counted.read(0, largest_list_bytes + 1));
    if (text.size() > largest_list_bytes) co_return Errc::too_large;
    FileList list = parse_file_list(name_, base::as_text(text));
    if (list.fault.empty()) co_return std::move(list.names);
    round.attempt.why = std::move(list.fault);
    co_return upstream::LocalErrc::bad_list;
  }

  // One after another. A file of several that cannot be played is told, and the next one is; when none can be, it ends.
  net::Task<Result<void>> play_round(Round& round, std::vector<std::string> names) const {
    const std::uint64_t before = round.pace.passed();
    ErrorCode fault = Errc::no_known_format;  // it was cut off meanwhile
    for (const std::string& name : names) {
      const auto played = co_await play(round, name);
      if (played) continue;
      fault = played.error();
      if (is_file_list(name_) && round.attempt.why.empty()) round.attempt.why = name;
      if (names.size() == 1 || round.chain->refused() || round.attempt.life().stopping()) co_return fault;
      log::warn(round.attempt.life().log(), "{} of {} is left out: {}", name, name_, fault.message());
      if (round.pace.passed() > before) round.attempt.why.clear();
    }
    if (round.pace.passed() == before) co_return fault;
    co_return Result<void>();
  }

  net::Task<Result<void>> play(Round& round, const std::string& name) const {
    CO_TRY(const auto file, co_await open(round.attempt, name));
    if (!round.agreed) {
      hub::Link link;
      link.meter = &round.meter;
      round.agreed.emplace(round.attempt.agreed(std::move(link)));
    }
    CountedFile counted(pool_, file, round.meter);
    CO_TRY(const base::Buffer head, co_await counted.read(0, 8));
    if (is_mp4(head)) {
      CO_TRY_VOID(co_await play_mp4(round.attempt, counted, round.pace, *round.chain));
      round.pace.begin_again();
      co_return Result<void>();
    }
    upstream::Intake intake(round.attempt, nullptr, &round.pace, 0, round.chain);
    for (std::uint64_t at = 0;;) {
      const auto piece = co_await counted.read(at, piece_bytes);
      if (!piece) co_return piece.error();
      if (piece->empty()) break;
      at += piece->size();
      if (const auto taken = co_await intake.take(*piece); !taken) {
        round.pace.begin_again(intake.tail());
        co_return taken.error();
      }
    }
    const auto finished = co_await intake.finish();
    round.pace.begin_again(intake.tail());
    co_return finished;
  }

  net::Task<Result<std::shared_ptr<const http::File>>> open(Attempt& attempt, const std::string& name) const {
    using Status = http::File::Status;
    auto opened = co_await pool_.run(
        [root = attempt.config()->http_server.dir, name] { return http::File::open_beneath(root, name); });
    if (!opened) co_return upstream::LocalErrc::too_busy;
    if (opened->status == Status::busy) co_return upstream::LocalErrc::too_busy;
    if (opened->status == Status::forbidden) co_return upstream::LocalErrc::not_allowed;
    if (opened->status != Status::ok) co_return upstream::LocalErrc::no_file;
    co_return std::move(opened->file);
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
