#include "support/catch.h"
#include "unit/app/api/server_in_a_box.h"

namespace weir::test::system_test {

using test::body_of;
using test::contains;
using test::Json;
using test::ServerInABox;
using test::shape;
using test::status_of;

TEST_CASE("summaries field by field", "[api]") {
  ServerInABox box;
  box.publish(0, box.request("live", "a", "fmle-publish"));
  const Json data = box.ask("/api/v1/summaries", 1)["data"];
  CHECK(shape(data) == "ok:bool now_ms:int self:object system:object");
  CHECK(shape(data["self"]) ==
        "version:text pid:int ppid:int argv:text cwd:text mem_kbyte:int mem_percent:number cpu_percent:number "
        "srs_uptime:int");
  CHECK(shape(data["system"]) ==
        "cpu_percent:number disk_read_KBps:int disk_write_KBps:int disk_busy_percent:number mem_ram_kbyte:int "
        "mem_ram_percent:number mem_swap_kbyte:int mem_swap_percent:number cpus:int cpus_online:int uptime:number "
        "ilde_time:number load_1m:number load_5m:number load_15m:number net_sample_time:int net_recv_bytes:int "
        "net_send_bytes:int net_recvi_bytes:int net_sendi_bytes:int srs_sample_time:int srs_recv_bytes:int "
        "srs_send_bytes:int conn_sys:int conn_sys_et:int conn_sys_tw:int conn_sys_udp:int conn_srs:int");
  CHECK(data["ok"] == true);
  CHECK(data["self"]["pid"] == 4242);
  CHECK(data["self"]["mem_kbyte"] > 1000);
  CHECK(data["system"]["cpus"] >= 1);
  CHECK(data["system"]["mem_ram_kbyte"] > 10000);
  CHECK(data["system"]["uptime"] > 1);
  CHECK(data["system"]["conn_srs"] == 1);
}

TEST_CASE("without stats the figures are zero and not ok", "[api]") {
  ServerInABox box([](config::Config& config) { config.stats.enabled = false; });
  const Json summary = box.ask("/api/v1/summaries")["data"];
  CHECK(summary["ok"] == false);
  CHECK(summary["system"]["mem_ram_kbyte"] == 0);
  for (const char* path : {"rusages", "self_proc_stats", "system_proc_stats", "meminfos"}) {
    const Json data = box.ask(std::string("/api/v1/") + path)["data"];
    CHECK(data["ok"] == false);
    CHECK(data["sample_time"] == 0);
  }
}

TEST_CASE("the kernel's figures have SRS's names and order", "[api]") {
  ServerInABox box;
  CHECK(shape(box.ask("/api/v1/rusages")["data"]) ==
        "ok:bool sample_time:int ru_utime:int ru_stime:int ru_maxrss:int ru_ixrss:int ru_idrss:int ru_isrss:int "
        "ru_minflt:int ru_majflt:int ru_nswap:int ru_inblock:int ru_oublock:int ru_msgsnd:int ru_msgrcv:int "
        "ru_nsignals:int ru_nvcsw:int ru_nivcsw:int");
  const Json self = box.ask("/api/v1/self_proc_stats")["data"];
  CHECK(
      shape(self) ==
      "ok:bool sample_time:int percent:number pid:int comm:text state:text ppid:int pgrp:int session:int tty_nr:int "
      "tpgid:int flags:int minflt:int cminflt:int majflt:int cmajflt:int utime:int stime:int cutime:int cstime:int "
      "priority:int nice:int num_threads:int itrealvalue:int starttime:int vsize:int rss:int rsslim:int startcode:int "
      "endcode:int startstack:int kstkesp:int kstkeip:int signal:int blocked:int sigignore:int sigcatch:int wchan:int "
      "nswap:int cnswap:int exit_signal:int processor:int rt_priority:int policy:int delayacct_blkio_ticks:int "
      "guest_time:int cguest_time:int");
  CHECK(self["state"].get<std::string>().size() == 1);
  CHECK(self["comm"] == "unit_app");
  CHECK(shape(box.ask("/api/v1/system_proc_stats")["data"]) ==
        "ok:bool sample_time:int percent:number user:int nice:int sys:int idle:int iowait:int irq:int softirq:int "
        "steal:int guest:int");
  CHECK(shape(box.ask("/api/v1/meminfos")["data"]) ==
        "ok:bool sample_time:int percent_ram:number percent_swap:number MemActive:int RealInUse:int NotInUse:int "
        "MemTotal:int MemFree:int Buffers:int Cached:int SwapTotal:int SwapFree:int");
  CHECK(shape(box.ask("/api/v1/authors")["data"]) == "license:text contributors:text");
  const Json features = box.ask("/api/v1/features")["data"];
  CHECK(shape(features) == "options:text options2:text build:text build2:text features:object");
  CHECK(shape(features["features"]) ==
        "ssl:bool hls:bool hds:bool callback:bool api:bool httpd:bool dvr:bool transcode:bool ingest:bool stat:bool "
        "caster:bool complex_send:bool tcp_nodelay:bool so_sendbuf:bool mr:bool http2:bool");
}

TEST_CASE("vhosts field by field, and an unknown one", "[api]") {
  ServerInABox box;
  CHECK(box.ask("/api/v1/vhosts/")["vhosts"].empty());
  box.publish(0, box.request("live", "a", "fmle-publish"));
  box.play(1, box.request("live", "a", "rtmp-play"));
  const Json vhost = box.ask("/api/v1/vhosts/")["vhosts"][0];
  CHECK(shape(vhost) ==
        "id:text name:text enabled:bool clients:int streams:int send_bytes:int recv_bytes:int kbps:object hls:object");
  CHECK(vhost["name"] == "__defaultVhost__");
  CHECK(vhost["clients"] == 2);
  CHECK(vhost["streams"] == 1);
  CHECK(vhost["hls"].dump() == R"({"enabled":false})");
  CHECK(box.ask("/api/v1/vhosts/" + vhost["id"].get<std::string>(), 1)["vhost"] == vhost);
  CHECK(box.ask("/api/v1/vhosts/vid-nothere").dump() == R"({"code":2014,"message":"no such virtual host"})");
  CHECK(status_of(box.send("DELETE /api/v1/vhosts/ HTTP/1.1\r\nHost: a\r\n\r\n")) == 405);
}

TEST_CASE("the raw API tells of itself always and reloads when it may", "[api]") {
  ServerInABox closed;
  CHECK(closed.ask("/api/v1/raw?rpc=raw").dump() ==
        R"({"code":0,"http_api":{"enabled":true,"listen":"1985","crossdomain":true,)"
        R"("raw_api":{"enabled":false,"allow_reload":false,"allow_query":false,"allow_update":false}}})");
  for (const char* rpc : {"reload", "reload-fetch", "query", ""}) {
    CHECK(closed.ask(std::string("/api/v1/raw?rpc=") + rpc).dump() ==
          R"({"code":1061,"message":"raw_api of http_api does not allow it"})");
  }
  ServerInABox open([](config::Config& config) { config.http_api.raw_api = {.enabled = true, .allow_reload = true}; });
  std::atomic<int> reloads{0};
  open.context->request_reload = [&] { ++reloads; };
  open.context->reload_state = [] { return api::ReloadState{0, "Success", 90, "abc1234"}; };
  CHECK(open.ask("/api/v1/raw?rpc=reload").dump() == R"({"code":0})");
  CHECK(reloads == 1);
  CHECK(open.ask("/api/v1/raw?rpc=reload-fetch").dump() ==
        R"({"code":0,"data":{"err":0,"msg":"Success","state":90,"rid":"abc1234"}})");
  CHECK(open.ask("/api/v1/raw?rpc=query").dump() == R"({"code":1060,"message":"no such rpc"})");
  ServerInABox half([](config::Config& config) { config.http_api.raw_api = {.enabled = true}; });
  CHECK(half.ask("/api/v1/raw?rpc=reload").dump() ==
        R"({"code":1061,"message":"raw_api of http_api does not allow it"})");
}

TEST_CASE("clusters: who has a stream", "[api]") {
  ServerInABox box([](config::Config& config) { config.rtmp.listen = {{"10.0.0.2", 1935}}; });
  box.publish(1, box.request("live", "a", "fmle-publish"));
  const Json data = box.ask("/api/v1/clusters?vhost=__defaultVhost__&ip=10.0.0.9&app=live&stream=a")["data"];
  CHECK(
      data.dump() ==
      R"({"query":{"ip":"10.0.0.9","vhost":"__defaultVhost__","app":"live","stream":"a"},)"
      R"("origin":{"ip":"10.0.0.2","port":1935,"vhost":"__defaultVhost__","api":"10.0.0.2:1985","routers":["10.0.0.2:1985"]}})");
  CHECK(box.ask("/api/v1/clusters?vhost=__defaultVhost__&app=live&stream=b")["data"]["origin"].is_null());
}

}  // namespace weir::test::system_test
