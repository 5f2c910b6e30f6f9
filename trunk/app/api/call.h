#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

#include "app/api/context.h"
#include "app/api/json_writer.h"
#include "net/http/exchange.h"
#include "net/http/jsonp.h"

// What the endpoints of this folder have in common. Only for its .cpp files.
namespace weir::api {

// One request to one endpoint, on its worker.
struct Call {
  const http::Request& request;
  const Context& context;
  hub::Hub& hub;
  http::Jsonp jsonp;
  std::string rest{};                  // of the path behind the endpoint's own: "vid-1a2b3c4"
  bool trusted = false;                // the operator; else one of the public, who sees only what viewers may
  http::Exchange* exchange = nullptr;  // of endpoints that read a body

  net::Worker& home() const { return hub.worker(); }
  const config::Config& config() const { return *hub.config(); }
  bool reads() const { return jsonp.method == "GET" || jsonp.method == "HEAD"; }
};

// An error is only ever net::Errc::stopped: the connection was told to end, and there is no answer.
using Answer = net::Task<base::Result<http::Reply>>;
using Endpoint = Answer (*)(Call&);

// {"code":0,"server":..,"service":..,"pid":..} and then the fields of `body`.
http::Reply ok(const Call& call, const nlohmann::ordered_json& body);
// The same with the inside of an object that was written as text: `"clients":[...]`. For lists.
http::Reply ok(const Call& call, const JsonWriter& members);
// {"code":N,"message":".."}: how SRS says that something is wrong, with status 200 unless given; the message is ours.
http::Reply error(const Call& call, int code, int status = 200);
// The JSON as it is.
http::Reply json(const Call& call, const nlohmann::ordered_json& body, int status = 200);
// The same before an endpoint is reached: the status is the code.
http::Reply refusal(int status, std::string_view words);
http::Reply method_not_allowed(std::string_view allowed);

// {"recv_30s":..,"send_30s":..}
nlohmann::ordered_json kbps_of(const stats::Traffic& traffic);
// "send_bytes", "recv_bytes" and "kbps" of a row.
void write_traffic(JsonWriter& out, const stats::Traffic& traffic);
// A long answer is made in parts, so that media between them does not wait: true once in 64 rows.
constexpr bool is_pause(std::size_t row) { return row % 64 == 63; }
// Lets the worker do what else waits.
net::Task<void> pause();

// Ids of virtual hosts for the rows of one page, where most have the same.
class VhostIds {
 public:
  explicit VhostIds(const Call& call) : statistics_(call.context.statistics) {}
  const std::string& of(const std::string& name) {
    if (id_.empty() || name != name_) id_ = statistics_.vhost_id(name_ = name);
    return id_;
  }

 private:
  const stats::Statistics& statistics_;
  std::string name_, id_;
};

struct Paging {
  std::size_t start = 0;
  std::size_t count = 10;
};
// `start` and `count` of the query. SRS serves ten at least, however few are asked for; we serve 10,000 at most.
Paging paging_of(const http::Request& request);
// `vhost`, `app`, `stream`, `contains`, and `type` or `protocol` of the query, beyond SRS.
stats::Filter filter_of(const http::Request& request);

// The endpoints, each in the file of its name.
Answer root(Call& call);
Answer api(Call& call);
Answer api_v1(Call& call);
Answer versions(Call& call);
Answer authors(Call& call);
Answer features(Call& call);
Answer summaries(Call& call);
Answer rusages(Call& call);
Answer self_proc_stats(Call& call);
Answer system_proc_stats(Call& call);
Answer meminfos(Call& call);
Answer vhosts(Call& call);
Answer streams(Call& call);
Answer page_streams(Call& call);
Answer clients(Call& call);
Answer dvrs(Call& call);
Answer recordings(Call& call);
Answer forwards(Call& call);
Answer sources(Call& call);
Answer programs(Call& call);
Answer overlay(Call& call);
Answer variables(Call& call);
Answer raw(Call& call);
Answer logs(Call& call);
Answer running_config(Call& call);
Answer config_changes(Call& call);
Answer config_check(Call& call);
Answer config_file(Call& call);
Answer clusters(Call& call);
Answer balance(Call& call);
Answer cluster_nodes(Call& call);
Answer drain(Call& call);
Answer srt_servers(Call& call);
Answer openapi(Call& call);
Answer not_available(Call& call);
Answer test_requests(Call& call);
Answer test_errors(Call& call);
Answer test_redirects(Call& call);
Answer metrics(Call& call);
// In gb/.
Answer gb_devices(Call& call);
Answer gb_uppers(Call& call);
Answer gb_publish(Call& call);
Answer gb_media(Call& call);
Answer healthz(Call& call);
Answer readyz(Call& call);

}  // namespace weir::api
