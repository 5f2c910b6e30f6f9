#include "session/common/ts_receiver.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/url.h"
#include "session/common/error.h"

namespace weir::session {

using base::Result;

namespace {

constexpr std::uint64_t most_without_sync = 64 * 1024;  // bytes in which a transport stream must have shown itself

}  // namespace

// What is put into another order here is another stream.
TsReceiver::TsReceiver(std::uint16_t program, const config::Vhost& vhost)
    : program_(program),
      demuxer_(ts::Demuxer::Options{.program = program,
                                    .passes = vhost.publish.ts_pass_through && !vhost.play.mix_correct}) {
  if (vhost.publish.ts_analysis) analyzer_ = std::make_unique<ts::Analyzer>();
}

Result<void> TsReceiver::input(base::Bytes piece) {
  demuxer_.input(piece);
  if (analyzer_) analyzer_->input(piece);
  measure();
  if (demuxer_.packet_size() == 0 && !got_media_ && demuxer_.skipped_bytes() > most_without_sync) {
    return Errc::no_transport_stream;
  }
  return {};
}

void TsReceiver::measure() {
  if (analyzer_) *told_ = analyzer_->summary();
  told_->analysed = analyzer_ != nullptr;
  told_->passes = passes_ && demuxer_.passage().flows();
  told_->passed_packets = demuxer_.passage().packets();
  told_->timed_by_clock = told_->without_time = 0;
  for (const ts::PidCounts& one : demuxer_.counts()) {
    told_->timed_by_clock += one.timed_by_clock;
    told_->without_time += one.without_time;
  }
}

bool TsReceiver::has_media() {
  if (!next_) next_ = demuxer_.poll();
  return next_.has_value();
}

std::uint64_t TsReceiver::errors() const {
  std::uint64_t all = demuxer_.lost_sync();
  for (const ts::PidCounts& one : demuxer_.counts())
    all += one.transport_errors + one.scrambled + one.malformed + one.continuity_errors;
  return all;
}

Result<void> TsReceiver::drain(MediaSink& sink) {
  if (const std::uint64_t all = errors(); all != errors_told_)
    sink.count_errors(all - std::exchange(errors_told_, all));
  while (has_media()) {
    const auto unit = std::move(*next_);
    next_.reset();
    got_media_ = true;
    if (unit.tracks) TRY_VOID(sink.set_tracks(*unit.tracks));
    sink.put(media::Frame(*unit.frame));
  }
  return {};
}

void TsReceiver::pass_on(MediaSink& sink) {
  ts::Passage& passage = demuxer_.passage();
  if (!got_media_) return;
  // What came before the stream began has gone on as frames: packets go on from the next place to begin.
  if (!std::exchange(passes_, true)) return passage.interrupt();
  for (ts::Passage::Piece& piece : passage.pieces()) {
    media::Frame packets{.track = media::TrackId::data, .codec = media::Codec::ts_packets};
    packets.dts = demuxer_.newest().value_or(base::Ticks(static_cast<base::Ticks::rep>(piece.time)));
    packets.key = piece.begins;
    packets.generation = passage.generation();
    packets.payload = base::SharedBytes::copy_of(piece.bytes);
    sink.put(std::move(packets));
  }
  passage.clear();
}

std::string TsReceiver::condition() const {
  std::uint64_t packets = 0, missing = 0, errors = 0, damaged = 0;
  for (const ts::PidCounts& one : demuxer_.counts()) {
    packets += one.packets;
    missing += one.continuity_errors;
    errors += one.transport_errors + one.malformed;
    damaged += one.damaged_units;
  }
  std::string text = fmt::format(
      "transport stream: {} packets of {} bytes, {} gaps, {} malformed, {} PES packets damaged; lost its beat {} "
      "times, {} bytes passed over",
      packets, demuxer_.packet_size(), missing, errors, damaged, demuxer_.lost_sync(), demuxer_.skipped_bytes());
  const std::vector<std::uint16_t>& programs = demuxer_.programs();
  if (program_ != 0 && std::find(programs.begin(), programs.end(), program_) == programs.end()) {
    text += fmt::format("; program {} is not in it", program_);
  }
  if (told_->timed_by_clock + told_->without_time > 0) {
    text += fmt::format("; of PES packets without a time {} were played by the clock, {} not", told_->timed_by_clock,
                        told_->without_time);
  }
  if (programs.size() > 1) text += fmt::format("; programs {}", fmt::join(programs, " "));
  if (demuxer_.passage().packets() > 0)
    text += fmt::format("; {} packets went on as they came", demuxer_.passage().packets());
  return text;
}

std::uint16_t program_of(std::string_view param) {
  if (param.starts_with('?')) param.remove_prefix(1);
  const auto parameters = base::parse_query(param);
  const std::string_view text = base::find_parameter(parameters, "program");
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : std::uint16_t{0};
}

}  // namespace weir::session
