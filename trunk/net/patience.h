#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/execution_context.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <utility>

namespace weir::net {

// Where those of a worker wait who have had their turn and want another. Together they have one millisecond each time
// round the event loop, however many they are: what has just come for somebody else waits for that and not for a turn
// of each of them, of which each costs a millisecond. When nobody else wants anything they go on without a pause.
// One for each event loop, made when it is first asked for; lives on that loop's thread.
class Patience final : public boost::asio::execution_context::service {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::microseconds longest{1000};

  inline static boost::asio::execution_context::id id;

  explicit Patience(boost::asio::execution_context& loop) : service(loop), loop_(loop) {}
  static Patience& of(boost::asio::execution_context& loop) { return boost::asio::use_service<Patience>(loop); }

  // Calls it in its turn, after those that wait already.
  template <class Call>
  void post(Call call) {
    waiting_.push_back(std::make_unique<Of<Call>>(std::move(call)));
    begin();
  }
  // The same for who waits: co_await Patience::of(executor.context()).wait(use_ec).
  template <class Token>
  auto wait(Token&& token) {
    return boost::asio::async_initiate<Token, void()>([this](auto handler) { this->post(std::move(handler)); }, token);
  }

  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    virtual ~Waiting() = default;
    virtual void go() = 0;
  };
  template <class Call>
  struct Of final : Waiting {
    explicit Of(Call given) : call(std::move(given)) {}
    void go() override { std::move(call)(); }
    Call call;
  };

  void shutdown() override { std::exchange(waiting_, {}).clear(); }
  void begin();
  void serve();

  boost::asio::execution_context& loop_;
  std::deque<std::unique_ptr<Waiting>> waiting_;
  bool begun_ = false;  // serve() is in the loop's queue
};

}  // namespace weir::net
