#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "session/gb28181/media_desk.h"

namespace weir::test {

// A desk without media: a test opens places through it as signalling does, looks at what was said to them, and lets
// media come or end.
//
//   FakeMediaDesk desk;
//   ... signalling opens ...
//   desk.places.at(0)->listener.on_media();
class FakeMediaDesk final : public session::gb28181::MediaDesk {
 public:
  // What became of one place. Outlives it.
  struct Place {
    session::gb28181::MediaOrder order;
    session::gb28181::MediaListener& listener;
    std::uint16_t port = 0;
    std::vector<session::gb28181::MediaAnswer> answers;
    session::gb28181::MediaFigures figures;
    std::function<void()> ask_key;
    bool paused = false, closed = false, finished = false;
    int seeks = 0;
  };

  base::Result<std::unique_ptr<session::gb28181::MediaPlace>> open(session::gb28181::MediaOrder order,
                                                                   session::gb28181::MediaListener& listener) override {
    if (fails_with) return fails_with;
    places.push_back(
        std::make_shared<Place>(Place{.order = std::move(order), .listener = listener, .port = next_port}));
    next_port = static_cast<std::uint16_t>(next_port + 2);
    return std::unique_ptr<session::gb28181::MediaPlace>(std::make_unique<Token>(places.back()));
  }

  std::vector<std::shared_ptr<Place>> places;  // in the order in which they were opened
  base::ErrorCode fails_with;                  // of the next open()
  std::uint16_t next_port = 30000;

 private:
  class Token final : public session::gb28181::MediaPlace {
   public:
    explicit Token(std::shared_ptr<Place> place) : place_(std::move(place)) {}
    ~Token() override { place_->closed = true; }
    std::uint16_t port() const override { return place_->port; }
    void answered(const session::gb28181::MediaAnswer& answer) override { place_->answers.push_back(answer); }
    void when_key_wanted(std::function<void()> ask) override { place_->ask_key = std::move(ask); }
    void pause(bool paused) override { place_->paused = paused; }
    void sought() override { ++place_->seeks; }
    void finish() override { place_->finished = true; }
    session::gb28181::MediaFigures figures() const override { return place_->figures; }

   private:
    std::shared_ptr<Place> place_;
  };
};

}  // namespace weir::test
