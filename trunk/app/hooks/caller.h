#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/hooks/figures.h"
#include "base/log_limit.h"
#include "net/http/client.h"
#include "net/tls_context.h"
#include "net/worker.h"

namespace weir::hooks {

// Asks hook servers over HTTP and HTTPS. Connections are kept for the next call to the same server. On one worker;
// outlives the tasks that it gave out.
class Caller {
 public:
  struct Options {
    std::chrono::milliseconds timeout{30'000};  // from the call to the end of the answer
    std::size_t max_answer_bytes = 64 * 1024;
    bool verify = false;  // the certificate of an https server
    std::string authority_file;
  };

  Caller(net::Worker& worker, Figures& figures);
  ~Caller();
  Caller(const Caller&) = delete;

  // Redirects are not followed. net::Errc::timed_out, tls_failed, http::Errc::body_too_large, the system's errors, ...
  net::Task<base::Result<http::ClientReply>> call(http::Url url, http::ClientRequest request, Options options);
  std::size_t idle_connections() const;

 private:
  struct Idle {
    std::unique_ptr<net::ByteStream> stream;
    std::chrono::steady_clock::time_point since;
  };
  using Key = std::string;

  net::Task<base::Result<http::ClientReply>> talk(http::Url url, http::ClientRequest request, Options options);
  net::Task<base::Result<std::unique_ptr<net::ByteStream>>> open(http::Url url, Options options);
  base::Result<net::TlsContext*> tls(const Options& options);
  std::unique_ptr<net::ByteStream> take(const Key& key);
  void keep(const Key& key, std::unique_ptr<net::ByteStream> stream);
  void drop_old();

  // given
  net::Worker& worker_;
  Figures& figures_;

  // owned
  std::map<Key, std::vector<Idle>> idle_;
  std::map<Key, std::unique_ptr<net::TlsContext>> tls_;

  // state
  log::Limit tls_faults_;
  unsigned ticks_ = 0;
};

}  // namespace weir::hooks
