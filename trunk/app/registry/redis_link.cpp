#include "app/registry/redis_link.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <optional>

#include "app/registry/engine.h"
#include "app/registry/error.h"
#include "base/scope_exit.h"
#include "base/text.h"
#include "base/url.h"
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

// A list of two texts, or nothing for a name that it does not know.
std::optional<std::pair<std::string, std::uint16_t>> master_of(const redis::Value& value) {
  constexpr std::uint64_t last_port = 65'535;
  if (value.kind != redis::Value::Kind::list || value.items.size() != 2) return std::nullopt;
  const auto port = base::parse_number(value.items[1].text);
  if (value.items[0].text.empty() || !port || *port == 0 || *port > last_port) return std::nullopt;
  return std::pair(value.items[0].text, static_cast<std::uint16_t>(*port));
}

}  // namespace

net::Task<void> RedisLink::run(net::Life& life) {
  while (!life.stopping()) {
    const std::string why = co_await serve(life);
    if (life.stopping()) break;
    ++failures_;
    told_.down(why);
    co_await pause_for(life, pause_after(failures_, chance_));
  }
}

std::string RedisLink::address() const {
  if (given_.sentinels.empty()) return base::format_host_port(given_.at.host, given_.at.port);
  return "the master " + given_.master + " of the sentinels";
}

net::Task<Result<std::unique_ptr<net::ByteStream>>> RedisLink::connect(net::Life& life, Place to, std::string& said) {
  CO_TRY(auto stream, co_await net::connect(life.worker(), to.host, to.port, connect_limit));
  if (!given_.tls) co_return std::move(stream);
  auto secure = net::TlsStream::make_client(std::move(stream), *given_.tls, to.host);
  CO_TRY_VOID(shaken(co_await net::deadline(connect_limit, secure->handshake()), *secure, said));
  co_return std::unique_ptr<net::ByteStream>(std::move(secure));
}

net::Task<Result<RedisLink::Place>> RedisLink::ask_sentinel(net::Life& life, Place sentinel, std::string& said) {
  CO_TRY(auto stream, co_await connect(life, sentinel, said));
  redis::Client client({.user = {}, .password = given_.sentinel_password, .database = 0, .name = given_.client.name});
  const std::array<std::string, 3> question{"SENTINEL", "get-master-addr-by-name", given_.master};
  base::Buffer room(room_bytes);
  for (;;) {
    while (auto event = client.poll()) {
      if (std::holds_alternative<redis::Client::Ready>(*event)) client.send(question);
      if (const auto* refused = std::get_if<redis::Client::Refused>(&*event)) {
        said = "a sentinel says: " + refused->why;
        co_return Errc::no_master;
      }
      const auto* reply = std::get_if<redis::Client::Reply>(&*event);
      if (!reply) continue;
      const auto place = master_of(reply->value);
      if (place) co_return Place{place->first, place->second};
      said = reply->value.is_error() ? "a sentinel says: " + reply->value.text : "a sentinel knows no " + given_.master;
      co_return Errc::no_master;
    }
    const std::string out = client.take_output();
    if (!out.empty()) CO_TRY_VOID(co_await stream->write(base::as_bytes(out)));
    CO_TRY(const std::size_t count, co_await stream->read_some({room.data(), room.size()}));
    CO_TRY_VOID(client.input({room.data(), count}));
  }
}

// The first one that knows.
net::Task<Result<RedisLink::Place>> RedisLink::find_master(net::Life& life, std::string& said) {
  base::ErrorCode last;
  for (std::size_t i = 0; i < given_.sentinels.size() && !life.stopping(); ++i) {
    const std::size_t one = (sentinel_ + i) % given_.sentinels.size();
    auto place = co_await net::deadline(answer_limit, ask_sentinel(life, given_.sentinels[one], said));
    if (place) {
      sentinel_ = one;
      said.clear();
      co_return *std::move(place);
    }
    last = place.error();
  }
  co_return last;
}

net::Task<std::string> RedisLink::serve(net::Life& life) {
  std::string said;
  Place at = given_.at;
  if (!given_.sentinels.empty()) {
    auto found = co_await find_master(life, said);
    if (!found) co_return said.empty() ? "no sentinel answers: " + found.error().message() : said;
    at = *std::move(found);
  }
  auto stream = co_await connect(life, std::move(at), said);
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
  role_ = 0;
}

bool RedisLink::hear(std::string& why) {
  while (auto event = client_->poll()) {
    if (std::holds_alternative<redis::Client::Ready>(*event)) {
      failures_ = 0;
      if (given_.sentinels.empty()) {
        told_.up();
      } else {
        role_ = send({"ROLE"});
      }
    } else if (const auto* refused = std::get_if<redis::Client::Refused>(&*event)) {
      why = "it says: " + refused->why;
      return false;
    } else if (const auto* reply = std::get_if<redis::Client::Reply>(&*event)) {
      if (role_ != 0 && reply->id == std::exchange(role_, 0)) {
        if (reply->value.items.empty() || !reply->value.items.front().is_text("master")) {
          why = "what the sentinels name is no master";
          return false;
        }
        told_.up();
        continue;
      }
      // It became a replica under our hands.
      if (!given_.sentinels.empty() && reply->value.is_error() &&
          reply->value.text.find("READONLY") != std::string::npos) {
        why = "it is the master no longer";
        return false;
      }
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
