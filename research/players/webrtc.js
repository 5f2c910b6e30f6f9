// Plays a stream by WHEP, with the calls that player.js makes. onFailed(key, ...values) says in words of text.js what went
// wrong for good.

import {RtcFault, chosenPath, explainTransport, leave, negotiate, watchConnection} from './rtc.js';
import {whepUrls} from './urls.js';

const names = {h264: 'H264', h265: 'H265', hevc: 'H265', av1: 'AV1', vp9: 'VP9', vp8: 'VP8'};

// Whether this browser receives a codec by WebRTC at all; true for one whose name says nothing.
export function receives(codec) {
  const name = names[String(codec ?? '').toLowerCase()];
  const known = RTCRtpReceiver.getCapabilities?.('video')?.codecs;
  return !name || !known || known.some(({mimeType}) => mimeType.toLowerCase() === `video/${name.toLowerCase()}`);
}

export function webrtcEngine(video, stream, onFailed, hints = {}) {
  const abort = new AbortController();
  const pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
  const media = new MediaStream();
  let over = false, deal = null, figures = {}, last = null;
  const fail = (...why) => { if (!over) onFailed(...why); };

  for (const kind of ['audio', 'video']) pc.addTransceiver(kind, {direction: 'recvonly'});
  pc.addEventListener('track', ({track}) => {
    if (!over) media.addTrack(track);
  });
  watchConnection(pc, () => fail(...(explainTransport(pc, deal?.candidates) ?? ['lost'])));
  const goodbye = () => leave(deal?.session);
  addEventListener('pagehide', goodbye);
  video.srcObject = media;

  const started = negotiate(pc, whepUrls(stream), {signal: abort.signal}).then((made) => {
    deal = made;
    if (over) return leave(deal.session);
    // A picture that never comes would hold the sound up.
    const absent = (kind) => deal.sections.some((one) => one.kind === kind && one.refused) || (kind === 'video' && hints.soundOnly);
    for (const track of media.getTracks()) if (absent(track.kind)) media.removeTrack(track);
    if (deal.sections.every(({refused}) => refused)) fail('rtcNoCodec');
  }).catch((fault) => fail(...(fault instanceof RtcFault ? fault.words : ['rtcAnswer', fault.message])));

  async function look() {
    const report = await pc.getStats();
    const of = (kind) => [...report.values()].find((one) => one.type === 'inbound-rtp' && one.kind === kind);
    const picture = of('video'), sound = of('audio'), now = performance.now();
    const bytes = (picture?.bytesReceived ?? 0) + (sound?.bytesReceived ?? 0);
    const codec = (one) => report.get(one?.codecId)?.mimeType?.split('/')[1];
    const path = chosenPath(report);
    const emitted = (picture?.jitterBufferEmittedCount ?? 0) - (last?.emitted ?? 0), held = (picture?.jitterBufferDelay ?? 0) - (last?.held ?? 0);
    figures = {
      kbps: last && now > last.now ? (bytes - last.bytes) * 8 / (now - last.now) : null,
      fps: picture?.framesPerSecond ?? null,
      lost: picture ? picture.packetsLost + (sound?.packetsLost ?? 0) : sound?.packetsLost ?? null,
      packets: (picture?.packetsReceived ?? 0) + (sound?.packetsReceived ?? 0),
      decoded: picture?.framesDecoded ?? 0, keyFrames: picture?.keyFramesDecoded ?? 0, dropped: picture?.framesDropped ?? null,
      freezes: picture?.freezeCount ?? null,
      buffer: emitted > 0 ? held / emitted : figures.buffer ?? null,
      rtt: path?.rtt ?? null, path: path && `${path.protocol?.toUpperCase() ?? ''} ${path.remote ?? ''}`.trim(),
      video: codec(picture), audio: codec(sound),
    };
    last = {now, bytes, emitted: picture?.jitterBufferEmittedCount ?? 0, held: picture?.jitterBufferDelay ?? 0};
    return figures;
  }

  return {
    play: () => video.play(),
    started,
    destroy: () => {
      over = true;
      abort.abort();
      removeEventListener('pagehide', goodbye);
      goodbye();
      pc.close();
      video.srcObject = null;
    },
    // Why no picture has come, after a while.
    async explain() {
      if (!deal) return ['rtcSlow'];
      const path = explainTransport(pc, deal.candidates);
      if (path) return path;
      const {packets, decoded, video: codec} = await look();
      if (!packets) return ['rtcNoMedia'];
      if (!decoded) return ['rtcNoFrame', codec ?? ''];
      return ['rtcSlow'];
    },
    // Whether sound comes.
    async hears() {
      const report = await pc.getStats();
      return [...report.values()].some((one) => one.type === 'inbound-rtp' && one.kind === 'audio' && one.packetsReceived > 0);
    },
    stats: look,
    // From its arrival to the screen, and half of the way there and back.
    get delay() { return figures.buffer === undefined || figures.buffer === null ? null : figures.buffer + (figures.rtt ?? 0) / 2000; },
    get mediaInfo() { return {videoCodec: figures.video, audioCodec: figures.audio}; },
  };
}
