#include "app/cluster/coworkers.h"

#include <algorithm>
#include <list>

#include "base/url.h"
#include "net/http/client.h"
#include "net/tcp_stream.h"
#include "net/worker.h"

namespace weir::cluster {

using base::Result;

namespace {

constexpr std::uint16_t api_port = 1985, rtmp_port = 1935;
constexpr std::size_t longest_answer = 64 * 1024;

net::Task<Result<http::ClientReply>> get(net::Worker& worker, std::string coworker, std::string target) {
  CO_TRY(const auto place, base::parse_host_port(coworker));
  const http::Url url{"http", place.first, place.second != 0 ? place.second : api_port, std::move(target)};
  const http::ClientLimits limits{.total = Coworkers::patience, .max_body_bytes = longest_answer};
  const auto connect = [&worker](std::string host, std::uint16_t port) {
    return net::connect(worker, std::move(host), port, Coworkers::patience);
  };
  co_return co_await http::fetch(connect, nullptr, url, {}, limits);
}

}  // namespace

// What is known of one stream. Shared by those who wait and those who ask.
struct Coworkers::Question {
  std::size_t open = 0;  // coworkers that have not answered
  std::optional<Origin> found;
  Clock::time_point done_at{};  // zero: it is under way
  std::list<net::Notifier*> waiting{};
  std::shared_ptr<const config::Vhost> vhost{};

  bool done() const { return done_at != Clock::time_point(); }
  void finish(Clock::time_point now) {
    if (done()) return;
    done_at = now;
    for (net::Notifier* one : waiting) one->notify();
  }
};

std::shared_ptr<Coworkers::Question> Coworkers::ask(const hub::Request& request) {
  const auto now = Clock::now();
  const base::StreamKey key = request.key();
  const auto known = questions_.find(key);
  if (known != questions_.end() && (!known->second->done() || now - known->second->done_at < fresh)) {
    return known->second;
  }
  if (questions_.size() >= most_questions) forget_old(now);
  if (questions_.size() >= most_questions) return nullptr;
  auto question = std::make_shared<Question>();
  question->vhost = request.vhost;
  questions_[key] = question;
  const std::string common = "/api/v1/clusters?vhost=" + base::percent_encode(request.vhost->name) +
                             "&app=" + base::percent_encode(request.app) +
                             "&stream=" + base::percent_encode(request.stream);
  for (const std::string& coworker : request.vhost->cluster.coworkers) {
    ++question->open;
    ++figures_.asked;
    const std::string host = base::parse_host_port(coworker) ? base::parse_host_port(coworker)->first : coworker;
    std::string target = common + "&ip=" + base::percent_encode(host) + "&coworker=" + base::percent_encode(coworker);
    hub_.worker().spawn("coworker", [this, question, coworker, target](net::Life& life) {
      return ask_one(*this, life, question, coworker, target);
    });
  }
  if (question->open == 0) question->finish(now);
  return question;
}

void Coworkers::forget_old(Clock::time_point now) {
  std::erase_if(questions_, [now](const auto& entry) {
    const Question& one = *entry.second;
    return one.done() && now - one.done_at >= fresh;
  });
}

net::Task<void> Coworkers::ask_one(Coworkers& self, net::Life& life, std::shared_ptr<Question> question,
                                   std::string coworker, std::string target) {
  const auto reply = co_await get(life.worker(), coworker, std::move(target));
  if (!reply) {
    ++self.figures_.unanswered;
    self.hear(life, *question, coworker, reply.error());
    co_return;
  }
  const auto place = base::parse_host_port(coworker);
  auto answer = parse_answer(reply->body, place ? place->first : std::string());
  if (!answer) ++self.figures_.malformed;
  self.hear(life, *question, coworker, std::move(answer));
}

// The first one that has it will do.
void Coworkers::hear(net::Life& life, Question& question, const std::string& coworker,
                     Result<std::optional<Origin>> answer) {
  const auto now = Clock::now();
  --question.open;
  if (!answer) {
    if (const auto times = complaints_.hit(now)) {
      log::warn(life.log(), "coworker {} is passed over: {}{}", coworker, answer.error().message(),
                times > 1 ? " (the last of " + std::to_string(times) + ")" : std::string());
    }
  } else if (*answer && !question.found && !is_self(**answer, *hub_.config(), *question.vhost)) {
    question.found = std::move(*answer);
    question.finish(now);
  }
  if (question.open == 0) question.finish(now);
}

net::Task<Result<std::optional<Origin>>> Coworkers::find(const hub::Request& request) {
  const std::shared_ptr<Question> question = ask(request);
  if (!question) co_return std::optional<Origin>();
  if (!question->done()) {
    net::Notifier wake(hub_.worker().io());
    const auto place = question->waiting.insert(question->waiting.end(), &wake);
    Result<void> woken;
    while (woken && !question->done()) woken = co_await wake.wait();
    question->waiting.erase(place);
    if (!woken) co_return woken.error();
  }
  co_return question->found;
}

bool is_self(const Origin& origin, const config::Config& config, const config::Vhost& vhost) {
  if (const auto own = base::parse_host_port(vhost.cluster.advertise); own && !own->first.empty()) {
    const std::uint16_t port = own->second != 0              ? own->second
                               : !config.rtmp.listen.empty() ? config.rtmp.listen.front().port
                                                             : rtmp_port;
    if (own->first == origin.host && port == origin.rtmp_port) return true;
  }
  return std::any_of(config.rtmp.listen.begin(), config.rtmp.listen.end(), [&](const config::Endpoint& one) {
    return one.address == origin.host && one.port == origin.rtmp_port;
  });
}

}  // namespace weir::cluster
