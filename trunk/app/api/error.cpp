#include "app/api/error.h"

#include "net/http/reply.h"

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

std::string_view message_of(int code) {
  switch (code) {
    case 0:
      return "good";
    case code::bad_request:
      return "this cannot be done as it was asked for";
    case code::test:
      return "the error of the tests";
    case code::raw_disabled:
      return "raw_api of http_api does not allow it";
    case code::raw_unknown:
      return "no such rpc";
    case code::exporter_disabled:
      return "metrics are off: exporter, or metrics of http_api";
    case code::stream_busy:
      return "somebody publishes this stream";
    case code::no_port:
      return "no port is left for the media of a device";
    case code::no_vhost:
      return "no such virtual host";
    case code::no_stream:
      return "no such stream";
    case code::no_client:
      return "no such client";
    case code::bad_data:
      return "the body cannot be read";
    case code::bad_callback:
      return "callback is no name: letters, digits, '.', '_' and '-'";
    case code::already_recorded:
      return "this stream is recorded already";
    case code::not_recorded:
      return "this stream is not recorded";
    case code::no_recording:
      return "no such recording";
    case code::overlay_off:
      return "http_api names no overlay: nothing can be changed here";
    case code::overlay_refused:
      return "refused";
    case code::edit_off:
      return "edit_file of http_api is off: the configuration's file is not read or written here";
    case code::edit_refused:
      return "refused";
    case code::not_available:
      return "this build, or this configuration, does not have it";
    default:
      return http::status_text(code);
  }
}

}  // namespace weir::api
