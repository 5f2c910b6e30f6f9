// The ways by which a stream reaches this browser: what each needs, and its player. Players are imported when chosen.

import {script} from './load.js';
import {dashUrl, endpoints, flvUrl, hlsUrl, liveUrl, offers, wsUrl} from './urls.js';

const hasMse = () => typeof MediaSource !== 'undefined' || typeof ManagedMediaSource !== 'undefined';
const needsMse = () => (hasMse() ? null : ['noMse']);

const mpegtsOf = (type, url) => async () => {
  const [{mpegtsEngine}] = await Promise.all([import('./flv.js'), script('vendor/mpegts.js')]);
  return (video, stream, failed) => mpegtsEngine(video, url(stream), type, failed);
};
const flvCodecs = ['H264', 'HEVC', 'AV1', 'VP9', ''];
const decodes = (codec) => !hasMse() || MediaSource.isTypeSupported === undefined || MediaSource.isTypeSupported(`video/mp4; codecs="${codec}"`);
const sample = {H264: 'avc1.64001f', HEVC: 'hvc1.1.6.L93.B0', AV1: 'av01.0.04M.08', VP9: 'vp09.00.31.08'};
// Said before anything is fetched; the codec of the picture as the list of streams names it.
const needsCodec = ({video}) => (sample[video] && globalThis.MediaSource && !decodes(sample[video]) ? ['noCodec', video] : null);

// why(hints): null, or in words of text.js why this way is not open. hints: {video: codec, audio: codec, live: bool}.
// load(): fetches what it needs and gives (video, stream, failed, hints) => player, which is made at once: two that are
// made for one <video> one after the other would not get out of each other's way.
export const ways = {
  rtc: {
    label: 'WebRTC',
    async why(hints) {
      const {rtcMissing} = await import('./rtc.js');
      if (rtcMissing()) return rtcMissing();
      if (endpoints.status === 200 && !offers.rtc) return ['rtcOff'];
      const {receives} = await import('./webrtc.js');
      return receives(hints.video) ? null : ['rtcNoDecoder', hints.video];
    },
    load: async () => (await import('./webrtc.js')).webrtcEngine,
  },
  flv: {
    label: 'HTTP-FLV',
    why: (hints) => needsMse() ?? needsCodec(hints) ?? (hints.video && !flvCodecs.includes(hints.video) ? ['noCodec', hints.video] : null),
    load: mpegtsOf('flv', flvUrl),
  },
  ws: {
    label: 'WebSocket-FLV', why: (hints) => ways.flv.why(hints),
    load: mpegtsOf('flv', wsUrl),
  },
  ts: {
    label: 'HTTP-TS',
    why: (hints) => needsMse() ?? needsCodec(hints) ?? (['AV1', 'VP9', 'VP8'].includes(hints.video) ? ['noCodec', hints.video] : null),
    load: mpegtsOf('mpegts', (stream) => liveUrl(stream, 'ts')),
  },
  mp4: {
    label: 'HTTP-MP4', why: (hints) => needsMse() ?? needsCodec(hints),
    async load() {
      const {mp4Engine} = await import('./progressive.js');
      return (video, stream, failed) => mp4Engine(video, liveUrl(stream, 'mp4'), failed);
    },
  },
  hls: {
    label: 'HLS', why: (hints) => (offers.hls ? needsMse() ?? needsCodec(hints) : ['off']),
    async load() {
      const [{hlsEngine}] = await Promise.all([import('./segments.js'), script('vendor/hls.js')]);
      return (video, stream, failed) => hlsEngine(video, hlsUrl(stream), failed);
    },
  },
  native: {
    label: 'HLS',
    why: () => (!offers.hls ? ['off'] : document.createElement('video').canPlayType('application/vnd.apple.mpegurl') ? null : ['noNative']),
    async load() {
      const {nativeEngine} = await import('./segments.js');
      return (video, stream, failed) => nativeEngine(video, hlsUrl(stream), failed);
    },
  },
  dash: {
    label: 'DASH', why: (hints) => (offers.dash ? needsMse() ?? needsCodec(hints) : ['off']),
    async load() {
      const [{dashEngine}] = await Promise.all([import('./segments.js'), script('vendor/dash.js')]);
      return (video, stream, failed) => dashEngine(video, dashUrl(stream), failed);
    },
  },
};

// What is tried, the least delay first, when nobody chose.
export const order = ['rtc', 'flv', 'hls', 'mp4', 'native'];
