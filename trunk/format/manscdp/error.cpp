#include "format/manscdp/error.h"

namespace weir::manscdp {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::too_long:
      return "the XML is longer than the limit";
    case Errc::too_deep:
      return "the XML has more elements inside each other than the limit";
    case Errc::too_many:
      return "the XML has more elements than the limit";
    case Errc::has_dtd:
      return "the XML has a document type, which is not read";
    case Errc::cut_off:
      return "the XML ends inside a tag or an element";
    case Errc::bad_tag:
      return "a tag of the XML has no name or ends another element";
    case Errc::no_element:
      return "there is no XML";
    case Errc::not_manscdp:
      return "the XML is no Query, Control, Notify or Response with a CmdType";
  }
  return "unknown error";
}

}  // namespace weir::manscdp
