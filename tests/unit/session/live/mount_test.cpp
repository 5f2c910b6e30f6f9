#include "session/live/mount.h"

#include "support/catch.h"

using namespace weir;
using pack::Live;
using session::live::mounted_format;

TEST_CASE("the default mount serves every live format beside FLV", "[live]") {
  const char* mount = "[vhost]/[app]/[stream].flv";
  CHECK(mounted_format(mount, "/live/cam.flv") == Live::flv);
  CHECK(mounted_format(mount, "/live/cam.ts") == Live::ts);
  CHECK(mounted_format(mount, "/live/cam.mp4") == Live::mp4);
  CHECK(mounted_format(mount, "/a/b/cam.aac") == Live::aac);  // [app] takes more elements than one
  CHECK(mounted_format(mount, "/live/cam.mp3") == Live::mp3);
  CHECK_FALSE(mounted_format(mount, "/live/cam.m3u8"));
  CHECK_FALSE(mounted_format(mount, "/live/cam"));
  CHECK_FALSE(mounted_format(mount, "/cam.ts"));
  CHECK_FALSE(mounted_format(mount, "/live/.ts"));
}

TEST_CASE("a mount of another extension serves that format alone, as in SRS", "[live]") {
  CHECK(mounted_format("[vhost]/[app]/[stream].ts", "/live/cam.ts") == Live::ts);
  CHECK_FALSE(mounted_format("[vhost]/[app]/[stream].ts", "/live/cam.flv"));
  CHECK_FALSE(mounted_format("[vhost]/[app]/[stream].aac", "/live/cam.mp3"));
  CHECK(mounted_format("example.com/radio/[stream].mp3", "/radio/one.mp3") == Live::mp3);
  CHECK_FALSE(mounted_format("example.com/radio/[stream].mp3", "/live/one.mp3"));
  CHECK_FALSE(mounted_format("[vhost]/[app]/[stream].webm", "/live/cam.webm"));
}
