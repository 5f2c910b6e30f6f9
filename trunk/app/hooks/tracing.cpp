#include "app/hooks/tracing.h"

#include "app/hooks/verdict.h"

namespace weir::hooks {

std::optional<trace::Span> begin_span(trace::Tracer* tracer, base::SessionId session, Hook hook, const http::Url& url,
                                      http::ClientRequest& request) {
  if (!tracer) return std::nullopt;
  auto span = tracer->begin_child(session, name_of(hook));
  if (!span) return std::nullopt;
  span->attributes = {{"http.request.method", request.method},
                      {"server.address", url.host},
                      {"server.port", std::int64_t{url.port}},
                      {"url.scheme", url.scheme}};
  request.headers.add("traceparent", trace::traceparent(span->context));
  return span;
}

void end_span(trace::Tracer* tracer, std::optional<trace::Span> span, const base::Result<http::ClientReply>& reply) {
  if (!tracer || !span) return;
  if (!reply) {
    span->fault = reply.error().message();
  } else {
    span->attributes.push_back({"http.response.status_code", std::int64_t{reply->status}});
    const auto verdict = judge(reply->status, reply->body);
    const bool denied = !verdict && verdict.error() == Errc::denied;
    span->attributes.push_back({"weir.hook.verdict", std::string(verdict ? "good" : denied ? "denied" : "failed")});
    if (!verdict && !denied) span->fault = verdict.error().message();
  }
  tracer->end(*std::move(span));
}

}  // namespace weir::hooks
