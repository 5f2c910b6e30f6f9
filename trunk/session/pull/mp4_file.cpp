#include "session/pull/mp4_file.h"

#include <algorithm>

#include "format/mp4/reader.h"
#include "session/common/mp4_samples.h"
#include "session/common/protocol.h"
#include "session/common/upstream/error.h"
#include "session/common/upstream/intake.h"
#include "session/common/upstream/local_error.h"

namespace weir::session::pull {

using base::Result;
using upstream::Attempt;
using upstream::Errc;

namespace {

constexpr std::size_t largest_samples = 2'000'000;  // of all tracks: five hours of many
constexpr std::size_t table_piece_bytes = 256 * 1024;

// On the pool: the tables of a long film are large.
Result<Mp4Samples> read_samples(const http::File& file) {
  mp4::Reader reader({.largest_samples = largest_samples});
  base::Buffer piece(table_piece_bytes);
  for (std::uint64_t at = 0; at < file.size();) {
    if (const std::uint64_t media = std::min(reader.to_pass_over(), file.size() - at); media > 0) {
      reader.pass_over(media);
      at += media;
      continue;
    }
    const std::size_t count = file.read_at(at, {piece.data(), piece.size()});
    if (count == 0) break;
    TRY_VOID(reader.input(piece.bytes().first(count)));
    at += count;
  }
  TRY(mp4::Movie movie, reader.finish());
  return samples_of(std::move(movie));
}

}  // namespace

bool is_mp4(base::Bytes head) {
  const std::string_view text = base::as_text(head);
  if (text.size() < 8) return false;
  const std::string_view type = text.substr(4, 4);
  return type == "ftyp" || type == "moov" || type == "styp";
}

net::Task<Result<void>> play_mp4(Attempt& attempt, CountedFile& file, upstream::Pace& pace, upstream::Chain& chain) {
  auto read = co_await file.pool().run([held = file.file()] { return read_samples(*held); });
  if (!read) co_return upstream::LocalErrc::too_busy;
  CO_TRY(const Mp4Samples samples, *std::move(read));
  if (samples.order.empty()) co_return Errc::no_known_format;
  CO_TRY_VOID(co_await chain.open(protocols::mp4.id));
  CO_TRY_VOID(chain.set_tracks(samples.tracks));
  for (const Mp4Samples::Item& item : samples.order) {
    const mp4::Sample& sample = samples.sample(item);
    CO_TRY(const base::Buffer bytes, co_await file.read(sample.offset, sample.size));
    if (bytes.size() < sample.size) co_return Errc::no_known_format;  // it was cut off meanwhile
    media::Frame frame = samples.frame(item, base::SharedBytes::copy_of(bytes));
    CO_TRY(frame.dts, co_await upstream::wait_until_due(attempt, pace, frame.dts));
    attempt.alive();
    chain.put(std::move(frame));
  }
  co_return Result<void>();
}

}  // namespace weir::session::pull
