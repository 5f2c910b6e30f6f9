#include "app/record/door.h"

#include "app/record/owner.h"
#include "app/record/path.h"
#include "base/random.h"
#include "session/common/protocol.h"
#include "session/hls/guard.h"
#include "session/live/play.h"

namespace weir::record {

namespace {

using Leave = http::StaticFiles::Leave;

const session::Protocol& protocol_of(const std::string& path) {
  switch (container_of(path).value_or(Container::flv)) {
    case Container::mp4:
      return session::protocols::mp4;
    case Container::ts:
      return session::protocols::ts;
    case Container::flv:
      break;
  }
  return session::protocols::flv;
}

// Where the disk must be asked and has no time, nobody is let in.
net::Task<Verdict> verdict_on(hub::Hub& hub, net::BlockingPool& files, std::string path,
                              std::shared_ptr<const http::File> file) {
  const auto config = hub.config();
  Verdict verdict = judge(*config, file->mark());
  if (verdict.kind != Verdict::Kind::by_path) co_return verdict;
  verdict.kind = Verdict::Kind::anybody;
  Places places = guarded_places(*config);
  if (places.templates.empty()) co_return verdict;
  auto look = [file = std::move(file), path = std::move(path), places = std::move(places)] {
    return may_be_guarded(places, path, file->real_path());
  };
  const auto guarded = co_await files.run(std::move(look));
  if (guarded.value_or(true)) verdict.kind = Verdict::Kind::nobody;
  co_return verdict;
}

hub::Request request_for(http::Exchange& exchange, const Verdict& verdict, const std::string& path) {
  const http::Request& asked = exchange.request();
  hub::Request request;
  request.protocol = protocol_of(path).id;
  request.recorded = true;
  request.vhost = verdict.vhost;
  request.app = verdict.key.app;
  request.stream = verdict.key.stream;
  if (!asked.query.empty()) request.param = "?" + asked.query;
  request.facts.set(session::facts::tc_url,
                    "http://" + (asked.host.empty() ? verdict.vhost->name : asked.host) + "/" + request.app);
  request.facts.set(session::facts::page_url, std::string(asked.headers.find("Referer")));
  request.peer = exchange.stream().peer();
  request.peer.address = exchange.client_address();
  return request;
}

net::Task<Leave> ask(hub::Hub& hub, net::BlockingPool& files, http::Exchange& exchange, std::string path,
                     std::shared_ptr<const http::File> file) {
  const Verdict verdict = co_await verdict_on(hub, files, path, std::move(file));
  if (verdict.kind == Verdict::Kind::anybody) co_return Leave{};
  const Leave refused{.kind = Leave::Kind::refused};
  if (verdict.kind != Verdict::Kind::players) {
    log::warn(exchange.life().log(), "{} {} refused: a recording that is kept back, and nothing tells from whom",
              exchange.request().method, exchange.request().path);
    http::Reply reply = http::Reply::of_status(403);
    reply.headers.add("Cache-Control", "no-cache");
    (void)co_await exchange.reply(std::move(reply));
    co_return refused;
  }
  hub::Request request = request_for(exchange, verdict, path);
  // Hooks are asked under the connection's id, and told of the end under the same.
  const base::SessionId own = exchange.life().id();
  const base::SessionId id = hub.registry().find(own) ? base::random_session_id() : own;
  auto visit = co_await hub.visit(exchange.life(), std::move(request), id);
  if (!visit) {
    co_await session::live::refuse(exchange, visit.error());
    co_return refused;
  }
  visit->record().session = &exchange.life();  // a kick ends the download
  co_return Leave{.kind = Leave::Kind::asker_alone, .held = std::make_shared<hub::Visit>(std::move(*visit))};
}

}  // namespace

http::StaticFiles::Judge make_judge(hub::Hub& hub, net::BlockingPool& files) {
  return [&hub, &files](http::Exchange& exchange, std::string path, std::shared_ptr<const http::File> file) {
    return ask(hub, files, exchange, std::move(path), std::move(file));
  };
}

net::Task<session::FileStanding> standing_of(hub::Hub& hub, net::BlockingPool& files, std::string path,
                                             http::File::Opened opened) {
  session::FileStanding standing{.status = opened.status, .file = opened.file};
  if (opened.status != http::File::Status::ok) co_return standing;
  Verdict verdict = co_await verdict_on(hub, files, std::move(path), std::move(opened.file));
  if (verdict.kind == Verdict::Kind::nobody) standing.status = http::File::Status::forbidden;
  standing.guarded = verdict.kind == Verdict::Kind::players;
  standing.counted = verdict.vhost && verdict.vhost->enabled && !session::hls::judges_players(*verdict.vhost);
  standing.key = std::move(verdict.key);
  co_return standing;
}

}  // namespace weir::record
