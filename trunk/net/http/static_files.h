#pragma once

#include <string>
#include <string_view>

#include "net/blocking_pool.h"
#include "net/http/exchange.h"

namespace weir::http {

// Files below a directory: index.html, MIME types, validators, Range, and SRS's VOD (`x.flv?start=`, `x.mp4?range=`).
// Nothing outside the directory is reachable, by "..", by coding or by symbolic link. One per worker; files are opened
// and read on the pool.
class StaticFiles {
 public:
  struct Options {
    std::string root;
    std::string prefix = "/";  // part of the request path that stands for the root, with its last '/'
  };
  StaticFiles(Options options, net::BlockingPool& pool) : options_(std::move(options)), pool_(pool) {}

  // Answers the exchange: the file, 304, 404, 405, 416, or 503 when the pool is full.
  net::Task<void> serve(Exchange& exchange) const;

 private:
  Options options_;
  net::BlockingPool& pool_;
};

std::string_view mime_type(std::string_view path);

}  // namespace weir::http
