#include "app/api/srt_metrics.h"

namespace weir::api {

void write_srt(Exposition& out, const session::srt::Figures& figures) {
  out.metric("weir_srt_rejected_total", "counter", "SRT callers that were turned away during their handshake.");
  out.sample(figures.rejected.load());
  out.metric("weir_srt_passphrases", "gauge", "Passphrases of streams that on_srt_passphrase said, and are kept.");
  out.sample(figures.keys.load());
  out.metric("weir_srt_without_passphrase_total", "counter",
             "SRT callers that were told to come again, as the passphrase of their stream was not known yet.");
  out.sample(figures.without_key.load());
  const auto ports = figures.ports();
  const auto each = [&](std::string_view name, std::string_view type, std::string_view meaning, auto member) {
    out.metric(name, type, meaning);
    for (const auto& port : ports) {
      if (port->open) out.sample(((*port).*member).load(), {{"listen", config::to_text(port->at)}});
    }
  };
  using Port = session::srt::PortFigures;
  each("weir_srt_server_sockets", "gauge", "SRT connections by the port that they came by.", &Port::connections);
  each("weir_srt_server_accepted_total", "counter", "SRT connections that came by a port.", &Port::accepted);
  each("weir_srt_server_refused_total", "counter", "SRT callers that a port turned away with a code.", &Port::rejected);
  each("weir_srt_server_wrong_secrets_total", "counter", "SRT callers whose passphrase was wrong or missing.",
       &Port::failed_keys);
}

}  // namespace weir::api
