#include "session/forward/srt_sender.h"

namespace weir::session::forward {

using base::ErrorCode;

net::Task<ErrorCode> SrtSender::run() {
  if (const ErrorCode absent = feed_.absence()) co_return absent;
  if (!feed_.live()) co_return hub::Errc::unpublished;
  hub::MessageReader& reader = writer_.reader();
  reader.start();
  for (;;) {
    if (socket_.over()) {
      co_return socket_.vanished() ? ErrorCode(net::Errc::timed_out) : ErrorCode(net::Errc::end_of_stream);
    }
    if (reader.state() == hub::Reader::State::failed) co_return reader.error();
    if (writer_.leaving() || reader.state() == hub::Reader::State::ended) {
      const ErrorCode why = writer_.leaving() ? life_.stop_reason() : ErrorCode(hub::Errc::unpublished);
      co_await writer_.finish();
      co_return why;
    }
    if (const auto woke = co_await writer_.changed(); !woke) co_return net::why_ended(life_, woke.error());
  }
}

}  // namespace weir::session::forward
