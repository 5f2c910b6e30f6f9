#pragma once

#include <string>
#include <vector>

#include "app/auth/secret.h"
#include "app/hooks/body.h"
#include "app/hooks/outbox.h"
#include "hub/hub.h"

namespace weir::trace {
class Tracer;
}

namespace weir::hooks {

// The HTTP hooks of one worker, as SRS's users know them. Asked as the last rule of admission (on_connect, on_publish,
// on_play), told as observers of the events. Made in main after the hub and before the workers start; lives until they
// have stopped. Which servers are asked is read from the configuration at each call.
class Hooks {
 public:
  Hooks(hub::Hub& hub, Origin origin, Figures& figures);
  Hooks(const Hooks&) = delete;

  // Calls about sessions that it traces are spans of their own, and say so to the server. It outlives this.
  void trace_by(trace::Tracer& tracer) {
    tracer_ = &tracer;
    outbox_.trace_by(tracer);
  }

  // on_connect alone, of whom nothing but the connect is known: an edge that asks for a client.
  net::Task<base::Result<void>> judge_connect(net::Life& life, const hub::Request& request);

  // Asks the backend of a virtual host where a stream is to be forwarded to. As SRS does, an error refuses the publish.
  net::Task<base::Result<std::vector<std::string>>> forward_targets(net::Life& life, const hub::Request& request);

  // The passphrase of an SRT stream. Never an error: that nobody could say it is an answer.
  net::Task<session::srt::KeyAnswer> srt_passphrase(net::Life& life, session::srt::KeyQuestion question);

  // A device of GB/T 28181 whose streams are of that virtual host.
  void on_device(const std::string& vhost, const session::gb28181::DeviceEvent& event);

 private:
  net::Task<base::Result<void>> admit(net::Life& life, const hub::Request& request, hub::Action action);
  // Each server in turn; the first that does not agree refuses.
  net::Task<base::Result<void>> ask(net::Life& life, const config::HttpHooks& settings, Hook hook,
                                    const config::HttpHooks::Urls& urls, std::string body);
  net::Task<base::Result<http::ClientReply>> post(net::Life& life, const config::HttpHooks& settings, Hook hook,
                                                  const std::string& url, std::string body);
  void on_event(const hub::Event& event);
  void on_dvr_file(const hub::DvrFile& file);
  void on_hls_segment(const hub::HlsSegment& segment);
  void tell(const config::HttpHooks& settings, Hook hook, base::SessionId client, const config::HttpHooks::Urls& urls,
            const std::string& body);
  void tell_notify(const config::Vhost& vhost, const hub::HlsSegment& segment);
  base::Result<http::ClientRequest> request_of(const config::HttpHooks& settings, std::string method, std::string body,
                                               const std::string& target);
  Subject subject_of(const hub::Request& request, base::SessionId client) const;
  // As it is configured now, if its hooks are on.
  std::shared_ptr<const config::Vhost> vhost_of(const hub::Request& request) const;

  // given
  hub::Hub& hub_;
  Origin origin_;
  Figures& figures_;
  trace::Tracer* tracer_ = nullptr;

  // owned
  Caller caller_;
  Outbox outbox_;
  auth::Secrets secrets_;

  // state
  log::Limit bad_urls_, bad_secrets_, bad_keys_;
};

}  // namespace weir::hooks
