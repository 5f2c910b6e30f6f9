// Bookmarks of SRS's pages lead to ours: /players/srs_player.html?app=live&stream=livestream.flv&vhost=..., with what they pass on.

const query = new URLSearchParams(location.search);
// What named SRS's server, port and page; ours knows its own.
const gone = ['app', 'stream', 'vhost', 'server', 'port', 'schema', 'autostart', 'api', 'eip', 'path', 'buffer', 'hls_autostart', 'shp_identify', 'codec'];
const app = query.get('app') || 'live';
const name = (query.get('stream') || 'livestream').replace(/\.(flv|m3u8|ts|mp4|aac|mp3)$/, '');
const vhost = query.get('vhost') === '__defaultVhost__' ? '' : query.get('vhost') ?? '';
const passed = [...query].filter(([key]) => !gone.includes(key));
const publishes = document.documentElement.dataset.page === 'publish';
const more = publishes ? [['app', app], ['stream', name], ...(vhost ? [['vhost', vhost]] : [])] : [];
const address = new URL(publishes ? '../publish.html' : '../', location.href);
address.search = new URLSearchParams([...passed, ...more]).toString();
if (!publishes && query.has('stream')) address.hash = `${encodeURIComponent(vhost)}/${app.split('/').map(encodeURIComponent).join('/')}/${encodeURIComponent(name)}`;
location.replace(address);
