#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "app/api/error.h"

namespace weir::api {

using nlohmann::ordered_json;

namespace {

ordered_json client_json(const Call& call, const stats::ClientRow& row) {
  ordered_json body{{"id", row.id},
                    {"vhost", call.context.statistics.vhost_id(row.vhost)},
                    {"stream", row.stream_id},
                    {"ip", row.ip},
                    {"pageUrl", row.page_url},
                    {"swfUrl", row.swf_url},
                    {"tcUrl", row.tc_url},
                    {"url", row.url},
                    {"name", row.stream},
                    {"type", row.type},
                    {"publish", row.publishing},
                    {"alive", row.alive_seconds},
                    {"send_bytes", row.traffic.sent_bytes},
                    {"recv_bytes", row.traffic.received_bytes},
                    {"kbps", kbps_of(row.traffic)}};
  // beyond SRS
  body["port"] = row.port;
  body["worker"] = row.worker;
  if (row.behind_ms) body["behind_ms"] = *row.behind_ms;
  if (row.tcp) {
    body["tcp"] = {{"rtt_us", row.tcp->rtt_us},
                   {"rttvar_us", row.tcp->rtt_variance_us},
                   {"cwnd", row.tcp->congestion_window},
                   {"retransmits", row.tcp->retransmits},
                   {"lost", row.tcp->lost},
                   {"unacked_bytes", row.tcp->unacknowledged_bytes}};
  }
  return body;
}

Answer kick(Call& call, base::SessionId id) {
  using Kick = stats::WorkerStats::Kick;
  if (!id) co_return error(call, code::no_client);
  CO_TRY(const Kick done, co_await call.context.statistics.kick(call.home(), id, Errc::kicked));
  if (done == Kick::unknown) co_return error(call, code::no_client);
  if (done == Kick::no_connection) co_return error(call, code::bad_request);
  co_return ok(call, ordered_json::object());
}

}  // namespace

Answer clients(Call& call) {
  stats::Statistics& statistics = call.context.statistics;
  const base::SessionId id = base::SessionId::from(call.rest);
  if (call.jsonp.method == "DELETE") co_return co_await kick(call, id);
  if (!call.reads()) co_return method_not_allowed("GET, HEAD, DELETE");
  if (!call.rest.empty()) {
    if (!id) co_return error(call, code::no_client);
    CO_TRY(const auto row, co_await statistics.client(call.home(), id));
    if (!row) co_return error(call, code::no_client);
    co_return ok(call, ordered_json{{"client", client_json(call, *row)}});
  }
  const Paging paging = paging_of(call.request);
  CO_TRY(const auto page,
         co_await statistics.clients(call.home(), filter_of(call.request), paging.start, paging.count));
  ordered_json list = ordered_json::array();
  for (const auto& row : page.rows) list.push_back(client_json(call, row));
  co_return ok(call, ordered_json{{"clients", std::move(list)}, {"total", page.total}});
}

}  // namespace weir::api
