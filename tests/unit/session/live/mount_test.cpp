#include "session/live/mount.h"

#include "support/catch.h"

namespace weir::test::mount_test {

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

TEST_CASE("a stream that nobody publishes is waited for only where it may come", "[live]") {
  config::Vhost vhost;
  const auto waits = [&](const char* path) { return session::live::may_wait(vhost, path); };
  CHECK(waits("/live/cam.flv"));
  CHECK(waits("/other/cam.front.flv"));
  CHECK_FALSE(waits("/a/b/cam.flv"));  // deeper than the mount
  CHECK_FALSE(waits("/cam.flv"));
  CHECK(waits("/live/cam.ts"));  // wait_apps
  CHECK(waits("/live/cam-1.ts"));
  CHECK_FALSE(waits("/videos/clip.mp4"));
  CHECK(session::live::may_wait(vhost, "/videos/clip.mp4", true));  // somebody can bring it
  vhost.http_remux.wait_apps = {"*"};
  CHECK(waits("/videos/clip.mp4"));
  vhost.http_remux.wait_apps = {"a/b", "cams"};
  CHECK(waits("/cams/1.aac"));
  CHECK_FALSE(waits("/live/1.aac"));
  vhost.http_remux.wait_apps.clear();
  CHECK_FALSE(waits("/cams/1.aac"));
  vhost.http_remux.mount = "[vhost]/[app]/[stream].ts";
  CHECK(waits("/cams/1.ts"));
  CHECK(waits("/cams/1-1.ts"));
  vhost.hls.enabled = true;  // then that is a segment
  CHECK_FALSE(waits("/cams/1-1.ts"));
  CHECK_FALSE(session::live::may_wait(vhost, "/cams/1-1.ts", true));
  CHECK_FALSE(waits("/cams/1-1.12.ts"));
  CHECK(waits("/cams/192.168.1.10.ts"));
  vhost.http_remux.mount = "[vhost]/[app]/[stream].flv";
  CHECK(waits("/live/cam.1760000000123.flv"));
  vhost.dvr.enabled = true;  // and that a recording
  CHECK_FALSE(waits("/live/cam.1760000000123.flv"));
  CHECK(waits("/live/cam.176.flv"));
}

}  // namespace weir::test::mount_test
