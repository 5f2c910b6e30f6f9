// Wires the page: the list of what is live, the player, the addresses to copy. Names of streams come from publishers and
// reach the page as text only.

import {watchStreams} from './api.js';
import {Skin} from './controls.js';
import {$, copy, element, button, said, showTargets} from './dom.js';
import {Player} from './player.js';
import {qrCode} from './qr.js';
import {applyText, setUpLanguage, text} from './text.js';
import {setUpTheme} from './theme.js';
import {embedCode, offers, pageLink, parseStream, playTargets, posterUrl, publishLink, pushTools, sameStream, sendable, selftestLink, shareUrl, streamLabel, streamOfHash} from './urls.js';
import {ways} from './ways.js';

const video = $('video');
let streams = [];
let total = 0;         // streams; the list may be shorter
let fault = null;      // the status that kept the list from us
let shown = '';
let tool = 'obs';
let last = null;       // the stream that was stopped
const posters = new Map();  // of what is live: its address, the element, and when it was asked for
let sought = '';        // a part of a name: the list has no others
let chosen = false;    // by a person or a link: nothing plays by itself any more

const player = new Player(video, () => showPlayer());
const offered = Object.keys(ways).filter((way) => way !== 'native' && offers[way] !== false);
const skin = new Skin($('screen'), video, player, {
  offered,
  onWay: () => player.stream && choose(player.stream),
  onAgain: () => {
    const stream = last ?? (streams.length ? parseStream(streams[0].url) : null);
    if (stream) choose(stream);
  },
});

function hintsOf(stream) {
  const entry = streams.find((one) => sameStream(parseStream(one.url), stream));
  if (!entry) return fault === null && streams.length ? {live: false} : {};
  const live = Boolean(entry.publish?.active);
  return {live, video: entry.video?.codec, audio: entry.audio?.codec, soundOnly: live && !entry.video && Boolean(entry.audio)};
}

// Which way it plays, and why by none of those before it.
function toldOf() {
  const {way, why, state} = player;
  const refused = why.filter(([, words]) => words[0] !== 'off' && words[0] !== 'noNative');
  const reasons = refused.map(([other, words]) => text('notBy', ways[other].label, said(words)));
  if (way) return [text('playsBy', ways[way].label), ...reasons].join(text('space'));
  return state[0] !== 'choose' ? reasons.join(text('space')) : '';
}

function showPlayer() {
  const {stream} = player;
  if (stream) last = stream;
  $('watch-title').textContent = stream ? streamLabel(stream) : text('watch');
  const told = toldOf();
  $('told').textContent = told;
  $('told').hidden = !told;
  $('share').hidden = $('addresses').hidden = !last;
  skin?.show();
  showStreams();
}

function showAddresses(stream) {
  showTargets($('play-urls'), playTargets(stream));
  $('share-test').href = selftestLink(stream);
}

function choose(stream) {
  chosen = true;
  history.replaceState(null, '', shareUrl(stream));
  showAddresses(stream);
  showQr(false);
  const entry = streams.find((one) => sameStream(parseStream(one.url), stream));
  if (entry?.poster) {
    video.poster = posterUrl(stream, Math.floor(Date.now() / posterAge));  // until there is a picture
  } else {
    video.removeAttribute('poster');
  }
  player.play(stream, skin.way, hintsOf(stream));
  $('watch').scrollIntoView({block: 'nearest'});  // on a phone the list may be long
}

const many = 12;  // streams: from here on one may search among them

// hide_stream_names: where names are keys, the list tells ids, by which nothing plays.
const isHidden = (entry) => entry.name === entry.id;

function describe(entry) {
  const {video: picture, audio: sound, clients} = entry;
  return [
    picture && `${picture.codec} ${picture.width || '?'}×${picture.height || '?'}`,
    sound && sound.codec,
    entry.kbps?.recv_30s && `${entry.kbps.recv_30s} kb/s`,  // 0 in the first half minute
    isHidden(entry) && text('hiddenName'),
    entry.publish?.active ? text('viewers', Math.max(0, (clients ?? 1) - 1)) : text('waiting'),
  ].filter(Boolean).join(' · ');
}

const emptyWords = () => {
  if (fault === null) return text(sought ? 'noMatch' : 'none');
  return text(`list${fault}`) ?? (fault === 0 ? text('unreachable') : text('listStatus', fault));
};

// The server makes one each few seconds at most. Names that are hidden have none.
const posterAge = 10_000;
function posterOf(entry) {
  if (!entry.poster || !entry.publish?.active || isHidden(entry)) return null;
  let poster = posters.get(entry.url);
  if (!poster) {
    poster = {image: element('img', 'poster'), at: 0};
    poster.image.alt = '';
    poster.image.decoding = 'async';
    poster.image.addEventListener('error', () => { poster.image.hidden = true; });
    poster.image.addEventListener('load', () => { poster.image.hidden = false; });
    posters.set(entry.url, poster);
  }
  const now = Date.now();
  if (now - poster.at >= posterAge && document.visibilityState === 'visible') {
    poster.at = now;
    poster.image.src = posterUrl(parseStream(entry.url), Math.floor(now / posterAge));
  }
  return poster.image;
}

function refreshPosters() {
  const there = new Set(streams.filter(posterOf).map((entry) => entry.url));
  for (const url of posters.keys()) if (!there.has(url)) posters.delete(url);
}

// Only when something changed: a list made anew takes the keyboard's focus away.
function showStreams() {
  const look = JSON.stringify([streams.map((entry) => [entry.url, describe(entry), Boolean(entry.poster)]), player.stream, fault, total, text('play')]);
  if (look === shown) return;
  shown = look;
  const focused = document.activeElement?.dataset?.url;
  const items = streams.map((entry) => {
    const stream = parseStream(entry.url);
    const playing = sameStream(stream, player.stream);
    const item = element('li', playing ? 'chosen' : '');
    const take = button('', playing ? text('playing') : text('play'), () => {
      if (player.wantsSound) video.muted = false;  // a click is what browsers want before there is sound
      choose(stream);
    });
    take.dataset.url = entry.url;
    take.disabled = isHidden(entry) || (!entry.publish?.active && !playing);
    take.setAttribute('aria-label', `${take.textContent}: ${streamLabel(stream)}`);
    const poster = posterOf(entry);
    if (poster) item.append(poster);
    item.append(element('div', '', element('strong', '', streamLabel(stream)), element('span', 'quiet', describe(entry))), take);
    return item;
  });
  $('streams').replaceChildren(...items);
  items.map((item) => item.lastChild).find((one) => focused && one.dataset.url === focused)?.focus();
  $('count').textContent = items.length ? [items.length, total > items.length && total].filter(Boolean).join(' / ') : '';
  $('find').hidden = !sought && total < many;
  $('empty').hidden = items.length > 0 && fault === null;
  $('empty').textContent = emptyWords();
}

function showPush() {
  const stream = {vhost: '', app: 'live', name: sendable($('name').value) || 'livestream'};
  const tools = pushTools(stream);
  const shownTool = tools.find(({id}) => id === tool) ?? tools[0];
  $('push-tools').replaceChildren(...tools.map(({id}) => {
    const tab = button('', text(`tool_${id}`), () => { tool = id; showPush(); $(`tab-${id}`).focus(); });
    tab.id = `tab-${id}`;
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-selected', String(id === shownTool.id));
    return tab;
  }));
  showTargets($('push-urls'), shownTool.rows);
  $('push-browser').href = publishLink(stream);
}

function showAll() {
  $('find').placeholder = text('find');
  $('find').setAttribute('aria-label', text('find'));
  $('to-publish').href = pageLink('publish.html');
  $('to-selftest').href = pageLink('selftest.html');
  shown = '';
  showPlayer();
  showPush();
  if (last) showAddresses(last);
}

$('name').addEventListener('input', showPush);
// The code of the stream that is shown; pressed again it goes.
async function showQr(shows) {
  $('share-qr').setAttribute('aria-expanded', String(shows));
  $('qr').hidden = !shows;
  if (!shows) return;
  const address = shareUrl(last);
  try {
    const picture = await qrCode(address);
    picture.setAttribute('aria-label', address);
    $('qr').replaceChildren(picture, element('code', '', address));
  } catch {
    $('qr').textContent = text('qrMissing');
  }
}

$('share-qr').addEventListener('click', () => showQr($('qr').hidden));
$('share-link').addEventListener('click', () => copy(shareUrl(last), $('share-link')));
$('share-embed').addEventListener('click', () => copy(embedCode(last), $('share-embed')));
addEventListener('hashchange', () => {
  const stream = streamOfHash();
  if (stream && !sameStream(stream, player.stream)) choose(stream);
});

setUpLanguage($('language'), showAll);
setUpTheme($('theme'));
applyText();
showAll();
$('server').textContent = location.host;
const linked = streamOfHash();
if (linked) choose(linked);
let folded = false;
const search = watchStreams(
  (list, all) => {
    fault = null;
    total = all;
    streams = list.filter((entry) => typeof entry.url === 'string')
      .sort((a, b) => (b.publish?.active ?? false) - (a.publish?.active ?? false) || a.url.localeCompare(b.url, undefined, {numeric: true}));
    const live = streams.filter((entry) => entry.publish?.active);
    if (!folded && live.length) {
      folded = true;
      $('push-panel').open = false;  // what is live comes first
    }
    if (!chosen && !sought && live.length === 1 && !isHidden(live[0])) choose(parseStream(live[0].url));
    if (player.stream) player.hint(hintsOf(player.stream));
    refreshPosters();
    showStreams();
  },
  (status) => { fault = status; streams = status === 0 ? streams : []; showStreams(); },
);
$('find').addEventListener('input', () => {
  sought = $('find').value.trim();
  search(sought);
});
