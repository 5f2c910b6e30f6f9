#include "session/hls/page.h"

#include <algorithm>

#include "base/random.h"
#include "net/http/gzip.h"
#include "session/hls/lines.h"

namespace weir::session::hls {

namespace {

// Beyond, a page goes out as it is: to copy and to compress it each time would take longer than a worker may be held.
constexpr std::size_t most_copied = 128 * 1024;

}  // namespace

std::uint64_t Page::size(std::size_t session) const {
  std::uint64_t sum = plain.size() + marks.size() * session;
  for (const base::SharedBytes& block : rest) sum += block.size();
  return sum - rest_marks + rest_marks * session;
}

Page make_page(std::string begin, const Lines& between, std::string_view end, bool compress) {
  const std::size_t size = begin.size() + between.size() + end.size();
  if (size <= most_copied || between.size() == 0) {
    begin.reserve(size);
    between.add_to(begin);
    begin.append(end);
    return make_page(begin, compress && size <= most_copied);
  }
  Page page = make_page(begin, false);
  between.add_to(page.rest);
  page.rest.push_back(base::SharedBytes::copy_of(base::as_bytes(end)));
  page.rest_marks = between.marks() + static_cast<std::size_t>(std::count(end.begin(), end.end(), session_mark[0]));
  return page;
}

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

std::string with_session(base::Bytes block, std::string_view session) {
  const std::string_view text = base::as_text(block);
  std::string out;
  for (std::size_t from = 0;;) {
    const std::size_t mark = text.find(session_mark, from);
    out.append(text.substr(from, mark == std::string_view::npos ? mark : mark - from));
    if (mark == std::string_view::npos) return out;
    out.append(session);
    from = mark + session_mark.size();
  }
}

}  // namespace weir::session::hls
