#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::migrate {

// What became of a line.
enum class Fate : std::uint8_t {
  carried,   // it says here what it said there
  needless,  // nothing is to be written: so it is here anyway
  look,      // carried in part or otherwise: a person looks
  lost,      // there is no such thing here
};

struct Account {
  unsigned line = 0;  // of the file that was read; 0: of the whole
  Fate fate{};
  std::string was;    // as it stood there
  std::string words;  // what it is here, or why it is not
};

// One word of a file of ours, in quotes where it needs them; and several. A word has no escapes: control characters
// become spaces, and what has quotes of both kinds has single ones alone.
std::string as_word(std::string_view word);
std::string as_words(const std::vector<std::string>& words);

// A configuration of ours while it is written. Settings stand in the order in which they came.
class Draft {
 public:
  // `path`: "hls/hls_fragment" below `vhost`, "listen" at the root; blocks are made on the way. `value`: what as_word()
  // or as_words() gave. A name is written once: false, and the first value stays, if it has another one already.
  bool set(std::string_view path, std::string_view value);
  // One line more of a name that may be written several times.
  void add(std::string_view path, std::string_view value);
  // A word more in the line of that name.
  void append(std::string_view path, std::string_view word);
  bool has(std::string_view path) const;

  // The file. `head`: comment lines at its top, without the '#'.
  std::string text(const std::vector<std::string>& head) const;

 private:
  struct Block {
    std::string name;
    std::vector<std::pair<std::string, std::string>> settings;
    std::vector<Block> blocks;
  };
  struct Found {
    Block* block;
    std::string name;
  };
  Found find(std::string_view path);
  static void write(const Block& block, std::size_t depth, std::string& out);

  Block root_;
};

// A path of Draft below the virtual host.
std::string in_vhost(std::string_view path);
// A path of Draft and its value as a person would write them: "hls { hls_fragment 3s; }".
std::string as_setting(std::string_view path, std::string_view value);

struct Migration {
  Draft draft;
  std::vector<Account> accounts;
  std::string mistake;  // why the file cannot be read, with its line; empty: it was

  void tell(unsigned line, Fate fate, std::string was, std::string words) {
    accounts.push_back({line, fate, std::move(was), std::move(words)});
  }
};

}  // namespace weir::migrate
