#include "net/http/static_files.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/url.h"
#include "net/coroutine.h"
#include "net/http/gzip.h"
#include "net/http/server.h"

namespace weir::http {

using base::Result;
using net::Task;

namespace {

constexpr std::size_t piece_size = 128 * 1024;
constexpr std::size_t flv_search_size = 1024 * 1024;

bool has_extension(std::string_view path, std::string_view extension) {
  return path.size() > extension.size() && base::iequals(path.substr(path.size() - extension.size()), extension);
}

// Lists and pages change under their name; each use asks again, which the ETag makes cheap.
std::string_view cache_rule(std::string_view path, std::string_view type) {
  if (is_named_by_content(path)) return "public, max-age=31536000, immutable";
  if (type.starts_with("font/") || type.starts_with("image/")) return "max-age=86400";
  if (type.starts_with("video/") || type.starts_with("audio/")) return "max-age=10";
  return "no-cache";
}

int status_of_file(File::Status status) {
  if (status == File::Status::busy) return 503;
  return status == File::Status::forbidden ? 403 : 404;
}

Task<void> reply_status(Exchange& exchange, int status) {
  Reply reply = Reply::of_status(status);
  if (status == 405) reply.headers.add("Allow", "GET, HEAD, OPTIONS");
  (void)co_await exchange.reply(std::move(reply));
}

}  // namespace

Task<void> StaticFiles::serve(Exchange& exchange) const {
  const Request& request = exchange.request();
  if (request.method != "GET" && request.method != "HEAD") co_return co_await reply_status(exchange, 405);
  if (!request.path.starts_with(options_.prefix)) co_return co_await reply_status(exchange, 404);
  std::string relative = request.path.substr(options_.prefix.size());
  if (relative.empty() || relative.ends_with('/')) relative += "index.html";

  auto open = [root = options_.root, relative, kept_back_too = opens_kept_back()] {
    return File::open_beneath(root, relative, kept_back_too);
  };
  const auto opened = co_await pool_.run(std::move(open));
  if (!opened) co_return co_await reply_status(exchange, 503);
  if (opened->status == File::Status::is_folder) {
    std::string location = base::replace_all(base::percent_encode(request.path), "%2F", "/") + "/";
    if (!request.query.empty()) location += "?" + request.query;
    Reply reply = Reply::redirect(302, location);
    (void)co_await exchange.reply(std::move(reply));
    co_return;
  }
  if (opened->status != File::Status::ok) co_return co_await reply_status(exchange, status_of_file(opened->status));

  co_await serve_judged(exchange, std::move(relative), opened->file);
}

Task<bool> StaticFiles::serve_if_found(Exchange& exchange) const {
  if (!covers(exchange.request().path)) co_return false;
  auto open = [root = options_.root, relative = exchange.request().path.substr(options_.prefix.size()),
               kept_back_too = opens_kept_back()] { return File::open_beneath(root, relative, kept_back_too); };
  const auto opened = co_await pool_.run(std::move(open));
  if (!opened || opened->status != File::Status::ok) co_return false;
  co_await serve_judged(exchange, exchange.request().path.substr(options_.prefix.size()), opened->file);
  co_return true;
}

Task<void> StaticFiles::serve_judged(Exchange& exchange, std::string relative, std::shared_ptr<const File> file) const {
  Leave leave;
  if (options_.judge) leave = co_await options_.judge(exchange, options_.root + "/" + relative, file);
  if (leave.kind == Leave::Kind::refused) co_return;
  co_await serve_file(exchange, std::move(file), std::move(leave));
}

Task<void> StaticFiles::serve_file(Exchange& exchange, std::shared_ptr<const File> file, Leave leave) const {
  auto plan = co_await plan_of(exchange, file, leave.kind == Leave::Kind::asker_alone);
  if (!plan) co_return co_await reply_status(exchange, 503);
  base::SharedBytes small = co_await squeezed(exchange, file, *plan);
  if (small.empty()) co_return co_await send(exchange, std::move(file), *std::move(plan));
  Reply reply;
  for (std::size_t i = 0; i < plan->headers.size(); ++i) {
    const std::string_view name = plan->headers.name(i);
    if (name == "Accept-Ranges") continue;
    // Other bytes than those of the strong tag; who asks whether they changed compares weakly (RFC 9110 8.8.3.2).
    reply.headers.add(name, name == "ETag" ? "W/" + file->etag() : std::string(plan->headers.value(i)));
  }
  reply.headers.add("Content-Encoding", "gzip");
  reply.shared = std::move(small);
  exchange.watchdog().arm(exchange.options().write_limit);
  (void)co_await exchange.reply(std::move(reply));
}

Task<base::SharedBytes> StaticFiles::squeezed(const Exchange& exchange, std::shared_ptr<const File> file,
                                              const Plan& plan) const {
  const bool whole = plan.status == 200 && plan.lead.empty() && plan.range.size == file->size();
  if (!squeezed_ || !whole || !is_squeezable(plan.headers.find("Content-Type"), file->size()) ||
      !exchange.request().headers.accepts_coding("gzip")) {
    co_return base::SharedBytes();
  }
  base::SharedBytes kept = squeezed_->find(file->etag());
  if (!kept.empty()) co_return kept;
  auto squeeze = [file] {
    base::Buffer content(static_cast<std::size_t>(file->size()));
    content.resize(file->read_at(0, {content.data(), content.size()}));
    return content.size() == file->size() ? gzip(content) : base::SharedBytes();
  };
  const auto made = co_await pool_.run(std::move(squeeze));
  if (!made || made->empty()) co_return base::SharedBytes();
  squeezed_->keep(file->etag(), *made);
  co_return *made;
}

std::string_view StaticFiles::name_of(const Request& request) const {
  if (!options_.name.empty()) return options_.name;
  return request.path.ends_with('/') ? std::string_view("index.html") : std::string_view(request.path);
}

Task<Result<StaticFiles::Plan>> StaticFiles::plan_of(const Exchange& exchange, std::shared_ptr<const File> file,
                                                     bool alone) const {
  const Request& request = exchange.request();
  const std::string_view type = mime_type(name_of(request));
  std::string caching =
      options_.cache_control.empty() ? std::string(cache_rule(request.path, type)) : options_.cache_control;
  if (alone) caching = "private, no-cache";
  Plan plan;
  plan.headers = {{"Content-Type", type},
                  {"ETag", file->etag()},
                  {"Last-Modified", http_date(file->modified())},
                  {"Cache-Control", caching},
                  {"Accept-Ranges", "bytes"}};
  for (std::size_t i = 0; i < options_.headers.size(); ++i) {
    plan.headers.add(options_.headers.name(i), options_.headers.value(i));
  }
  if (squeezed_ && is_squeezable(type, file->size())) plan.headers.add("Vary", "Accept-Encoding");
  plan.range = {0, file->size()};
  const Validators validators{file->etag(), file->modified()};
  plan.status = evaluate_conditions(request.headers, validators);
  if (plan.status != 200) {
    plan.range.size = 0;
    co_return plan;
  }

  const auto start = base::parse_number(request.query_value("start").value_or(""));
  if (start.value_or(0) > 0 && options_.flv_lead && has_extension(request.path, ".flv")) {
    auto find_lead = [file, find = options_.flv_lead] {
      base::Buffer beginning(static_cast<std::size_t>(std::min<std::uint64_t>(file->size(), flv_search_size)));
      beginning.resize(file->read_at(0, {beginning.data(), beginning.size()}));
      return find(beginning);
    };
    auto lead = co_await pool_.run(std::move(find_lead));
    if (!lead) co_return net::Errc::stopped;
    if (!lead->empty()) {
      if (*start >= file->size()) {
        plan.status = 416;
        co_return plan;
      }
      plan.lead = *std::move(lead);
      plan.range = {*start, file->size() - *start};
      co_return plan;
    }
  }

  RangeRequest wanted;
  if (request.method == "GET" && range_applies(request.headers, validators)) {
    wanted = parse_range(request.headers.find("Range"), file->size());
  }
  if (has_extension(request.path, ".mp4")) {  // SRS's way of seeking, for players that cannot set headers
    for (const std::string_view name : {"range", "bytes"}) {
      if (const auto value = request.query_value(name)) wanted = parse_range("bytes=" + *value, file->size());
    }
  }
  if (wanted.kind == RangeKind::part) {
    plan.status = 206;
    plan.range = wanted.range;
    plan.headers.add("Content-Range", fmt::format("bytes {}-{}/{}", wanted.range.first,
                                                  wanted.range.first + wanted.range.size - 1, file->size()));
  } else if (wanted.kind == RangeKind::unsatisfiable) {
    plan.status = 416;
  }
  co_return plan;
}

Task<void> StaticFiles::send(Exchange& exchange, std::shared_ptr<const File> file, Plan plan) const {
  if (plan.status == 416) {
    Reply reply = Reply::of_status(416);
    reply.headers.add("Content-Range", fmt::format("bytes */{}", file->size()));
    (void)co_await exchange.reply(std::move(reply));
    co_return;
  }
  if (plan.status == 304 || plan.status == 412) {
    Reply reply;
    reply.status = plan.status;
    reply.headers = std::move(plan.headers);
    (void)co_await exchange.reply(std::move(reply));
    co_return;
  }
  const std::uint64_t total = plan.lead.size() + plan.range.size;
  const auto started = co_await exchange.start_sized(plan.status, std::move(plan.headers), total);
  if (!started || !exchange.wants_body()) co_return;

  net::Watchdog& watchdog = exchange.watchdog();
  watchdog.arm(exchange.options().write_limit);
  if (!co_await exchange.stream().write(plan.lead)) co_return exchange.close_after_reply();
  for (std::uint64_t sent = 0; sent < plan.range.size;) {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(piece_size, plan.range.size - sent));
    auto read = [file, offset = plan.range.first + sent, size] {
      base::Buffer piece(size);
      piece.resize(file->read_at(offset, {piece.data(), piece.size()}));
      return piece;
    };
    const auto piece = co_await pool_.run(std::move(read));
    // Less than was promised, or no leave to read: the client sees it by the end of the connection.
    if (!piece || piece->size() != size) co_return exchange.close_after_reply();
    watchdog.arm(exchange.options().write_limit);
    if (!co_await exchange.stream().write(*piece)) co_return exchange.close_after_reply();
    sent += size;
  }
  watchdog.disarm();
}

}  // namespace weir::http
