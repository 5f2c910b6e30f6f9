#include "app/migrate/nginx_rtmp.h"

#include <algorithm>

#include "config/load.h"
#include "support/catch.h"

namespace weir::test::nginx_rtmp_test {

using migrate::Fate;

namespace {

std::string text_of(const migrate::Migration& migration) { return migration.draft.text({}); }

// The fates of a line, in order.
std::vector<Fate> fates(const migrate::Migration& migration, unsigned line) {
  std::vector<Fate> all;
  for (const auto& one : migration.accounts) {
    if (one.line == line) all.push_back(one.fate);
  }
  return all;
}

std::shared_ptr<const config::Config> loaded(const migrate::Migration& migration) {
  const config::Report report = config::load_text("made.conf", text_of(migration), {});
  for (const auto& error : report.errors) UNSCOPED_INFO(error.text());
  REQUIRE(report.config);
  return report.config;
}

constexpr std::string_view whole = R"(worker_processes auto;
events { worker_connections 1024; }
rtmp {
  server {
    listen 1935;
    listen [::]:1935 ipv6only=on;
    chunk_size 4096;
    application live {
      live on;
      allow publish 10.0.0.0/8;
      deny publish all;
      hls on;
      hls_path /srv/hls;
      hls_fragment 3s;
      hls_playlist_length 1m;
      hls_nested on;
      record all;
      record_path /srv/rec;
      record_unique on;
      record_interval 30m;
      push rtmp://other.example.com/live;
      push backup.example.com;
      pull rtmp://origin.example.com/live;
      on_publish http://127.0.0.1:8085/auth;
      exec ffmpeg -i rtmp://localhost/$app/$name
           -c copy -f flv rtmp://localhost/copy/$name;
      hls_variant _low BANDWIDTH=500000;
      wait_key on;
      no_such_thing on;
    }
    application vod { play /srv/vod; hls_fragment 5s; }
  }
}
http { server { listen 80; location /stat { rtmp_stat all; } } }
)";

}  // namespace

TEST_CASE("a file of nginx-rtmp becomes one of ours", "[migrate]") {
  REQUIRE(migrate::is_nginx_rtmp(whole));
  const auto migration = migrate::from_nginx_rtmp(whole);
  REQUIRE(migration.mistake.empty());
  const auto config = loaded(migration);
  CHECK(config->rtmp.listen.size() == 2);
  CHECK(config->rtmp.chunk_size == 4096);
  const config::Vhost& vhost = *config->vhosts.at(0);
  CHECK(vhost.hls.enabled);
  CHECK(vhost.hls.path == "/srv/hls");
  CHECK(vhost.hls.fragment == std::chrono::seconds(3));
  CHECK(vhost.hls.window == std::chrono::seconds(60));
  CHECK(vhost.hls.m3u8_file == "[app]/[stream]/index.m3u8");
  CHECK(vhost.dvr.enabled);
  CHECK(vhost.dvr.path == "/srv/rec/[app]/[stream].[timestamp].flv");
  CHECK(vhost.dvr.duration == std::chrono::minutes(30));
  CHECK(vhost.forward.destination == std::vector<std::string>{"rtmp://other.example.com/live", "backup.example.com"});
  CHECK(vhost.http_hooks.on_publish == std::vector<std::string>{"http://127.0.0.1:8085/auth"});
  CHECK(vhost.exec.publish.at(0) == std::vector<std::string>{"ffmpeg", "-i", "rtmp://localhost/[app]/[stream]", "-c",
                                                             "copy", "-f", "flv", "rtmp://localhost/copy/[stream]"});
  REQUIRE(vhost.sources.size() == 1);
  CHECK(vhost.sources[0].scope == "live");
  CHECK(vhost.sources[0].on_demand);
  CHECK(vhost.sources[0].urls == std::vector<std::string>{"rtmp://origin.example.com/live/[stream]"});
  CHECK(vhost.security.enabled);
  CHECK(vhost.security.rules.size() == 2);  // who publishes; and everybody plays
}

TEST_CASE("each line of a file of nginx-rtmp is accounted for", "[migrate]") {
  const auto migration = migrate::from_nginx_rtmp(whole);
  CHECK(fates(migration, 5) == std::vector{Fate::carried});
  CHECK(fates(migration, 9) == std::vector{Fate::needless});   // live on
  CHECK(fates(migration, 10) == std::vector{Fate::look});      // of one application, here of all
  CHECK(fates(migration, 11) == std::vector{Fate::needless});  // deny publish all, behind an allow
  CHECK(fates(migration, 24) == std::vector{Fate::look});      // hooks send JSON
  CHECK(fates(migration, 25) == std::vector{Fate::carried});   // over two lines
  CHECK(fates(migration, 27) == std::vector{Fate::lost});      // hls_variant
  CHECK(fates(migration, 29) == std::vector{Fate::lost});      // nobody knows it
  CHECK(fates(migration, 31) == std::vector{Fate::needless, Fate::lost, Fate::look});  // a second hls_fragment
}

TEST_CASE("rules of nginx-rtmp that refuse all stay a refusal", "[migrate]") {
  const auto rules = [](const std::string& inside) {
    return text_of(migrate::from_nginx_rtmp("rtmp { server { application a { " + inside + " } } }"));
  };
  CHECK(rules("deny publish all;").find("deny publish all;") != std::string::npos);
  CHECK(rules("deny publish all;").find("allow publish") == std::string::npos);
  CHECK(rules("deny play 192.0.2.1; allow play all;").find("deny play 192.0.2.1;") != std::string::npos);
  CHECK(rules("allow 10.0.0.0/8; deny all;").find("allow play 10.0.0.0/8;") != std::string::npos);
}

TEST_CASE("what is no file of nginx is told with its line", "[migrate]") {
  CHECK(migrate::from_nginx_rtmp("rtmp {\n  server {\n").mistake ==
        "line 3: the file ends inside a block or a directive");
  CHECK(migrate::from_nginx_rtmp("a b\n}").mistake == "line 2: '}' without a '{' before it");
  CHECK(migrate::from_nginx_rtmp("worker_processes 1;").mistake == "there is no block 'rtmp' in it");
  CHECK_FALSE(migrate::is_nginx_rtmp("rtmp { listen 1935; }"));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "a {";
  CHECK(migrate::from_nginx_rtmp(deep).mistake == "line 1: blocks are nested deeper than 16");
  for (std::size_t cut = 0; cut < whole.size(); ++cut) (void)migrate::from_nginx_rtmp(whole.substr(0, cut));
}

}  // namespace weir::test::nginx_rtmp_test
