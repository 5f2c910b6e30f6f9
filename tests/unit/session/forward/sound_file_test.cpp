#include "session/forward/sound_file.h"

#include <filesystem>
#include <fstream>

#include "support/catch.h"
#include "support/sound_files.h"

namespace weir::test::sound_file_test {

// `push { audio FILE; }`: the file, and its units over and over.

using namespace std::chrono_literals;
using session::forward::parse_sound_file;
using session::forward::SoundErrc;
using session::forward::SoundFile;
using session::forward::SoundLoop;

namespace {

base::SharedBytes shared(const test::ByteVector& bytes) { return base::SharedBytes::copy_of(bytes); }

std::shared_ptr<const SoundFile> clip() {
  return std::make_shared<const SoundFile>(*parse_sound_file(shared(test::adts_file())));
}

test::ByteVector id3(std::uint8_t size) {
  test::ByteVector tag{'I', 'D', '3', 4, 0, 0, 0, 0, 0, size};
  tag.resize(tag.size() + size, 0xff);
  return tag;
}

}  // namespace

TEST_CASE("a file of AAC has the units of its frames, without headers and tags", "[forward][sound]") {
  const auto frames = test::sound_of("flv/h264_aac.flv");
  const auto check = [&](const test::ByteVector& file, std::size_t units) {
    const auto sound = parse_sound_file(shared(file));
    REQUIRE(sound.has_value());
    REQUIRE(sound->units.size() == units);
    for (std::size_t i = 0; i < units; ++i) CHECK(test::hex(sound->units[i]) == test::hex(frames[i]->payload));
    CHECK(sound->samples == 1024);
    CHECK(sound->rate == sound->parameters->sample_rate);
    CHECK(sound->parameters->codec == media::Codec::aac);
    CHECK(sound->parameters->channels > 0);
  };
  const test::ByteVector file = test::adts_file();
  check(file, frames.size());
  check(id3(20) + id3(3) + file, frames.size());
  check(file + test::ByteVector{'T', 'A', 'G', 0, 0, 0, 0, 0, 0, 0}, frames.size());
  check(file + id3(20), frames.size());
  test::ByteVector cut = file;
  cut.resize(cut.size() - 1);  // a file that was still being written
  check(cut, frames.size() - 1);
}

TEST_CASE("what is no file of AAC is an error that says what, wherever it is cut", "[forward][sound]") {
  const test::ByteVector file = test::adts_file();
  const auto fault = [](const test::ByteVector& bytes) {
    const auto sound = parse_sound_file(shared(bytes));
    return sound ? base::ErrorCode() : sound.error();
  };
  CHECK(fault({}) == SoundErrc::no_adts);
  CHECK(fault(id3(9)) == SoundErrc::no_adts);
  CHECK(fault(test::mp3_file()) == SoundErrc::no_adts);
  CHECK(fault(test::repeat(0, 100) + file) == SoundErrc::no_adts);
  CHECK(fault(file + test::repeat(0, 100) + file) == SoundErrc::damaged);
  test::ByteVector other = file;
  other[2] ^= 0x04;  // another rate
  CHECK(fault(file + other) == SoundErrc::changes);
  for (std::size_t cut = 0; cut < std::min<std::size_t>(file.size(), 3000); ++cut) {
    const auto part = parse_sound_file(base::SharedBytes::copy_of(base::Bytes(file).first(cut)));
    CHECK((part ? !part->units.empty() : part.error() == SoundErrc::no_adts));
  }
}

TEST_CASE("a file of sound lies below the folder, and is not too large", "[forward][sound]") {
  const auto folder = std::filesystem::temp_directory_path() / "weir_sound_file_test";
  std::filesystem::create_directories(folder / "inside");
  const auto write = [](const std::filesystem::path& path, const test::ByteVector& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  };
  write(folder / "inside/music.aac", test::adts_file());
  write(folder / "outside.aac", test::adts_file());
  write(folder / "inside/large.aac", {});
  std::filesystem::resize_file(folder / "inside/large.aac", session::forward::largest_sound_file + 1);
  const std::string root = (folder / "inside").string();
  using session::forward::read_sound_file;
  CHECK(read_sound_file(root, "music.aac").has_value());
  CHECK(read_sound_file(root, "/music.aac").has_value());
  CHECK(read_sound_file(root, "none.aac").error() == SoundErrc::no_file);
  CHECK(read_sound_file(root, "large.aac").error() == SoundErrc::too_large);
  CHECK(read_sound_file(root, "../outside.aac").error() == SoundErrc::not_allowed);
  std::filesystem::remove_all(folder);
}

TEST_CASE("the times of the sound grow evenly, also from its end to its beginning", "[forward][sound]") {
  const auto file = clip();
  SoundLoop loop(file);
  std::vector<media::FrameRef> sent;
  const auto put = [&](media::FrameRef frame) { sent.push_back(std::move(frame)); };
  const base::Ticks begin = 100s;
  // Three times through and more, by pictures that come unevenly.
  const auto length = base::Ticks(static_cast<std::int64_t>(file->units.size()) * 90'000 * 1024 / file->rate);
  base::Ticks now = begin;
  for (int i = 0; now < begin + 3 * length + 1s; ++i) {
    loop.go_on(now, put);
    CHECK(sent.back()->dts <= now);
    CHECK(now - sent.back()->dts < base::Ticks(90'000 * 1024 / file->rate + 1));
    now += std::chrono::milliseconds(20 + 70 * (i % 3));
  }
  REQUIRE(sent.size() > 3 * file->units.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto samples = static_cast<std::int64_t>(i) * 1024;
    CHECK(sent[i]->dts == begin + base::Ticks(samples * 90'000 / file->rate));  // to the tick, however long it goes on
    CHECK(sent[i]->payload.data() == file->units[i % file->units.size()].data());
    CHECK(sent[i]->track == media::TrackId::audio);
  }
  // A stream that goes on elsewhere in its time is followed, and one that stands is not run ahead of.
  const std::size_t before = sent.size();
  loop.go_on(now + 1h, put);
  REQUIRE(sent.size() == before + 1);
  CHECK(sent.back()->dts == now + 1h);
  loop.go_on(now + 1h, put);
  CHECK(sent.size() == before + 1);
  CHECK(sent.back()->payload.data() == file->units[before % file->units.size()].data());
}

}  // namespace weir::test::sound_file_test
