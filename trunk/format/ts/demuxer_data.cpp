#include <algorithm>

#include "format/scte35/section.h"
#include "format/ts/demuxer.h"
#include "format/ts/private_data.h"

// What a program has beside pictures and sound: breaks, and private data.
namespace weir::ts {

namespace {

constexpr std::size_t most_data_streams = 8;
constexpr std::size_t largest_data_pes = 64 * 1024;
constexpr base::Ticks far_data = std::chrono::seconds(10);  // from what came last: its time is not to be believed

}  // namespace

// SCTE 35 8.1: the program is registered as one that has them, as the type alone is that of other streams, too.
void Demuxer::adopt_cues(const Pmt& pmt) {
  constexpr std::size_t most_pids = 4;
  constexpr std::uint8_t tag_registration = 5;
  const auto registered = [](base::Bytes descriptors) {
    const auto data = find_descriptor(descriptors, tag_registration);
    return data && data->size() >= 4 && base::as_text(data->first(4)) == "CUEI";
  };
  const bool before = !cues_.empty();
  const auto announced = [&](const PmtStream& stream) {
    return stream.stream_type == scte35::stream_type && (registered(pmt.descriptors) || registered(stream.descriptors));
  };
  std::erase_if(cues_, [&](const Cues& cues) {
    return std::none_of(pmt.streams.begin(), pmt.streams.end(),
                        [&](const PmtStream& stream) { return stream.pid == cues.pid && announced(stream); });
  });
  for (const PmtStream& stream : pmt.streams) {
    const bool known =
        std::any_of(cues_.begin(), cues_.end(), [&](const Cues& cues) { return cues.pid == stream.pid; });
    if (!known && announced(stream) && cues_.size() < most_pids) cues_.push_back({stream.pid, {}});
  }
  if (before != !cues_.empty()) rebuild_tracks();
}

// It is about a moment of the same clock as everything else, most often one to come.
void Demuxer::read_cue(base::Bytes section, PidCounts& counts) {
  const auto said = scte35::parse(section);
  if (!said) {
    ++counts.malformed;
    return;
  }
  if (said->idle || !newest_) return;
  media::Frame frame{.track = media::TrackId::data, .codec = media::Codec::scte35, .dts = *newest_};
  if (said->pts) {
    base::ClockUnwrap beside = clock_;
    frame.composition = base::Ticks{beside.unwrap(*said->pts)} - *newest_;
  }
  frame.payload = base::SharedBytes::copy_of(section);
  give(std::move(frame));
}

void Demuxer::adopt_data(const Pmt& pmt) {
  // Descriptors come and go; the stream is another only if it is of another kind.
  const auto wanted = [&](const Data& data) {
    return std::any_of(pmt.streams.begin(), pmt.streams.end(), [&](const PmtStream& one) {
      return one.pid == data.pid && one.stream_type == data.announced.stream_type &&
             data_kind(one) == data_kind(data.announced);
    });
  };
  bool news = std::erase_if(data_, [&](const Data& data) { return !wanted(data); }) != 0;
  for (const PmtStream& announced : pmt.streams) {
    if (data_of(announced.pid) || data_.size() == most_data_streams || data_kind(announced).empty()) continue;
    Data data;
    data.pid = announced.pid;
    data.announced = announced;
    data.track = free_track(media::Kind::data);
    data.parameters = std::make_shared<const media::CodecParameters>(data_parameters(announced));
    data_.push_back(std::move(data));
    news = true;
  }
  if (news) rebuild_tracks();
}

Demuxer::Data* Demuxer::data_of(Pid pid) {
  const auto found = std::find_if(data_.begin(), data_.end(), [&](const Data& data) { return data.pid == pid; });
  return found == data_.end() ? nullptr : &*found;
}

void Demuxer::collect_data(Data& data, const Packet& packet, PidCounts& counts) {
  if (packet.unit_start) {
    if (data.collecting) give_data(data, counts);
    data.pes.clear();
    data.collecting = true;
  }
  if (!data.collecting) return;
  if (data.pes.size() + packet.payload.size() > largest_data_pes) {
    ++counts.damaged_units;
    data.collecting = false;
    return;
  }
  data.pes.append(packet.payload);
  if (data.pes.size() < 6) return;
  const std::size_t length = static_cast<std::size_t>(data.pes.data()[4] << 8 | data.pes.data()[5]);
  if (length == 0 || data.pes.size() < 6 + length) return;
  data.pes.resize(6 + length);
  give_data(data, counts);
}

// Without a time it is about the moment at which it came.
void Demuxer::give_data(Data& data, PidCounts& counts) {
  data.collecting = false;
  const auto header = parse_pes_header(data.pes);
  const std::size_t length =
      data.pes.size() < 6 ? 0 : static_cast<std::size_t>(data.pes.data()[4] << 8 | data.pes.data()[5]);
  if (!header || (length != 0 && data.pes.size() < 6 + length)) {
    counts.malformed += header ? 0 : 1;
    ++counts.damaged_units;
    return;
  }
  const bool plays = std::any_of(streams_.begin(), streams_.end(), [](const Stream& one) { return !!one.parameters; });
  if (!newest_ || !plays) return;
  media::Frame frame{.track = data.track, .codec = media::Codec::ts_data, .dts = *newest_};
  if (header->pts) {
    base::ClockUnwrap beside = clock_;
    const base::Ticks said{beside.unwrap(*header->pts)};
    if (said - *newest_ < far_data && *newest_ - said < far_data) frame.dts = said;
  }
  frame.payload = base::SharedBytes::copy_of(data.pes);
  give(std::move(frame));
}

}  // namespace weir::ts
