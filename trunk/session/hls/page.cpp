#include "session/hls/page.h"

#include "base/random.h"
#include "net/http/gzip.h"

namespace weir::session::hls {

Page make_page(std::string_view text, bool compress) {
  Page page;
  std::string bare;
  bare.reserve(text.size());
  for (std::size_t from = 0;;) {
    const std::size_t mark = text.find(session_mark, from);
    bare.append(text.substr(from, mark == std::string_view::npos ? mark : mark - from));
    if (mark == std::string_view::npos) break;
    page.marks.push_back(static_cast<std::uint32_t>(bare.size()));
    from = mark + session_mark.size();
  }
  page.plain = base::SharedBytes::copy_of(base::as_bytes(bare));
  if (compress && page.marks.empty()) page.gzip = http::gzip(page.plain);
  return page;
}

ItemRef on_disk_alone(const Item& item, const std::string& root) {
  auto out = std::make_shared<Item>(item);
  out->bytes = {};
  out->copy = nullptr;
  out->root = root;
  return out;
}

std::string new_etag() { return '"' + base::random_text(16) + '"'; }

std::string with_session(const Page& page, std::string_view session) {
  const std::string_view text = base::as_text(page.plain);
  std::string out;
  out.reserve(text.size() + page.marks.size() * session.size());
  std::size_t from = 0;
  for (const std::uint32_t mark : page.marks) {
    out.append(text.substr(from, mark - from)).append(session);
    from = mark;
  }
  return out.append(text.substr(from));
}

}  // namespace weir::session::hls
