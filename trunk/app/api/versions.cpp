#include <fmt/chrono.h>

#include <fmt/format.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "app/api/build_time.h"
#include "app/api/call.h"
#include "app/api/openapi.h"
#include "base/version.h"
#include "config/features.h"
#include "net/http2/serve.h"

namespace weir::api {

using nlohmann::ordered_json;

namespace {

std::int64_t build_seconds() {
  struct stat program{};
  return stat("/proc/self/exe", &program) == 0 ? std::int64_t{program.st_mtime} : 0;
}

}  // namespace

std::string built_at() { return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(std::time_t{build_seconds()})); }

Answer versions(Call& call) {
  const ordered_json data{{"major", base::version_major},
                          {"minor", base::version_minor},
                          {"revision", base::version_revision},
                          {"version", base::version},
                          {"name", base::server_name}};  // beyond SRS: who answers
  co_return ok(call, ordered_json{{"data", data}});
}

Answer authors(Call& call) {
  const ordered_json data{{"license", "MIT"}, {"contributors", ""}};  // the project names no page of contributors
  co_return ok(call, ordered_json{{"data", data}});
}

Answer features(Call& call) {
  // What this build can do; a feature that is off in the configuration is still true here, as with SRS.
  using config::Feature;
  const auto built = [](Feature feature) { return config::state_of(feature).built; };
  const ordered_json able{{"ssl", true},
                          {"hls", built(Feature::hls)},
                          {"hds", false},
                          {"callback", built(Feature::hooks)},
                          {"api", true},
                          {"httpd", true},
                          {"dvr", built(Feature::dvr)},
                          {"transcode", built(Feature::transcode)},
                          {"ingest", built(Feature::ingest)},
                          {"stat", true},
                          {"caster", true},
                          {"complex_send", true},
                          {"tcp_nodelay", true},
                          {"so_sendbuf", true},
                          {"mr", true},
                          {"http2", http2::is_built()}};  // beyond SRS
  const ordered_json data{{"options", ""},
                          {"options2", ""},
                          {"build", built_at()},
                          {"build2", std::to_string(build_seconds())},
                          {"features", able}};
  co_return ok(call, ordered_json{{"data", data}});
}

Answer openapi(Call& call) { co_return http::json_reply(call.jsonp, openapi_document()); }

// The maps: what there is below a path. Any path that nothing else serves ends here too, as clients of SRS expect.
Answer root(Call& call) {
  const ordered_json rtc{{"play", "Play stream"}, {"publish", "Publish stream"}, {"nack", "Simulate the NACK"}};
  const ordered_json urls{{"api", "the api root"}, {"rtc", {{"v1", rtc}}}};
  co_return ok(call, ordered_json{{"urls", urls}});
}

Answer api(Call& call) { co_return ok(call, ordered_json{{"urls", {{"v1", "version 1 of the API"}}}}); }

Answer api_v1(Call& call) {
  const ordered_json urls{
      {"versions", "the version of this server"},
      {"summaries", "this process and its machine in short"},
      {"rusages", "resources that this process used (getrusage)"},
      {"self_proc_stats", "this process as the kernel sees it (/proc/self/stat)"},
      {"system_proc_stats", "the processors' time (/proc/stat)"},
      {"meminfos", "the machine's memory (/proc/meminfo)"},
      {"authors", "licence and contributors"},
      {"features", "what this build can do"},
      {"requests", "the request itself, for tests"},
      {"vhosts", "virtual hosts, or one of them"},
      {"streams", "streams, or one of them"},
      {"clients", "clients, or one of them; DELETE ends one"},
      {"dvrs", "recordings, and commands for them"},
      {"recordings", "recordings on the disk; DELETE removes one"},
      {"forwards", "streams on their way to other servers; POST adds a place, DELETE removes one"},
      {"sources", "streams that are fetched, and commands for them; the same"},
      {"overlay", "what was added here and is kept"},
      {"variables", "what stands for $name in URLs, without values; POST sets one, DELETE removes it"},
      {"programs", "programs of transcode, process and ingest"},
      {"raw", "the raw API: reload"},
      {"clusters", "which origin has a stream"},
      {"balance", "which server of the cluster a viewer had better go to"},
      {"cluster", "the servers that find one another in the registry, and this one's streams there"},
      {"drain", "sends newcomers elsewhere: POST begins, DELETE ends"},
      {"srt_servers", "the ports for SRT, and who came by them"},
      {"openapi.json", "this API as an OpenAPI document"},
      {"perf", "not available"},
      {"tcmalloc", "not available"},
  };
  const ordered_json tests{{"requests", "show the request"},
                           {"errors", "always the error 100"},
                           {"redirects", "always a redirect to errors"},
                           {"[vhost]", {{"error.srs.com", "http://error.srs.com:1985/api/v1/tests/errors"}}}};
  co_return ok(call, ordered_json{{"urls", urls}, {"tests", tests}});
}

}  // namespace weir::api
