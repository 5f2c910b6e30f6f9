// Endless fragmented MP4 in Media Source Extensions, without a library: with the few calls that player.js makes.
// onFailed(key, ...values) says in words of text.js what went wrong for good.

import {meter} from './segments.js';

const keepBehind = 30;   // seconds of what was shown
const farBehind = 2;     // from here on: to the live edge
const nearEdge = 0.5;

const hex = (value) => value.toString(16).padStart(2, '0');
const two = (value) => String(value).padStart(2, '0');

// The boxes between two offsets: [{type, start, end}] of their contents.
function boxes(bytes, start = 0, end = bytes.length) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = [];
  while (start + 8 <= end) {
    const size = view.getUint32(start);
    if (size < 8 || start + size > end) break;
    found.push({type: String.fromCharCode(...bytes.subarray(start + 4, start + 8)), start: start + 8, end: start + size});
    start += size;
  }
  return found;
}

function hevcName(b) {
  const compatible = [...b.subarray(2, 6)].reduce((bits, byte) => bits * 256 + byte, 0);
  let reversed = 0;
  for (let i = 0; i < 32; ++i) reversed = reversed * 2 + (Math.floor(compatible / 2 ** i) % 2);
  const constraints = [...b.subarray(6, 12)];
  while (constraints.length && constraints.at(-1) === 0) constraints.pop();
  return ['', 'A', 'B', 'C'][b[1] >> 6] + [b[1] & 31, reversed.toString(16), `${b[1] & 32 ? 'H' : 'L'}${b[12]}`,
    ...constraints.map(hex)].join('.');
}

// RFC 6381 names out of sample entries.
const names = {
  avc1: (b) => `avc1.${hex(b('avcC')[1])}${hex(b('avcC')[2])}${hex(b('avcC')[3])}`,
  hvc1: (b) => `hvc1.${hevcName(b('hvcC'))}`,
  av01: (b) => {
    const [, first, second] = b('av1C');
    const depth = second & 0x40 ? (second & 0x20 ? 12 : 10) : 8;
    return `av01.${first >> 5}.${two(first & 31)}${second & 0x80 ? 'H' : 'M'}.${two(depth)}`;
  },
  vp09: (b) => `vp09.${two(b('vpcC')[4])}.${two(b('vpcC')[5])}.${two(b('vpcC')[6] >> 4)}`,
  mp4a: (b) => {
    const esds = b('esds');
    const config = esds.findIndex((byte, i) => i > 4 && byte === 4);  // DecoderConfigDescriptor; sizes are of one byte or four
    let at = config + 1;
    while (esds[at] & 0x80) ++at;
    if (esds[at + 1] !== 0x40) return 'mp3';
    at += 14;
    if (esds[at] !== 5) return 'mp4a.40.2';
    do ++at; while (esds[at] & 0x80);
    return `mp4a.40.${esds[at + 1] >> 3}`;
  },
  Opus: () => 'opus',
  fLaC: () => 'flac',
  'ac-3': () => 'ac-3',
  'ec-3': () => 'ec-3',
};

// {video, audio}: the codecs that a moov names.
function codecsOf(bytes, moov) {
  const codecs = {};
  for (const trak of boxes(bytes, moov.start, moov.end).filter((box) => box.type === 'trak')) {
    let box = trak;
    for (const type of ['mdia', 'minf', 'stbl', 'stsd']) box = boxes(bytes, box.start, box.end).find((one) => one.type === type);
    const [entry] = boxes(bytes, box.start + 8, box.end);
    const picture = ['avc1', 'hvc1', 'av01', 'vp09'].includes(entry.type);
    const inside = boxes(bytes, entry.start + (picture ? 78 : 28), entry.end);
    const contents = (type) => {
      const found = inside.find((one) => one.type === type);
      return bytes.subarray(found.start, found.end);
    };
    codecs[picture ? 'video' : 'audio'] ??= names[entry.type]?.(contents) ?? entry.type;
  }
  return codecs;
}

export function mp4Engine(video, url, onFailed) {
  const abort = new AbortController();
  const source = new MediaSource();
  const waiting = [];
  const rate = meter();
  let buffer = null, codecs = {}, pending = new Uint8Array(0), over = false;
  const fail = (...why) => { if (!over) { over = true; abort.abort(); onFailed(...why); } };

  function next() {
    if (over || !buffer || buffer.updating) return;
    const {buffered, currentTime} = video;
    if (buffered.length) {
      const end = buffered.end(buffered.length - 1);
      if (currentTime < buffered.start(0) || end - currentTime > farBehind) video.currentTime = Math.max(buffered.start(0), end - nearEdge);
      if (!waiting.length && currentTime - buffered.start(0) > 2 * keepBehind) return buffer.remove(0, currentTime - keepBehind);
    }
    if (!waiting.length) return;
    try { buffer.appendBuffer(waiting.shift()); } catch { fail('codec'); }
  }

  function take(bytes) {
    rate.add(bytes.length);
    waiting.push(bytes);
    if (buffer) return next();
    const all = new Uint8Array(pending.length + bytes.length);
    all.set(pending);
    all.set(bytes, pending.length);
    pending = all;
    const moov = boxes(pending).find((box) => box.type === 'moov');
    if (!moov) return;
    codecs = codecsOf(pending, moov);
    const type = `${codecs.video ? 'video' : 'audio'}/mp4; codecs="${Object.values(codecs).join(', ')}"`;
    if (!MediaSource.isTypeSupported(type)) return fail('codec');
    buffer = source.addSourceBuffer(type);
    buffer.addEventListener('updateend', next);
    buffer.addEventListener('error', () => fail('codec'));
    next();
  }

  async function read() {
    const answer = await fetch(url, {signal: abort.signal});
    if (!answer.ok) return fail('refused', answer.status);
    const reader = answer.body.getReader();
    for (let piece = await reader.read(); !piece.done && !over; piece = await reader.read()) take(piece.value);
    fail('ended');
  }

  source.addEventListener('sourceopen', () => read().catch(() => fail('lost')), {once: true});
  video.src = URL.createObjectURL(source);
  return {
    play: () => video.play(),
    stats: async () => ({kbps: rate.kbps}),
    destroy: () => {
      over = true;
      abort.abort();
      URL.revokeObjectURL(video.src);
      video.removeAttribute('src');
      video.load();
    },
    get delay() { return video.buffered.length ? Math.max(0, video.buffered.end(video.buffered.length - 1) - video.currentTime) : null; },
    get mediaInfo() { return {videoCodec: codecs.video, audioCodec: codecs.audio}; },
  };
}
