#include "sound/mixer.h"

#include "support/catch.h"

namespace weir::test::mixer_test {

using sound::Place;

namespace {

std::vector<float> mixed(std::uint8_t to, std::vector<Place> places, std::vector<float> samples) {
  sound::Pcm in{.rate = 48'000, .channels = static_cast<std::uint8_t>(places.size()), .samples = std::move(samples)};
  std::copy(places.begin(), places.end(), in.places.begin());
  std::vector<float> out;
  sound::Mixer(to).mix(in, out);
  return out;
}

}  // namespace

TEST_CASE("stereo and mono stay, and become each other", "[sound]") {
  CHECK(mixed(2, {Place::front_left, Place::front_right}, {0.5F, -0.25F}) == std::vector{0.5F, -0.25F});
  CHECK(mixed(1, {Place::centre}, {0.5F}) == std::vector{0.5F});
  CHECK(mixed(2, {Place::centre}, {0.5F}) == std::vector{0.5F, 0.5F});
  CHECK(mixed(1, {Place::front_left, Place::front_right}, {0.5F, 0.25F}) == std::vector{0.375F});
}

TEST_CASE("5.1 becomes stereo: every side on its own, nothing clips, no low channel", "[sound]") {
  const std::vector<Place> places{Place::front_left, Place::front_right, Place::centre,
                                  Place::low,        Place::back_left,   Place::back_right};
  const auto all = mixed(2, places, {1, 1, 1, 1, 1, 1});
  CHECK(all[0] == Approx(1));
  CHECK(all[1] == Approx(1));
  const auto left = mixed(2, places, {0.5F, 0, 0, 0, 0.5F, 0});
  CHECK(left[0] == Approx(0.5 * 1.7071 / 2.4142).margin(1e-3));
  CHECK(left[1] == 0);
  const auto centre = mixed(2, places, {0, 0, 0.5F, 1, 0, 0});
  CHECK(centre[0] == Approx(0.5 * 0.7071 / 2.4142).margin(1e-3));
  CHECK(centre[1] == Approx(centre[0]));
}

TEST_CASE("channels of an unknown place are heard on both sides", "[sound]") {
  const auto out = mixed(2, {Place::other, Place::other, Place::other}, {0.3F, 0.3F, 0.3F});
  CHECK(out[0] == out[1]);
  CHECK(out[0] > 0.2F);
}

}  // namespace weir::test::mixer_test
