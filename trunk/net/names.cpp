#include "net/names.h"

#include <netdb.h>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "net/deadline.h"
#include "net/udp_sockaddr.h"
#include "net/worker.h"

namespace weir::net {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_addresses = 2;  // of a name

NameTable::Addresses ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  NameTable::Addresses out;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return out;
  for (const addrinfo* one = list; one && out.size() < most_addresses; one = one->ai_next) {
    sockaddr_storage storage{};
    std::memcpy(&storage, one->ai_addr, one->ai_addrlen);
    out.push_back(from_sockaddr(storage));
  }
  ::freeaddrinfo(list);
  return out;
}

// The worker's loop, for a thread that cannot be stopped and may end after it.
struct Way {
  std::mutex mutex;
  asio::io_context* loop;
  explicit Way(asio::io_context& io) : loop(&io) {}
};

class SystemLookUp {
 public:
  explicit SystemLookUp(asio::io_context& io) : way_(std::make_shared<Way>(io)) {}
  ~SystemLookUp() {
    const std::lock_guard lock(way_->mutex);
    way_->loop = nullptr;
  }
  SystemLookUp(const SystemLookUp&) = delete;
  SystemLookUp& operator=(const SystemLookUp&) = delete;

  void begin(const std::string& host, Names::Answer answer) {
    try {
      std::thread([way = way_, host, answer]() mutable {
        NameTable::Addresses found = ask_system(host);
        const std::lock_guard lock(way->mutex);
        if (!way->loop) return;
        asio::post(*way->loop,
                   [answer = std::move(answer), found = std::move(found)]() mutable { answer(std::move(found)); });
      }).detach();
    } catch (const std::system_error&) {  // no thread to be had
      answer({});
    }
  }

 private:
  std::shared_ptr<Way> way_;
};

}  // namespace

Names::Names(Worker& worker, LookUp look_up)
    : worker_(worker), look_up_(std::move(look_up)), self_(std::make_shared<Names*>(this)) {}

Names::Names(Worker& worker)
    : Names(worker, [system = std::make_shared<SystemLookUp>(worker.io())](const std::string& host, Answer answer) {
        system->begin(host, std::move(answer));
      }) {}

Names::~Names() { *self_ = nullptr; }

struct Names::Waiter {
  explicit Waiter(Names& names) : names(names), answered(names.worker_.io()) { names.waiting_.push_back(&answered); }
  ~Waiter() { std::erase(names.waiting_, &answered); }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  Names& names;
  Notifier answered;
};

void Names::begin(NameTable::Time now) {
  const auto host = table_.next(now);
  if (!host) return;
  ++look_ups_;
  look_up_(*host, [self = self_](Addresses found) {
    if (!*self) return;
    Names& names = **self;
    names.table_.settle(std::move(found), std::chrono::steady_clock::now());
    for (Notifier* const one : names.waiting_) one->notify();
  });
}

Task<Names::Addresses> Names::find(std::string host, std::chrono::milliseconds limit) {
  if (const auto numeric = udp_address(host, 0)) co_return Addresses{*numeric};
  const auto until = std::chrono::steady_clock::now() + limit;
  Waiter waiter(*this);
  for (;;) {
    const auto now = std::chrono::steady_clock::now();
    (void)table_.find(host, now);
    begin(now);
    if (const Addresses* const known = table_.find(host, now)) co_return *known;
    if (now >= until) break;
    const auto woken = co_await deadline(std::min<std::chrono::steady_clock::duration>(until - now, NameTable::between),
                                         waiter.answered.wait());
    if (!woken && woken.error() == Errc::stopped) break;
  }
  ++given_up_;
  co_return Addresses{};
}

}  // namespace weir::net
