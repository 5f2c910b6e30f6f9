#pragma once

#include <memory>
#include <vector>

#include "session/gb28181/send_desk.h"

namespace weir::test {

// A desk that sends nothing: a test sees what was ordered, and says when the stream is there or over.
class FakeSendDesk final : public session::gb28181::SendDesk {
 public:
  struct Place {
    session::gb28181::SendOrder order;
    session::gb28181::SendListener& listener;
    bool begun = false, closed = false;
    std::string aimed;  // "192.0.2.7:15060"
  };

  std::unique_ptr<session::gb28181::SendPlace> open(session::gb28181::SendOrder order,
                                                    session::gb28181::SendListener& listener) override {
    places.push_back(std::make_shared<Place>(Place{.order = std::move(order), .listener = listener}));
    return std::make_unique<Token>(places.back());
  }

  std::vector<std::shared_ptr<Place>> places;

 private:
  class Token final : public session::gb28181::SendPlace {
   public:
    explicit Token(std::shared_ptr<Place> place) : place_(std::move(place)) {}
    ~Token() override { place_->closed = true; }
    void aim(const std::string& address, std::uint16_t port) override {
      place_->aimed = address + ":" + std::to_string(port);
    }
    void begin() override { place_->begun = true; }
    session::gb28181::SendFigures figures() const override { return {.sending = place_->begun}; }

   private:
    std::shared_ptr<Place> place_;
  };
};

}  // namespace weir::test
