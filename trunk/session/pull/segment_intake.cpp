#include "session/pull/segment_intake.h"

#include <algorithm>

#include "format/mp4/reader.h"
#include "session/common/mp4_samples.h"
#include "session/common/protocol.h"
#include "session/common/upstream/error.h"

namespace weir::session::pull {

using base::Result;
using net::Task;

namespace {

constexpr std::size_t ts_piece_bytes = 32 * 1024;
constexpr std::size_t most_samples = 200'000;  // of a segment

bool same(const std::shared_ptr<const base::Buffer>& one, const std::shared_ptr<const base::Buffer>& other) {
  return one == other || (one && other && std::ranges::equal(one->bytes(), other->bytes()));
}

}  // namespace

Task<Result<void>> SegmentIntake::take(LoadedSegment segment) {
  co_return segment.map ? co_await take_mp4(segment) : co_await take_ts(segment);
}

// Each segment is complete: what its last packets hold needs nothing of the next one.
Task<Result<void>> SegmentIntake::take_ts(const LoadedSegment& segment) {
  if (segment.discontinuity) ts_.begin_again();
  for (std::size_t at = 0; at < segment.bytes.size(); at += ts_piece_bytes) {
    const std::size_t size = std::min(ts_piece_bytes, segment.bytes.size() - at);
    CO_TRY_VOID(co_await ts_.take(segment.bytes.bytes().subspan(at, size)));
  }
  co_return co_await ts_.finish();
}

Task<Result<void>> SegmentIntake::take_mp4(const LoadedSegment& segment) {
  if (segment.discontinuity) pace_.begin_again();
  mp4::Reader reader({.largest_samples = most_samples});
  CO_TRY_VOID(reader.input(*segment.map));
  CO_TRY_VOID(reader.input(segment.bytes));
  CO_TRY(mp4::Movie movie, reader.finish());
  Mp4Samples samples = samples_of(std::move(movie));
  if (samples.order.empty()) co_return upstream::Errc::no_known_format;
  const bool changed = !same(map_, segment.map);
  if (changed && map_) ++generation_;
  for (media::Track& track : samples.tracks) track.generation = generation_;
  map_ = segment.map;
  if (!mp4_) {
    CO_TRY(hub::Input* const input, co_await attempt_.publish(protocols::mp4.id));
    mp4_.emplace(attempt_.life(), *input);
  }
  if (changed) CO_TRY_VOID(mp4_->set_tracks(samples.tracks));
  const std::size_t begin = segment.map->size();
  for (const Mp4Samples::Item& item : samples.order) {
    const mp4::Sample& sample = samples.sample(item);
    // Offsets are those of both files in one.
    if (sample.offset < begin || sample.offset - begin > segment.bytes.size() ||
        segment.bytes.size() - (sample.offset - begin) < sample.size) {
      co_return upstream::Errc::no_known_format;
    }
    media::Frame frame = samples.frame(
        item, base::SharedBytes::copy_of(segment.bytes.bytes().subspan(sample.offset - begin, sample.size)));
    CO_TRY(frame.dts, co_await upstream::wait_until_due(attempt_, pace_, frame.dts));
    attempt_.alive();
    mp4_->put(std::move(frame));
  }
  co_return Result<void>();
}

}  // namespace weir::session::pull
