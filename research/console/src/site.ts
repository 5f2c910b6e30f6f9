// Where the server's other pages are: its HTTP server has the players and the recordings. Learnt from the configuration.

import type {Name, Setting} from './api';

export interface Site {
  player: (stream: Name) => string;
  file: (path: string) => string;
  poster: (stream: Name) => string;  // a picture of it, one for each ten seconds
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
  return {
    player: ({vhost, app, name}) => (base ? `${base}/#${encodeURIComponent(`${vhost}/${app}/${name}`)}` : ''),
    poster: ({vhost, app, name}) => {
      const query = new URLSearchParams({...(vhost && {vhost}), _: String(Math.floor(Date.now() / 10_000))});
      return base ? `${base}${path(`/${app}/${name}`)}.jpg?${query}` : '';
    },
    file: (url) => (base && url.startsWith('/') ? base + path(url) : ''),
  };
}
