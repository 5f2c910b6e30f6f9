#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weir::base {

// The one place that knows what is secret in a URL, an argument or a setting. Whatever shows one of these - a log line,
// an answer of the API, what a reload changed - passes it through here. What is hidden becomes "***".

// "rtmp://user:password@host/" becomes "rtmp://***@host/", wherever it stands in the text.
std::string without_credentials(std::string text);

// What a peer sent, or a URL that we call: the same, and "?vhost=a&token=abc" becomes "?vhost=a&token=***". Any
// parameter may be a token, or a key that a hook server asks for; only `vhost` and `domain` are known to be none. What
// stands behind a "#", or behind a "&" that no "?" precedes, is a parameter as well: some clients write them so.
std::string without_secrets(std::string_view url);

// The stream id of an SRT caller, in every dialect of proto/srt/streamid.h and in what is none of them. What says which
// stream is played or published stays ("r", "h", "m", the action and the name); of all else only the names of keys:
// "#!::r=live/a,m=publish,u=***,token=***", "publish:live/a:***:***", "live/a?token=***". Whoever shows a stream id,
// shows this.
std::string stream_id_shown(std::string_view stream_id);

// Whether what has this name - an option, a variable, a header - is not to be shown: "password", "--auth-token",
// "API_KEY", "username". The path of a file that holds one may be.
bool is_secret_name(std::string_view name);

// A setting's value or a command line, word by word: URLs as above, and the stream key of a push target, the last
// element of an RTMP path, unless it is a variable ("rtmp://host/live/[stream]"); what follows an option with a secret
// name, and the value in "name=value" and "Authorization: value".
std::string shown(std::string_view text);
std::string shown(std::span<const std::string> words);

// A sentence that quotes settings, as "'rtmp://host/app/key' is no address": each quotation as above; of the values of
// a setting that is itself secret none is shown.
std::string quotations_shown(std::string_view sentence, bool of_secret = false);

}  // namespace weir::base
