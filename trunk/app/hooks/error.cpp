#include "app/hooks/error.h"

namespace weir::hooks {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::bad_status:
      return "the status is neither 200 nor 201";
    case Errc::empty_answer:
      return "the answer has no body";
    case Errc::not_an_answer:
      return "the answer is neither 0 nor a JSON object";
    case Errc::no_code:
      return "the answer has no whole number 'code'";
    case Errc::denied:
      return "the code of the answer is not 0";
    case Errc::bad_key:
      return "its data is no passphrase of 10 to 79 characters, with pbkeylen 0, 16, 24 or 32 and a ttl of seconds";
    case Errc::no_urls:
      return "the answer has no list data.urls";
  }
  return "unknown";
}

}  // namespace weir::hooks
