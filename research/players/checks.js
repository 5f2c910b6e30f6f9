// What the self-test looks at, in its order. A check gives {ok: true | false | null (not tried, or of no matter), words:
// [key, ...values] of text.js}; what it found for later ones is in `found`.

import {askStreams, listAddresses} from './api.js';
import {chosenPath, explainTransport, leave, negotiate, rtcMissing, typed, RtcFault} from './rtc.js';
import {endpoints, flvUrl, hlsUrl, offers, parseStream, streamLabel, whepUrls, wsUrl} from './urls.js';

const patience = 5000;
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
const good = (...words) => ({ok: true, words});
const bad = (...words) => ({ok: false, words});
const note = (...words) => ({ok: null, words});

async function until(condition, ms) {
  const end = performance.now() + ms;
  for (;;) {
    const value = await condition();
    if (value || performance.now() > end) return value;
    await pause(50);
  }
}

async function http() {
  const {status} = await fetch('endpoints.json', {signal: AbortSignal.timeout(patience), cache: 'no-store'}).catch(() => ({status: 0}));
  if (status === 0) return bad('checkHttpSilent', location.host);
  if (status !== 200) return note('checkHttpForeign', status);
  return good('checkHttpFine', location.host);
}

async function list(found) {
  const answer = await askStreams(listAddresses());
  if (!answer.streams) return answer.status === 401 || answer.status === 403 ? note('checkListClosed', answer.status) : bad('checkListFault', answer.status);
  const live = answer.streams.filter((entry) => entry.publish?.active && typeof entry.url === 'string' && entry.name !== entry.id);
  found.entries = live;
  found.stream ??= live.length ? parseStream(live[0].url) : null;
  found.entry = live.find((entry) => found.stream && entry.url === `${found.stream.vhost}/${found.stream.app}/${found.stream.name}`);
  return live.length ? good('checkListFine', live.length, found.stream && streamLabel(found.stream)) : note('checkListEmpty');
}

async function flow({stream}) {
  if (!stream) return note('checkNoStream');
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), patience);
  try {
    const answer = await fetch(flvUrl(stream), {signal: abort.signal, cache: 'no-store', credentials: 'omit'});
    if (!answer.ok) return bad('checkFlowStatus', answer.status);
    const {value} = await answer.body.getReader().read();
    return value?.length ? good('checkFlowFine', 'HTTP-FLV') : bad('checkFlowSilent', 'HTTP-FLV');
  } catch {
    return bad('checkFlowSilent', 'HTTP-FLV');
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

async function socket({stream}) {
  if (typeof WebSocket === 'undefined') return bad('checkNoSocket');
  if (!stream) return note('checkNoStream');
  const one = new WebSocket(wsUrl(stream));
  one.binaryType = 'arraybuffer';
  try {
    return await new Promise((done) => {
      setTimeout(() => done(one.readyState === WebSocket.OPEN ? bad('checkFlowSilent', 'WebSocket') : bad('checkSocketHeld')), patience);
      one.onmessage = () => done(good('checkFlowFine', 'WebSocket'));
      one.onerror = () => done(bad('checkSocketHeld'));
      one.onclose = () => done(bad('checkSocketHeld'));
    });
  } finally {
    one.onclose = one.onerror = null;
    one.close();
  }
}

async function hls({stream}) {
  if (!offers.hls) return note('off');
  if (!stream) return note('checkNoStream');
  const answer = await fetch(hlsUrl(stream), {signal: AbortSignal.timeout(patience), cache: 'no-store', credentials: 'omit'}).catch(() => null);
  if (!answer) return bad('checkFlowSilent', 'HLS');
  if (!answer.ok) return bad('checkFlowStatus', answer.status);
  return (await answer.text()).startsWith('#EXTM3U') ? good('checkFlowFine', 'HLS') : bad('checkFlowSilent', 'HLS');
}

async function mse({entry}) {
  const source = globalThis.MediaSource ?? globalThis.ManagedMediaSource;
  if (!source) return document.createElement('video').canPlayType('application/vnd.apple.mpegurl') ? note('checkMseNative') : bad('noMse');
  const known = [['H264', 'avc1.64001f'], ['HEVC', 'hvc1.1.6.L93.B0'], ['AV1', 'av01.0.04M.08'], ['VP9', 'vp09.00.31.08'], ['AAC', 'mp4a.40.2'], ['Opus', 'opus'], ['MP3', 'mp3']]
    .filter(([, codec]) => source.isTypeSupported(codec === 'mp3' ? 'audio/mpeg' : `${/^(mp4a|opus)/.test(codec) ? 'audio' : 'video'}/mp4; codecs="${codec}"`)).map(([name]) => name);
  const missing = [entry?.video?.codec, entry?.audio?.codec].filter((codec) => codec && !known.some((name) => name.toUpperCase() === codec.toUpperCase()));
  return missing.length ? bad('checkMseLacks', missing.join(', '), known.join(', ')) : good('checkMseFine', known.join(', '));
}

async function rtcHere(found) {
  if (rtcMissing()) return bad(...rtcMissing());
  if (endpoints.status === 200 && !offers.rtc) return note('rtcOff');
  if (!found.stream) return note('checkNoStream');
  const codecs = [...new Set((RTCRtpReceiver.getCapabilities?.('video')?.codecs ?? []).map(({mimeType}) => mimeType.split('/')[1]))]
    .filter((name) => !/^(rtx|red|ulpfec|flexfec)/i.test(name));
  found.pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
  for (const kind of ['audio', 'video']) found.pc.addTransceiver(kind, {direction: 'recvonly'});
  found.media = new MediaStream();
  found.pc.addEventListener('track', ({track}) => found.media.addTrack(track));
  return good('checkRtcHere', codecs.join(', '));
}

async function rtcOffer(found) {
  try {
    found.deal = await negotiate(found.pc, whepUrls(found.stream));
    return good('checkOfferFine', found.deal.sections.map(({kind, refused}) => `${kind}${refused ? ' ✗' : ''}`).join(', '));
  } catch (fault) {
    return bad(...(fault instanceof RtcFault ? fault.words : ['rtcAnswer', fault.message]));
  }
}

async function rtcCandidates({deal}) {
  const told = deal.candidates.map(({protocol, address, port}) => `${protocol.toUpperCase()} ${address}:${port}`);
  return told.length ? good('checkCandidatesFine', [...new Set(told)].join(', ')) : bad('rtcNoCandidate');
}

async function rtcPath({pc, deal}) {
  await until(() => ['connected', 'completed', 'failed'].includes(pc.iceConnectionState), patience);
  if (!['connected', 'completed'].includes(pc.iceConnectionState)) return bad(...(explainTransport(pc, deal.candidates) ?? ['rtcSlow']));
  const path = chosenPath(await pc.getStats());
  return good('checkPathFine', `${path?.protocol?.toUpperCase() ?? ''} ${path?.remote ?? ''}`.trim(), path?.rtt === null || path?.rtt === undefined ? '–' : path.rtt.toFixed(0));
}

async function rtcKeys({pc}) {
  await until(() => ['connected', 'failed'].includes(pc.connectionState), patience);
  if (pc.connectionState !== 'connected') return bad('rtcDtls', pc.getReceivers()[0]?.transport?.state ?? pc.connectionState);
  const [transport] = await typed(pc, 'transport');
  return good('checkKeysFine', [transport?.tlsVersion && { FEFD: 'DTLS 1.2', FEFC: 'DTLS 1.3' }[transport.tlsVersion], transport?.srtpCipher].filter(Boolean).join(', ') || 'DTLS');
}

async function rtcFrame({pc, media, video, entry}) {
  video.srcObject = media;
  video.play().catch(() => {});
  const inbound = async () => (await typed(pc, 'inbound-rtp'));
  const wantsPicture = !entry || entry.video;
  const first = await until(async () => (await inbound()).find((one) => (wantsPicture ? one.framesDecoded > 0 : one.packetsReceived > 10)), patience);
  const all = await inbound();
  if (first) return good('checkFrameFine', wantsPicture ? `${first.frameWidth ?? '?'}×${first.frameHeight ?? '?'}` : 'audio');
  const packets = all.reduce((sum, one) => sum + one.packetsReceived, 0);
  return packets ? bad('rtcNoFrame', '') : bad('rtcNoMedia');
}

function close(found) {
  leave(found.deal?.session);
  found.pc?.close();
  if (found.video) found.video.srcObject = null;
}

// Each: [word of its name, check, whether those behind it in its group need it]
const all = [
  ['checkHttp', http], ['checkList', list], ['checkFlow', flow], ['checkSocket', socket], ['checkHls', hls], ['checkMse', mse],
  ['checkRtc', rtcHere, true], ['checkOffer', rtcOffer, true], ['checkCandidates', rtcCandidates, true], ['checkPath', rtcPath, true],
  ['checkKeys', rtcKeys, true], ['checkFrame', rtcFrame, true],
];
export const names = all.map(([name]) => name);

// onCheck(index, result, ms): result null when it begins.
export async function runChecks({stream, video, onCheck}) {
  const found = {stream, video};
  let broken = false;
  try {
    for (const [index, [, check, chained]] of all.entries()) {
      if (chained && broken) {
        onCheck(index, note('checkSkipped'), 0);
        continue;
      }
      onCheck(index, null, 0);
      const began = performance.now();
      const result = await check(found).catch((fault) => bad('checkBroke', fault.message));
      onCheck(index, result, performance.now() - began);
      if (chained && result.ok !== true) broken = true;
    }
  } finally {
    close(found);
  }
  return found;
}
