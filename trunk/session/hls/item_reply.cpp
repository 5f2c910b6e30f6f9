#include "session/hls/item_reply.h"

#include <fmt/format.h>

#include "net/http/conditions.h"
#include "net/http/reply.h"
#include "net/http/send_file.h"
#include "net/http/static_files.h"
#include "session/hls/kernel_copy.h"

namespace weir::session::hls {

namespace {

// Large items that are asked for again go out by the kernel's own copy; -1 for none. Not more than half of the memory
// is taken for that.
int kernel_file(Service& service, http::Exchange& exchange, const Item& item) {
  if (!item.copy || !exchange.stream().is_raw() || !exchange.wants_body()) return -1;
  const auto vhost = service.hub().config()->match_vhost(exchange.request().virtual_host());
  return vhost ? item.copy->file(item.bytes, service.budget(), vhost->hls.memory_total / 2) : -1;
}

// What is on the disk alone.
net::Task<void> send_file_item(Service& service, http::Exchange& exchange, ItemRef item, Asker asker) {
  const http::StaticFiles files(
      {.root = item->root,
       .flv_lead = nullptr,
       .cache_control = asker.alone ? std::string(private_rule(item->cache_control)) : item->cache_control,
       .kept_back_too = true},
      service.readers());
  const std::uint64_t before = exchange.stream().sent_bytes();
  co_await files.serve(exchange);
  const std::uint64_t size = exchange.stream().sent_bytes() - before;
  service.count_item(static_cast<std::size_t>(size));
  if (!asker.id.empty() && exchange.wants_body()) service.visitors().touch(asker.id, size, Visitors::Sent::media);
}

}  // namespace

net::Task<void> send_item(Service& service, http::Exchange& exchange, ItemRef item, Asker asker) {
  if (!item->root.empty()) co_return co_await send_file_item(service, exchange, std::move(item), std::move(asker));
  http::Reply reply;
  reply.headers.add("Content-Type", item->type);
  reply.headers.add("Cache-Control", asker.alone ? private_rule(item->cache_control) : item->cache_control);
  reply.headers.add("Accept-Ranges", "bytes");
  reply.shared = item->bytes;
  const http::Headers& asked = exchange.request().headers;
  const http::Validators validators{.etag = item->etag};
  if (!item->etag.empty()) {
    reply.headers.add("ETag", item->etag);
    if (asked.has("If-None-Match") && http::evaluate_conditions(asked, validators) == 304) {
      reply.status = 304;
      reply.shared = {};
      (void)co_await exchange.reply(std::move(reply));
      co_return;
    }
  }
  std::uint64_t offset = 0;
  if (const std::string_view range = asked.find("Range"); !range.empty() && http::range_applies(asked, validators)) {
    const auto wanted = http::parse_range(range, item->bytes.size());
    if (wanted.kind == http::RangeKind::unsatisfiable) {
      http::Reply refused = http::Reply::of_status(416);
      refused.headers.add("Content-Range", "bytes */" + std::to_string(item->bytes.size()));
      (void)co_await exchange.reply(std::move(refused));
      co_return;
    }
    if (wanted.kind == http::RangeKind::part) {
      const auto [first, size] = wanted.range;
      reply.status = 206;
      reply.headers.add("Content-Range", fmt::format("bytes {}-{}/{}", first, first + size - 1, item->bytes.size()));
      offset = first;
      reply.shared = item->bytes.slice(static_cast<std::size_t>(first), static_cast<std::size_t>(size));
    }
  }
  const std::size_t size = reply.shared.size();
  bool sent = false;
  if (const int file = kernel_file(service, exchange, *item); file >= 0) {
    sent = co_await exchange.start_sized(reply.status, std::move(reply.headers), size) &&
           co_await http::send_file_body(exchange, file, offset, size);
  } else {
    sent = static_cast<bool>(co_await exchange.reply(std::move(reply)));
  }
  if (sent) service.count_item(size);
  if (sent && !asker.id.empty() && exchange.wants_body()) {
    service.visitors().touch(asker.id, size, Visitors::Sent::media);
  }
}

}  // namespace weir::session::hls
