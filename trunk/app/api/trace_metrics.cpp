#include "app/api/trace_metrics.h"

namespace weir::api {

void write_traces(Exposition& out, const trace::Figures& figures) {
  out.metric("weir_trace_spans_total", "counter", "Spans for the collector of otlp by what became of them.");
  out.sample(figures.sent.load(), {{"result", "sent"}});
  out.sample(figures.failed.load(), {{"result", "failed"}});
  out.sample(figures.dropped.load(), {{"result", "dropped"}});
}

}  // namespace weir::api
