// The addresses of a stream on the host that this page came from. A stream is {vhost, app, name}; vhost is empty for the
// default one. Names are percent-encoded in addresses (but those of RTMP) and quoted in commands: they come from publishers.

const secure = location.protocol === 'https:';
const host = location.hostname || 'localhost';
const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
const query = new URLSearchParams(location.search);
const folder = new URL('.', location.href).href;

// What the server says of itself: its other ports, and what it makes of a stream.
const asked = await fetch('endpoints.json', {signal: AbortSignal.timeout(5000), cache: 'no-store'})
  .then(async (response) => ({status: response.status, told: response.ok ? await response.json() : null})).catch(() => ({status: 0, told: null}));
export const endpoints = {status: asked.status, ...asked.told};
// Behind a proxy that puts the server into a folder, its addresses begin there.
const root = (asked.told ? folder : `${location.origin}/`).replace(/\/$/, '');

// Ports: what the address of the page says (?rtmp=PORT, where ports are mapped), else what the server says.
const portOf = (name, usual) => [query.get(name), endpoints[name], usual].map(Number).find((port) => port > 0 && port < 65536);
const at = (port, usual) => (port === usual ? bracketed : `${bracketed}:${port}`);
const rtmpHost = at(portOf('rtmp', 1935), 1935);
export const rtcPort = portOf('rtc', 8000);
export const rtcIsMapped = query.has('rtc');  // the server names a port that leads nowhere from here
// This page by HTTPS; empty where the server has none.
export const secureLink = endpoints.https ? `https://${at(portOf('https', 443), 443)}${location.pathname}${location.search}` : '';
const srtPort = portOf('srt', 10080);
// A recording is HLS whatever is made of live streams.
const isFilm = /\.(mp4|flv)$/.test(location.hash);
export const offers = {
  hls: Boolean(endpoints.hls) || isFilm, dash: Boolean(endpoints.dash), srt: Boolean(endpoints.srt),
  rtc: Boolean(endpoints.rtc), rtcTcp: Boolean(endpoints.rtc_tcp), rtmpToRtc: Boolean(endpoints.rtmp_to_rtc),
};

// What the address of the page has besides its own words goes with every request for a stream: tokens and keys.
const own = new Set(['lang', 'theme', 'https', 'rtmp', 'rtmps', 'api', 'apis', 'rtc', 'srt', 'app', 'stream', 'vhost', 'over', 'muted', 'panel']);
const passed = [...query].filter(([name]) => !own.has(name));
export const token = query.get('token') ?? '';
const written = (pairs) => pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
const queried = (address, pairs) => (pairs.length ? `${address}?${written(pairs)}` : address);
const ofStream = (stream) => [...(stream.vhost ? [['vhost', stream.vhost]] : []), ...passed];
// Those of a link to another of these pages.
export const pageLink = (page, more = []) =>
  queried(`${folder}${page}`, [...[...query].filter(([name]) => !['app', 'stream', 'vhost', 'panel'].includes(name)), ...more]);

const path = (text) => text.split('/').map(encodeURIComponent).join('/');
const fullName = (stream) => `${path(stream.app)}/${path(stream.name)}`;
export const shellQuoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

// "/app/stream" or "vhost/app/stream", as the API names it; app may hold slashes.
export function parseStream(url) {
  const parts = url.split('/');
  const name = parts.pop();
  const vhost = parts.shift() ?? '';
  return {vhost, app: parts.join('/'), name};
}
// A name as encoders of every protocol can send it: some cut it at a space, or take the rest for parameters.
export const sendable = (name) => name.trim().replace(/[\s?#&/\\]+/g, '-');
export const sameStream = (a, b) => Boolean(a && b) && a.vhost === b.vhost && a.app === b.app && a.name === b.name;
export const streamLabel = (stream) => [stream.vhost, stream.app, stream.name].filter(Boolean).join('/');
const hashOf = (stream) => `#${path(`${stream.vhost}/${stream.app}/${stream.name}`)}`;
export function streamOfHash() {
  try {
    const stream = parseStream(decodeURIComponent(location.hash.slice(1)));
    return stream.app && stream.name ? stream : null;
  } catch {
    return null;  // not a link that this page made
  }
}

export const liveUrl = (stream, extension) => queried(`${root}/${fullName(stream)}.${extension}`, ofStream(stream));
export const flvUrl = (stream) => liveUrl(stream, 'flv');
export const wsUrl = (stream) => flvUrl(stream).replace(/^http/, 'ws');
export const hlsUrl = (stream) => liveUrl(stream, 'm3u8');
// A picture of it; `moment` makes another one of it.
export const posterUrl = (stream, moment) => queried(`${root}/${fullName(stream)}.jpg`, [...ofStream(stream), ['_', moment]]);
export const dashUrl = (stream) => liveUrl(stream, 'mpd');
// RTMP knows no percent-encoding: encoders and players send names as they are written.
const asWritten = (text) => text.replaceAll('?', '%3F');
export const rtmpUrl = (stream) => queried(`rtmp://${rtmpHost}/${asWritten(stream.app)}/${asWritten(stream.name)}`, ofStream(stream));

// Where the API may be, most likely first: on this port, or on its own.
export function apiBases() {
  const port = secure ? portOf('apis', 1990) : portOf('api', 1985);
  const bases = [root, `${location.protocol}//${bracketed}:${port}`];
  return endpoints.api || endpoints.apis ? bases.reverse() : bases;
}

// WHIP and WHEP: on the page's own port, else on the API's.
function rtcUrls(stream, action) {
  const parameters = [['app', stream.app], ['stream', stream.name], ...ofStream(stream)];
  return [root, ...apiBases().filter((base) => base !== root)].map((base) => queried(`${base}/rtc/v1/${action}/`, parameters));
}
export const whepUrls = (stream) => rtcUrls(stream, 'whep');
export const whipUrls = (stream) => rtcUrls(stream, 'whip');

const srtId = (stream, mode) => ['#!::r=' + `${stream.app}/${stream.name}`, `m=${mode}`, ...(stream.vhost ? [`h=${stream.vhost}`] : []),
  ...passed.map(([name, value]) => `${name}=${value}`)].join(',');
const srtUrl = (stream, mode) => `srt://${bracketed}:${srtPort}?streamid=${encodeURIComponent(srtId(stream, mode)).replace(/%(2F|3A|3D|2C|21)/g, decodeURIComponent)}`;

// For others to watch: without what this page was given to publish with.
export const watchUrl = (stream) => `${folder}${hashOf(stream)}`;
export const shareUrl = (stream) => `${pageLink('')}${hashOf(stream)}`;
export const embedUrl = (stream) => queried(`${root}/embed/${fullName(stream)}`, ofStream(stream));
const attribute = (text) => text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
export const embedCode = (stream) =>
  `<iframe src="${attribute(embedUrl(stream))}" width="640" height="360" allow="autoplay; fullscreen; picture-in-picture"></iframe>`;
export const publishLink = (stream) => pageLink('publish.html', [['app', stream.app], ['stream', stream.name], ...(stream.vhost ? [['vhost', stream.vhost]] : [])]);
export const selftestLink = (stream) => `${pageLink('selftest.html')}${stream ? hashOf(stream) : ''}`;

// Each tool with its rows: [name, value, whether it is a command].
export function pushTools(stream) {
  const input = '-re -stream_loop -1 -i input.mp4';
  const x264 = '-c:v libx264 -preset veryfast -bf 0 -g 60';
  const picture = 'videotestsrc is-live=true ! x264enc tune=zerolatency key-int-max=60 ! h264parse ! mux.';
  const sound = 'audiotestsrc is-live=true ! avenc_aac ! aacparse ! mux.';
  const parameters = ofStream(stream);
  const whip = whipUrls(stream)[0];
  const tools = [
    {id: 'obs', rows: [['obsServer', `rtmp://${rtmpHost}/${asWritten(stream.app)}`], ['obsKey', queried(asWritten(stream.name), parameters)]]},
    {id: 'ffmpeg', rows: [
      ['RTMP', `ffmpeg ${input} ${x264} -c:a aac -f flv ${shellQuoted(rtmpUrl(stream))}`],
      ['httpPush', `ffmpeg ${input} ${x264} -c:a aac -f flv -method POST ${shellQuoted(flvUrl(stream))}`]]},
    {id: 'gstreamer', rows: [['RTMP',
      `gst-launch-1.0 -e flvmux name=mux streamable=true ! rtmp2sink location=${shellQuoted(rtmpUrl(stream))} ${picture} ${sound}`]]},
  ];
  if (offers.rtc) {
    tools.push({id: 'whip', rows: [
      ['whipServer', whip],
      ...(token ? [['bearer', token]] : []),
      ['whipFfmpeg', `ffmpeg ${input} ${x264} -profile:v baseline -c:a libopus -ar 48000 -ac 2 -f whip ${shellQuoted(whip)}`],
      ['GStreamer', `gst-launch-1.0 videotestsrc is-live=true ! whipclientsink signaller::whip-endpoint=${shellQuoted(whip)}`]]});
  }
  if (offers.srt) {
    const address = srtUrl(stream, 'publish');
    tools.push({id: 'srt', rows: [
      ['srtServer', address],
      ['ffmpeg', `ffmpeg ${input} ${x264} -c:a aac -f mpegts ${shellQuoted(address)}`],
      ['GStreamer', `gst-launch-1.0 -e mpegtsmux name=mux alignment=7 ! srtsink uri=srt://${bracketed}:${srtPort} streamid=${shellQuoted(srtId(stream, 'publish'))} ${picture} ${sound}`]]});
  }
  return tools;
}

export function playTargets(stream) {
  return [
    ...(offers.rtc ? [['WHEP', whepUrls(stream)[0]]] : []),
    ['RTMP', rtmpUrl(stream)],
    ['HTTP-FLV', flvUrl(stream)],
    ['WebSocket-FLV', wsUrl(stream)],
    ['HTTP-TS', liveUrl(stream, 'ts')],
    ['HTTP-MP4', liveUrl(stream, 'mp4')],
    ['HTTP-AAC', liveUrl(stream, 'aac')],
    ...(offers.hls ? [['HLS', hlsUrl(stream)]] : []),
    ...(offers.dash ? [['DASH', dashUrl(stream)]] : []),
    ...(offers.srt ? [['SRT', srtUrl(stream, 'request')]] : []),
    ['VLC', `vlc --network-caching=300 ${shellQuoted(flvUrl(stream))}`],
    ['ffplay', `ffplay -fflags nobuffer ${shellQuoted(rtmpUrl(stream))}`],
  ];
}
