// Where the server's other pages are: its HTTP server has the players and the recordings. Learnt from the configuration.

import type {Name, Setting} from './api';
import {languageNow} from './text';

export interface Site {
  player: (stream: Name) => string;
  file: (path: string) => string;
  film: (path: string) => string;    // the player alone, with a recording as HLS
  poster: (stream: Name) => string;  // a picture of it, one for each ten seconds
  embed: (stream: Name) => string;   // the player alone
  urls: (stream: Name) => [string, string][];  // what each kind of player asks for
}

const path = (text: string) => text.split('/').map(encodeURIComponent).join('/');

export function siteOf(settings: Setting[]): Site {
  const told = new Map(settings.map(({path: name, value}) => [name, value]));
  const secure = location.protocol === 'https:';
  const block = secure ? 'http_server.https' : 'http_server';
  const on = told.get('http_server.enabled') === 'on' && (!secure || told.get('http_server.https.enabled') === 'on');
  const listen = told.get(`${block}.listen`) ?? (secure ? '8088' : '8080');
  const port = Number(/(\d+)$/.exec(listen.split(' ')[0] ?? '')?.[1]);
  const base = on && port > 0 ? `${location.protocol}//${location.hostname}:${port}` : '';
  const query = (vhost: string) => (vhost ? `?vhost=${encodeURIComponent(vhost)}` : '');
  const has = (vhost: string, block: string) => told.get(`vhost[${vhost || '__defaultVhost__'}].${block}.enabled`) === 'on';
  const rtmp = Number(/(\d+)$/.exec(told.get('rtmp.listen')?.split(' ')[0] ?? '')?.[1]) || 1935;
  const srt = Number(/(\d+)$/.exec(told.get('srt_server.listen') ?? '')?.[1]) || 10080;
  return {
    embed: ({vhost, app, name}) => (base ? `${base}/embed${path(`/${app}/${name}`)}?${new URLSearchParams({...(vhost && {vhost}), lang: languageNow()})}` : ''),
    urls: ({vhost, app, name}) => [
      ['RTMP', `rtmp://${location.hostname}${rtmp === 1935 ? '' : `:${rtmp}`}/${app}/${name}${query(vhost)}`],
      ...(base && has(vhost, 'http_remux') ? [['HTTP-FLV', `${base}${path(`/${app}/${name}`)}.flv${query(vhost)}`] as [string, string]] : []),
      ...(base && has(vhost, 'hls') ? [['HLS', `${base}${path(`/${app}/${name}`)}.m3u8${query(vhost)}`] as [string, string]] : []),
      ...(base && has(vhost, 'dash') ? [['DASH', `${base}${path(`/${app}/${name}`)}.mpd${query(vhost)}`] as [string, string]] : []),
      ...(base && has(vhost, 'rtc') ? [['WHEP', `${base}${path(`/${app}/${name}`)}/whep${query(vhost)}`] as [string, string]] : []),
      ...(told.get('srt_server.enabled') === 'on' ? [['SRT', `srt://${location.hostname}:${srt}?streamid=#!::r=${app}/${name},m=request`] as [string, string]] : []),
    ],
    player: ({vhost, app, name}) => (base ? `${base}/?lang=${languageNow()}#${encodeURIComponent(`${vhost}/${app}/${name}`)}` : ''),
    poster: ({vhost, app, name}) => {
      const query = new URLSearchParams({...(vhost && {vhost}), _: String(Math.floor(Date.now() / 10_000))});
      return base ? `${base}${path(`/${app}/${name}`)}.jpg?${query}` : '';
    },
    film: (url) => (base && url.lastIndexOf('/') > 0 ? `${base}/embed.html?${new URLSearchParams({over: 'hls', lang: languageNow()})}#${path(url)}` : ''),
    file: (url) => (base && url.startsWith('/') ? base + path(url) : ''),
  };
}
