#include "config/srt_url.h"

#include "support/catch.h"

namespace weir::test::srt_url_test {

using config::SrtUrl;

namespace {

SrtUrl good(std::string_view text) {
  std::string fault;
  const auto url = config::parse_srt_url(text, fault);
  INFO(text << ": " << fault);
  REQUIRE(url.has_value());
  return *url;
}

std::string fault_of(std::string_view text) {
  std::string fault;
  CHECK_FALSE(config::parse_srt_url(text, fault).has_value());
  return fault;
}

}  // namespace

TEST_CASE("an SRT URL says whom to call, and how", "[config][srt]") {
  const SrtUrl url = good(
      "srt://a.example.com:9000?streamid=#!::r=live/cam,m=request&rcvlatency=300&latency=200&"
      "passphrase=0123%26456789&pbkeylen=32&tlpktdrop=off&maxbw=-1&tsbpd=1&transtype=live");
  CHECK(url.host == "a.example.com");
  CHECK(url.port == 9000);
  CHECK(url.mode == SrtUrl::Mode::caller);
  CHECK(url.text_of("streamid") == "#!::r=live/cam,m=request");
  CHECK(url.text_of("passphrase") == "0123&456789");
  CHECK(url.number_of("pbkeylen") == 32);
  CHECK(url.settings.front().first == "latency");  // it sets what rcvlatency says more of
  CHECK(good("srt://[::1]:9000").host == "::1");
  CHECK(good("SRT://a:1/?streamid=a+b").text_of("streamid") == "a+b");
}

TEST_CASE("who calls whom is said by mode, and by a host that is not there", "[config][srt]") {
  CHECK(good("srt://:9000").mode == SrtUrl::Mode::listener);
  CHECK(good("srt://127.0.0.1:9000?mode=listener").host == "127.0.0.1");
  const SrtUrl both = good("srt://127.0.0.3:9000?mode=rendezvous&adapter=127.0.0.2&port=9001");
  CHECK(both.mode == SrtUrl::Mode::rendezvous);
  CHECK(both.adapter == "127.0.0.2");
  CHECK(both.local_port == 9001);
}

TEST_CASE("a bad SRT URL is told of without its secrets", "[config][srt]") {
  const std::pair<std::string, std::string> bad[] = {
      {"rtmp://a:1", "it is no URL of SRT"},
      {"srt://a", "it names no port"},
      {"srt://", "it names no host"},
      {"srt://a:0", "it names no host"},
      {"srt://a:70000", "it names no host"},
      {"srt://:9000?mode=caller", "it names no host"},
      {"srt://a:1?mode=x", "mode is caller, rendezvous or listener"},
      {"srt://a:1?passphrase=secret", "passphrase has 10 to 79 characters"},
      {"srt://a:1?pbkeylen=17", "pbkeylen is 0, 16, 24 or 32"},
      {"srt://a:1?latency=fast", "latency is a number from 0 to 600000"},
      {"srt://a:1?latency=-1", "latency is a number from 0 to 600000"},
      {"srt://a:1?tlpktdrop=perhaps", "tlpktdrop is 'yes' or 'no'"},
      {"srt://a:1?transtype=file", "transtype is live: live mode is the only one"},
      {"srt://a:1?nonsense=1", "SRT has no option 'nonsense'"},
      {"srt://a:1?packetfilter=", "packetfilter has 1 to 512 characters"},
      {"srt://a:1?packetfilter=fec", "packetfilter names no cols"},
      {"srt://a:1?packetfilter=xor,cols:3", "packetfilter begins with 'fec'"},
      {"srt://a:1?packetfilter=fec,cols:100",
       "packetfilter takes cols:1..99, rows:-99..99, layout:even|staircase and arq:always|onreq|never"},
      {"srt://a:1?port=0", "port is a number from 1 to 65535"},
      {"srt://a:1?streamid=" + std::string(513, 'x'), "streamid has 0 to 512 characters"},
      {"srt://a:1?streamid=a\nb", "it is no URL of SRT"},
      {"srt://a:1?streamid=a%00b", "a value has control characters"},
  };
  for (const auto& [text, fault] : bad) {
    INFO(text);
    CHECK(fault_of(text) == fault);
  }
  CHECK(good("srt://a:1?packetfilter=fec,cols:10,rows:-5,layout:even,arq:onreq").text_of("packetfilter").size() > 3);
}

TEST_CASE("an SRT URL is written as it is read", "[config][srt]") {
  for (const char* text :
       {"srt://[::1]:9?mode=caller&latency=7&streamid=%23%21%3A%3Ar%3Da%26b&tlpktdrop=0&passphrase=a%20long%20phrase",
        "srt://h:9?mode=rendezvous&adapter=127.0.0.1&port=8", "srt://:9?mode=listener"}) {
    CHECK(config::to_text(good(text)) == text);
  }
}

TEST_CASE("a latency in microseconds is an odd one", "[config][srt]") {
  CHECK(config::oddity_of(good("srt://a:1?latency=200")).empty());
  CHECK(config::oddity_of(good("srt://a:1?latency=200000")) ==
        "latency is in milliseconds, and 200000 of them is an unlikely one: OBS and ffmpeg write microseconds");
}

}  // namespace weir::test::srt_url_test
