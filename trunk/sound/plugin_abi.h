#ifndef WEIR_SOUND_PLUGIN_ABI_H
#define WEIR_SOUND_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

// The interface between the server and a library of audio codecs that it loads at run time. Plain C: the library is
// built apart and under its own licence. It exports one function, weir_audio_plugin_table, of type
// weir_audio_plugin_entry. Every object is used by one thread at a time, different ones by different threads.

#define WEIR_AUDIO_ABI 1u  // of this file; a library of another number is not used
#define WEIR_AUDIO_ENTRY "weir_audio_plugin_table"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_audio_pcm {
  const float* samples;  // channels in turns, full scale 1.0; the library's, until the next call for the same object
  uint32_t count;        // of each channel; 0: nothing yet
  uint32_t rate;         // Hz
  uint32_t channels;
  uint64_t places;  // the bits of a WAVE channel mask, lowest first in the order of the channels; 0: unknown
} weir_audio_pcm;

typedef struct weir_audio_packet {
  const uint8_t* data;  // as above; null: nothing yet
  size_t size;
} weir_audio_packet;

typedef struct weir_audio_encoder_facts {
  uint32_t frame_samples;  // what encode() takes, of each channel
  uint32_t lookahead;      // samples by which the first packet lies before the first sample
} weir_audio_encoder_facts;

typedef struct weir_audio_plugin {
  uint32_t abi;         // WEIR_AUDIO_ABI
  const char* version;  // for people: "libavcodec 59.37.100"
  const char* licence;  // likewise

  // `codec`: "aac", "mp3", "mp2". Null if it does not have that.
  void* (*open_decoder)(const char* codec, const uint8_t* extradata, size_t extradata_size, uint32_t rate,
                        uint32_t channels);
  // 0, or negative if the packet cannot be read.
  int (*decode)(void* decoder, const uint8_t* packet, size_t size, weir_audio_pcm* out);
  void (*close_decoder)(void* decoder);

  void* (*open_encoder)(const char* codec, uint32_t rate, uint32_t channels, uint32_t bitrate_bps,
                        weir_audio_encoder_facts* facts);
  int (*encode)(void* encoder, const float* samples, weir_audio_packet* out);
  void (*close_encoder)(void* encoder);
} weir_audio_plugin;

typedef const weir_audio_plugin* (*weir_audio_plugin_entry)(void);

#ifdef __cplusplus
}
#endif

#endif
