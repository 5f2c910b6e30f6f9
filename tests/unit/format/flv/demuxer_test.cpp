#include "format/flv/demuxer.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::demuxer_test {

using flv::Demuxer;
using flv::Errc;
using test::bytes;
using test::operator+;

namespace {

// 0                          9        13 tag header             24 body     28 back pointer
const char* const start = "464c5601 05 00000009 00000000";
const char* const audio_tag = "08 000004 000010 00 000000 af012122 0000000f";
const char* const empty_tag = "09 000000 000020 01 000000 0000000b";

base::ErrorCode fault(const test::ByteVector& in, std::string* text = nullptr, Demuxer::Options options = {}) {
  Demuxer demuxer(options);
  const auto result = demuxer.input(in);
  if (text) *text = demuxer.fault_text();
  if (result) return {};
  CHECK(demuxer.input(bytes("00")).error() == result.error());  // it stays failed
  return result.error();
}

}  // namespace

TEST_CASE("tags come out however the stream is cut", "[flv]") {
  const auto stream = bytes(start) + bytes(audio_tag) + bytes(empty_tag) + bytes(audio_tag);
  test::feed_every_way(
      stream, [] { return Demuxer(Demuxer::Options{.check_back_pointers = true}); },
      [](Demuxer& demuxer, base::Bytes part) { REQUIRE(demuxer.input(part).has_value()); },
      [](Demuxer& demuxer) {
        const auto first = demuxer.poll();
        REQUIRE(first.has_value());
        CHECK(first->type == flv::TagType::audio);
        CHECK(first->timestamp_ms == 16);
        CHECK(first->offset == 13);
        CHECK(test::hex(first->body) == "af012122");
        const auto second = demuxer.poll();
        REQUIRE(second.has_value());
        CHECK(second->timestamp_ms == 0x01000020);
        CHECK(second->body.empty());
        CHECK(demuxer.poll().has_value());
        CHECK_FALSE(demuxer.poll().has_value());
        CHECK(demuxer.at_boundary());
      });
}

TEST_CASE("a longer file header is skipped", "[flv]") {
  Demuxer demuxer;
  REQUIRE(demuxer.input(bytes("464c5601 01 0000000c aabbcc 00000000") + bytes(audio_tag)).has_value());
  CHECK(demuxer.poll().has_value());
  CHECK_FALSE(demuxer.file_header()->has_audio);
  CHECK(demuxer.file_header()->has_video);
}

TEST_CASE("a bad stream is an error that says at which byte", "[flv]") {
  std::string text;
  CHECK(fault(bytes("474c5601 05 00000009"), &text) == Errc::not_flv);
  CHECK(text == "this does not begin as an FLV file of version 1 at byte 0");
  CHECK(fault(bytes("464c5602 05 00000009")) == Errc::not_flv);
  CHECK(fault(bytes("464c5601 05 00000008")) == Errc::bad_header_size);
  CHECK(fault(bytes("464c5601 05 ffffffff")) == Errc::bad_header_size);
  CHECK(fault(bytes(start) + bytes(audio_tag) + bytes("0a 000000 000000 00 000000"), &text) == Errc::bad_tag_type);
  CHECK(text == "an FLV tag that is neither audio, video nor script data at byte 32");
  CHECK(fault(bytes(start) + bytes("28 000004 000000 00 000000")) == Errc::encrypted_tag);
  CHECK(fault(bytes(start) + bytes("09 ffffff 000000 00 000000"), nullptr, {.largest_tag_bytes = 1000}) ==
        Errc::tag_too_large);
  const auto lying = bytes(start) + bytes("08 000001 000010 00 000000 af 00000063");
  CHECK_FALSE(fault(lying));
  CHECK(fault(lying, &text, {.check_back_pointers = true}) == Errc::bad_back_pointer);
  CHECK(text == "the size behind an FLV tag is not the size of that tag at byte 25");
}

TEST_CASE("tags before a fault are still there", "[flv]") {
  Demuxer demuxer;
  CHECK(demuxer.input(bytes(start) + bytes(audio_tag) + bytes("ff 000000 000000 00 000000")).has_error());
  CHECK(demuxer.poll().has_value());
  CHECK_FALSE(demuxer.poll().has_value());
}

TEST_CASE("a stream that ends inside a tag is not whole", "[flv]") {
  Demuxer demuxer;
  REQUIRE(demuxer.input(bytes(start)).has_value());
  CHECK(demuxer.at_boundary());
  REQUIRE(demuxer.input(bytes("08 000004 00")).has_value());
  CHECK_FALSE(demuxer.at_boundary());
}

}  // namespace weir::test::demuxer_test
