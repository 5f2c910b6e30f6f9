#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/http/request.h"
#include "session/hls/page.h"

namespace weir::session::hls {

class Service;

// Manifests of streams that are renditions of one by their names (dash_ladder), made of those of the streams when
// somebody asks, and kept until one of them is another. Per worker.
class DashLadders {
 public:
  // The manifest that is asked for, as a listing of the stream whose name it has: null where no rendition is there.
  // Whoever may play that stream may have the segments of all of them. While one is published those alone are in it
  // that are; behind the last one all are, with their end.
  ListingRef find(Service& service, const http::Request& request);

 private:
  struct Made {
    std::vector<ListingRef> of;
    ListingRef listing;
  };
  std::unordered_map<std::string, Made> made_;  // by the place
};

}  // namespace weir::session::hls
