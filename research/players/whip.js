// Publishes a MediaStream by WHIP: codec, bitrate, figures, and a new try when the connection is lost.

import {RtcFault, chosenPath, explainTransport, leave, negotiate, watchConnection} from './rtc.js';
import {whipUrls} from './urls.js';

const codecOrder = ['H264', 'VP8', 'VP9', 'AV1', 'H265'];
const retries = [1000, 2000, 4000, 8000, 15000];
const patience = 8000;  // for the connection
const nameOf = ({mimeType}) => mimeType.split('/')[1].toUpperCase();

// Names of what this browser can send, the most compatible first.
export function codecs() {
  const known = new Set((RTCRtpSender.getCapabilities?.('video')?.codecs ?? []).map(nameOf));
  return codecOrder.filter((name) => known.has(name));
}

// The chosen one first, what belongs to transport behind it, and no other.
function prefer(transceiver, name) {
  const known = (RTCRtpSender.getCapabilities?.('video')?.codecs ?? []);
  const helpers = new Set(['RTX', 'RED', 'ULPFEC', 'FLEXFEC-03']);
  const wanted = known.filter((codec) => nameOf(codec) === name);
  // Constrained baseline in packetization mode 1 is what every receiver takes.
  const plain = (codec) => (/packetization-mode=1/.test(codec.sdpFmtpLine ?? '') ? 1 : 0) + (/profile-level-id=42e0/i.test(codec.sdpFmtpLine ?? '') ? 2 : 0);
  wanted.sort((a, b) => plain(b) - plain(a));
  if (wanted.length) transceiver.setCodecPreferences?.([...wanted, ...known.filter((codec) => helpers.has(nameOf(codec)))]);
}

async function limit(sender, {kbps, rate, height}) {
  const parameters = sender.getParameters();
  if (!parameters.encodings?.length) return;
  const settings = sender.track?.getSettings?.() ?? {};
  const [encoding] = parameters.encodings;
  encoding.maxBitrate = kbps * 1000;
  if (rate) encoding.maxFramerate = rate;
  if (height && settings.height > height) encoding.scaleResolutionDownBy = settings.height / height;
  parameters.degradationPreference = sender.track?.contentHint === 'detail' ? 'maintain-resolution' : 'balanced';
  await sender.setParameters(parameters).catch(() => {});
}

export class Publication {
  #pc = null; #deal = null; #media; #stream; #wish; #onState; #abort = null; #timer = 0; #tries = 0; #lived = false; #over = false; #last = null; #goodbye;

  // onState(state, words): 'connecting', 'live', 'again' with why, 'ended' with why or nothing.
  constructor(media, stream, wish, onState) {
    this.#media = media;
    this.#stream = stream;
    this.#wish = wish;
    this.#onState = onState;
    this.#goodbye = () => leave(this.#deal?.session);
    addEventListener('pagehide', this.#goodbye);
    this.#connect();
  }

  end(...words) {
    if (this.#over) return;
    this.#over = true;
    removeEventListener('pagehide', this.#goodbye);
    this.#close();
    this.#onState('ended', words);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    leave(this.#deal?.session);
    this.#deal = null;
    this.#last = null;
    const pc = this.#pc;
    this.#pc = null;
    pc?.close();
  }

  async #connect() {
    this.#onState('connecting', []);
    const pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
    const abort = new AbortController();
    this.#pc = pc;
    this.#abort = abort;
    const mine = () => this.#pc === pc && !this.#over;
    for (const track of this.#media.getTracks()) {
      const transceiver = pc.addTransceiver(track, {direction: 'sendonly', streams: [this.#media]});
      if (track.kind === 'video') {
        prefer(transceiver, this.#wish.codec);
        limit(transceiver.sender, this.#wish);
      }
    }
    watchConnection(pc, () => mine() && this.#lost((this.#lived ? null : explainTransport(pc, this.#deal?.candidates)) ?? ['lost']));
    pc.addEventListener('connectionstatechange', () => {
      if (!mine() || pc.connectionState !== 'connected') return;
      clearTimeout(this.#timer);
      this.#tries = 0;
      this.#lived = true;
      this.#onState('live', []);
    });
    try {
      const deal = await negotiate(pc, whipUrls(this.#stream), {signal: abort.signal});
      if (!mine()) return leave(deal.session);
      this.#deal = deal;
      if (deal.sections.some(({kind, refused}) => kind === 'video' && refused)) return this.end('rtcCodecRefused', this.#wish.codec);
      for (const sender of pc.getSenders()) if (sender.track?.kind === 'video') limit(sender, this.#wish);
      if (pc.connectionState !== 'connected') this.#timer = setTimeout(() => mine() && this.#lost(explainTransport(pc, deal.candidates) ?? ['rtcSlow']), patience);
    } catch (fault) {
      if (!mine()) return;
      const words = fault instanceof RtcFault ? fault.words : ['rtcAnswer', fault.message];
      // A stream that was live comes back: after a server that starts anew, or that still holds its name.
      const passing = words[0] === 'rtcSilent' || (words[0] === 'rtcStatus' && [409, 429, 500, 502, 503, 504].includes(words[1]));
      if (passing && this.#lived) this.#lost(words);
      else this.end(...words);
    }
  }

  #lost(words) {
    this.#close();
    if (!this.#lived) return this.end(...words);
    this.#onState('again', words);
    this.#timer = setTimeout(() => this.#over || this.#connect(), retries[Math.min(this.#tries++, retries.length - 1)]);
  }

  // Once a second: {kbps, fps, width, height, codec, rtt, lost (per cent), limited, path, capacity}.
  async stats() {
    const pc = this.#pc;
    if (!pc || pc.connectionState !== 'connected') return null;
    const report = await pc.getStats();
    const all = [...report.values()];
    const sent = all.filter((one) => one.type === 'outbound-rtp');
    const picture = sent.find(({kind}) => kind === 'video'), sound = sent.find(({kind}) => kind === 'audio');
    const heard = all.filter((one) => one.type === 'remote-inbound-rtp');
    const of = (kind) => heard.find((one) => one.kind === kind);
    const now = performance.now(), bytes = (picture?.bytesSent ?? 0) + (sound?.bytesSent ?? 0);
    const path = chosenPath(report);
    const main = of('video') ?? of('audio');
    const figures = {
      kbps: this.#last && now > this.#last.now ? (bytes - this.#last.bytes) * 8 / (now - this.#last.now) : null,
      width: picture?.frameWidth, height: picture?.frameHeight, fps: picture?.framesPerSecond,
      codec: [picture, sound].map((one) => report.get(one?.codecId)?.mimeType?.split('/')[1]).filter(Boolean).join(', '),
      encoder: picture?.encoderImplementation,
      rtt: path?.rtt ?? (main?.roundTripTime === undefined ? null : main.roundTripTime * 1000),
      lost: main?.fractionLost === undefined ? null : main.fractionLost * 100,
      resent: picture?.retransmittedPacketsSent, keyFrames: picture?.keyFramesEncoded, plis: picture?.pliCount,
      limited: picture?.qualityLimitationReason, path: path && `${path.protocol?.toUpperCase() ?? ''} ${path.remote ?? ''}`.trim(), capacity: path?.capacity,
    };
    this.#last = {now, bytes};
    return figures;
  }
}
