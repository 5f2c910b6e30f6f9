#include "app/migrate/mediamtx.h"

#include "app/migrate/yaml.h"
#include "config/load.h"
#include "support/catch.h"

namespace weir::test::mediamtx_test {

using migrate::Fate;

namespace {

constexpr std::string_view whole = R"(logLevel: info
logDestinations: [stdout]
readTimeout: 10s
api: yes
apiAddress: 127.0.0.1:9997
rtsp: no
rtmpAddress: :1935
hlsAddress: :8888
hlsVariant: mpegts
hlsSegmentCount: 6
hlsSegmentDuration: 2s
webrtcAdditionalHosts: [203.0.113.5]
srtAddress: :8890
pathDefaults:
  record: yes
  recordPath: /srv/%path/%Y-%m-%d_%H-%M-%S-%f
  recordSegmentDuration: 1h30m
  recordDeleteAfter: 24h
  overridePublisher: no
paths:
  cam:
    source: rtsp://192.0.2.1/stream
  live/east:
    source: rtmp://192.0.2.2/live/east
    sourceOnDemand: yes
    publishPass: letmein
  all_others:
)";

std::shared_ptr<const config::Config> loaded(const migrate::Migration& migration) {
  const config::Report report = config::load_text("made.conf", migration.draft.text({"made"}), {});
  for (const auto& error : report.errors) UNSCOPED_INFO(error.text());
  REQUIRE(report.config);
  return report.config;
}

const migrate::Account* account(const migrate::Migration& migration, std::string_view was) {
  for (const auto& one : migration.accounts) {
    if (one.was.starts_with(was)) return &one;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("a mediamtx.yml becomes a file of ours", "[migrate]") {
  REQUIRE(migrate::is_mediamtx(whole));
  const auto migration = migrate::from_mediamtx(whole);
  REQUIRE(migration.mistake.empty());
  const auto config = loaded(migration);
  CHECK(config->rtmp.listen.at(0).port == 1935);
  REQUIRE(config->http_server.listen.size() == 2);  // that of HLS and that of WebRTC
  CHECK(config->http_server.listen[0].port == 8888);
  CHECK(config->http_server.listen[1].port == 8889);
  CHECK(config->http_api.enabled);
  CHECK(config->http_api.listen.at(0).address == "127.0.0.1");
  CHECK(config->rtc_server.candidate == "203.0.113.5");
  CHECK(config->srt_servers.front().listen.at(0).port == 8890);
  const config::Vhost& vhost = *config->vhosts.at(0);
  CHECK_FALSE(vhost.hls.use_fmp4);
  CHECK(vhost.hls.fragment == std::chrono::seconds(2));
  CHECK(vhost.hls.window == std::chrono::seconds(12));
  CHECK(vhost.publish.normal_timeout == std::chrono::seconds(10));
  CHECK_FALSE(vhost.publish.takeover);
  CHECK(vhost.dvr.enabled);
  CHECK(vhost.dvr.path == "/srv/[app]/[stream]/[2006]-[01]-[02]_[15]-[04]-[05]-[999].mp4");
  CHECK(vhost.dvr.duration == std::chrono::minutes(90));
  REQUIRE(vhost.sources.size() == 1);
  CHECK(vhost.sources[0].scope == "live/east");
  CHECK(vhost.sources[0].on_demand);
}

TEST_CASE("each value of a mediamtx.yml is accounted for, and no password is shown", "[migrate]") {
  const auto migration = migrate::from_mediamtx(whole);
  REQUIRE(account(migration, "paths.cam.source"));
  CHECK(account(migration, "paths.cam.source")->fate == Fate::lost);
  CHECK(account(migration, "paths.cam.source")->line == 22);
  CHECK(account(migration, "readTimeout")->fate == Fate::carried);
  CHECK(account(migration, "readTimeout")->words == "publish { normal_timeout 10s; }");
  CHECK(account(migration, "rtsp")->fate == Fate::needless);
  REQUIRE(account(migration, "paths.live/east.publishPass"));
  CHECK(account(migration, "paths.live/east.publishPass")->was == "paths.live/east.publishPass: (hidden)");
}

TEST_CASE("what stands in no line has the meaning that it has in MediaMTX", "[migrate]") {
  const auto config = loaded(migrate::from_mediamtx("paths:\n  all_others:\n"));
  CHECK(config->vhosts.at(0)->publish.takeover);
  CHECK(config->vhosts.at(0)->hls.low_latency);
  CHECK(config->vhosts.at(0)->rtc.enabled);
  CHECK_FALSE(config->http_api.enabled);
}

TEST_CASE("YAML is read within limits", "[migrate]") {
  const auto list = migrate::read_yaml("a:\n  - b: 1\n  - c\n");
  REQUIRE(list.values.size() == 2);
  CHECK(list.values[0].path == std::vector<std::string>{"a", "0", "b"});
  CHECK(list.values[1].path == std::vector<std::string>{"a", "1"});
  CHECK(list.values[1].line == 3);
  CHECK(migrate::read_yaml("a: [1\nb: 2\n").mistake.starts_with("line "));
  CHECK(migrate::read_yaml("a: &x 1\nb: *x\n").mistake == "line 2: aliases are not read");
  CHECK(migrate::read_yaml("[[1]: 2]").mistake.starts_with("line 1"));
  CHECK(migrate::read_yaml(std::string(100, '[')).mistake == "line 1: nested deeper than 32");
  CHECK(migrate::read_yaml("alone").mistake == "line 1: one value alone is no configuration");
  CHECK(migrate::read_yaml("{[a]: 1}").mistake == "line 1: a key is a word");
  for (std::size_t cut = 0; cut < whole.size(); ++cut) (void)migrate::from_mediamtx(whole.substr(0, cut));
}

}  // namespace weir::test::mediamtx_test
