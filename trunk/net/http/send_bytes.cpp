#include "net/http/send_bytes.h"

#include <fmt/format.h>

#include "net/coroutine.h"
#include "net/http/conditions.h"

namespace weir::http {

net::Task<base::Result<std::size_t>> send_bytes(Exchange& exchange, Reply reply) {
  const Headers& asked = exchange.request().headers;
  const Validators validators{.etag = std::string(reply.headers.find("ETag"))};
  reply.headers.add("Accept-Ranges", "bytes");
  if (evaluate_conditions(asked, validators) == 304) {
    reply.status = 304;
    reply.shared = {};
  } else if (const std::string_view range = asked.find("Range"); !range.empty() && range_applies(asked, validators)) {
    const std::size_t whole = reply.shared.size();
    const auto wanted = parse_range(range, whole);
    if (wanted.kind == RangeKind::unsatisfiable) {
      reply = Reply::of_status(416);
      reply.headers.add("Content-Range", fmt::format("bytes */{}", whole));
    } else if (wanted.kind == RangeKind::part) {
      const auto [first, size] = wanted.range;
      reply.status = 206;
      reply.headers.add("Content-Range", fmt::format("bytes {}-{}/{}", first, first + size - 1, whole));
      reply.shared = reply.shared.slice(static_cast<std::size_t>(first), static_cast<std::size_t>(size));
    }
  }
  const std::size_t size = reply.body().size();
  CO_TRY_VOID(co_await exchange.reply(std::move(reply)));
  co_return size;
}

}  // namespace weir::http
