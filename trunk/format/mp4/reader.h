#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "format/mp4/box.h"
#include "format/mp4/movie.h"

namespace weir::mp4 {

// Reads the structure of a file, fragmented or regular, piece by piece and front to back; the media itself is passed
// over. Bounded by its options whatever the boxes say. A file that ends in the middle of a fragment, as one does after
// a crash, gives all samples that are whole.
//
//   for each piece: TRY_VOID(reader.input(piece));
//   TRY(Movie movie, reader.finish());
class Reader {
 public:
  struct Options {
    std::size_t largest_box_bytes = 64 * 1024 * 1024;  // of moov or moof
    std::size_t largest_samples = 10'000'000;
    std::size_t largest_tracks = 32;
  };

  Reader() : Reader(Options{}) {}
  explicit Reader(Options options) : options_(options) {}

  base::Result<void> input(base::Bytes in);
  // So many bytes follow that it would pass over: whoever can need not read them, and says so.
  std::uint64_t to_pass_over() const { return to_skip_; }
  void pass_over(std::uint64_t count) {
    to_skip_ -= count;
    position_ += count;
  }
  // The file is at its end.
  base::Result<Movie> finish();

 private:
  struct Defaults {  // trex, 8.8.3
    std::uint32_t duration = 0, size = 0, flags = 0;
    std::int64_t next_dts = 0;  // where a fragment without tfdt goes on
  };
  base::Result<void> take(const BoxHeader& header, std::uint64_t start, base::Bytes payload);
  base::Result<void> read_moov(base::Bytes moov);
  base::Result<void> read_trak(base::Bytes trak);
  base::Result<void> read_tables(base::Bytes stbl, MovieTrack& track);
  base::Result<void> read_moof(base::Bytes moof, std::uint64_t start);
  base::Result<void> read_traf(base::Bytes traf, std::uint64_t start, std::uint64_t& data_end);
  MovieTrack* find(std::uint32_t id);

  // given
  Options options_;
  // state
  Movie movie_;
  std::vector<Defaults> defaults_;  // beside the tracks
  bool has_moov_ = false;
  base::Buffer gathered_;
  bool in_box_ = false;
  BoxHeader header_;
  std::uint64_t box_start_ = 0;
  std::uint64_t to_skip_ = 0;
  std::uint64_t position_ = 0;
  std::size_t samples_ = 0;
};

}  // namespace weir::mp4
