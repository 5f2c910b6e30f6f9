#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "proto/sip/dialog.h"
#include "proto/sip/digest.h"
#include "proto/sip/transactions.h"

// One datagram to the parser, the same bytes as a connection; what was read is answered, and our answer must be
// readable by ourselves.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const std::string_view text = base::as_text(base::Bytes(data, size));
  sip::Transactions machine({}, [] { return "id"; });
  const sip::Way way{.address = "192.0.2.7", .port = 5060, .local_address = "192.0.2.1", .local_port = 5060};
  const auto serve = [&](const sip::Message& message) {
    (void)sip::parse_credentials(message.header("Authorization"));
    (void)sip::parse_challenge(message.header("WWW-Authenticate"));
    machine.input(message, way, base::Instant{});
    while (const auto event = machine.poll()) {
      if (event->kind != sip::Event::Kind::request) continue;
      const auto answer = sip::make_answer(event->message, 200, "tag", way.address, way.port);
      if (!sip::parse(to_text(answer))) std::abort();
      machine.respond(event->message, way, answer, base::Instant{});
      auto dialog = sip::Dialog::of(event->message, event->message);
      (void)to_text(dialog.request("BYE"));
    }
  };
  if (const auto message = sip::parse(text)) serve(*message);
  sip::StreamReader reader;
  const std::size_t cut = size == 0 ? 0 : data[0] % (size + 1);
  for (const std::string_view piece : {text.substr(0, cut), text.substr(cut)}) {
    reader.input(piece);
    for (;;) {
      const auto message = reader.poll();
      if (!message) return 0;
      if (!*message) break;
      serve(**message);
    }
  }
  return 0;
}
