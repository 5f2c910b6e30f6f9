#include "app/registry/error.h"

namespace weir::registry {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::gone:
      return "the registry of the cluster is gone, and without it nobody may publish";
    case Errc::no_master:
      return "a sentinel knows no master";
  }
  return "unknown registry error";
}

}  // namespace weir::registry
