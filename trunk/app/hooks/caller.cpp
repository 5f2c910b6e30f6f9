#include "app/hooks/caller.h"

#include "net/deadline.h"
#include "net/http/error.h"
#include "net/tcp_stream.h"
#include "net/tls_stream.h"

namespace weir::hooks {

using namespace std::chrono_literals;
using base::Result;
using http::ClientReply;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t most_idle_per_server = 16;
constexpr auto longest_idle = 15s;  // below what servers keep: the fewer calls meet a connection being closed
constexpr unsigned ticks_between_looks = 8;

std::string key_of(const http::Url& url, const Caller::Options& options) {
  return url.scheme + (options.verify ? "+" : "") + "://" + url.authority() + " " + options.authority_file;
}

// The server closed a connection that it had kept, before it read the request.
bool went_stale(base::ErrorCode error) {
  return error == net::Errc::end_of_stream || error == boost::system::errc::broken_pipe ||
         error == boost::system::errc::connection_reset;
}

}  // namespace

Caller::Caller(net::Worker& worker, Figures& figures) : worker_(worker), figures_(figures) {
  worker_.every_tick([this] {
    if (++ticks_ % ticks_between_looks == 0) drop_old();
  });
}

Caller::~Caller() = default;

net::Task<Result<ClientReply>> Caller::call(http::Url url, http::ClientRequest request, Options options) {
  const auto limit = options.timeout;
  request.headers.add("Connection", "Keep-Alive");
  auto work = talk(std::move(url), std::move(request), std::move(options));
  co_return co_await net::deadline(limit, std::move(work));
}

net::Task<Result<ClientReply>> Caller::talk(http::Url url, http::ClientRequest request, Options options) {
  const Key key = key_of(url, options);
  const http::ClientLimits limits{.total = options.timeout, .max_body_bytes = options.max_answer_bytes};
  for (;;) {
    auto stream = take(key);
    const bool kept = stream != nullptr;
    if (!kept) {
      CO_TRY(stream, co_await open(url, options));
    }
    auto reply = co_await http::exchange_on(*stream, url, request, limits);
    if (!reply && kept && went_stale(reply.error())) continue;  // ends: kept connections become fewer
    if (reply && reply->keep_alive) keep(key, std::move(stream));
    co_return reply;
  }
}

net::Task<Result<std::unique_ptr<net::ByteStream>>> Caller::open(http::Url url, Options options) {
  figures_.opened.fetch_add(1, std::memory_order_relaxed);
  CO_TRY(auto stream, co_await net::connect(worker_, url.host, url.port, options.timeout));
  if (!url.secure()) co_return stream;
  CO_TRY(net::TlsContext * context, tls(options));
  auto secured = net::TlsStream::make_client(std::move(stream), *context, url.host);
  if (const auto shaken = co_await secured->handshake(); !shaken) {
    if (const auto times = tls_faults_.hit(base::Instant(Clock::now())); times > 0 && !secured->failure().empty()) {
      log::warn({worker_.logger(), {}, {}}, "hook server {}: TLS failed: {} ({} times)", url.authority(),
                secured->failure(), times);
    }
    co_return shaken.error();
  }
  co_return std::unique_ptr<net::ByteStream>(std::move(secured));
}

Result<net::TlsContext*> Caller::tls(const Options& options) {
  auto& context = tls_[(options.verify ? "+" : "-") + options.authority_file];
  if (!context) {
    std::string reason;
    const auto verify = options.verify ? net::TlsContext::Verify::peer : net::TlsContext::Verify::off;
    auto made = net::TlsContext::make_client(verify, options.authority_file, reason);
    if (!made) {
      log::error({worker_.logger(), {}, {}}, "hooks over https: {}", reason);
      return made.error();
    }
    context = std::move(*made);
  }
  return context.get();
}

std::unique_ptr<net::ByteStream> Caller::take(const Key& key) {
  const auto found = idle_.find(key);
  if (found == idle_.end()) return nullptr;
  while (!found->second.empty()) {
    auto stream = std::move(found->second.back().stream);
    found->second.pop_back();
    // Silent is fit for use; an end, or bytes that nobody asked for, is not.
    std::array<std::uint8_t, 1> room{};
    const auto heard = stream->try_read(room);
    if (!heard && heard.error() == net::Errc::would_block) return stream;
  }
  return nullptr;
}

void Caller::keep(const Key& key, std::unique_ptr<net::ByteStream> stream) {
  stream->turn().renew();  // take() must hear what there is
  auto& idle = idle_[key];
  if (idle.size() < most_idle_per_server) idle.push_back({std::move(stream), Clock::now()});
}

void Caller::drop_old() {
  const auto now = Clock::now();
  for (auto it = idle_.begin(); it != idle_.end();) {
    std::erase_if(it->second, [&](const Idle& one) { return now - one.since > longest_idle; });
    it = it->second.empty() ? idle_.erase(it) : std::next(it);
  }
}

std::size_t Caller::idle_connections() const {
  std::size_t sum = 0;
  for (const auto& [key, idle] : idle_) sum += idle.size();
  return sum;
}

}  // namespace weir::hooks
