#include "unit/config/support.h"

namespace weir::test::old_spellings_test {

using namespace weir::config;
using std::chrono::seconds;
using test::all;
using test::good;

namespace {

std::shared_ptr<const Vhost> vhost(std::string_view inside) {
  const auto report = test::load(fmt::format("vhost a {{ {} }}", inside));
  return good(report)->vhosts.at(0);
}

}  // namespace

TEST_CASE("old names of blocks", "[config]") {
  CHECK(good(test::load("http_stream { enabled on; listen 81; }"))->http_server.listen.at(0).port == 81);
  CHECK(vhost("http { enabled on; dir /x; }")->http_static.dir == "/x");
  CHECK_FALSE(good(test::load("srt_server { tlpkdrop off; }"))->srt_servers.front().tlpktdrop);
  CHECK(all(test::load("rtc_server { perf_stat on; queue_length 5; }").warnings).empty());
  CHECK(all(test::load("vhost a { http_remux { hstrs on; } }").warnings).empty());
}

TEST_CASE("the listener of RTMP at the root, in its block, or both", "[config]") {
  CHECK(good(test::load("listen 5; chunk_size 300;"))->rtmp.chunk_size == 300);
  const auto report = test::load("listen 5;\nrtmp { listen 6; }");
  CHECK(good(report)->rtmp.listen.at(0).port == 6);
  CHECK(all(report.warnings) == "t.conf:1: 'listen' is ignored: 'listen' in 'rtmp' says the same in line 2\n");
}

TEST_CASE("stream_caster of former years", "[config]") {
  const auto report = test::load(
      "stream_caster { caster gb28181;\nhost 192.0.2.1;\ntcp_enable on; rtp_port_min 1;\n"
      "sip { serial 3; realm 4;\nlisten 5061; } }");
  const auto config = good(report);
  CHECK(config->stream_casters.at(0).sip.candidate == "192.0.2.1");
  CHECK(config->stream_casters.at(0).sip.listen.at(0).port == 5061);
  CHECK(all(report.warnings) ==
        "t.conf:3: 'tcp_enable' does nothing any more\nt.conf:3: 'rtp_port_min' does nothing any more\n"
        "t.conf:4: 'serial' does nothing any more\nt.conf:4: 'realm' does nothing any more\n");
  for (const char* gone :
       {"wait_keyframe", "rtp_port_max", "rtp_idle_timeout", "audio_enable", "auto_create_channel"}) {
    good(test::load(fmt::format("stream_caster {{ {} on; }}", gone)));
  }
  for (const char* gone :
       {"ack_timeout", "keepalive_timeout", "invite_port_fixed", "query_catalog_interval", "auto_play"}) {
    good(test::load(fmt::format("stream_caster {{ sip {{ {} 1; }} }}", gone)));
  }
}

TEST_CASE("refer, forward and cluster without blocks", "[config]") {
  const auto refer = vhost("refer a.com b.com; refer_play c.com; refer_publish d.com;")->refer;
  CHECK(refer.enabled);
  CHECK(refer.all == std::vector<std::string>{"a.com", "b.com"});
  CHECK(refer.play == std::vector<std::string>{"c.com"});
  CHECK(refer.publish == std::vector<std::string>{"d.com"});
  CHECK_FALSE(vhost("refer { all a.com; }")->refer.enabled);

  const auto forward = vhost("forward a:1 b:2;")->forward;
  CHECK(forward.enabled);
  CHECK(forward.destination == std::vector<std::string>{"a:1", "b:2"});
  CHECK(vhost("forward { enabled off; destination a; }")->forward.destination.size() == 1);

  const auto cluster =
      vhost("mode remote; origin a:1 b; token_traverse on; vhost c.com; debug_srs_upnode off;")->cluster;
  CHECK(cluster.remote);
  CHECK(cluster.origin == std::vector<std::string>{"a:1", "b"});
  CHECK(cluster.token_traverse);
  CHECK(cluster.vhost == "c.com");
  CHECK_FALSE(cluster.debug_srs_upnode);
}

TEST_CASE("what moved into publish and play", "[config]") {
  const auto publish =
      vhost("mr { enabled on; latency 500; } publish_1stpkt_timeout 9000; publish_normal_timeout 8000;")->publish;
  CHECK(publish.mr);
  CHECK(publish.mr_latency.count() == 500);
  CHECK(publish.firstpkt_timeout == seconds(9));
  CHECK(publish.normal_timeout == seconds(8));

  const auto play = vhost(
                        "time_jitter zero; mix_correct on; atc on; atc_auto on; mw_latency 100; gop_cache off;"
                        "gop_cache_max_frames 7; queue_length 9; send_min_interval 5; reduce_sequence_header on;")
                        ->play;
  CHECK(play.time_jitter == TimeJitter::zero);
  CHECK(play.mix_correct);
  CHECK(play.atc);
  CHECK(play.atc_auto);
  CHECK(play.mw_latency.count() == 100);
  CHECK_FALSE(play.gop_cache);
  CHECK(play.gop_cache_max_frames == 7);
  CHECK(play.queue_length == seconds(9));
  CHECK(play.send_min_interval.count() == 5);
  CHECK(play.reduce_sequence_header);
  // Beside a block of the new form they join it.
  const auto both = vhost("gop_cache off; play { queue_length 9; }")->play;
  CHECK_FALSE(both.gop_cache);
  CHECK(both.queue_length == seconds(9));
}

TEST_CASE("WebRTC of former years", "[config]") {
  const auto rtc =
      vhost("nack { enabled off; no_copy off; } twcc { enabled off; } rtc { enabled on; aac transcode; bframe keep; }")
          ->rtc;
  CHECK(rtc.enabled);
  CHECK_FALSE(rtc.nack);
  CHECK_FALSE(rtc.nack_no_copy);
  CHECK_FALSE(rtc.twcc);
  CHECK(rtc.rtmp_to_rtc);
  CHECK(rtc.keep_bframe);
  CHECK_FALSE(vhost("rtc { aac discard; bframe discard; }")->rtc.rtmp_to_rtc);
  CHECK(all(test::load("vhost a {\nnack { enabld on; } }").errors) == "t.conf:2: 'enabld' is not known in 'nack'\n");
}

}  // namespace weir::test::old_spellings_test
