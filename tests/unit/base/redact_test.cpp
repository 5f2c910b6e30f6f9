#include "base/redact.h"

#include "support/catch.h"

using weir::base::without_credentials;
using weir::base::without_secrets;

TEST_CASE("a log shows the names of parameters, and neither their values nor passwords", "[redact]") {
  CHECK(without_secrets("") == "");
  CHECK(without_secrets("rtmp://host:1935/live/cam") == "rtmp://host:1935/live/cam");
  CHECK(without_secrets("?token=abc") == "?token=***");
  CHECK(without_secrets("?vhost=a.example&token=a=b&flag&empty=&sign=%3f") ==
        "?vhost=a.example&token=***&flag&empty=&sign=***");
  CHECK(without_secrets("?token=a?b&c=d") == "?token=***&c=***");
  CHECK(without_secrets("rtmp://user:pass@host/live?key=1") == "rtmp://***@host/live?key=***");
  CHECK(without_secrets("rtmp://a@b@host/live") == "rtmp://***@host/live");
  CHECK(without_secrets("/live/cam.flv?") == "/live/cam.flv?");
}

TEST_CASE("credentials are hidden wherever a URL stands in a text", "[redact]") {
  CHECK(without_credentials("http://u:p@a/ https://b/@c http://d@e?f") == "http://***@a/ https://b/@c http://***@e?f");
  CHECK(without_credentials("://") == "://");
  CHECK(without_credentials("u:p@host") == "u:p@host");
}
