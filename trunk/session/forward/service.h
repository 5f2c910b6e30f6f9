#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/log_limit.h"
#include "hub/hub.h"
#include "session/forward/answers.h"
#include "session/forward/push.h"
#include "session/forward/stopped.h"

namespace weir::session::forward {

// Of the whole process.
struct Shared {
  std::string server;  // this one, in the way that a stream came; see common/upstream/way.h
  Answers answers;
  Places places;
  Stopped stopped;
  upstream::Health health;  // of origins, also where streams are fetched from
};

enum class Command { start, stop };

// Sends the streams of one worker on to other servers, as `forward` of their virtual host or a backend says; what is
// published at an edge (`cluster { mode remote; }`) goes to an origin. Streams that are fetched on demand stay here, or
// nobody's leaving would ever end them. Made before the worker starts, then used on it.
class Service {
 public:
  static constexpr std::size_t most_targets = 64;  // of one stream
  // Whom a backend names; an error refuses the publisher.
  using AskBackend =
      std::function<net::Task<base::Result<std::vector<std::string>>>(net::Life&, const hub::Request& request)>;

  // `files` reads the sound of pushes that have one.
  Service(hub::Hub& hub, Shared& shared, const upstream::SrtLine& srt, const upstream::RistLine& rist,
          net::BlockingPool& files);
  Service(const Service&) = delete;

  // As the last rule of admission: once everybody else has let the publisher in.
  void ask_backend_with(AskBackend ask);
  // After a reload: what is no longer wanted ends, what is new begins, the rest goes on.
  void settings_changed();
  // Of an operator, for one target of a stream by its name, or for all of them. For how many it was: none if there is
  // none such on this worker. What is stopped stays so when the stream begins again, until it is started.
  std::size_t command(Command what, const base::StreamKey& key, const std::string& name);

  std::vector<Row> rows() const;
  Totals totals() const;

 private:
  struct Entry {
    std::shared_ptr<const hub::Request> request;  // of the publisher with which the stream began
    base::SessionId publisher;
    std::vector<std::shared_ptr<Push>> pushes;
  };
  struct Wanted {
    upstream::Destination destination;
    upstream::Trust trust;
    bool origins = false;  // of an edge: the publisher is theirs
    std::string name{};    // of a `push`
    bool by_api = false;
    std::string audio{};
  };

  void observe(const hub::StreamEvent& event);
  void begin(hub::Stream& stream);
  void begin(Entry& entry, Wanted wanted);
  void drop(const Push& push);
  std::vector<Wanted> wanted_of(const Entry& entry);
  void complain(const Entry& entry, const std::string& target, base::ErrorCode why);

  // given
  hub::Hub& hub_;
  Shared& shared_;
  const upstream::SrtLine& srt_;
  const upstream::RistLine& rist_;
  net::BlockingPool& files_;

  // owned
  upstream::TlsClients tls_;
  net::Names names_;  // of targets by UDP
  std::map<base::StreamKey, Entry> entries_;

  // state
  Work done_;  // by those that are over
};

}  // namespace weir::session::forward
