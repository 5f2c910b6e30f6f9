#include <algorithm>

#include "format/mp4/reader.h"

// The sample tables of a regular file: 8.6 and 8.7.
namespace weir::mp4 {
namespace {

using base::ByteReader;
using base::Bytes;

// A table of entries behind version, flags and a count.
struct Table {
  ByteReader r{Bytes{}};
  std::size_t count = 0;
};

base::Result<Table> open_table(Bytes stbl, FourCc type, std::size_t entry_bytes) {
  const auto box = find_box(stbl, type);
  if (!box) return Table{};
  Table table{ByteReader{*box}, 0};
  read_full_box(table.r);
  table.count = table.r.u32();
  if (!table.r.ok() || table.count > table.r.left() / entry_bytes) return Errc::bad_table;
  return table;
}

base::Result<void> read_times(Bytes stbl, std::vector<Sample>& samples) {
  TRY(Table stts, open_table(stbl, fourcc("stts"), 8));
  std::int64_t dts = 0;
  std::size_t at = 0;
  for (; stts.count != 0; --stts.count) {
    std::uint32_t run = stts.r.u32();
    const std::uint32_t duration = stts.r.u32();
    for (; run != 0 && at < samples.size(); --run, ++at) {
      samples[at].dts = dts;
      samples[at].duration = duration;
      dts += duration;
    }
  }
  if (at != samples.size()) return Errc::bad_table;
  TRY(Table ctts, open_table(stbl, fourcc("ctts"), 8));
  for (at = 0; ctts.count != 0; --ctts.count) {
    std::uint32_t run = ctts.r.u32();
    const auto offset = static_cast<std::int32_t>(ctts.r.u32());
    for (; run != 0 && at < samples.size(); --run, ++at) samples[at].composition = offset;
  }
  return {};
}

base::Result<void> read_keys(Bytes stbl, std::vector<Sample>& samples) {
  if (!find_box(stbl, fourcc("stss"))) {
    for (Sample& sample : samples) sample.key = true;
    return {};
  }
  TRY(Table stss, open_table(stbl, fourcc("stss"), 4));
  for (; stss.count != 0; --stss.count) {
    const std::uint32_t number = stss.r.u32();
    if (number == 0 || number > samples.size()) return Errc::bad_table;
    samples[number - 1].key = true;
  }
  return {};
}

base::Result<void> read_places(Bytes stbl, std::vector<Sample>& samples) {
  const bool wide = find_box(stbl, fourcc("co64")).has_value();
  TRY(Table chunks, open_table(stbl, wide ? fourcc("co64") : fourcc("stco"), wide ? 8 : 4));
  TRY(Table stsc, open_table(stbl, fourcc("stsc"), 12));
  std::uint32_t per_chunk = 0;
  std::uint64_t next_first = stsc.count != 0 ? stsc.r.u32() : UINT64_MAX;
  std::size_t at = 0;
  for (std::uint64_t chunk = 1; chunk <= chunks.count; ++chunk) {
    if (chunk == next_first) {
      per_chunk = stsc.r.u32();
      stsc.r.u32();
      --stsc.count;
      next_first = stsc.count != 0 ? stsc.r.u32() : UINT64_MAX;
    }
    std::uint64_t offset = wide ? chunks.r.u64() : chunks.r.u32();
    for (std::uint32_t i = 0; i < per_chunk && at < samples.size(); ++i, ++at) {
      samples[at].offset = offset;
      offset += samples[at].size;
    }
  }
  if (at != samples.size()) return Errc::bad_table;
  return {};
}

}  // namespace

base::Result<void> Reader::read_tables(Bytes stbl, MovieTrack& track) {
  const auto stsz = find_box(stbl, fourcc("stsz"));
  if (!stsz) return {};  // a fragmented file may leave it out
  ByteReader r{*stsz};
  read_full_box(r);
  const std::uint32_t size = r.u32();
  const std::size_t count = r.u32();
  if (!r.ok() || (size == 0 && count > r.left() / 4)) return Errc::bad_table;
  // Equal sizes need no bytes in the table, so their count is bounded by the limit alone.
  if (count > options_.largest_samples - samples_) return Errc::too_many_samples;
  samples_ += count;
  if (count == 0) return {};
  track.samples.resize(count);
  for (Sample& sample : track.samples) sample.size = size == 0 ? r.u32() : size;
  TRY_VOID(read_times(stbl, track.samples));
  TRY_VOID(read_keys(stbl, track.samples));
  return read_places(stbl, track.samples);
}

}  // namespace weir::mp4
