// The self-test: what works between this browser and the server, and what is in the way, in words; a report to copy.

import {names, runChecks} from './checks.js';
import {$, copy, element, sentence} from './dom.js';
import {applyText, setUpLanguage, text} from './text.js';
import {setUpTheme} from './theme.js';
import {testPicture} from './testpicture.js';
import {offers, pageLink, parseStream, streamLabel, streamOfHash} from './urls.js';
import {Publication} from './whip.js';

const marks = {true: '✓', false: '✗', null: '–', running: '…', waits: ''};
let results = names.map(() => null);  // {ok, words, ms} or 'running'
let running = false;
let noStream = false;  // the last test found none
let refusal = [];      // why the test picture could not be published

function wordsOf(result) {
  if (result === 'running') return text('checkRunning');
  return result ? sentence(result.words) : '';
}
const timeOf = (result) => (result?.ms >= 1 ? `${Math.round(result.ms)} ms` : '');
const stateOf = (result) => (result === 'running' ? 'running' : result ? String(result.ok) : 'waits');

function verdict() {
  if (running) return text('testRunning');
  if (refusal.length) return text('testNoPicture', sentence(refusal));
  if (!results.some(Boolean)) return '';
  const wrong = results.filter((result) => result?.ok === false).length;
  return wrong ? text('testWrong', wrong) : text('testRight');
}

function show() {
  $('verdict').textContent = verdict();
  $('verdict').dataset.ok = String(running ? null : !refusal.length && !results.some((result) => result?.ok === false));
  $('again').disabled = running;
  $('picture').disabled = running;
  $('picture').hidden = !noStream || !offers.rtc;
  $('copy').disabled = running;
  $('checks').replaceChildren(...names.map((name, index) => {
    const result = results[index], state = stateOf(result);
    const item = element('li', state, element('span', 'mark', marks[state]),
      element('div', '', element('strong', '', text(name)), element('span', '', wordsOf(result))), element('span', 'quiet time', timeOf(result)));
    item.dataset.check = name;
    item.dataset.state = state;
    return item;
  }));
}

function report() {
  return [`${text('testTitle')}: ${location.host}, ${new Date().toISOString()}`, navigator.userAgent, verdict(), '',
    ...names.map((name, index) => [`[${marks[stateOf(results[index])]}]`, `${text(name)}:`, wordsOf(results[index]), timeOf(results[index])].filter(Boolean).join(' ')), ''].join('\n');
}

function written() {
  const value = $('stream').value.trim().replace(/^\/+/, '');
  return value.includes('/') ? parseStream(`/${value}`) : null;
}

async function run(made = null) {
  if (running) return;
  running = true;
  refusal = [];
  results = names.map(() => null);
  show();
  const linked = streamOfHash();
  const stream = made ?? written() ?? linked;
  const found = await runChecks({stream: linked && stream && streamLabel({...linked, vhost: ''}) === streamLabel(stream) ? linked : stream, video: $('video'),
    onCheck(index, result, ms) {
      results[index] = result ? {...result, ms} : 'running';
      show();
    }});
  if (!$('stream').value && found.stream) $('stream').placeholder = streamLabel(found.stream);
  noStream = !found.stream;
  running = false;
  show();
}

// A stream of this page's own: published, tested, ended.
async function runWithPicture() {
  const picture = testPicture();
  const stream = {vhost: '', app: 'live', name: `selftest-${Math.random().toString(36).slice(2, 8)}`};
  let publication = null;
  try {
    const why = await new Promise((done) => {
      publication = new Publication(picture.media, stream, {codec: 'H264', kbps: 800, rate: 25, height: 0}, (state, words) => {
        if (state === 'live') done(null);
        if (state === 'ended') done(words);
      });
    });
    if (why) {
      refusal = why;
      return show();
    }
    await run(stream);
    noStream = true;
  } finally {
    publication?.end();
    picture.end();
    show();
  }
}

function showAll() {
  $('to-home').href = pageLink('');
  $('to-publish').href = pageLink('publish.html');
  show();
}

$('again').addEventListener('click', () => run());
$('picture').addEventListener('click', runWithPicture);
$('copy').addEventListener('click', () => copy(report(), $('copy')));
setUpLanguage($('language'), showAll);
setUpTheme($('theme'));
applyText();
$('server').textContent = location.host;
const linked = streamOfHash();
if (linked) $('stream').value = streamLabel({...linked, vhost: ''});
showAll();
run();
