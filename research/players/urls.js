// The addresses of a stream on the host that this page came from. A stream is {vhost, app, name}; vhost is empty for the
// default one. Names are percent-encoded in addresses and quoted in commands: they come from publishers.

const secure = location.protocol === 'https:';
const host = location.hostname || 'localhost';
const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
const query = new URLSearchParams(location.search);
// Ports of the server's other services: what the address of the page says (?rtmp=PORT, where ports are mapped), else what
// the server says of itself.
const told = await fetch('endpoints.json', {signal: AbortSignal.timeout(5000), cache: 'no-store'})
  .then((response) => (response.ok ? response.json() : {})).catch(() => ({}));
const portOf = (name, usual) => [query.get(name), told[name], usual].map(Number).find((port) => port > 0 && port < 65536);
const rtmpPort = portOf('rtmp', 1935);
const rtmpHost = rtmpPort === 1935 ? bracketed : `${bracketed}:${rtmpPort}`;

const path = (text) => text.split('/').map(encodeURIComponent).join('/');
const vhostQuery = (stream) => (stream.vhost ? `?vhost=${encodeURIComponent(stream.vhost)}` : '');
const shellQuoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

// "/app/stream" or "vhost/app/stream", as the API names it; app may hold slashes.
export function parseStream(url) {
  const parts = url.split('/');
  const name = parts.pop();
  const vhost = parts.shift() ?? '';
  return {vhost, app: parts.join('/'), name};
}

export const flvUrl = (stream) => `${location.origin}/${path(stream.app)}/${path(stream.name)}.flv${vhostQuery(stream)}`;
export const liveUrl = (stream, extension) => flvUrl(stream).replace(/\.flv(\?|$)/, `.${extension}$1`);
export const wsUrl = (stream) => flvUrl(stream).replace(/^http/, 'ws');
export const hlsUrl = (stream) => `${location.origin}/${path(stream.app)}/${path(stream.name)}.m3u8${vhostQuery(stream)}`;
export const dashUrl = (stream) => hlsUrl(stream).replace('.m3u8', '.mpd');
// What the server makes besides.
export const offers = {hls: Boolean(told.hls), dash: Boolean(told.dash)};
export const rtmpUrl = (stream) => `rtmp://${rtmpHost}/${path(stream.app)}/${path(stream.name)}${vhostQuery(stream)}`;

export function pushTargets(stream) {
  const input = '-re -stream_loop -1 -i input.mp4 -c:v libx264 -preset veryfast -bf 0 -g 60 -c:a aac';
  return [
    ['obsServer', `rtmp://${rtmpHost}/${path(stream.app)}`],
    ['obsKey', path(stream.name)],
    ['ffmpeg', `ffmpeg ${input} -f flv ${shellQuoted(rtmpUrl(stream))}`],
    ['httpPush', `ffmpeg ${input} -f flv -method POST ${shellQuoted(flvUrl(stream))}`],
  ];
}

export function playTargets(stream) {
  return [
    ['RTMP', rtmpUrl(stream)],
    ['HTTP-FLV', flvUrl(stream)],
    ['WebSocket-FLV', wsUrl(stream)],
    ['HTTP-TS', liveUrl(stream, 'ts')],
    ['HTTP-MP4', liveUrl(stream, 'mp4')],
    ['HTTP-AAC', liveUrl(stream, 'aac')],
    ...(offers.hls ? [['HLS', hlsUrl(stream)]] : []),
    ...(offers.dash ? [['DASH', dashUrl(stream)]] : []),
    ['vlc', `vlc --network-caching=300 ${shellQuoted(flvUrl(stream))}`],
    ['ffplay', `ffplay -fflags nobuffer ${shellQuoted(rtmpUrl(stream))}`],
  ];
}

// Where the API may be, most likely first: on this port, or on its own.
export function apiBases() {
  const own = secure ? portOf('apis', 1990) : portOf('api', 1985);
  const bases = [location.origin, `${location.protocol}//${bracketed}:${own}`];
  return told.api ? bases.reverse() : bases;
}
