#include "app/auth/key_sets.h"

#include "app/auth/token.h"
#include "support/catch.h"
#include "support/token_signer.h"

namespace weir::test::key_sets_test {

using namespace std::chrono_literals;
using auth::KeySets;
using test::TokenSigner;

namespace {

// Everything on the test's own thread: the worker's loop is polled, the clock is turned, and what is fetched is said.
struct Bench {
  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  net::Worker worker{base::WorkerIndex{0}, logger.get()};
  auth::Figures figures;
  KeySets::Clock::time_point now{1h};
  base::Result<http::ClientReply> answer = net::Errc::timed_out;
  std::unique_ptr<net::Notifier> gate;  // while there is one, fetches wait for it
  int fetches = 0;
  config::Auth settings;
  KeySets sets{figures,
               [this](net::Life&, config::Auth) -> net::Task<base::Result<http::ClientReply>> {
                 ++fetches;
                 if (gate) (void)co_await gate->wait();
                 co_return answer;
               },
               [this] { return now; }};

  Bench() {
    settings.jwks = "https://id.example.com/keys";
    settings.jwks_refresh = 300s;
    settings.jwks_retry = 10s;
  }
  void poll() {
    worker.io().restart();
    while (worker.io().poll() > 0) worker.io().restart();
  }
  void publish(std::initializer_list<std::string> keys) {
    http::ClientReply reply{.status = 200};
    for (const std::string& key : keys) reply.body += (reply.body.empty() ? R"({"keys":[)" : ",") + key;
    reply.body += "]}";
    answer = reply;
  }
  // Begins to wait; the number that waited to the end is in `ready`.
  void prepare(const std::string& id) {
    worker.spawn("test", [this, id](net::Life&) -> net::Task<void> {
      co_await sets.prepare(worker, settings, id);
      ++ready;
    });
    poll();
  }
  bool has(const std::string& id) const {
    const auto set = sets.find(settings);
    return set && set->has(id);
  }
  int ready = 0;
};

}  // namespace

TEST_CASE("the first token waits for the keys, and all who come meanwhile for the same fetch", "[auth][jwt]") {
  const TokenSigner signer(TokenSigner::Kind::ed25519);
  Bench bench;
  bench.gate = std::make_unique<net::Notifier>(bench.worker.io());
  bench.publish({signer.jwk("1")});
  bench.prepare("1");
  bench.prepare("2");
  bench.prepare("");
  CHECK(bench.fetches == 1);
  CHECK(bench.ready == 0);
  bench.gate->notify();
  bench.poll();
  CHECK(bench.ready == 3);
  CHECK(bench.has("1"));
  CHECK(bench.figures.key_sets_fetched == 1);
  bench.gate.reset();
  bench.prepare("1");
  bench.prepare("");
  CHECK(bench.ready == 5);
  CHECK(bench.fetches == 1);
}

TEST_CASE("an unknown key has the set fetched again, but not more often than jwks_retry", "[auth][jwt]") {
  const TokenSigner old(TokenSigner::Kind::ed25519), fresh(TokenSigner::Kind::ed25519);
  Bench bench;
  bench.publish({old.jwk("1")});
  bench.prepare("1");
  bench.publish({old.jwk("1"), fresh.jwk("2")});  // the signer goes over to another key
  bench.prepare("2");
  CHECK(bench.fetches == 1);
  CHECK_FALSE(bench.has("2"));
  bench.now += 10s;
  bench.prepare("2");
  CHECK(bench.fetches == 2);
  CHECK(bench.has("1"));
  CHECK(bench.has("2"));
  for (int i = 0; i < 1000; ++i) bench.prepare("made up " + std::to_string(i));
  CHECK(bench.fetches == 2);
  CHECK(bench.ready == 1003);
  bench.publish({fresh.jwk("2")});  // and takes the old one away
  bench.now += 299s;
  bench.prepare("1");
  CHECK(bench.fetches == 2);
  bench.now += 1s;
  bench.prepare("2");  // known, but the set is old: fetched, and not waited for
  CHECK(bench.fetches == 3);
  CHECK_FALSE(bench.has("1"));
}

TEST_CASE("keys stay good while their URL is down, or says what is no key set", "[auth][jwt]") {
  const TokenSigner signer(TokenSigner::Kind::ed25519);
  Bench bench;
  bench.prepare("1");
  CHECK(bench.ready == 1);
  CHECK_FALSE(bench.sets.find(bench.settings));
  bench.publish({signer.jwk("1")});
  bench.prepare("1");
  CHECK(bench.fetches == 1);  // a failure is not repeated at once
  bench.now += 10s;
  bench.prepare("1");
  CHECK(bench.has("1"));
  for (const auto& fault :
       {base::Result<http::ClientReply>(net::Errc::timed_out),
        base::Result<http::ClientReply>(http::ClientReply{.status = 500}),
        base::Result<http::ClientReply>(http::ClientReply{.status = 200, .headers = {}, .body = "{}"})}) {
    bench.answer = fault;
    bench.now += 300s;
    bench.prepare("1");
    CHECK(bench.has("1"));
  }
  CHECK(bench.fetches == 5);
  CHECK(bench.figures.key_sets_failed == 4);
}

TEST_CASE("a reload to another URL has keys of its own", "[auth][jwt]") {
  const TokenSigner signer(TokenSigner::Kind::ed25519);
  Bench bench;
  bench.publish({signer.jwk("1")});
  bench.prepare("1");
  const config::Auth before = bench.settings;
  bench.settings.jwks = "https://id.example.com/others";
  CHECK_FALSE(bench.has("1"));
  bench.publish({signer.jwk("2")});
  bench.prepare("2");
  CHECK(bench.has("2"));
  CHECK(bench.sets.find(before)->has("1"));
  for (int i = 0; i < 200; ++i) {  // of many configurations the oldest are forgotten
    bench.now += 1s;
    bench.settings.jwks = "https://id.example.com/" + std::to_string(i);
    bench.prepare("2");
  }
  CHECK_FALSE(bench.sets.find(before));
  CHECK(bench.has("2"));
}

}  // namespace weir::test::key_sets_test
