#include "app/record/leftovers.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "app/record/file_writer.h"
#include "app/record/flv_numbers.h"
#include "format/flv/demuxer.h"
#include "format/mp4/reader.h"
#include "support/catch.h"
#include "unit/app/record/test_folder.h"
#include "unit/session/hls/frames.h"

namespace weir::test::leftovers_test {

namespace {

constexpr std::int64_t seconds = 4;

// What a server that records has on the disk when it is killed.
std::string recorded(record::Container container) {
  base::Buffer out;
  const auto writer = record::make_file_writer(container);
  writer->set_tracks({test::h264_track(), test::aac_track()}, out);
  test::feed({.to_ms = seconds * 1000}, [&](const media::Frame& frame) {
    REQUIRE(writer->write(frame, frame.key && frame.track == media::TrackId::video, out));
  });
  return std::string(base::as_text(out.bytes()));
}

struct Left {
  test::Folder folder;
  std::string pattern;
  std::string cut_off;

  Left(const std::string& ending, record::Container container, std::size_t lost)
      : pattern(folder.path + "/rec/[stream].[timestamp]." + ending) {
    cut_off = recorded(container);
    REQUIRE(cut_off.size() > lost);
    cut_off.resize(cut_off.size() - lost);
    folder.write("rec/cam.1000." + ending + ".tmp", cut_off);
    const auto lines = record::adopt_leftovers(pattern);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].line == "completed a recording that was cut off: " + folder.path + "/rec/cam.1000." + ending);
    CHECK(lines[0].path == folder.path + "/rec/cam.1000." + ending);
    CHECK(lines[0].names.stream == "cam");
    CHECK(lines[0].bytes == folder.read("rec/cam.1000." + ending).size());
    CHECK(std::abs(base::to_millis(lines[0].duration) - seconds * 1000) < 1200);
    CHECK_FALSE(folder.has("rec/cam.1000." + ending + ".tmp"));
    CHECK_FALSE(folder.has("rec/cam.1000." + ending + ".moov.tmp"));
    CHECK(record::adopt_leftovers(pattern).empty());
  }
};

}  // namespace

TEST_CASE("an FLV that a crash cut off ends with its last whole tag, and has its length", "[dvr]") {
  const Left left("flv", record::Container::flv, 100);
  const std::string file = left.folder.read("rec/cam.1000.flv");
  CHECK(file.size() > left.cut_off.size());  // less half a tag, and an index more
  flv::Demuxer demuxer;
  REQUIRE(demuxer.input(base::as_bytes(file)));
  std::size_t tags = 0;
  std::uint32_t last_ms = 0;
  while (auto tag = demuxer.poll()) {
    ++tags;
    last_ms = tag->timestamp_ms;
  }
  CHECK(tags > 250);
  const auto number = [&](std::string_view name) {
    const std::size_t at = file.find(name);
    REQUIRE(at != std::string::npos);
    return file.substr(at + name.size() + 1, 8);
  };
  const auto written = [](double value) { return std::string(base::as_text(record::number_bytes(value).bytes())); };
  CHECK(number("duration") == written(static_cast<double>(last_ms) / 1000));
  CHECK(number("filesize") == written(static_cast<double>(file.size())));
}

TEST_CASE("a TS that a crash cut off ends with a whole packet", "[dvr]") {
  const Left left("ts", record::Container::ts, 100);
  const std::string file = left.folder.read("rec/cam.1000.ts");
  CHECK(file.size() % 188 == 0);
  CHECK(file == left.cut_off.substr(0, file.size()));
  CHECK(file.size() + 188 > left.cut_off.size());
}

TEST_CASE("an MP4 that a crash cut off has its tables in front", "[dvr]") {
  const Left left("mp4", record::Container::mp4, 100);
  const std::string file = left.folder.read("rec/cam.1000.mp4");
  CHECK(file.substr(4, 4) == "ftyp");
  CHECK(file.find("moov") < 100);
  CHECK(file.find("moof") == std::string::npos);
  mp4::Reader reader;
  REQUIRE(reader.input(base::as_bytes(file)));
  const auto movie = reader.finish();
  REQUIRE(movie.has_value());
  REQUIRE(movie->tracks.size() == 2);
  CHECK(movie->tracks[0].samples.size() >= 25 * (seconds - 2));
}

TEST_CASE("only what a crash left is taken, and nobody's file is replaced", "[dvr]") {
  const test::Folder folder;
  folder.write("rec/cam.1000.flv.tmp", "of the crash");
  folder.write("rec/cam.1000.flv", "somebody's");
  folder.write("rec/cam.2000.flv.tmp", "is written now");
  folder.write("rec/other.tmp", "not ours");
  folder.write("rec/cam.3000.flv.tmp", "");
  const int writer = ::open((folder.path + "/rec/cam.2000.flv.tmp").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(::flock(writer, LOCK_EX | LOCK_NB) == 0);
  const std::string pattern = folder.path + "/rec/[stream].[timestamp].flv";
  const auto lines = record::adopt_leftovers(pattern);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].line == "completed a recording that was cut off: " + folder.path + "/rec/cam.1000-1.flv");
  CHECK(folder.read("rec/cam.1000-1.flv") == "of the crash");  // no tags: it is left as it was
  CHECK(folder.read("rec/cam.1000.flv") == "somebody's");
  CHECK(folder.has("rec/cam.2000.flv.tmp"));
  CHECK(folder.has("rec/other.tmp"));
  CHECK(folder.has("rec/cam.3000.flv.tmp"));
  ::close(writer);
  CHECK(record::adopt_leftovers(pattern).size() == 1);
}

}  // namespace weir::test::leftovers_test
