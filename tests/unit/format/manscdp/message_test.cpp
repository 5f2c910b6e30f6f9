#include "format/manscdp/message.h"

#include "format/manscdp/charset.h"
#include "format/manscdp/mansrtsp.h"
#include "format/manscdp/ptz.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::message_test {

using manscdp::Errc;

namespace {

// "东门枪机", the name of a camera at the east gate, in GB2312 and in UTF-8.
constexpr std::string_view gate_gb = "\xb6\xab\xc3\xc5\xc7\xb9\xbb\xfa";
constexpr std::string_view gate_utf8 = "\xe4\xb8\x9c\xe9\x97\xa8\xe6\x9e\xaa\xe6\x9c\xba";

std::string catalog(std::string_view name, std::string_view encoding = "GB2312") {
  return "<?xml version=\"1.0\" encoding=\"" + std::string(encoding) +
         "\"?>\r\n<Response>\r\n<CmdType>Catalog</CmdType>\r\n<SN>17</SN>\r\n"
         "<DeviceID>34020000001110000001</DeviceID>\r\n<SumNum>2</SumNum>\r\n<DeviceList Num=\"2\">\r\n"
         "<Item><DeviceID>34020000001320000001</DeviceID><Name>" +
         std::string(name) +
         "</Name><Manufacturer>Maker</Manufacturer><Parental>0</Parental><ParentID>34020000001110000001</ParentID>"
         "<Status>ON</Status><Longitude>116.4</Longitude><Info><PTZType>1</PTZType></Info></Item>\r\n"
         "<Item><DeviceID>34020000002160000001</DeviceID><Name>group</Name></Item>\r\n"
         "<Item><DeviceID>../../etc</DeviceID><Name>no id</Name></Item>\r\n"
         "</DeviceList>\r\n</Response>\r\n";
}

}  // namespace

TEST_CASE("a piece of a catalogue is read, in every character set that devices send", "[manscdp]") {
  for (const auto& [bytes, encoding] : {std::pair(gate_gb, "GB2312"), std::pair(gate_utf8, "UTF-8"),
                                        std::pair(gate_utf8, "GB2312"), std::pair(gate_gb, "UTF-8")}) {
    const auto message = manscdp::parse(catalog(bytes, encoding));
    REQUIRE(message.has_value());
    CHECK(message->kind == manscdp::Message::Kind::response);
    CHECK(message->command == "Catalog");
    CHECK(message->sn == 17);
    CHECK(message->device == "34020000001110000001");
    const auto piece = manscdp::catalog_of(*message);
    CHECK(piece.total == 2);
    REQUIRE(piece.items.size() == 2);  // the one without an id is left out
    CHECK(piece.items[0].name == gate_utf8);
    CHECK(piece.items[0].online);
    CHECK(piece.items[0].ptz_type == "1");
    CHECK(piece.items[0].is_channel());
    CHECK_FALSE(piece.items[1].is_channel());
  }
}

TEST_CASE("a short name of GB2312 that could be UTF-8 is GB2312", "[manscdp]") {
  // "门": c3 c5 is no UTF-8; "拢" c2 a3 is a pound sign in UTF-8.
  CHECK(manscdp::to_utf8("\xc2\xa3", "GB2312") == "\xe6\x8b\xa2");
  CHECK(manscdp::to_utf8("\xc2\xa3", "UTF-8") == "\xc2\xa3");
}

TEST_CASE("bytes that are no character set stay bounded and readable", "[manscdp]") {
  const std::string text = manscdp::to_utf8("a\xff\xffz\x01\x80", "GB2312");
  CHECK(manscdp::is_utf8(text));
  CHECK(text.starts_with("a"));
  CHECK(text.find('\x01') == std::string::npos);
  CHECK(manscdp::to_gb18030(gate_utf8) == gate_gb);
}

TEST_CASE("XML is read leniently within its limits", "[manscdp]") {
  const auto root = manscdp::parse_xml(
      "\xef\xbb\xbf<?xml version='1.0'?><!-- a > b --><Notify a=\"1>2\" b='x'><CmdType>A &amp; B & C &lt;</CmdType>"
      "<Info/><T><![CDATA[<raw>]]></T></Notify>\r\n");
  REQUIRE(root.has_value());
  CHECK(root->name == "Notify");
  CHECK(root->text_of("cmdtype") == "A & B & C <");
  CHECK(root->find("Info") != nullptr);
  CHECK(root->text_of("T") == "<raw>");
}

TEST_CASE("XML that is none says why", "[manscdp]") {
  const auto error = [](std::string_view text) { return manscdp::parse_xml(text).error(); };
  CHECK(error("") == Errc::no_element);
  CHECK(error("text") == Errc::no_element);
  CHECK(error("<a>") == Errc::cut_off);
  CHECK(error("<a") == Errc::cut_off);
  CHECK(error("<a></b>") == Errc::bad_tag);
  CHECK(error("</a>") == Errc::bad_tag);
  CHECK(error("<>") == Errc::bad_tag);
  CHECK(error("<a/><b/>") == Errc::bad_tag);
  CHECK(error("<a><!-- ") == Errc::cut_off);
  CHECK(error("<a><![CDATA[ ") == Errc::cut_off);
  // The laughs: no document type, so no entities to multiply.
  CHECK(error("<!DOCTYPE lolz [<!ENTITY lol \"lol\">]><a>&lol;</a>") == Errc::has_dtd);
  std::string deep;
  for (int i = 0; i < 9; ++i) deep += "<a>";
  CHECK(error(deep) == Errc::too_deep);
  std::string many = "<a>";
  for (int i = 0; i < 5000; ++i) many += "<b/>";
  CHECK(error(many + "</a>") == Errc::too_many);
  CHECK(error(std::string(70'000, ' ')) == Errc::too_long);
  CHECK(manscdp::parse("<Other><CmdType>x</CmdType></Other>").error() == Errc::not_manscdp);
  CHECK(manscdp::parse("<Notify><SN>1</SN></Notify>").error() == Errc::not_manscdp);
}

TEST_CASE("what is cut off anywhere is an error and nothing worse", "[manscdp]") {
  const std::string whole = catalog(gate_gb);
  for (std::size_t cut = 0; cut + 4 < whole.size(); ++cut)
    CHECK_FALSE(manscdp::parse(whole.substr(0, cut)).has_value());
}

TEST_CASE("what is written is read back, and escaped", "[manscdp]") {
  const auto message = manscdp::parse(manscdp::control(5, "34020000001320000001", "PTZCmd", "<&\"'>\r\n"));
  REQUIRE(message.has_value());
  CHECK(message->kind == manscdp::Message::Kind::control);
  CHECK(message->command == "DeviceControl");
  CHECK(message->root.text_of("PTZCmd") == "<&\"'>");
  const auto query = manscdp::parse(manscdp::record_query(6, "1", "2026-01-02T03:04:05", "2026-01-02T04:04:05"));
  REQUIRE(query.has_value());
  CHECK(query->root.text_of("StartTime") == "2026-01-02T03:04:05");
  CHECK(manscdp::parse(manscdp::keepalive(1, "2"))->command == "Keepalive");
}

TEST_CASE("records, alarms and positions are read", "[manscdp]") {
  const auto records = manscdp::parse(
      "<Response><CmdType>RecordInfo</CmdType><SN>1</SN><DeviceID>34020000001320000001</DeviceID><SumNum>1</SumNum>"
      "<RecordList Num=\"1\"><Item><DeviceID>34020000001320000001</DeviceID><Name>x</Name>"
      "<StartTime>2026-01-02T03:04:05</StartTime><EndTime>2026-01-02T04:04:05</EndTime><FileSize>1000</FileSize>"
      "</Item></RecordList></Response>");
  REQUIRE(records.has_value());
  const auto piece = manscdp::records_of(*records);
  REQUIRE(piece.items.size() == 1);
  CHECK(piece.items[0].start == "2026-01-02T03:04:05");
  CHECK(piece.items[0].bytes == 1000);
  const auto alarm = manscdp::parse(
      "<Notify><CmdType>Alarm</CmdType><SN>2</SN><DeviceID>34020000001340000001</DeviceID>"
      "<AlarmPriority>4</AlarmPriority><AlarmMethod>5</AlarmMethod><AlarmTime>2026-01-02T03:04:05</AlarmTime>"
      "<Info><AlarmType>2</AlarmType></Info></Notify>");
  REQUIRE(alarm.has_value());
  CHECK(manscdp::alarm_of(*alarm).method == "5");
  CHECK(manscdp::alarm_of(*alarm).type == "2");
}

TEST_CASE("ids and their types", "[manscdp]") {
  CHECK(manscdp::type_of("34020000001320000001") == 132);
  CHECK(manscdp::type_of("340200") == 0);
  CHECK(manscdp::is_id("34020000001320000001"));
  CHECK_FALSE(manscdp::is_id("340200000013200000012"));
  CHECK_FALSE(manscdp::is_id("a/b"));
  CHECK_FALSE(manscdp::is_id(""));
}

TEST_CASE("the eight bytes that move a camera", "[manscdp]") {
  using manscdp::PtzMove;
  CHECK(manscdp::ptz_move({}) == "A50F0100000000B5");
  // A5 + 0F + 01 + 08 + 00 + 64 + 00 = 121.
  CHECK(manscdp::ptz_move({.tilt = PtzMove::Tilt::up, .tilt_speed = 0x64}) == "A50F010800640021");
  CHECK(manscdp::ptz_move({.pan = PtzMove::Pan::right, .pan_speed = 0x64, .tilt_speed = 9}) == "A50F01016400001A");
  CHECK(manscdp::ptz_move({.zoom = PtzMove::Zoom::in, .zoom_speed = 0x4f}) == "A50F011000004005");
  CHECK(manscdp::ptz_preset(manscdp::Preset::call, 5) == "A50F01820005003C");
  CHECK(manscdp::ptz_lens(manscdp::Lens::focus_far, 0x20) == "A50F014120000016");
  CHECK(manscdp::parse_ptz("A50F010800640021").has_value());
  CHECK_FALSE(manscdp::parse_ptz("A50F010800640022").has_value());
  CHECK_FALSE(manscdp::parse_ptz("A50F0108006400").has_value());
  CHECK_FALSE(manscdp::parse_ptz("A50F01080064002g").has_value());
}

TEST_CASE("playback is controlled and read back", "[manscdp]") {
  using manscdp::Playback;
  CHECK(manscdp::playback_request({.action = Playback::Action::pause}, 3, true) ==
        "PAUSE MANSRTSP/1.0\r\nCSeq: 3\r\nPauseTime: now\r\n\r\n");
  const auto seek = manscdp::parse_playback_request(
      manscdp::playback_request({.action = Playback::Action::seek, .seconds = 90}, 4, false));
  REQUIRE(seek.has_value());
  CHECK(seek->action == Playback::Action::seek);
  CHECK(seek->seconds == 90);
  const auto scale = manscdp::parse_playback_request(
      manscdp::playback_request({.action = Playback::Action::scale, .factor = 0.5}, 4, true));
  REQUIRE(scale.has_value());
  CHECK(scale->factor == 0.5);
  CHECK(manscdp::parse_playback_request(manscdp::playback_request({}, 4, true))->action == Playback::Action::play);
  CHECK_FALSE(manscdp::parse_playback_request("GET / HTTP/1.1").has_value());
  CHECK(manscdp::parse_playback_answer("MANSRTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n") == 200U);
  CHECK_FALSE(manscdp::parse_playback_answer("PLAY MANSRTSP/1.0\r\n").has_value());
}

}  // namespace weir::test::message_test
