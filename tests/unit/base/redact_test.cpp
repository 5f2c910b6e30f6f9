#include "base/redact.h"

#include "support/catch.h"

namespace weir::test::redact_test {

using weir::base::is_secret_name;
using weir::base::quotations_shown;
using weir::base::shown;
using weir::base::stream_id_shown;
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
  CHECK(without_secrets("http://a/?http://user:pa&ss@b/?c=d") == "http://a/?http://***@b/?c=***");
  CHECK(without_secrets("/live/cam.flv?") == "/live/cam.flv?");
  CHECK(without_secrets("#token=abc") == "#token=***");
  CHECK(without_secrets("rtmp://h/live...vhost...v&token=abc") == "rtmp://h/live...vhost...v&token=***");
  CHECK(without_secrets("http://a/#part") == "http://a/#part");
}

TEST_CASE("of a stream id of SRT is shown which stream it names, and nothing that opens it", "[redact]") {
  CHECK(stream_id_shown("") == "");
  CHECK(stream_id_shown("cam") == "cam");
  CHECK(stream_id_shown("live/front door") == "live/front door");
  CHECK(stream_id_shown("live/cam?token=X&vhost=v.example") == "live/cam?token=***&vhost=v.example");
  CHECK(stream_id_shown("live/cam?X") == "live/cam?***");
  CHECK(stream_id_shown("live/cam,token=X") == "live/cam,token=***");
  // keys
  CHECK(stream_id_shown("#!::r=live/a,m=request,token=X,u=Y") == "#!::r=live/a,m=request,token=***,u=***");
  CHECK(stream_id_shown("#!::token=X,r=live/a?b=Z") == "#!::token=***,r=live/a?b=***");
  CHECK(stream_id_shown("#!::h=v.example,r=live/a,m=publish,s=1,t=stream") ==
        "#!::h=v.example,r=live/a,m=publish,s=***,t=***");
  CHECK(stream_id_shown("#!::r=live/a?b=1&c=X,d=Y") == "#!::r=live/a?b=***&c=***,d=***");
  CHECK(stream_id_shown("#!::r=live/a,X,k=a=b") == "#!::r=live/a,***,k=***");
  CHECK(stream_id_shown("#!::X") == "#!::***");
  CHECK(stream_id_shown("#!::R=live/a,M=X") == "#!::R=***,M=***");
  CHECK(stream_id_shown("%23!::r=live/a%2Ctoken=X") == "#!::r=live/a,token=***");
  CHECK(stream_id_shown("r=live/a,m=publish,token=X") == "r=live/a,m=publish,token=***");
  // positions
  CHECK(stream_id_shown("publish:live/a:USER:PASSWORD") == "publish:live/a:***:***");
  CHECK(stream_id_shown("read:live/a:token=X") == "read:live/a:***");
  CHECK(stream_id_shown("publish:live/a:U:P:b=X") == "publish:live/a:***:***:***");
  CHECK(stream_id_shown("publish:live/a:U:pa=ss") == "publish:live/a:***:***");
  CHECK(stream_id_shown("publish:a=X:U") == "publish:a=***:***");
  CHECK(stream_id_shown("publish:live/a?token=X:U:P") == "publish:live/a?token=***");
  CHECK(stream_id_shown("play:live/a:U:P,Q") == "play:live/a:***:***,***");
  // other dialects
  CHECK(stream_id_shown("#!:{r=live/a,token=X}") == "#!***");
  CHECK(stream_id_shown("#!r=live/a,token=X") == "#!***");
  CHECK(stream_id_shown("srt://u:p@h/?streamid=a") == "srt://***@h/?streamid=***");
}

TEST_CASE("credentials are hidden wherever a URL stands in a text", "[redact]") {
  CHECK(without_credentials("http://u:p@a/ https://b/@c http://d@e?f") == "http://***@a/ https://b/@c http://***@e?f");
  CHECK(without_credentials("http://a b:c@d/") == "http://***@d/");
  CHECK(without_credentials("://") == "://");
  CHECK(without_credentials("udp://@239.1.1.1:1234?a=b") == "udp://@239.1.1.1:1234?a=b");  // nobody, and no secret
  CHECK(without_credentials("u:p@host") == "u:p@host");
}

TEST_CASE("a setting or command line is shown without what is secret in it", "[redact]") {
  CHECK(shown("") == "");
  CHECK(shown(" 1935  [::]:1935 ") == " 1935  [::]:1935 ");
  CHECK(shown("./objs/[app]/[stream].flv") == "./objs/[app]/[stream].flv");
  // hooks and heartbeat
  CHECK(shown("http://u:p@hook.example/on?token=abc http://b/x?vhost=v&k=1") ==
        "http://***@hook.example/on?token=*** http://b/x?vhost=v&k=***");
  // push targets
  CHECK(shown("rtmp://a.example/live2/abcd-1234") == "rtmp://a.example/live2/***");
  CHECK(shown("RTMPS://a.example:443/app/inst/k?x=1") == "RTMPS://a.example:443/app/inst/***?x=***");
  CHECK(shown("rtmp://a.example/live/[stream]?t=[param]") == "rtmp://a.example/live/[stream]?t=***");
  CHECK(shown("rtmp://a.example/live rtmp://a.example rtmp://a.example/live/") ==
        "rtmp://a.example/live rtmp://a.example rtmp://a.example/live/");
  CHECK(shown("srt://h:10080?streamid=#!::r=live/a,m=publish&passphrase=x") ==
        "srt://h:10080?streamid=***&passphrase=***");
  CHECK(shown("-f tee [f=flv]rtmp://a/b/c|[f=flv:onfail=ignore]rtmp://d/e/f") ==
        "-f tee [f=flv]rtmp://a/b/***|[f=flv:onfail=ignore]rtmp://d/e/***");
  CHECK(shown("--output=rtmp://a/b/c") == "--output=rtmp://a/b/***");
  CHECK(shown("srt://h:1?streamid=publish:live/a:U:P&mode=caller") == "srt://h:1?streamid=***&mode=***");
  // arguments
  CHECK(shown("curl -user me:pw --proxy-user a:b -U c -username d --user=e:f -user_agent g") ==
        "curl -user *** --proxy-user *** -U *** -username *** --user=*** -user_agent g");
  CHECK(shown("curl -u me:pw --api-key abc --auth-token=d -passphrase e -y") ==
        "curl -u *** --api-key *** --auth-token=*** -passphrase *** -y");
  CHECK(shown("env AWS_SECRET=a x -H Authorization: Bearer abc -o Cookie: b") ==
        "env AWS_SECRET=*** x -H Authorization: Bearer *** -o Cookie: b");
  CHECK(shown("-hls_key_info_file a -x264-params keyint=50 -key_file b") ==
        "-hls_key_info_file a -x264-params keyint=50 -key_file b");
  const std::vector<std::string> words{"ffmpeg", "-i", "[url]", "-password", "a", "-f", "flv", "rtmp://a/b/c"};
  CHECK(shown(words) == "ffmpeg -i [url] -password *** -f flv rtmp://a/b/***");
}

TEST_CASE("names of what is secret", "[redact]") {
  for (const char* name :
       {"password", "--password", "db_password", "secret", "TOKEN", "access_token", "key", "api-key", "username"}) {
    INFO(name);
    CHECK(is_secret_name(name));
  }
  for (const char* name : {"", "-", "keyint", "secret_file", "hls_key_file_path", "monkey", "token_name", "vhost",
                           "passphrase_ttl", "on_srt_passphrase"}) {
    INFO(name);
    CHECK_FALSE(is_secret_name(name));
  }
}

TEST_CASE("quotations in a sentence are shown like settings", "[redact]") {
  CHECK(quotations_shown("'rtmp://u:p@a/b/c' is not one; 'rtmp://a/b/d' is, it's said") ==
        "'rtmp://***@a/b/***' is not one; 'rtmp://a/b/***' is, it's said");
  CHECK(quotations_shown("'password': only 'b' is taken") == "'password': only 'b' is taken");
  CHECK(quotations_shown("only one is taken; 'b' is ignored", true) == "only one is taken; '***' is ignored");
  CHECK(quotations_shown("nothing quoted") == "nothing quoted");
  CHECK(quotations_shown("").empty());
  CHECK(quotations_shown("''") == "''");
}

}  // namespace weir::test::redact_test
