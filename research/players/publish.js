// The publisher page: camera, screen or microphone of this browser to a stream of the server, by WHIP.

import {CaptureFault, capture, captureMissing, devices, release} from './capture.js';
import {$, element, said, sentence, showTargets} from './dom.js';
import {rtcMissing} from './rtc.js';
import {applyText, setUpLanguage, text} from './text.js';
import {setUpTheme} from './theme.js';
import {endpoints, offers, pageLink, selftestLink, sendable, watchUrl} from './urls.js';
import {Publication, codecs} from './whip.js';

const query = new URLSearchParams(location.search);
const storage = 'weir-publish';
const kept = ['app', 'name', 'source', 'camera', 'microphone', 'codec', 'resolution', 'rate', 'bitrate'];
let media = null;        // what is shown and sent
let publication = null;
let state = ['idle'];
let fault = [];
let wanted = '';         // the capture that was asked for last

const streamOf = () => ({vhost: query.get('vhost') ?? '', app: $('app').value.trim() || 'live', name: sendable($('name').value) || 'livestream'});

function remember() {
  try {
    localStorage.setItem(storage, JSON.stringify(Object.fromEntries(kept.map((id) => [id, $(id).value]))));
  } catch {
    // The choices last as long as the page.
  }
}
function recall() {
  let values = {};
  try {
    values = JSON.parse(localStorage.getItem(storage) ?? '{}');
  } catch {
    // Storage may be forbidden.
  }
  for (const id of kept) {
    const value = {app: query.get('app'), name: query.get('stream')}[id] ?? values[id];
    if (value && ($(id).tagName === 'INPUT' || [...$(id).options].some((option) => option.value === value))) $(id).value = value;
  }
}

function options(select, list, first) {
  const before = select.value;
  select.replaceChildren(...[...first, ...list].map(([value, label]) => {
    const option = element('option', '', label);
    option.value = value;
    return option;
  }));
  if ([...select.options].some((option) => option.value === before)) select.value = before;
}
async function showDevices() {
  const {cameras, microphones} = await devices();
  const named = (list, word) => list.map((one, i) => [one.deviceId, one.label || `${text(word)} ${i + 1}`]);
  options($('camera'), named(cameras, 'camera'), cameras.length ? [] : [['', text('anyDevice')]]);
  options($('microphone'), named(microphones, 'microphone'), [...(microphones.length ? [] : [['', text('anyDevice')]]), ['none', text('noSound')]]);
  if ($('microphone').options.length > 1 && !$('microphone').dataset.chosen) $('microphone').selectedIndex = microphones.length ? 1 : 0;
}

function show() {
  const running = Boolean(publication);
  $('state').textContent = said(state);
  $('state').dataset.state = state[0];
  $('fault').textContent = fault.length ? sentence(fault) : '';
  $('fault').hidden = !fault.length;
  $('start').disabled = running;
  $('end').disabled = !running;
  $('fields').disabled = running;
  $('camera-field').hidden = $('source').value !== 'camera';
  $('notice').hidden = Boolean(media);
  $('notice').textContent = text($('source').value === 'screen' ? 'previewScreen' : $('source').value === 'sound' ? 'previewSound' : 'previewCamera');
  if (media && !media.getVideoTracks().length) {
    $('notice').hidden = false;
    $('notice').textContent = text('previewSound');
  }
  $('watch-urls').hidden = !running;
  if (running) {
    const stream = streamOf();
    showTargets($('watch-urls'), [['watchHere', watchUrl(stream)]]);
  }
}

const wish = () => ({source: $('source').value, camera: $('camera').value, microphone: $('microphone').value,
  height: Number($('resolution').value), rate: Number($('rate').value)});

// The picture of the devices that are chosen; a screen is asked for at the start alone, since each asking is a dialogue.
async function preview() {
  const asked = wish();
  const key = JSON.stringify(asked);
  if (media && key === wanted && media.getTracks().every((track) => track.readyState === 'live')) return media;
  wanted = key;
  release(media);
  media = null;
  const got = await capture(asked);
  if (key !== wanted) {
    release(got);
    throw new CaptureFault('captureAgain');
  }
  media = got;
  for (const track of media.getVideoTracks()) track.contentHint = asked.source === 'screen' ? 'detail' : 'motion';
  for (const track of media.getTracks()) track.addEventListener('ended', () => publication?.end('deviceEnded'));
  $('preview').srcObject = media;
  $('preview').play().catch(() => {});
  await showDevices();
  for (const [id, kind] of [['camera', 'video'], ['microphone', 'audio']]) {
    const used = media.getTracks().find((track) => track.kind === kind)?.getSettings?.().deviceId;
    if (used && [...$(id).options].some((option) => option.value === used)) $(id).value = used;
  }
  wanted = JSON.stringify(wish());
  return media;
}

async function start() {
  fault = [];
  state = ['asking'];
  $('start').disabled = true;
  show();
  $('start').disabled = true;
  try {
    const stream = streamOf();
    await preview();
    remember();
    publication = new Publication(media, stream, {codec: $('codec').value, kbps: Number($('bitrate').value), rate: Number($('rate').value), height: Number($('resolution').value)},
      (now, words) => {
        state = [{ended: 'idle', live: 'live_'}[now] ?? now];
        fault = words;
        if (now === 'ended') {
          publication = null;
          $('statistics').hidden = true;
          if ($('source').value === 'screen') {
            release(media);
            media = $('preview').srcObject = null;
          }
        }
        show();
      });
  } catch (caught) {
    state = ['idle'];
    fault = caught.words ?? ['captureFailed', caught.message];
  }
  show();
}

async function showStatistics() {
  const figures = await publication?.stats();
  if (!figures) return;
  const is = (value) => value !== null && value !== undefined;
  const rows = [
    is(figures.kbps) && ['statRate', `${figures.kbps.toFixed(0)} kb/s`],
    figures.width && ['statPicture', `${figures.width}×${figures.height} · ${figures.fps ?? 0} fps`],
    figures.codec && ['statCodecs', figures.codec],
    is(figures.rtt) && ['statRtt', `${figures.rtt.toFixed(0)} ms`],
    is(figures.lost) && ['statLost', `${figures.lost.toFixed(1)} %`],
    is(figures.capacity) && ['statCapacity', `${(figures.capacity / 1000).toFixed(0)} kb/s`],
    figures.limited && ['statLimited', text(`limited_${figures.limited}`) ?? figures.limited],
    figures.path && ['statPath', figures.path],
  ].filter(Boolean);
  $('statistics').hidden = !publication;
  $('statistics').replaceChildren(...rows.map(([word, value]) => element('div', '', element('dt', '', text(word)), element('dd', '', value))));
}

// Before anything is asked for: what can not work here.
function missing() {
  return captureMissing() ?? rtcMissing() ?? (endpoints.status === 200 && !offers.rtc ? ['rtcOff'] : null);
}

function showAll() {
  $('to-home').href = pageLink('');
  $('to-selftest').href = selftestLink(null);
  showDevices();
  show();
}

$('start').addEventListener('click', start);
$('end').addEventListener('click', () => publication?.end());
$('microphone').addEventListener('change', () => { $('microphone').dataset.chosen = 'yes'; });
for (const id of ['source', 'camera', 'microphone', 'resolution', 'rate']) {
  $(id).addEventListener('change', async () => {
    fault = [];
    if (media && $('source').value !== 'screen') await preview().catch((caught) => { fault = caught.words?.[0] === 'captureAgain' ? [] : caught.words ?? []; });
    show();
  });
}
for (const id of ['app', 'name', 'codec', 'bitrate']) $(id).addEventListener('change', remember);
navigator.mediaDevices?.addEventListener?.('devicechange', showDevices);
addEventListener('pagehide', () => release(media));
setInterval(showStatistics, 1000);

setUpLanguage($('language'), showAll);
setUpTheme($('theme'));
applyText();
$('server').textContent = location.host;
options($('codec'), rtcMissing() ? [] : codecs().map((name) => [name, name === 'H264' ? 'H.264' : name === 'H265' ? 'H.265' : name]), []);
recall();
fault = missing() ?? [];
showAll();
