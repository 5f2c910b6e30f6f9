#include "app/record/flv_index.h"

#include "app/record/file_writer.h"
#include "app/record/finish.h"
#include "format/flv/demuxer.h"
#include "format/flv/script_data.h"
#include "support/catch.h"
#include "unit/app/record/test_folder.h"
#include "unit/session/hls/frames.h"

namespace weir::test::flv_index_test {

namespace {

std::string recorded(bool video, std::int64_t to_ms) {
  base::Buffer out;
  const auto writer = record::make_file_writer(record::Container::flv);
  if (video) {
    writer->set_tracks({test::h264_track(), test::aac_track()}, out);
  } else {
    writer->set_tracks({test::aac_track()}, out);
  }
  test::feed({.to_ms = to_ms}, [&](const media::Frame& frame) {
    if (!video && frame.track == media::TrackId::video) return;
    REQUIRE(writer->write(frame, frame.key && frame.track == media::TrackId::video, out));
  });
  return std::string(base::as_text(out.bytes()));
}

std::vector<double> numbers(const amf0::Value& index, std::string_view name) {
  const amf0::Value* const list = index.find(name);
  REQUIRE(list != nullptr);
  std::vector<double> out;
  for (const amf0::Value& one : list->elements()) out.push_back(one.as_number());
  return out;
}

}  // namespace

TEST_CASE("a finished FLV says where its key frames are", "[dvr]") {
  for (const bool video : {true, false}) {
    const test::Folder folder;
    folder.write("a.flv.tmp", recorded(video, 9'000));
    const auto duration = record::write_index_first(folder.path + "/a.flv.tmp", folder.path + "/a.flv");
    REQUIRE(duration.has_value());
    CHECK(base::to_millis(*duration) > 8'900);
    const std::string file = folder.read("a.flv");
    flv::Demuxer demuxer;
    REQUIRE(demuxer.input(base::as_bytes(file)));
    const auto first = demuxer.poll();
    REQUIRE(first.has_value());
    const auto data = flv::parse_script_data(first->body);
    REQUIRE(data.has_value());
    CHECK(data->value.find("filesize")->as_number() == static_cast<double>(file.size()));
    const auto times = numbers(*data->value.find("keyframes"), "times");
    const auto places = numbers(*data->value.find("keyframes"), "filepositions");
    REQUIRE(times.size() == places.size());
    REQUIRE(times.size() >= 4);
    for (std::size_t i = 0; i < times.size(); ++i) {
      const auto at = static_cast<std::size_t>(places[i]);
      REQUIRE(at + 13 < file.size());
      CHECK(file[at] == (video ? 9 : 8));
      if (video) CHECK(file.substr(at + 11, 2) == "\x17\x01");
      const auto byte = [&](std::size_t k) { return static_cast<std::uint8_t>(file[at + k]); };
      CHECK(std::abs((byte(4) << 16 | byte(5) << 8 | byte(6)) / 1000.0 - times[i]) < 0.0005);
    }
    // and all frames are still there
    std::size_t tags = 0, before = 0;
    while (demuxer.poll()) ++tags;
    flv::Demuxer plain;
    const std::string source = folder.read("a.flv.tmp");
    REQUIRE(plain.input(base::as_bytes(source)));
    while (plain.poll()) ++before;
    CHECK(tags + 1 == before);
  }
}

TEST_CASE("what is no FLV of ours is left alone", "[dvr]") {
  const test::Folder folder;
  folder.write("a.flv.tmp", "something else, long enough for a header");
  CHECK_FALSE(record::write_index_first(folder.path + "/a.flv.tmp", folder.path + "/a.flv"));
  CHECK_FALSE(folder.has("a.flv"));
  // cut off in the middle of a tag: the whole ones are indexed
  std::string cut = recorded(true, 4'000);
  cut.resize(cut.size() - 50);
  folder.write("b.flv.tmp", cut);
  CHECK(record::write_index_first(folder.path + "/b.flv.tmp", folder.path + "/b.flv"));
}

}  // namespace weir::test::flv_index_test
