#include "support/catch.h"
#include "support/playlist_validator.h"

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
