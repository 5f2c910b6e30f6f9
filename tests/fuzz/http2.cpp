// What a client of HTTP/2 says. Each request is answered, with a body where the first byte is odd; half of the inputs
// have the preface and settings of a good client before them.
#include <map>
#include <string>

#include "net/http2/conversation.h"

using namespace weir;

namespace {

struct Server final : http2::Conversation::Events {
  http2::Conversation conversation{http2::Limits{}, *this};
  std::map<http2::StreamId, bool> open;
  bool with_body = false;
  std::size_t unread = 0;

  void requested(http2::StreamId id, base::Result<http::Request> request, bool) override {
    open[id] = true;
    if (request && request->path.empty()) __builtin_trap();
    conversation.answer(id, request ? 200 : http::status_of(request.error()), {{"Content-Type", "text/plain"}},
                        std::nullopt, !with_body);
  }
  void body_came(http2::StreamId id, base::Bytes bytes) override {
    unread += bytes.size();
    if (unread > 2 * 1024 * 1024) __builtin_trap();  // beyond every window
    if (open.contains(id)) return;
    conversation.consumed(id, bytes.size());
    unread -= bytes.size();
  }
  void body_ended(http2::StreamId) override {}
  void closed(http2::StreamId id) override { open.erase(id); }
  void window_opened(http2::StreamId) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Server server;
  server.with_body = data[0] % 2 == 1;
  base::Instant now{};
  std::string input;
  if (data[0] % 4 < 2) input = std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
  input.append(reinterpret_cast<const char*>(data + 2), size - 2);
  const std::size_t step = data[1] == 0 ? input.size() : data[1];
  const std::string body(40'000, 'b');
  const iovec part{const_cast<char*>(body.data()), body.size()};
  for (std::size_t at = 0; at < input.size(); at += step) {
    now += std::chrono::milliseconds(1);
    const bool heard =
        server.conversation.input(base::as_bytes(std::string_view(input).substr(at, step)), now).has_value();
    http2::Output out;
    const auto open = server.open;
    for (const auto& [id, is_open] : open) {
      const std::size_t room = server.conversation.room(id);
      if (server.conversation.write(id, {&part, 1}, 1 << 16, true, out) > room) __builtin_trap();
    }
    server.conversation.gather(out);
    if (out.bytes() > 64 * 1024 * 1024) __builtin_trap();
    if (!heard || server.conversation.over()) break;
  }
  return 0;
}
