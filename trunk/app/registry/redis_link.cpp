#include "app/registry/redis_link.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>

#include "base/scope_exit.h"
#include "net/deadline.h"
#include "net/notifier.h"
#include "net/tcp_stream.h"
#include "net/tls_stream.h"
#include "net/worker.h"

namespace weir::registry {

using base::Result;

namespace {

constexpr std::size_t room_bytes = 64 * 1024;

Result<void> shaken(Result<void> result, const net::TlsStream& stream, std::string& said) {
  if (!result && !stream.failure().empty()) said = stream.failure();
  return result;
}

}  // namespace

net::Task<void> RedisLink::run(net::Life& life) {
  while (!life.stopping()) {
    const std::string why = co_await serve(life);
    if (life.stopping()) break;
    ++failures_;
    told_.down(why);
    co_await pause(life);
  }
}

net::Task<void> RedisLink::pause(net::Life& life) {
  auto length = std::min(longest_pause, first_pause * (1U << std::min(failures_ - 1, 5U)));
  // A quarter more or less, so that servers that lost it together do not come back at once. xorshift.
  chance_ ^= chance_ << 13U;
  chance_ ^= chance_ >> 17U;
  chance_ ^= chance_ << 5U;
  const auto quarter = static_cast<std::uint32_t>(length.count() / 4);
  length += std::chrono::milliseconds(chance_ % (2 * quarter + 1)) - std::chrono::milliseconds(quarter);
  net::Notifier wake(life.worker().io());
  net::TimerWheel::Timer timer([&wake] { wake.notify(); });
  life.worker().wheel().arm(timer, length);
  (void)co_await wake.wait();
}

net::Task<Result<std::unique_ptr<net::ByteStream>>> RedisLink::connect(net::Life& life, std::string& said) {
  CO_TRY(auto stream, co_await net::connect(life.worker(), given_.host, given_.port, connect_limit));
  if (!given_.tls) co_return std::move(stream);
  auto secure = net::TlsStream::make_client(std::move(stream), *given_.tls, given_.host);
  CO_TRY_VOID(shaken(co_await net::deadline(connect_limit, secure->handshake()), *secure, said));
  co_return std::unique_ptr<net::ByteStream>(std::move(secure));
}

net::Task<std::string> RedisLink::serve(net::Life& life) {
  std::string said;
  auto stream = co_await connect(life, said);
  if (!stream) co_return said.empty() ? stream.error().message() : said;
  const base::ScopeExit over([this] { forget(); });
  stream_ = stream->get();
  client_.emplace(given_.client);
  flush();
  base::Buffer room(room_bytes);
  for (;;) {
    const auto count = co_await stream_->read_some({room.data(), room.size()});
    if (!count) co_return cut_why_.empty() ? count.error().message() : cut_why_;
    if (const auto heard = client_->input({room.data(), *count}); !heard) co_return heard.error().message();
    if (client_->unanswered() == 0) {
      waiting_since_.reset();
    } else {
      waiting_since_ = Clock::now();
    }
    if (std::string why; !hear(why)) co_return why;
  }
}

void RedisLink::forget() {
  stream_ = nullptr;
  client_.reset();
  out_.clear();
  waiting_since_.reset();
  waits_to_write_ = false;
  cut_why_.clear();
}

bool RedisLink::hear(std::string& why) {
  while (auto event = client_->poll()) {
    if (std::holds_alternative<redis::Client::Ready>(*event)) {
      failures_ = 0;
      told_.up();
    } else if (const auto* refused = std::get_if<redis::Client::Refused>(&*event)) {
      why = "it says: " + refused->why;
      return false;
    } else if (const auto* reply = std::get_if<redis::Client::Reply>(&*event)) {
      told_.reply(reply->id, reply->value);
    } else if (const auto* message = std::get_if<redis::Client::Message>(&*event)) {
      told_.message(message->channel, message->text);
    }
  }
  return true;
}

std::uint64_t RedisLink::send(const std::vector<std::string>& words) {
  const std::uint64_t id = client_->send(words);
  flush();
  return id;
}

void RedisLink::subscribe(const std::string& channel) {
  client_->subscribe(channel);
  flush();
}

void RedisLink::unsubscribe(const std::string& channel) {
  client_->unsubscribe(channel);
  flush();
}

// What the kernel takes now goes at once; the rest when it takes more.
void RedisLink::flush() {
  if (!stream_) return;
  out_ += client_->take_output();
  if (!waiting_since_ && client_->unanswered() > 0) waiting_since_ = Clock::now();
  if (out_.size() > most_waiting_bytes) return cut("it takes nothing");
  while (!out_.empty() && !waits_to_write_) {
    const std::array<iovec, 1> part{iovec{out_.data(), out_.size()}};
    const auto written = stream_->try_write(part);
    if (written) {
      out_.erase(0, *written);
    } else if (written.error() == net::Errc::would_block) {
      waits_to_write_ = true;
      stream_->when_writable([this] {
        waits_to_write_ = false;
        flush();
      });
    } else {
      return cut(written.error().message());
    }
  }
}

// The reader ends, and with it the connection.
void RedisLink::cut(std::string why) {
  if (cut_why_.empty()) cut_why_ = std::move(why);
  stream_->cancel();
}

void RedisLink::tick() {
  if (stream_ && waiting_since_ && Clock::now() - *waiting_since_ > answer_limit) cut("it does not answer");
}

}  // namespace weir::registry
