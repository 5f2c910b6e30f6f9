#include "app/registry/key.h"

#include "support/catch.h"

namespace weir::test::key_test {

using base::StreamKey;

TEST_CASE("names of streams go to the registry and come back, and no two are the same there", "[registry]") {
  for (const StreamKey& key : {StreamKey{"__defaultVhost__", "live", "cam"}, StreamKey{"v", "a/b", "c"},
                               StreamKey{"v", "a", "b/c"}, StreamKey{"v", "%2f", "{x} y\n"}}) {
    const std::string text = registry::text_of(key);
    CHECK(text.find(' ') == std::string::npos);
    CHECK(registry::key_of(text) == key);
  }
  CHECK(registry::text_of({"v", "a/b", "c"}) != registry::text_of({"v", "a", "b/c"}));
  CHECK(registry::text_of({"__defaultVhost__", "live", "cam"}) == "__defaultVhost__/live/cam");
  CHECK_FALSE(registry::key_of("live/cam"));
  CHECK_FALSE(registry::key_of("a/b/c/d"));
}

}  // namespace weir::test::key_test
