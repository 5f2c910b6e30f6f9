#pragma once

#include <optional>

#include "app/hooks/figures.h"
#include "app/trace/tracer.h"
#include "net/http/client.h"

namespace weir::hooks {

// The span of a call about a session, whose request then carries it as `traceparent`. None: nobody traces the session,
// or nobody traces at all.
std::optional<trace::Span> begin_span(trace::Tracer* tracer, base::SessionId session, Hook hook, const http::Url& url,
                                      http::ClientRequest& request);
// It is over with that answer.
void end_span(trace::Tracer* tracer, std::optional<trace::Span> span, const base::Result<http::ClientReply>& reply);

}  // namespace weir::hooks
