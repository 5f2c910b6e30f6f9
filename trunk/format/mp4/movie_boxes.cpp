#include "format/mp4/movie_boxes.h"

namespace weir::mp4 {
namespace {

void write_matrix(base::ByteWriter& w) {
  constexpr std::uint32_t one = 0x00010000;
  for (const std::uint32_t value : {one, 0U, 0U, 0U, one, 0U, 0U, 0U, 0x40000000U}) w.u32(value);
}

}  // namespace

void write_mvhd(base::ByteWriter& w, std::uint64_t duration, std::uint32_t next_track_id) {
  BoxWriter box(w, "mvhd", 1, 0);
  w.u64(0);  // no creation time: two recordings of the same frames are the same bytes
  w.u64(0);
  w.u32(movie_timescale);
  w.u64(duration);
  w.u32(0x00010000);  // rate
  w.u16(0x0100);      // volume
  w.zeros(10);
  write_matrix(w);
  w.zeros(24);
  w.u32(next_track_id);
}

void write_tkhd(base::ByteWriter& w, const TrackHead& head) {
  BoxWriter box(w, "tkhd", 1, 3);  // enabled, in the movie
  w.u64(0);
  w.u64(0);
  w.u32(head.id);
  w.u32(0);
  w.u64(head.movie_duration);
  w.zeros(8);
  w.u16(0);                                             // layer
  w.u16(head.kind == media::Kind::audio ? 1 : 0);       // alternate group
  w.u16(head.kind == media::Kind::audio ? 0x0100 : 0);  // volume
  w.u16(0);
  write_matrix(w);
  w.u32(head.width << 16);
  w.u32(head.height << 16);
}

void write_mdhd(base::ByteWriter& w, const TrackHead& head) {
  BoxWriter box(w, "mdhd", 1, 0);
  w.u64(0);
  w.u64(0);
  w.u32(head.timescale);
  w.u64(head.media_duration);
  w.u16(0x55c4);  // "und"
  w.u16(0);
}

void write_hdlr(base::ByteWriter& w, media::Kind kind) {
  const bool video = kind == media::Kind::video;
  BoxWriter box(w, "hdlr", 0, 0);
  w.u32(0);
  w.u32(video ? fourcc("vide") : fourcc("soun"));
  w.zeros(12);
  w.text(video ? "Video" : "Audio");
  w.u8(0);
}

void write_media_head(base::ByteWriter& w, media::Kind kind) {
  if (kind == media::Kind::video) {
    BoxWriter box(w, "vmhd", 0, 1);
    w.zeros(8);
  } else {
    BoxWriter box(w, "smhd", 0, 0);
    w.zeros(4);
  }
  BoxWriter dinf(w, "dinf");
  BoxWriter dref(w, "dref", 0, 0);
  w.u32(1);
  BoxWriter url(w, "url ", 0, 1);  // the data is in this file
}

void write_stsd(base::ByteWriter& w, base::Bytes sample_entry) {
  BoxWriter box(w, "stsd", 0, 0);
  w.u32(1);
  w.bytes(sample_entry);
}

}  // namespace weir::mp4
