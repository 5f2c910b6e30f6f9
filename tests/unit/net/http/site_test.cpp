#include "net/http/site.h"

#include "support/catch.h"

namespace weir::test::site_test {

using namespace weir::http;

namespace {

const std::vector<std::uint16_t> ports{8080, 1985};

Site site(std::initializer_list<std::pair<std::string_view, std::string_view>> fields,
          const std::vector<std::string>& listed = {}, bool host_is_known = true) {
  Request request;
  request.headers = Headers(fields);
  return site_of(request, {listed, ports, host_is_known});
}

}  // namespace

TEST_CASE("who is no browser comes directly", "[http]") {
  CHECK(site({{"Host", "a:1985"}}) == Site::direct);
  CHECK(site({{"Host", "a:1985"}, {"User-Agent", "curl/8.0"}}) == Site::direct);
  CHECK(site({{"Host", "a:1985"}, {"User-Agent", "Mozilla/5.0 (X11)"}}) == Site::silent);
}

TEST_CASE("the browser's word on the page, if it gives it", "[http]") {
  CHECK(site({{"Host", "a"}, {"Sec-Fetch-Site", "same-origin"}}) == Site::own);
  CHECK(site({{"Host", "a"}, {"Sec-Fetch-Site", "none"}}) == Site::own);
  CHECK(site({{"Host", "a"}, {"Sec-Fetch-Site", "cross-site"}}) == Site::foreign);
  CHECK(site({{"Host", "a"}, {"Sec-Fetch-Site", "same-site"}}) == Site::foreign);
  CHECK(site({{"Host", "a"}, {"Sec-Fetch-Site", "else"}}) == Site::foreign);
  // A proxy that changed the Host header changes nothing of it.
  CHECK(site({{"Host", "127.0.0.1:1985"}, {"Sec-Fetch-Site", "same-origin"}, {"Origin", "https://m.org"}}) ==
        Site::own);
  // Another port of the same host is the same site; it must be one of ours.
  CHECK(site({{"Host", "a:1985"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "http://a:8080"}}) == Site::own);
  CHECK(site({{"Host", "a:1985"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "http://a:3000"}}) == Site::foreign);
  CHECK(site({{"Host", "a:1985"}, {"Sec-Fetch-Site", "same-site"}, {"Referer", "http://a:8080/x"}}) == Site::own);
}

TEST_CASE("Origin and Referer", "[http]") {
  CHECK(site({{"Host", "a:1985"}, {"Origin", "http://a:1985"}}) == Site::own);
  CHECK(site({{"Host", "A:1985"}, {"Origin", "http://a:8080"}}) == Site::own);
  CHECK(site({{"Host", "[::1]:1985"}, {"Origin", "http://[::1]:8080"}}) == Site::own);
  CHECK(site({{"Host", "m.org"}, {"Origin", "https://m.org"}}) == Site::own);
  CHECK(site({{"Host", "m.org"}, {"Origin", "http://m.org:80"}}) == Site::own);
  CHECK(site({{"Host", "a:1985"}, {"Referer", "http://a:8080/x/y?z=http://b"}}) == Site::own);
  for (const char* page : {"null", "", "http://b:1985", "http://a:3000", "http://a.b:1985", "http://b/a:1985",
                           "file://", "http://a@b:1985", "a:1985", "http://xa:1985"}) {
    INFO(page);
    CHECK(site({{"Host", "a:1985"}, {"Origin", page}}) == Site::foreign);
    CHECK(site({{"Host", "a:1985"}, {"Referer", page}}) == Site::foreign);
  }
}

TEST_CASE("origins that are named", "[http]") {
  const std::vector<std::string> listed{"https://Console.example.org", "http://b:3000/"};
  CHECK(site({{"Host", "a"}, {"Origin", "https://console.example.org"}, {"Sec-Fetch-Site", "cross-site"}}, listed) ==
        Site::own);
  CHECK(site({{"Host", "a"}, {"Referer", "http://b:3000/index.html"}}, listed) == Site::own);
  CHECK(site({{"Host", "a"}, {"Origin", "http://console.example.org"}}, listed) == Site::foreign);
  CHECK(site({{"Host", "a"}, {"Origin", "https://console.example.org.evil"}}, listed) == Site::foreign);
  CHECK(site({{"Host", "a"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}}, {"*"}) == Site::own);
}

TEST_CASE("a name that is not ours makes no page ours", "[http]") {
  CHECK(site({{"Host", "evil.org:1985"}, {"Origin", "http://evil.org:1985"}}, {}, false) == Site::foreign);
  CHECK(site({{"Host", "evil.org:1985"}, {"Sec-Fetch-Site", "same-origin"}}, {}, false) == Site::foreign);
  for (const char* name : {"", "localhost", "weir", "127.0.0.1", "[::1]", "a.localhost", "nas.local", "x.internal",
                           "host.docker.internal", "weir.default.svc.cluster.local", "localhost."}) {
    INFO(name);
    CHECK(is_local_name(name));
  }
  for (const char* name : {"evil.org", "127.0.0.1.nip.io", "local.org", "xlocal.com", "0x7f.1"}) {
    INFO(name);
    CHECK_FALSE(is_local_name(name));
  }
}

TEST_CASE("what only browsers send", "[http]") {
  const auto of_browser = [](std::string_view name, std::string_view value) {
    Request request;
    request.headers = Headers({{name, value}});
    return is_of_browser(request);
  };
  CHECK(of_browser("Accept-Language", ""));  // a page may empty it, but not take it away
  CHECK(of_browser("User-Agent", "Mozilla/5.0"));
  CHECK(of_browser("Origin", "null"));
  CHECK_FALSE(of_browser("User-Agent", "Prometheus/2.51"));
  CHECK_FALSE(of_browser("Accept-Encoding", "gzip"));
}

}  // namespace weir::test::site_test
