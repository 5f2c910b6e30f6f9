#include "app/cluster/traverse.h"

#include "base/scope_exit.h"
#include "base/text.h"
#include "base/url.h"
#include "config/source_rules.h"
#include "format/amf0/reader.h"
#include "net/notifier.h"
#include "net/worker.h"
#include "session/common/protocol.h"
#include "session/common/upstream/rtmp_link.h"
#include "session/common/upstream/upnode.h"

namespace weir::cluster {

using namespace std::chrono_literals;
using base::Result;
namespace upstream = session::upstream;

namespace {

constexpr auto connect_limit = 3s, answer_limit = 30s;

// The client's own arguments, with who asks for it.
amf0::Value arguments_of(const hub::Request& request, std::string_view id) {
  amf0::Value arguments = upstream::upnode_arguments(true, {}, id);
  const std::string_view said = request.facts.find(session::facts::connect_arguments);
  amf0::Reader reader{base::as_bytes(said)};
  const auto given = said.empty() ? Result<amf0::Value>(amf0::Value()) : reader.value();
  if (!given || !given->has_properties()) return arguments;
  for (const amf0::Property& property : given->properties()) arguments.set(property.name, property.value);
  return arguments;
}

}  // namespace

// Shared by the client that waits and the session that asks.
struct Traverse::Question {
  explicit Question(boost::asio::io_context& io) : done(io) {}
  hub::Request request;
  std::string client;  // its id
  std::optional<Result<void>> verdict;
  net::Notifier done;
};

net::Task<void> Traverse::ask(Traverse& self, net::Life& life, std::shared_ptr<Question> question) {
  ++self.under_way_;
  const base::ScopeExit left([&self, question] {
    --self.under_way_;
    if (!question->verdict) question->verdict.emplace(net::Errc::stopped);
    question->done.notify();
  });
  const hub::Request& request = question->request;
  const config::Cluster& cluster = request.vhost->cluster;
  std::string last = "no origin is configured";
  for (const std::string& origin : cluster.origin) {
    if (config::is_source_url(origin) || origin.starts_with("srt://")) continue;  // nobody is judged there
    auto url = upstream::parse_rtmp_url("rtmp://" + origin);
    if (!url) continue;
    url->app = request.app;
    url->stream = request.stream;
    upstream::Call call{.url = *std::move(url),
                        .role = rtmp::Role::play,
                        .arguments = arguments_of(request, question->client),
                        .step = connect_limit};
    call.as = upstream::Call::As{std::string(request.facts.find(session::facts::tc_url)),
                                 std::string(request.facts.find(session::facts::page_url)),
                                 std::string(request.facts.find(session::facts::swf_url))};
    std::string why;
    bool reached = false;
    const auto verdict =
        co_await upstream::RtmpLink::ask_to_connect(life, self.tls_, std::move(call), answer_limit, reached, why);
    if (!reached && !life.stopping()) {
      last = origin + ": " + verdict.error().message();
      continue;
    }
    const base::ErrorCode error = verdict ? base::ErrorCode() : net::why_ended(life, verdict.error());
    log::info(life.log(), "token_traverse of {} for {}: {}{}", request.url(), question->client,
              verdict ? "let in by " + origin : error.message(), verdict || why.empty() ? "" : " (" + why + ")");
    question->verdict.emplace(verdict ? Result<void>() : Result<void>(upstream::Errc::refused));
    ++(verdict ? self.figures_.tokens_passed : self.figures_.tokens_refused);
    co_return;
  }
  log::warn(life.log(), "token_traverse of {} for {}: no origin can be asked: {}", request.url(), question->client,
            last);
  ++self.figures_.tokens_unjudged;
  question->verdict.emplace(upstream::Errc::nowhere);
}

net::Task<Result<void>> Traverse::judge(net::Life& life, const hub::Request& request) {
  if (under_way_ >= most_at_once) co_return hub::Errc::limit;
  auto question = std::make_shared<Question>(hub_.worker().io());
  question->request = request;
  question->client = life.id().view();
  // A session of its own: its limits are not those of the client.
  hub_.worker().spawn("token_traverse", [this, question](net::Life& asker) { return ask(*this, asker, question); });
  while (!question->verdict) CO_TRY_VOID(co_await question->done.wait());
  co_return *question->verdict;
}

}  // namespace weir::cluster
