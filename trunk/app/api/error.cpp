#include "app/api/error.h"

namespace weir::api {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::kicked:
      return "ended through the API";
  }
  return "unknown";
}

}  // namespace weir::api
