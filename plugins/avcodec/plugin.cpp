// AAC, MP3 and MP2 by libavcodec, behind the server's C interface for audio codecs.

#include "sound/plugin_abi.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
}

#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

struct CloseContext {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct FreeFrame {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct FreePacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};

struct Codec {
  std::unique_ptr<AVCodecContext, CloseContext> context;
  std::unique_ptr<AVFrame, FreeFrame> frame{av_frame_alloc()};
  std::unique_ptr<AVPacket, FreePacket> packet{av_packet_alloc()};
  std::vector<float> samples;
  std::vector<uint8_t> bytes;
};

// The float decoders: others by that id give integers.
const char* decoder_name(const std::string& codec) {
  if (codec == "aac") return "aac";
  if (codec == "mp3") return "mp3float";
  if (codec == "mp2") return "mp2float";
  return nullptr;
}

void* open_decoder(const char* name, const uint8_t* extradata, size_t extradata_size, uint32_t rate,
                   uint32_t channels) {
  const char* wanted = decoder_name(name);
  const AVCodec* found = wanted ? avcodec_find_decoder_by_name(wanted) : nullptr;
  if (!found) return nullptr;
  auto codec = std::make_unique<Codec>();
  codec->context.reset(avcodec_alloc_context3(found));
  AVCodecContext* context = codec->context.get();
  if (!context || !codec->frame || !codec->packet) return nullptr;
  if (extradata_size > 0) {
    context->extradata = static_cast<uint8_t*>(av_mallocz(extradata_size + AV_INPUT_BUFFER_PADDING_SIZE));
    if (!context->extradata) return nullptr;
    std::memcpy(context->extradata, extradata, extradata_size);
    context->extradata_size = static_cast<int>(extradata_size);
  }
  context->sample_rate = static_cast<int>(rate);
  if (channels > 0 && channels <= 8) av_channel_layout_default(&context->ch_layout, static_cast<int>(channels));
  context->thread_count = 1;
  if (avcodec_open2(context, found, nullptr) < 0) return nullptr;
  return codec.release();
}

bool append(Codec& codec, weir_audio_pcm& out) {
  const AVFrame& frame = *codec.frame;
  const auto channels = static_cast<uint32_t>(frame.ch_layout.nb_channels);
  const auto count = static_cast<uint32_t>(frame.nb_samples);
  if (frame.format != AV_SAMPLE_FMT_FLTP || channels == 0) return false;
  if (out.count > 0 && (out.channels != channels || out.rate != static_cast<uint32_t>(frame.sample_rate))) return false;
  out.channels = channels;
  out.rate = static_cast<uint32_t>(frame.sample_rate);
  out.places = frame.ch_layout.order == AV_CHANNEL_ORDER_NATIVE ? frame.ch_layout.u.mask : 0;
  codec.samples.resize((size_t{out.count} + count) * channels);
  float* to = codec.samples.data() + size_t{out.count} * channels;
  for (uint32_t c = 0; c < channels; ++c) {
    const auto* from = reinterpret_cast<const float*>(frame.extended_data[c]);
    for (uint32_t n = 0; n < count; ++n) to[size_t{n} * channels + c] = from[n];
  }
  out.count += count;
  return true;
}

int decode(void* object, const uint8_t* data, size_t size, weir_audio_pcm* out) {
  auto& codec = *static_cast<Codec*>(object);
  *out = {};
  codec.bytes.assign(data, data + size);
  codec.bytes.resize(size + AV_INPUT_BUFFER_PADDING_SIZE, 0);
  codec.packet->data = codec.bytes.data();
  codec.packet->size = static_cast<int>(size);
  const int sent = avcodec_send_packet(codec.context.get(), codec.packet.get());
  codec.packet->data = nullptr;
  codec.packet->size = 0;
  if (sent < 0) return sent;
  while (avcodec_receive_frame(codec.context.get(), codec.frame.get()) == 0) {
    if (!append(codec, *out)) return AVERROR_INVALIDDATA;
  }
  out->samples = codec.samples.data();
  return 0;
}

void close(void* object) { delete static_cast<Codec*>(object); }

void* open_encoder(const char* name, uint32_t rate, uint32_t channels, uint32_t bitrate_bps,
                   weir_audio_encoder_facts* facts) {
  if (std::string(name) != "aac" || channels < 1 || channels > 2) return nullptr;
  const AVCodec* found = avcodec_find_encoder_by_name("aac");
  if (!found) return nullptr;
  auto codec = std::make_unique<Codec>();
  codec->context.reset(avcodec_alloc_context3(found));
  AVCodecContext* context = codec->context.get();
  if (!context || !codec->frame || !codec->packet) return nullptr;
  context->sample_fmt = AV_SAMPLE_FMT_FLTP;
  context->sample_rate = static_cast<int>(rate);
  context->bit_rate = bitrate_bps;
  context->profile = FF_PROFILE_AAC_LOW;
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;  // raw access units
  context->thread_count = 1;
  av_channel_layout_default(&context->ch_layout, static_cast<int>(channels));
  if (avcodec_open2(context, found, nullptr) < 0) return nullptr;
  AVFrame& frame = *codec->frame;
  frame.nb_samples = context->frame_size;
  frame.format = AV_SAMPLE_FMT_FLTP;
  frame.sample_rate = context->sample_rate;
  if (av_channel_layout_copy(&frame.ch_layout, &context->ch_layout) < 0) return nullptr;
  if (av_frame_get_buffer(&frame, 0) < 0) return nullptr;
  frame.pts = 0;
  *facts = {static_cast<uint32_t>(context->frame_size), static_cast<uint32_t>(context->initial_padding)};
  return codec.release();
}

int encode(void* object, const float* samples, weir_audio_packet* out) {
  auto& codec = *static_cast<Codec*>(object);
  *out = {};
  AVFrame& frame = *codec.frame;
  if (const int writable = av_frame_make_writable(&frame); writable < 0) return writable;
  const int channels = frame.ch_layout.nb_channels;
  for (int c = 0; c < channels; ++c) {
    auto* to = reinterpret_cast<float*>(frame.extended_data[c]);
    for (int n = 0; n < frame.nb_samples; ++n) to[n] = samples[n * channels + c];
  }
  const int sent = avcodec_send_frame(codec.context.get(), &frame);
  frame.pts += frame.nb_samples;
  if (sent < 0) return sent;
  codec.bytes.clear();
  av_packet_unref(codec.packet.get());
  const int got = avcodec_receive_packet(codec.context.get(), codec.packet.get());
  if (got == AVERROR(EAGAIN)) return 0;
  if (got < 0) return got;
  out->data = codec.packet->data;
  out->size = static_cast<size_t>(codec.packet->size);
  return 0;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const weir_audio_plugin* weir_audio_plugin_table() {
  static const std::string version = [] {
    const unsigned number = avcodec_version();
    return "libavcodec " + std::to_string(number >> 16) + "." + std::to_string(number >> 8 & 0xff) + "." +
           std::to_string(number & 0xff);
  }();
  static const weir_audio_plugin table = {
      WEIR_AUDIO_ABI, version.c_str(), avcodec_license(), open_decoder, decode, close, open_encoder, encode, close};
  av_log_set_level(AV_LOG_QUIET);  // a publisher's bytes fill no log
  return &table;
}
