// Wires the page: the list of what is live, the player, the addresses to copy. Names of streams come from publishers and
// reach the page as text only.

import {watchStreams} from './api.js';
import {Player} from './player.js';
import {applyText, switchLanguage, text} from './text.js';
import {offers, parseStream, playTargets, pushTargets} from './urls.js';

const $ = (id) => document.getElementById(id);
const video = $('video');
let streams = [];
let reachable = true;
let closed = false;  // the server answers, but keeps its list to itself
let shown = '';
let state = ['choose'];

const player = new Player(video, (...words) => {
  state = words;
  showState();
});

const same = (a, b) => a && b && a.vhost === b.vhost && a.app === b.app && a.name === b.name;
const label = (stream) => [stream.vhost, stream.app, stream.name].filter(Boolean).join('/');

function element(kind, className, content) {
  const made = document.createElement(kind);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}

function showState() {
  const [key, ...values] = state;
  $('notice').textContent = key ? text(key, ...values) : '';
  $('notice').hidden = !key;
  for (const id of ['sound', 'stop', 'full']) $(id).disabled = !player.stream;
}

async function copy(value, button) {
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    // Without HTTPS there is no clipboard API: select and copy the old way.
    const field = element('textarea', 'off-screen', value);
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  }
  button.textContent = text('copied');
  setTimeout(() => { button.textContent = text('copy'); }, 1500);
}

function showTargets(place, targets) {
  place.replaceChildren(...targets.map(([name, value]) => {
    const row = element('div', 'url');
    const button = element('button', 'plain', text('copy'));
    button.type = 'button';
    button.addEventListener('click', () => copy(value, button));
    row.append(element('span', 'quiet', text(name) ?? name), element('code', '', value), button);
    return row;
  }));
}

function choose(stream) {
  history.replaceState(null, '', `${location.search}#${encodeURIComponent(`${stream.vhost}/${stream.app}/${stream.name}`)}`);
  player.play(stream, $('transport').value);
  showTargets($('play-urls'), playTargets(stream));
  showStreams();
}

function describe(entry) {
  const {video: picture, audio: sound, clients} = entry;
  return [
    picture && `${picture.codec} ${picture.width || '?'}×${picture.height || '?'}`,
    sound && sound.codec,
    entry.kbps?.recv_30s && `${entry.kbps.recv_30s} kb/s`,  // 0 in the first half minute
    entry.publish?.active ? text('viewers', Math.max(0, (clients ?? 1) - 1)) : text('waiting'),
  ].filter(Boolean).join(' · ');
}

// Only when something changed: a list made anew takes the keyboard's focus away.
function showStreams() {
  const look = JSON.stringify([streams.map((entry) => [entry.url, describe(entry)]), player.stream, reachable, closed, text('play')]);
  if (look === shown) return;
  shown = look;
  const focused = document.activeElement?.dataset.url;
  const items = streams.map((entry) => {
    const stream = parseStream(entry.url);
    const chosen = same(stream, player.stream);
    const item = element('li', chosen ? 'chosen' : '');
    const button = element('button', '', chosen ? text('playing') : text('play'));
    button.type = 'button';
    button.dataset.url = entry.url;
    button.disabled = !entry.publish?.active && !chosen;
    button.addEventListener('click', () => choose(stream));
    const words = element('div');
    words.append(element('strong', '', label(stream)), element('span', 'quiet', describe(entry)));
    item.append(words, button);
    return item;
  });
  $('streams').replaceChildren(...items);
  items.map((item) => item.lastChild).find((button) => focused && button.dataset.url === focused)?.focus();
  $('count').textContent = items.length ? String(items.length) : '';
  $('empty').hidden = items.length > 0 && reachable;
  $('empty').textContent = reachable ? text('none') : text(closed ? 'closed' : 'unreachable');
}

function showPush() {
  const name = $('name').value.trim() || 'livestream';
  showTargets($('push-urls'), pushTargets({vhost: '', app: 'live', name}));
}

function showFigures() {
  const delay = player.delay;
  const {width, height, video: picture, audio: sound} = player.figures;
  $('figures').textContent = delay === null ? '' :
    [width && `${width}×${height}`, picture, sound, text('delay', delay)].filter(Boolean).join(' · ');
}

function showSound() { $('sound').textContent = text(video.muted ? 'soundOn' : 'soundOff'); }

function showAll() {
  $('language').textContent = text('other');
  showState();
  showStreams();
  showPush();
  showSound();
  if (player.stream) showTargets($('play-urls'), playTargets(player.stream));
}

$('language').addEventListener('click', () => { switchLanguage(); showAll(); });
$('name').addEventListener('input', showPush);
$('transport').addEventListener('change', () => player.stream && choose(player.stream));
$('stop').addEventListener('click', () => { player.stop(); showStreams(); });
$('sound').addEventListener('click', () => { video.muted = !video.muted; });
$('full').addEventListener('click', () => (video.requestFullscreen ?? video.webkitEnterFullscreen)?.call(video));
video.addEventListener('volumechange', showSound);
setInterval(showFigures, 500);

for (const option of $('transport').options) option.hidden = offers[option.value] === false;
applyText();
showAll();
$('server').textContent = location.host;
// A link to a stream: #/live/name
if (location.hash.length > 1) {
  try {
    const stream = parseStream(decodeURIComponent(location.hash.slice(1)));
    if (stream.app && stream.name) choose(stream);
  } catch {
    // Not a link that this page made.
  }
}
watchStreams(
  (list) => {
    reachable = true;
    streams = list.filter((entry) => typeof entry.url === 'string')
      .sort((a, b) => (b.publish?.active ?? false) - (a.publish?.active ?? false) || a.url.localeCompare(b.url));
    showStreams();
  },
  (kept) => { reachable = false; closed = kept; showStreams(); },
);
