#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "session/common/upstream/attempt.h"

namespace weir::session::upstream {

// Knows how a stream is fetched from one place, a URL of its scheme. It keeps nothing of an attempt: several may run.
class Fetcher {
 public:
  virtual ~Fetcher() = default;
  // One attempt: connects, has the stream published once media came, and hands over its frames until that ends. Each
  // step has its limit on the life's watchdog. Ends with Errc::ended when the other side says that the stream is over,
  // with what went wrong, or with net::Errc::stopped soon after the life was told to stop. The other places and the
  // pauses in between are not its business.
  virtual net::Task<base::ErrorCode> fetch(Attempt& attempt) const = 0;
};

// A place that a stream is fetched from.
struct Place {
  std::shared_ptr<const Fetcher> fetcher;
  std::string shown;                 // for whoever reads logs: without parameters, and without a key that is a secret
  std::vector<std::string> secrets;  // what may not be repeated where errors are shown
  std::string origin{};              // what its health is kept by, for all streams; empty: `shown`

  const std::string& name() const { return origin.empty() ? shown : origin; }
};

// How URLs of one scheme are fetched. Each is a row that main fills in: protocols know nothing of one another.
struct Scheme {
  std::string name;  // "rtmp", without "://"; lower case
  // Errc::bad_address, ...
  std::function<base::Result<Place>(const std::string& url)> place_of;
};

class Schemes {
 public:
  explicit Schemes(std::vector<Scheme> schemes) : schemes_(std::move(schemes)) {}

  // Errc::unknown_scheme, and what the scheme says of the rest.
  base::Result<Place> place_of(const std::string& url) const;

 private:
  std::vector<Scheme> schemes_;
};

}  // namespace weir::session::upstream
