#pragma once

#include <chrono>
#include <limits>
#include <type_traits>

#include "config/peer.h"
#include "config/schema.h"

// Words to write the rows of the schema with.
namespace weir::config {

inline constexpr double no_bound = 9e15;  // what a double counts exactly
inline constexpr std::int64_t second_ms = 1000;
inline constexpr double day_ms = 86'400'000.0;

// "on" alone is true; and: all but "off" is true. SRS reads each directive in one of the two ways.
constexpr Type flag() { return {.kind = Kind::flag_off}; }
constexpr Type flag_unless_off() { return {.kind = Kind::flag_on}; }
constexpr Type integer(double least, double most) { return {.kind = Kind::integer, .least = least, .most = most}; }
constexpr Type number(double least, double most) { return {.kind = Kind::number, .least = least, .most = most}; }
constexpr Type bytes(double least, double most = no_bound) {
  return {.kind = Kind::bytes, .least = least, .most = most};
}
constexpr Type text() { return {.kind = Kind::text}; }
constexpr Type words() { return {.kind = Kind::words}; }
constexpr Type endpoints() { return {.kind = Kind::endpoints}; }
constexpr Type ranges() { return {.kind = Kind::ranges}; }
constexpr Type ignored() { return {.kind = Kind::ignored}; }
constexpr Type choice(std::string_view choices) { return {.kind = Kind::choice, .choices = choices}; }
constexpr Type millis(double least, double most = 30 * day_ms) {
  return {.kind = Kind::duration, .least = least, .most = most};
}
// Bounds in seconds.
constexpr Type seconds_type(double least, double most = 30 * 86'400.0) {
  return {.kind = Kind::duration, .least = least * 1000, .most = most * 1000, .unit_ms = second_ms};
}
constexpr Type whole_seconds(double least, double most = 30 * 86'400.0) {
  Type type = seconds_type(least, most);
  type.whole = true;
  return type;
}

inline void convert(const Value& v, std::string& to) { to = v.words.empty() ? std::string() : v.words.front(); }
inline void convert(const Value& v, std::vector<std::string>& to) { to = v.words; }
// Of words: where to connect to, perhaps by name. What is neither is left out.
inline void convert(const Value& v, std::vector<Endpoint>& to) {
  to = v.endpoints;
  for (const std::string& word : v.words) {
    if (auto peer = parse_peer(word)) to.push_back(*std::move(peer));
  }
}
inline void convert(const Value& v, std::vector<AddressRange>& to) { to = v.ranges; }
inline void convert(const Value& v, std::chrono::milliseconds& to) { to = std::chrono::milliseconds(v.integer); }
inline void convert(const Value& v, double& to) { to = v.number; }
inline void convert(const Value& v, bool& to) { to = v.integer != 0; }
template <class T>
  requires(std::is_integral_v<T> || std::is_enum_v<T>)
void convert(const Value& v, T& to) {
  to = static_cast<T>(v.integer);
}

template <class Member>
struct MemberOf;
template <class Owner, class Type>
struct MemberOf<Type Owner::*> {
  using owner = Owner;
};

// The member behind a path of member pointers: member<&Config::process, &Process::daemon>(config).
template <auto First, auto... Rest>
auto& member(void* object) {
  auto& inner = static_cast<typename MemberOf<decltype(First)>::owner*>(object)->*First;
  if constexpr (sizeof...(Rest) == 0) {
    return inner;
  } else {
    return member<Rest...>(&inner);
  }
}

template <auto... Path>
void store(void* object, const Value& value) {
  convert(value, member<Path...>(object));
}

// A directive that becomes the member at `Path`.
template <auto... Path>
constexpr Directive row(std::string_view name, Type type, std::string_view fallback, Effect effect,
                        std::string_view meaning) {
  return {
      .name = name, .type = type, .fallback = fallback, .effect = effect, .meaning = meaning, .store = store<Path...>};
}

constexpr Directive special(std::string_view name, Directive::Read read, Effect effect, std::string_view meaning) {
  return {.name = name,
          .type = {.kind = Kind::special},
          .effect = effect,
          .meaning = meaning,
          .read = read,
          .environment = "-",
          .repeated = true};
}

// Accepted, and without any effect.
constexpr Directive nothing(std::string_view name, std::string_view meaning) {
  return {.name = name, .type = ignored(), .meaning = meaning, .environment = "-", .feature = Feature::never};
}

// A block whose settings are those of the member at `Path`; of the same object if there is none.
template <auto... Path>
constexpr Directive block(std::string_view name, Rows (*children)(), std::string_view meaning) {
  return {.name = name,
          .type = {.kind = Kind::block},
          .meaning = meaning,
          .enter = [](void* object) -> void* {
            if constexpr (sizeof...(Path) == 0) {
              return object;
            } else {
              return &member<Path...>(object);
            }
          },
          .children = children};
}

// A block that may stand several times: each makes one element of the vector at `Member`.
template <auto Member>
constexpr Directive blocks(std::string_view name, Rows (*children)(), std::string_view meaning) {
  return Directive{.name = name,
                   .type = {.kind = Kind::block},
                   .meaning = meaning,
                   .enter = [](void* object) -> void* { return &member<Member>(object).emplace_back(); },
                   .children = children,
                   .environment = "-",
                   .repeated = true};
}

inline constexpr auto live = Effect::live;
inline constexpr auto later = Effect::new_sessions;
inline constexpr auto restart = Effect::restart;

}  // namespace weir::config
