#include "session/pull/hls.h"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/redact.h"
#include "base/text.h"
#include "base/url.h"
#include "format/hls/reader.h"
#include "net/coroutine.h"
#include "net/http/request_head.h"
#include "net/worker.h"
#include "session/pull/decrypt.h"
#include "session/pull/hls_cursor.h"
#include "session/pull/resources.h"
#include "session/pull/segment_intake.h"
#include "session/pull/segment_queue.h"

namespace weir::session::pull {

using base::ErrorCode;
using base::Result;
using net::Task;
using upstream::Attempt;
using upstream::Errc;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_playlist_bytes = 1 << 20;
constexpr std::size_t most_segment_bytes = 64u << 20;
constexpr std::size_t most_map_bytes = 1 << 20;
constexpr std::size_t decrypted_at_once = 128 * 1024;  // a tenth of a millisecond
constexpr unsigned most_lost = 3;                      // segments or playlists, in a row
constexpr std::string_view variant_parameter = "variant";

// Of two tasks that run beside each other: one that is told to end says so by its result, as a session does.
Task<ErrorCode> beside(Task<ErrorCode> work) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_return co_await std::move(work);
}

Task<Result<void>> sleep(net::Worker& worker, std::chrono::steady_clock::duration time) {
  if (co_await net::stop_requested()) co_return net::Errc::stopped;
  boost::asio::steady_timer timer(worker.io(), time);
  const auto [error] = co_await timer.async_wait(net::use_ec);
  if (error) co_return net::house_error(error);
  co_return Result<void>();
}

// What a playlist says once for many segments, loaded once.
template <class T>
struct Latest {
  std::string name;
  T value{};
};

// Loads what comes next, and puts it into the queue. One attempt.
class Loader {
 public:
  Loader(Attempt& attempt, Resources& resources, SegmentQueue& queue, std::uint32_t height)
      : attempt_(attempt), resources_(resources), queue_(queue), height_(height) {}

  // The first playlist of segments.
  Task<Result<void>> open(http::Url url) {
    url_ = std::move(url);
    CO_TRY(hls::Playlist playlist, co_await load());
    if (const auto* master = std::get_if<hls::MasterPlaylist>(&playlist)) {
      const hls::Variant& chosen = choose(*master);
      CO_TRY(url_, Resources::resolve(url_, chosen.uri));
      CO_TRY(playlist, co_await load());
    }
    auto* const media = std::get_if<hls::MediaPlaylist>(&playlist);
    if (!media) {
      attempt_.why = "a playlist of playlists in one";
      co_return hls::ReadErrc::no_segments;
    }
    cursor_.loaded(std::move(*media));
    co_return Result<void>();
  }

  // In which a live one gets its next segment, most often.
  std::chrono::milliseconds step() const { return cursor_.target_duration(); }

  Task<ErrorCode> run() {
    for (;;) {
      const auto passed = co_await pass_on();
      if (!passed) co_return passed.error();
      if (cursor_.at_end()) {
        if (*passed == 0) co_return last_loss_ ? last_loss_ : ErrorCode(hls::ReadErrc::no_segments);
        cursor_.begin_again();
        continue;
      }
      const auto due = loaded_at_ + cursor_.reload_in();
      if (const auto slept = co_await sleep(attempt_.worker(), due - std::chrono::steady_clock::now()); !slept) {
        co_return slept.error();
      }
      auto again = co_await load();
      if (!again && !may_go_on(again.error())) co_return again.error();
      if (!again) continue;
      if (auto* media = std::get_if<hls::MediaPlaylist>(&*again)) {
        cursor_.loaded(std::move(*media));
        losses_ = 0;
      }
    }
  }

 private:
  const hls::Variant& choose(const hls::MasterPlaylist& master) const {
    const auto better = [this](const hls::Variant& one, const hls::Variant& other) {
      const bool meant = height_ != 0 && one.height == height_, other_meant = height_ != 0 && other.height == height_;
      return std::pair(meant, one.bandwidth_bps) < std::pair(other_meant, other.bandwidth_bps);
    };
    return *std::max_element(master.variants.begin(), master.variants.end(), better);
  }

  // Something that is gone costs itself; nothing at all any more, the attempt.
  bool may_go_on(ErrorCode why) {
    last_loss_ = why;
    if (why == net::Errc::stopped || why == Errc::leads_inside || ++losses_ > most_lost) return false;
    log::warn(attempt_.life().log(), "HLS: {}{}", why.message(), attempt_.why.empty() ? "" : " (" + attempt_.why + ")");
    loaded_at_ = std::chrono::steady_clock::now();
    return true;
  }

  Task<Result<hls::Playlist>> load() {
    loaded_at_ = std::chrono::steady_clock::now();
    CO_TRY(const Resources::Answer answer, co_await resources_.get(url_, most_playlist_bytes));
    url_ = answer.url;
    co_return hls::read_playlist(base::as_text(answer.body));
  }

  // All that the playlist has: how many segments.
  Task<Result<std::size_t>> pass_on() {
    std::size_t count = 0;
    while (auto next = cursor_.next()) {
      auto loaded = co_await load_segment(*next);
      if (!loaded) {
        if (!may_go_on(loaded.error())) co_return loaded.error();
        cursor_.lost();
        continue;
      }
      losses_ = 0;
      ++count;
      CO_TRY_VOID(co_await queue_.push(*std::move(loaded)));
    }
    co_return count;
  }

  Task<Result<LoadedSegment>> load_segment(const HlsCursor::Next& next) {
    LoadedSegment loaded{.bytes = {}, .map = {}, .discontinuity = next.discontinuity};
    if (next.segment.key) CO_TRY_VOID(co_await load_key(next.segment.key->uri));
    if (next.segment.map) {
      CO_TRY_VOID(co_await load_map(*next.segment.map));
      loaded.map = map_.value;
    }
    CO_TRY(const http::Url url, Resources::resolve(url_, next.segment.uri));
    CO_TRY(Resources::Answer answer, co_await resources_.get(url, most_segment_bytes, next.segment.range));
    if (!next.segment.key) {
      loaded.bytes = std::move(answer.body);
      co_return loaded;
    }
    CO_TRY(loaded.bytes, co_await decrypt(answer.body, vector_of(next.segment.key->iv, next.sequence)));
    co_return loaded;
  }

  Task<Result<void>> load_key(const std::string& uri) {
    if (key_.name == uri) co_return Result<void>();
    CO_TRY(const http::Url url, Resources::resolve(url_, uri));
    CO_TRY(const Resources::Answer answer, co_await resources_.get(url, 4096));
    if (answer.body.size() != key_.value.size()) co_return Errc::bad_key;
    std::copy_n(answer.body.data(), key_.value.size(), key_.value.begin());
    key_.name = uri;
    co_return Result<void>();
  }

  Task<Result<void>> load_map(const hls::Map& map) {
    std::string name = map.uri;
    if (map.range) name += " " + std::to_string(map.range->offset) + "+" + std::to_string(map.range->length);
    if (map_.name == name) co_return Result<void>();
    CO_TRY(const http::Url url, Resources::resolve(url_, map.uri));
    CO_TRY(Resources::Answer answer, co_await resources_.get(url, most_map_bytes, map.range));
    map_ = {std::move(name), std::make_shared<const base::Buffer>(std::move(answer.body))};
    co_return Result<void>();
  }

  // A little at a time: a segment may have megabytes.
  Task<Result<base::Buffer>> decrypt(base::Bytes bytes, const Key128& vector) {
    Decryptor decryptor(key_.value, vector);
    base::Buffer out;
    out.reserve(bytes.size() + vector.size());
    while (!bytes.empty()) {
      const base::Bytes piece = bytes.first(std::min(bytes.size(), decrypted_at_once));
      bytes = bytes.subspan(piece.size());
      if (!decryptor.update(piece, out)) co_return Errc::bad_key;
      if (!bytes.empty()) co_await boost::asio::post(attempt_.worker().io(), net::use_ec);
    }
    if (!decryptor.finish(out)) co_return Errc::bad_key;
    co_return out;
  }

  // given
  Attempt& attempt_;
  Resources& resources_;
  SegmentQueue& queue_;
  std::uint32_t height_;

  // state
  http::Url url_;  // of the playlist of segments
  HlsCursor cursor_;
  std::chrono::steady_clock::time_point loaded_at_;
  unsigned losses_ = 0;  // in a row
  ErrorCode last_loss_;
  Latest<Key128> key_;
  Latest<std::shared_ptr<const base::Buffer>> map_;
};

class HlsFetcher final : public upstream::Fetcher {
 public:
  HlsFetcher(http::Url url, std::string authorization, std::uint32_t height)
      : url_(std::move(url)), authorization_(std::move(authorization)), height_(height) {}

  Task<ErrorCode> fetch(Attempt& attempt) const override {
    using boost::asio::experimental::awaitable_operators::operator||;
    Resources resources(attempt, authorization_);
    SegmentQueue queue(attempt.worker().io());
    Loader loader(attempt, resources, queue, height_);
    attempt.life().watchdog.arm(attempt.vhost().publish.firstpkt_timeout);
    if (const auto opened = co_await loader.open(url_); !opened) co_return opened.error();
    hub::Link link;
    link.meter = &resources.meter();
    const auto agreed = attempt.agreed(std::move(link), resources.peer());
    const auto first = co_await (beside(play(attempt, queue, loader)) || beside(loader.run()));
    co_return first.index() == 0 ? std::get<0>(first) : std::get<1>(first);
  }

 private:
  static Task<ErrorCode> play(Attempt& attempt, SegmentQueue& queue, const Loader& loader) {
    SegmentIntake intake(attempt);
    for (;;) {
      auto segment = co_await queue.pop();
      if (!segment) co_return segment.error();
      if (const auto taken = co_await intake.take(*std::move(segment)); !taken) co_return taken.error();
      attempt.alive_in(2 * loader.step());
    }
  }

  // given
  http::Url url_;
  std::string authorization_;
  std::uint32_t height_;
};

}  // namespace

bool is_hls_url(const std::string& text) {
  const auto url = base::parse_url(text);
  return url && base::lower(url->path).ends_with(".m3u8");
}

Result<upstream::Place> hls_place_of(const std::string& text) {
  TRY(const base::Url parts, base::parse_url(text));
  TRY(http::Url url, http::parse_url(text));
  upstream::Place place{.fetcher = {}, .shown = base::without_secrets(text), .secrets = {}};
  std::string query;
  std::uint32_t height = 0;
  for (const std::string_view parameter : base::split(parts.query, '&')) {
    const auto [name, value] = base::split_first(parameter, '=');
    if (name == variant_parameter) {
      const auto number = base::parse_number(value);
      if (!number || *number == 0 || *number > 65'536) return Errc::bad_address;
      height = static_cast<std::uint32_t>(*number);
    } else if (!parameter.empty()) {
      query += (query.empty() ? "?" : "&") + std::string(parameter);
    }
  }
  if (!query.empty()) place.secrets.push_back(query.substr(1));
  url.target = url.target.substr(0, url.target.find('?')) + query;
  std::string authorization;
  if (!parts.user.empty()) {
    place.secrets.push_back(parts.user);
    authorization = http::basic_authorization(base::percent_decode(parts.user));
  }
  place.fetcher = std::make_shared<HlsFetcher>(std::move(url), std::move(authorization), height);
  return place;
}

}  // namespace weir::session::pull
