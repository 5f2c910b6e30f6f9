#include "support/catch.h"
#include "support/playlist_validator.h"

namespace weir::test::validator_test {

using namespace weir::test;

namespace {

const std::string head = "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:4\n";
const std::string low =
    "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5,CAN-SKIP-UNTIL=24.0\n#EXT-X-PART-INF:PART-TARGET=0."
    "5\n";
const std::string three = "#EXTINF:4,\na.ts\n#EXTINF:4,\nb.ts\n#EXTINF:4,\nc.ts\n";

bool has_fault(const std::string& text, const std::string& what) {
  for (const auto& fault : validate_playlist(text).faults) {
    if (fault.find(what) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("the validator takes what keeps the rules", "[hls][validator]") {
  CHECK(validate_playlist(head + three).faults.empty());
  CHECK(validate_playlist(head + low + three + "#EXT-X-PART:DURATION=0.5,URI=\"d.0.ts\"\n").faults.empty());
  CHECK(validate_playlist(head + "#EXT-X-MEDIA-SEQUENCE:4\n" + three + "#EXT-X-ENDLIST\n").faults.empty());
}

TEST_CASE("the validator names each breach", "[hls][validator]") {
  CHECK(has_fault("#EXT-X-VERSION:3\n", "#EXTM3U"));
  CHECK(has_fault("#EXTM3U\n#EXTINF:4,\na.ts\n", "TARGETDURATION"));
  CHECK(has_fault(head + "#EXTINF:4.5,\na.ts\n", "longer than the target"));
  CHECK(has_fault(head + "#EXTINF:4\na.ts\n", "comma"));
  CHECK(has_fault(head + "a.ts\n", "without EXTINF"));
  CHECK(has_fault(head + "#EXTINF:4,\n", "without a segment"));
  CHECK(has_fault(head + three + "#EXT-X-TARGETDURATION:4\n", "twice"));
  CHECK(has_fault(head + three + "#EXT-X-MEDIA-SEQUENCE:4\n", "behind the first segment"));
  CHECK(has_fault(head + three + "#EXT-X-ENDLIST\n#EXTINF:4,\nd.ts\n", "behind the end"));
  CHECK(has_fault("#EXTM3U\n#EXT-X-VERSION:2\n#EXT-X-TARGETDURATION:4\n#EXTINF:3.5,\na.ts\n", "version 3"));
  CHECK(has_fault("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI=\"i\"\n#EXTINF:3,\na.ts\n",
                  "version 6"));
  CHECK(has_fault(head + "#EXT-X-KEY:METHOD=AES-128\n" + three, "URI is missing"));
  CHECK(has_fault(head + "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x12\n" + three, "128 bits"));
  CHECK(has_fault(head + "#EXT-X-KEY:METHOD=NONE,URI=\"k\"\n" + three, "NONE"));
  CHECK(has_fault(head + "#EXT-X-MADE-UP:1\n" + three, "not known"));
  CHECK(has_fault(head + "#EXT-X-MEDIA-SEQUENCE:4\n#EXTINF:4,\na.ts\n", "too short"));
  CHECK(has_fault(head + "#EXT-X-PROGRAM-DATE-TIME:yesterday\n" + three, "date"));
  CHECK(has_fault(head + "#EXT-X-KEY:METHOD=AES-128,URI=\"k\n" + three, "quote"));
}

TEST_CASE("the validator knows the rules of low latency", "[hls][validator]") {
  CHECK(has_fault(head + three + "#EXT-X-PART:DURATION=0.5,URI=\"d.0\"\n", "EXT-X-PART-INF"));
  CHECK(has_fault(head + low + three + "#EXT-X-PART:DURATION=0.6,URI=\"d.0\"\n", "longer than the part target"));
  CHECK(has_fault(head + low + three + "#EXT-X-PART:DURATION=0.4,URI=\"d.0\"\n#EXT-X-PART:DURATION=0.5,URI=\"d.1\"\n",
                  "85 per cent"));
  CHECK(has_fault(head + low + three + "#EXT-X-PART:DURATION=0.5,URI=\"d.0\"\n#EXT-X-PART:DURATION=0.5,URI=\"d.0\"\n",
                  "named twice"));
  CHECK(has_fault(head + low + "#EXT-X-PART:DURATION=0.5,URI=\"d.0\"\n" + three, "not as long as their segment"));
  CHECK(has_fault(head + "#EXT-X-SERVER-CONTROL:PART-HOLD-BACK=0.8\n#EXT-X-PART-INF:PART-TARGET=0.5\n" + three,
                  "PART-HOLD-BACK"));
  CHECK(has_fault(head + "#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=20.0\n" + three, "CAN-SKIP-UNTIL"));
  CHECK(has_fault(head + "#EXT-X-SERVER-CONTROL:HOLD-BACK=8.0\n" + three, "HOLD-BACK"));
  CHECK(has_fault(head + low + "#EXT-X-SKIP:SKIPPED-SEGMENTS=9\n" + three, "skip boundary"));
  CHECK(has_fault(head + "#EXT-X-SKIP:SKIPPED-SEGMENTS=9\n" + three, "without CAN-SKIP-UNTIL"));
}

TEST_CASE("the validator compares playlists", "[hls][validator]") {
  const auto before = validate_playlist(head + three).playlist;
  const auto faults = [&](const std::string& text) {
    return validate_update(before, validate_playlist(text).playlist).size();
  };
  CHECK(faults(head + three + "#EXTINF:4,\nd.ts\n") == 0);
  CHECK(faults(head + "#EXT-X-MEDIA-SEQUENCE:1\n#EXTINF:4,\nb.ts\n#EXTINF:4,\nc.ts\n#EXTINF:4,\nd.ts\n") == 0);
  CHECK(faults(head + "#EXTINF:4,\nb.ts\n#EXTINF:4,\nc.ts\n#EXTINF:4,\nd.ts\n") == 3);  // the sequence did not move
  CHECK(faults("#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:5\n" + three) == 1);
  CHECK(faults(head + "#EXTINF:4,\na.ts\n#EXTINF:4,\nb.ts\n") == 1);
  CHECK(faults(head + "#EXTINF:3,\na.ts\n#EXTINF:4,\nb.ts\n#EXTINF:4,\nc.ts\n") == 1);
}

TEST_CASE("the validator knows the rules of texts, attributes and dates", "[hls][validator]") {
  const std::string date = "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:0";
  CHECK(has_fault("\xef\xbb\xbf" + head + three, "byte order mark"));
  CHECK(has_fault(head + three + "#EXTINF:4,\x01\nd.ts\n", "control character"));
  CHECK(has_fault(head + "#EXTINF:4,\xff\na.ts\n", "not UTF-8"));
  CHECK(has_fault(head + "#EXT-X-MAP:URI=i.mp4\n" + three, "not in quotes"));
  CHECK(has_fault(head + "#EXT-X-KEY:METHOD=\"NONE\"\n" + three, "in quotes"));
  CHECK(has_fault(head + "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00\n" + three, "date"));  // no zone
  CHECK(has_fault(head + date + "0Z\n#EXTINF:4,\na.ts\n" + date + "5Z\n#EXTINF:4,\nb.ts\n", "does not follow"));
  CHECK_FALSE(has_fault(head + date + "0Z\n#EXTINF:4,\na.ts\n" + date + "4Z\n#EXTINF:4,\nb.ts\n", "follow"));
  CHECK_FALSE(has_fault(head + date + "0Z\n#EXTINF:4,\na.ts\n#EXT-X-DISCONTINUITY\n" + date + "9Z\n#EXTINF:4,\nb.ts\n",
                        "follow"));
  CHECK(
      has_fault(head + "#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2026-01-01T00:00:00Z\"\n" + three, "without any date"));
  CHECK(has_fault(head + date + "0Z\n#EXT-X-DATERANGE:ID=\"a\",END-ON-NEXT=YES\n" + three, "without a class"));
  CHECK(has_fault(head + "#EXT-X-DISCONTINUITY\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n" + three, "behind a discontinuity"));
  CHECK(has_fault(head + "#EXT-X-BYTERANGE:100\n" + three, "without its place"));
  CHECK(has_fault(head + three + "#EXT-X-RENDITION-REPORT:URI=\"http://a/b\",LAST-MSN=2\n", "not relative"));
  CHECK(has_fault(head + low + three + "#EXT-X-RENDITION-REPORT:URI=\"b\",LAST-MSN=2\n", "LAST-PART is missing"));
}

TEST_CASE("the validator compares parts, dates and ends", "[hls][validator]") {
  const std::string part = "#EXT-X-PART:DURATION=0.5,URI=\"d.0\"\n",
                    date = "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:0";
  const auto faults = [&](const std::string& before, const std::string& after) {
    return validate_update(validate_playlist(before).playlist, validate_playlist(after).playlist).size();
  };
  CHECK(faults(head + low + three + part, head + low + three + part + "#EXT-X-PART:DURATION=0.5,URI=\"d.1\"\n") == 0);
  CHECK(faults(head + low + three + part, head + low + three) == 1);
  CHECK(faults(head + low + three + part, head + low + three + part + "#EXTINF:0.5,\nd.ts\n") == 0);
  CHECK(faults(head + date + "0Z\n" + three, head + date + "1Z\n" + three) == 1);
  CHECK(faults(head + three + "#EXT-X-ENDLIST\n", head + three) == 1);
  CHECK(faults(head + three + "#EXT-X-ENDLIST\n", head + three + "#EXT-X-ENDLIST\n") == 0);
}

TEST_CASE("the validator knows the rules of multivariant playlists", "[hls][validator]") {
  const auto faulty = [](const std::string& text, const std::string& what) {
    for (const auto& fault : validate_master("#EXTM3U\n" + text)) {
      if (fault.find(what) != std::string::npos) return true;
    }
    return false;
  };
  const std::string variant = "#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n";
  CHECK_FALSE(faulty(variant, ""));
  CHECK(faulty("", "no variant"));
  CHECK(faulty("#EXT-X-STREAM-INF:CODECS=\"a\"\na.m3u8\n", "BANDWIDTH"));
  CHECK(faulty("#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=2\na.m3u8\n", "above the peak"));
  CHECK(faulty("#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=720p\na.m3u8\n", "no size"));
  CHECK(faulty("#EXT-X-STREAM-INF:BANDWIDTH=1,VIDEO-RANGE=HDR\na.m3u8\n", "none of its values"));
  CHECK(faulty("#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"a\"\na.m3u8\n", "no rendition of the group"));
  CHECK(faulty("#EXT-X-STREAM-INF:BANDWIDTH=1,CLOSED-CAPTIONS=OFF\na.m3u8\n", "neither"));
  CHECK(faulty("#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXTM3U\na.m3u8\n", "without URI"));
  CHECK(faulty(variant + "#EXTINF:4,\nb.ts\n", "media playlists"));
  CHECK(faulty("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"n\"\n" + variant, "without a URI"));
  CHECK(faulty("#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"s\",NAME=\"n\"\n" + variant, "INSTREAM-ID"));
  const std::string audio = "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",DEFAULT=YES,URI=\"n.m3u8\"\n";
  CHECK(faulty(audio + audio + variant, "with the name"));
  CHECK(faulty(audio + audio + variant, "two defaults"));
}

}  // namespace weir::test::validator_test
